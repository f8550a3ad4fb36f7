import { untilSettled } from '#gate/settled.ts';
import { whyDead } from '#gate/standing.ts';
import type { AuditSubject, NewAuditEntry, OperationType } from '#model/audit-entry.ts';
import { askedBy, type Caller } from '#model/caller.ts';
import type { Transaction } from '#model/ports/store.ts';
import { ProblemError } from '#model/problem.ts';
import type { Telling } from '#model/telling.ts';
import type { Context } from './context.ts';

/** One thing that an operation did, for the record. */
export interface Happening extends AuditSubject {
  /** As spec/github.md 5 names it. */
  readonly action: string;
  readonly operation: OperationType;
  readonly data?: Readonly<Record<string, unknown>>;
  readonly tells?: readonly Tells[];
}

/** What hooks are to hear of it; the rest of a telling is known here. `hookId`: that hook alone. */
export type Tells = Pick<Telling, 'repositoryId' | 'ownerId' | 'tidings'> & { readonly hookId?: number };

/** Says what happened; called at least once by whatever changes something. */
export type Recorder = (...happenings: readonly Happening[]) => void;

/** Where pushes that were let through before must have ended before the operation answers: repositories, or everywhere. */
export type Reach = { readonly repositories: readonly number[] } | 'everywhere' | 'no push';

/** The outcome of work that found nothing to do: nothing is recorded, because nothing changed. */
export class Unchanged<T> {
  readonly value: T;

  constructor(value: T) {
    this.value = value;
  }
}

/**
 * The one way in which an operation changes something. In one transaction, after the chain lock: the caller is looked at again and
 * handed to `work` as they are now, `work` authorizes and changes, what it says happened is appended to the audit log, and what hooks are to hear of it put into the outbox. Work that changes something and records
 * nothing is our bug and is rolled back.
 */
export async function change<T>(
  { store, gate }: Pick<Context, 'store' | 'gate'>,
  caller: Caller,
  work: (tx: Transaction, record: Recorder, caller: Caller) => Promise<T | Unchanged<T>>,
  reachOf: (result: T) => Reach = () => 'no push',
): Promise<T> {
  const { result, auditNumber } = await store.write(async (tx) => {
    const present = await refreshed(tx, caller);
    const entries: NewAuditEntry[] = [];
    const tellings: Tells[] = [];
    const record: Recorder = (...happenings) => {
      entries.push(...happenings.map((happening) => toEntry(present, happening)));
      tellings.push(...happenings.flatMap(({ tells }) => tells ?? []));
    };
    const worked = await work(tx, record, present);
    const [first, ...rest] = entries;
    if (worked instanceof Unchanged) {
      if (first !== undefined) throw new Error('an operation recorded something and said that nothing changed');
      return { result: worked.value, auditNumber: null };
    }
    if (first === undefined) throw new Error('an operation changed something without a record');
    const auditNumber = await tx.audit.append(first, ...rest);
    const senderId = present.kind === 'actor' ? present.user.id : null;
    for (const tells of tellings) await tx.outbox.tell({ hookId: null, ...tells, senderId });
    return { result: worked, auditNumber };
  });
  const reach = reachOf(result);
  if (auditNumber !== null && reach !== 'no push')
    await untilSettled(gate, auditNumber, reach === 'everywhere' ? null : reach.repositories);
  return result;
}

/** The caller as they are now: a credential that was good when the request came in may be none any more, an admin no admin. */
export async function refreshed(tx: Transaction, caller: Caller): Promise<Caller> {
  if (caller.kind !== 'actor') return caller;
  const token = caller.token === null ? null : await tx.tokens.findById(caller.token.id);
  const user = await tx.accounts.findById(caller.user.id);
  const dead = await whyDead(tx, caller, token, user, tx.now);
  if (dead !== null || user === null || user.kind === 'organization')
    throw new ProblemError({ kind: 'unauthenticated', why: dead ?? 'the account is gone' });
  const { actor } = caller;
  const who = actor.who.kind === 'deploy-key' ? actor.who : { ...actor.who, siteAdmin: user.siteAdmin };
  return { ...caller, user, token, actor: { ...actor, who } };
}

function toEntry(caller: Caller, { action, operation, data = {}, tells: _, ...subject }: Happening): NewAuditEntry {
  return { ...askedBy(caller), ...subject, action, operation, category: 'web', bypass: false, data };
}
