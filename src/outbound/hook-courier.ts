import { createHmac, randomUUID } from 'node:crypto';
import { type Delivery, type DeliveryOutcome, type Hook, hears, hookSecretName } from '#model/hook.ts';
import type { Store } from '#model/ports/store.ts';
import type { Told } from '#model/telling.ts';
import type { AddressGuard } from './address-guard.ts';
import { post } from './post.ts';
import { isTaken, nextDelay, retryDelays } from './retry.ts';

/** One event of something that was told. */
interface Message {
  readonly event: string;
  readonly action: string | null;
  readonly repositoryId: number | null;
  readonly payload: object;
}

/** SHA-1 and SHA-256 of a body under the hook's secret, hexadecimal. */
interface Signatures {
  readonly sha1: string;
  readonly sha256: string;
}

/** The dialect that hooks are spoken to in. */
interface Voice {
  /** Empty: there is nothing to tell, or not any more. */
  messagesOf(told: Told): Promise<readonly Message[]>;
  headersOf(hook: Hook, delivery: Delivery, signatures: Signatures | null): Readonly<Record<string, string>>;
}

interface Log {
  info(fields: Record<string, unknown>, message: string): void;
  error(fields: Record<string, unknown>, message: string): void;
}

interface Parts {
  readonly store: Store;
  readonly voice: Voice;
  readonly guard: AddressGuard;
  readonly unseal: (name: string, sealed: string) => string;
  readonly log: Log;
}

/** Milliseconds. */
export interface Pace {
  /** How often it looks whether there is something to tell. */
  readonly every: number;
  readonly timeout: number;
  /** How long a claim is good: longer than an attempt can take. */
  readonly claim: number;
  readonly retries: readonly number[];
}

const usualPace: Pace = { every: 500, timeout: 10_000, claim: 60_000, retries: retryDelays };

/** At once; of one hook there is one at a time, so that it hears things in their order. */
const maximumUnderWay = 16;
const maximumPayloadBytes = 25 * 1024 * 1024;
/** What could not be put into words so often is given up. */
const maximumTries = 5;

/**
 * Brings what is in the outbox to the hooks. Everything that it has to do is in the store: it forgets nothing when it is killed, and
 * several servers share the work.
 */
export class HookCourier implements AsyncDisposable {
  readonly #parts: Parts;
  readonly #pace: Pace;
  readonly #underWay = new Set<Promise<void>>();
  /** Tellings that failed here: how often, and when to try again. */
  readonly #failed = new Map<number, { tries: number; notBefore: number }>();
  readonly #loop: Promise<void>;
  #isStopping = false;
  /** Something has changed since it looked. */
  #isCalled = false;
  #wake: () => void = () => undefined;

  constructor(parts: Parts, pace: Partial<Pace> = {}) {
    this.#parts = parts;
    this.#pace = { ...usualPace, ...pace };
    this.#loop = this.#run();
  }

  /** Starts nothing any more and waits for what is under way, as long as an attempt can take. */
  async [Symbol.asyncDispose](): Promise<void> {
    this.#isStopping = true;
    this.#wake();
    await this.#loop;
    await Promise.all(this.#underWay);
  }

  async #run(): Promise<void> {
    const { store, log } = this.#parts;
    let isFresh = !store.isShared;
    while (!this.#isStopping) {
      let wait = this.#pace.every;
      try {
        if (isFresh && (await store.read.deliveries.hasClaims())) await store.write((tx) => tx.deliveries.releaseClaims());
        isFresh = false;
        for (const told of await store.read.outbox.listTold(100)) if (!this.#isStopping) await this.#prepare(told);
        await this.#sendDue();
      } catch (error) {
        log.error({ error }, 'hooks could not be told, which will be tried again');
        // A database that is away is away for a while.
        wait *= 20;
      }
      await this.#pause(wait);
    }
  }

  async #pause(milliseconds: number): Promise<void> {
    if (this.#isStopping || this.#isCalled) {
      this.#isCalled = false;
      return;
    }
    const { promise, resolve } = Promise.withResolvers<void>();
    const timer = setTimeout(resolve, milliseconds);
    this.#wake = resolve;
    await promise;
    this.#wake = () => undefined;
    this.#isCalled = false;
    clearTimeout(timer);
  }

