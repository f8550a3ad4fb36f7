import type { Delivery, DeliveryOutcome, Hook, HookOwner } from '../hook.ts';
import type { Telling, Told } from '../telling.ts';
import type { Page, PageRequest } from './store-accounts.ts';

export type NewHook = Pick<Hook, 'owner' | 'url' | 'contentType' | 'insecureSsl' | 'sealedSecret' | 'events' | 'active'>;

export interface Hooks {
  findHook(id: number): Promise<Hook | null>;
  listHooks(owner: HookOwner, page: PageRequest): Promise<Page<Hook>>;
  /** Active ones of a repository and of its owner that are not younger than `at`, in the order of ids. */
  listListening(of: Pick<Telling, 'repositoryId' | 'ownerId'>, at: number): Promise<Hook[]>;
  insertHook(hook: NewHook): Promise<Hook>;
  updateHook(id: number, changes: Partial<Omit<NewHook, 'owner'>>): Promise<void>;
  removeHook(id: number): Promise<void>;
}

/** What hooks have not been told yet: written with what it tells of, taken out when its deliveries are written. */
export interface Outbox {
  /** One statement, which writes nothing where no hook listens. */
  tell(telling: Telling): Promise<void>;
  /** Oldest first. */
  listTold(limit: number): Promise<Told[]>;
  /** False: somebody else has taken it out. */
  takeOut(id: number): Promise<boolean>;
}

export type NewDelivery = Pick<Delivery, 'hookId' | 'guid' | 'event' | 'action' | 'repositoryId' | 'payload' | 'isRedelivery'>;

export interface DeliveryFilter {
  /** Only older ones than this id; null: from the newest. */
  readonly before: number | null;
  readonly isRedelivery: boolean | null;
  readonly state: 'delivered' | 'failed' | null;
  readonly limit: number;
}

export interface Deliveries {
  /** The answer in their order. */
  insertDeliveries(deliveries: readonly NewDelivery[]): Promise<Delivery[]>;
  findDelivery(hookId: number, id: number): Promise<Delivery | null>;
  /** Those that were attempted, newest first, without their payloads. */
  listAttempted(hookId: number, filter: DeliveryFilter): Promise<Delivery[]>;
  /** How many characters of payloads are kept of what one hook was sent again. */
  countRedelivered(hookId: number): Promise<number>;
  /** Whether `claim` would find any. */
  hasDue(at: number): Promise<boolean>;
  /**
   * Takes deliveries that are due, the oldest of each hook, and none of a hook of which one is claimed already. A claim is good until
   * `until`: whoever has not settled it by then is taken for gone.
   */
  claim(at: number, until: number, limit: number): Promise<Delivery[]>;
  /** Ends an attempt and the claim; `again`: when to try once more. The hook remembers how it ended. */
  settleAttempt(id: number, state: Delivery['state'], outcome: DeliveryOutcome, again: number | null): Promise<void>;
  hasClaims(): Promise<boolean>;
  /** For a server that is alone: what is claimed was claimed by one that is gone. */
  releaseClaims(): Promise<void>;
  /** Deliveries that were written before `at`, and what nobody was told of since then. */
  removeOld(at: number): Promise<number>;
}
