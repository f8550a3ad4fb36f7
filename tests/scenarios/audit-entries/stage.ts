import { randomUUID } from 'node:crypto';
import type { AuditEntry } from '#model/audit-entry.ts';
import type { Caller } from '#model/caller.ts';
import type { Transaction } from '#model/ports/store.ts';
import type { RepositoryKey } from '#operations/access.ts';
import { authenticateToken } from '#operations/authenticate.ts';
import type { Writer } from '#operations/content/writing.ts';
import type { Context } from '#operations/context.ts';
import { must } from '../../support/api.ts';
import type { DatabaseKind } from '../../support/databases.ts';
import { WorkTree } from '../../support/history.ts';
import { castOf, createPersona, mint, type Persona, type Personas } from '../../support/personas.ts';
import { startTestServer, type TestServer } from '../../support/server.ts';

/** What an entry has to say, beside who did it. */
export interface Expected {
  readonly action: string;
  readonly data?: Readonly<Record<string, unknown>>;
}

/** An operation, ready to be asked of a context, and the entries that it has to leave. */
interface Ready {
  readonly by: Caller;
  readonly ask: (context: Context) => Promise<unknown>;
  readonly entries: readonly Expected[];
}

export interface Row {
  /** As `mutatingOperations` names it. */
  readonly operation: string;
  readonly what: string;
  readonly ready: (stage: AuditStage) => Promise<Ready>;
}

export interface StagedRepository {
  readonly key: RepositoryKey;
  readonly id: number;
  readonly fullName: string;
  /** A commit on `main`, and one on top of it, on `topic`. Their trees hold the file `a.txt`. */
  readonly base: string;
  readonly tip: string;
}

/** A server with people on it, and what an operation needs to be asked directly. */
export class AuditStage implements AsyncDisposable {
  readonly server: TestServer;
  readonly cast: Personas;
  readonly #work: WorkTree;
  #count = 0;

  private constructor(server: TestServer, cast: Personas, work: WorkTree) {
    this.server = server;
    this.cast = cast;
    this.#work = work;
  }

  static async open(database: DatabaseKind): Promise<AuditStage> {
    // Nobody is told anything: it would change what is kept while a test looks.
    const server = await startTestServer({ database, seams: { hooks: { every: 3_600_000 } } });
    const work = await WorkTree.create();
    await work.commit('base', { 'a.txt': 'a\n' });
    await work.must('switch', '--quiet', '--create', 'topic');
    await work.commit('tip', { 'b.txt': 'b\n' });
    return new AuditStage(server, await castOf(server), work);
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.#work[Symbol.asyncDispose]();
    await this.server[Symbol.asyncDispose]();
  }

  get context(): Context {
    return this.server.running.house.context;
  }

  name(kind: string): string {
    this.#count++;
    return `${kind}${this.#count}`;
  }

  /** Somebody with a token of their own for this once, as an API request brings it. */
  async by({ token, login }: Persona): Promise<Caller> {
    const request = { id: randomUUID(), address: '192.0.2.7', userAgent: 'audit-entries/1' };
    const { read } = this.context.store;
    const usual = await authenticateToken(read, token, 'api', request);
    return authenticateToken(read, await mint(this.server, login, usual.token!.scopes), 'api', request);
  }

  async writer(persona: Persona): Promise<Writer & { by: Caller }> {
    const caller = await this.by(persona);
    return { caller, by: caller, bypassReason: null };
  }

  person(): Promise<Persona> {
    return createPersona(this.server, this.name('person'));
  }

  /** A new member of the organization. */
  async member(role: 'member' | 'admin' = 'member'): Promise<Persona> {
    const persona = await this.person();
    await must(this.cast.owner.api('PUT', `/orgs/acme/memberships/${persona.login}`, { role }));
    return persona;
  }

  async team(): Promise<string> {
    return (await must(this.cast.owner.api('POST', '/orgs/acme/teams', { name: this.name('team'), privacy: 'closed' }))).slug;
  }

  async repository(): Promise<StagedRepository> {
    const { owner } = this.cast;
    const { id, full_name: fullName } = await must(owner.api('POST', '/orgs/acme/repos', { name: this.name('repo'), private: true }));
    await this.#work.must('push', '--quiet', owner.remote(fullName), 'main', 'topic');
    return { key: { id }, id, fullName, base: await this.#work.head('main'), tip: await this.#work.head('topic') };
  }

  object(rev: string): Promise<string> {
    return this.#work.head(rev);
  }

  /** Entries after a number, oldest first. */
  entriesAfter(number: number): Promise<AuditEntry[]> {
    const search = {
      conditions: [],
      category: 'all',
      organizationId: null,
      order: 'asc',
      after: number,
      before: null,
      limit: 100,
    } as const;
    return this.context.store.read.audit.listEntries(search);
  }

  /** What was written before, also by nobody who waited for it, is durable now. */
  async written(): Promise<void> {
    await this.context.store.write(() => Promise.resolve());
  }

  async end(): Promise<number> {
    return (await this.context.store.read.audit.readHead())!.number;
  }
}

export const lost = 'the audit log is lost';

/** The same house, but nothing can be appended to its audit log. */
export function withoutLog(context: Context): Context {
  const breaking = (tx: Transaction): Transaction => ({ ...tx, audit: { ...tx.audit, append: () => Promise.reject(new Error(lost)) } });
  const { store } = context;
  const broken = { ...store, write: <T>(work: (tx: Transaction) => Promise<T>): Promise<T> => store.write((tx) => work(breaking(tx))) };
  return { ...context, store: broken, gate: { ...context.gate, store: broken } };
}