  /** Makes deliveries of one telling. Two servers may do so at once; who takes it out of the outbox writes them. */
  async #prepare(told: Told): Promise<void> {
    const { log } = this.#parts;
    const failed = this.#failed.get(told.id);
    if (failed !== undefined && failed.notBefore > Date.now()) return;
    try {
      await this.#address(told);
      this.#failed.delete(told.id);
    } catch (error) {
      const tries = (failed?.tries ?? 0) + 1;
      log.error({ kind: told.tidings.kind, repository: told.repositoryId, tries, error }, 'what hooks were to be told could not be said');
      this.#failed.set(told.id, { tries, notBefore: Date.now() + tries * this.#pace.every * 10 });
      if (tries < maximumTries) return;
      await this.#parts.store.write((tx) => tx.outbox.takeOut(told.id));
      this.#failed.delete(told.id);
    }
  }

  async #address(told: Told): Promise<void> {
    const { store, voice, log } = this.#parts;
    const hooks = await listeners(store, told);
    const messages = hooks.length === 0 ? [] : await voice.messagesOf(told);
    const letters = messages.flatMap(({ payload, ...message }) => {
      const to = hooks.filter((hook) => message.event === 'ping' || hears(hook, message.event));
      const text = to.length === 0 ? '' : JSON.stringify(payload);
      if (Buffer.byteLength(text) > maximumPayloadBytes) {
        log.error({ event: message.event, repository: message.repositoryId }, 'an event is too large for hooks to hear of');
        return [];
      }
      const guid = randomUUID();
      return to.map((hook) => ({ ...message, hookId: hook.id, guid, payload: text, isRedelivery: false }));
    });
    await store.write(async (tx) => {
      if (!(await tx.outbox.takeOut(told.id))) return;
      const gone = new Set<number>();
      for (const { id } of hooks) if ((await tx.hooks.findHook(id)) === null) gone.add(id);
      await tx.deliveries.insertDeliveries(letters.filter(({ hookId }) => !gone.has(hookId)));
    });
  }

  async #sendDue(): Promise<void> {
    const { store } = this.#parts;
    const room = maximumUnderWay - this.#underWay.size;
    if (room <= 0 || this.#isStopping || !(await store.read.deliveries.hasDue(Date.now()))) return;
    const claimed = await store.write((tx) => tx.deliveries.claim(tx.now, tx.now + this.#pace.claim, room));
    for (const delivery of claimed) {
      const sending = this.#attempt(delivery)
        .catch((error: unknown) => this.#parts.log.error({ delivery: delivery.id, error }, 'a delivery could not be ended'))
        .finally(() => {
          this.#underWay.delete(sending);
          // The next one for this hook may be waiting.
          this.#isCalled = true;
          this.#wake();
        });
      this.#underWay.add(sending);
    }
  }

  async #attempt(delivery: Delivery): Promise<void> {
    const { store, voice, guard, unseal, log } = this.#parts;
    const hook = await store.read.hooks.findHook(delivery.hookId);
    if (hook === null) return;
    // Who switches a hook off means what waits, too.
    if (!hook.active && delivery.event !== 'ping') return this.#settle(delivery, hook, neverSent('the hook was switched off'));
    const body = Buffer.from(
      hook.contentType === 'json' ? delivery.payload : new URLSearchParams({ payload: delivery.payload }).toString(),
    );
    let secret: string | null;
    try {
      secret = hook.sealedSecret === null ? null : unseal(hookSecretName(hook.owner), hook.sealedSecret);
    } catch (error) {
      log.error({ hook: hook.id, error }, "a hook's secret cannot be read");
      // Unsigned is nothing for who expects a signature; and it ends, like any delivery that fails.
      return this.#settle(delivery, hook, neverSent('the secret cannot be read'));
    }
    const headers = voice.headersOf(hook, delivery, secret === null ? null : signaturesOf(secret, body));
    const letter = { url: hook.url, headers, body, insecureSsl: hook.insecureSsl };
    await this.#settle(delivery, hook, await post(letter, guard, this.#pace.timeout));
  }

  async #settle(delivery: Delivery, hook: Hook, outcome: DeliveryOutcome): Promise<void> {
    const { store, log } = this.#parts;
    const delay = nextDelay(outcome, delivery.attempts, this.#pace.retries, Math.random());
    const state = isTaken(outcome) ? 'delivered' : delay === null ? 'failed' : 'waiting';
    await store.write((tx) => tx.deliveries.settleAttempt(delivery.id, state, outcome, state === 'waiting' ? tx.now + (delay ?? 0) : null));
    const { code, status, milliseconds: ms } = outcome;
    log.info({ hook: hook.id, delivery: delivery.id, event: delivery.event, state, code, status, ms }, 'a hook was told');
  }
}

async function listeners({ read }: Store, told: Told): Promise<Hook[]> {
  if (told.hookId === null) return read.hooks.listListening(told, told.at);
  const hook = await read.hooks.findHook(told.hookId);
  return hook === null ? [] : [hook];
}

function signaturesOf(secret: string, body: Buffer): Signatures {
  const sign = (algorithm: 'sha1' | 'sha256'): string => createHmac(algorithm, secret).update(body).digest('hex');
  return { sha1: sign('sha1'), sha256: sign('sha256') };
}

function neverSent(why: string): DeliveryOutcome {
  return { at: Date.now(), milliseconds: 0, code: null, status: `refused: ${why}`, request: {}, response: null };
}
