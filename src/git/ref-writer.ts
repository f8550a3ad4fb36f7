import type { Authorized } from '#model/authorized.ts';
import { branchOf } from '#model/ref-name.ts';
import { changeOf, type RefUpdate } from '#model/ref-update.ts';
import { fenceRef } from './fence.ts';
import { collectSome, type Git, type GitProcess } from './git.ts';
import { LineReader } from './line-reader.ts';

/** Null: the ref moved. Otherwise git's reason why it did not. */
export type Moved = null | string;

/** Asked with the lock held, right before refs move; false: this process has lost its right to. */
export type StillHeld = () => Promise<boolean>;

const maximumFailures = 20;

/**
 * Moves refs, through one `git update-ref --stdin` that lives as long as the writer, in transactions with old values. This is the
 * only code that does, and it takes nothing but what the gate recognises as its own.
 */
export class RefWriter {
  readonly #git: Git;
  readonly #repository: string;
  readonly #isAuthorized: (value: unknown) => boolean;
  /** Milliseconds since 1970; 0: it has moved none. */
  lastMove = 0;
  /** Ends with the last transaction that was begun. */
  #work: Promise<unknown> = Promise.resolve();
  #busy = false;
  #process: { readonly git: GitProcess; readonly lines: LineReader; readonly stderr: Promise<string> } | null = null;

  constructor(git: Git, repository: string, isAuthorized: (value: unknown) => boolean) {
    this.#git = git;
    this.#repository = repository;
    this.#isAuthorized = isAuthorized;
  }

  get isBusy(): boolean {
    return this.#busy;
  }

  /** What became of each update, in their order: in one transaction if git lets them, else (unless atomic) one by one. */
  async apply(authorized: Authorized, isHeld: StillHeld): Promise<Moved[]> {
    if (!this.#isAuthorized(authorized)) throw new Error('refs move only for what the gate has authorized');
    this.lastMove = Date.now();
    const work = this.#move(authorized, isHeld);
    this.#work = Promise.allSettled([this.#work, work]);
    return work;
  }

  async #move(authorized: Authorized, isHeld: StillHeld): Promise<Moved[]> {
    const { updates, atomic, fence } = authorized;
    // Without an old value `delete` would compare nothing; where both ids are absent nothing is to happen.
    const moving = updates.filter((update) => changeOf(update) !== 'nothing');
    const groups = atomic ? [moving] : inTransactions(moving);
    const results = new Map<RefUpdate, Moved>();
    this.#busy = true;
    try {
      for (const group of groups.filter((one) => one.length > 0)) {
        const moved = await this.#transaction(group, fence, isHeld);
        if (moved === null || atomic || group.length === 1) for (const update of group) results.set(update, moved);
        else for (const [update, one] of await this.#apart(group, fence, isHeld)) results.set(update, one);
      }
    } finally {
      this.#busy = false;
    }
    return updates.map((update) => results.get(update) ?? null);
  }

  /** What cannot be a branch is found at once, with one process however many there are; then the rest may pass together after all. */
  async #apart(group: readonly RefUpdate[], fence: string | null, isHeld: StillHeld): Promise<Map<RefUpdate, Moved>> {
    const noBranches = await this.#noBranches(group);
    const rest = group.filter((update) => !noBranches.has(update));
    if (noBranches.size === 0 || rest.length === 0) return new Map([...noBranches, ...(await this.#oneByOne(rest, fence, isHeld))]);
    const moved = await this.#transaction(rest, fence, isHeld);
    const ofRest = moved === null ? rest.map((update) => [update, null] as const) : await this.#oneByOne(rest, fence, isHeld);
    return new Map([...noBranches, ...ofRest]);
  }

  /** Branches that would point to something else than a commit. */
  async #noBranches(group: readonly RefUpdate[]): Promise<Map<RefUpdate, Moved>> {
    const toBranches = group.filter(({ refName, newId }) => newId !== null && branchOf(refName) !== null);
    const input = toBranches.map(({ newId }) => `${newId}\n`).join('');
    const types = (await this.#git.must(this.#repository, ['cat-file', '--batch-check=%(objecttype)'], { input }))
      .toString('latin1')
      .split('\n');
    return new Map(
      toBranches.flatMap((update, index) =>
        types[index] === 'commit' ? [] : [[update, 'a branch cannot point to a non-commit object'] as const],
      ),
    );
  }

  /** Each that fails costs git a new process, so what comes after many of those is not tried. */
  async #oneByOne(group: readonly RefUpdate[], fence: string | null, isHeld: StillHeld): Promise<Map<RefUpdate, Moved>> {
    const results = new Map<RefUpdate, Moved>();
    let failures = 0;
    for (const update of group) {
      const moved =
        failures < maximumFailures ? await this.#transaction([update], fence, isHeld) : 'not tried: too many refs of this push failed';
      if (moved !== null) failures++;
      results.set(update, moved);
    }
    return results;
  }

  /** Where HEAD points; the gate authorizes it like any other change of a ref. */
  async pointHead(authorized: Authorized): Promise<void> {
    if (!this.#isAuthorized(authorized)) throw new Error('HEAD moves only for what the gate has authorized');
    if (authorized.head !== null) await this.#git.must(this.#repository, ['symbolic-ref', 'HEAD', authorized.head]);
  }

  /** Ends the process when its transactions are done; between them it holds no lock. */
  async close(): Promise<void> {
    await this.#work;
    await this.#end();
  }

  async #end(): Promise<void> {
    const ending = this.#process;
    this.#process = null;
    if (ending === null) return;
    ending.git.stop();
    await ending.git.ended;
  }

  async #transaction(updates: readonly RefUpdate[], fence: string | null, isHeld: StillHeld): Promise<Moved> {
    this.#process ??= this.#start();
    const { git, lines, stderr } = this.#process;
    const verify = fence === null ? [] : [`verify ${fenceRef}\0${fence}\0`];
    git.stdin.write(['start\0', ...verify, ...updates.map(command), 'prepare\0'].join(''));
    if ((await lines.next()) !== 'start: ok' || (await lines.next()) !== 'prepare: ok') return this.#failed(git, stderr);
    // Between here and the commit the refs are locked. A process that stalled must not come back and move them.
    if (!(await isHeld())) {
      await this.#end();
      return 'the lock on the repository was lost';
    }
    git.stdin.write('commit\0');
    return (await lines.next()) === 'commit: ok' ? null : this.#failed(git, stderr);
  }

  /** git ends itself after a failed transaction and says why; where our folders are is nobody's business. */
  async #failed(git: GitProcess, stderr: Promise<string>): Promise<Moved> {
    this.#process = null;
    git.stop();
    await git.ended;
    const fatal = /^fatal: (?:(?:prepare|commit): )?(.+)$/m.exec(await stderr)?.[1];
    return fatal?.replaceAll(`${this.#repository}/`, '') ?? 'git did not move the ref';
  }

  #start() {
    const git = this.#git.start(this.#repository, ['update-ref', '--stdin', '-z', '--no-deref']);
    return { git, lines: new LineReader(git.stdout), stderr: collectSome(git.stderr) };
  }
}

function command({ refName, oldId, newId }: RefUpdate): string {
  if (oldId === null) return `create ${refName}\0${newId}\0`;
  return newId === null ? `delete ${refName}\0${oldId}\0` : `update ${refName}\0${newId}\0${oldId}\0`;
}

/**
 * A ref that goes and one that comes below or above its name (`a` and `a/b`) cannot share a transaction: the deletions go
 * first then. Everything else is one transaction.
 */
function inTransactions(updates: readonly RefUpdate[]): RefUpdate[][] {
  const gone = updates.filter((update) => update.newId === null);
  const born = updates.filter((update) => update.oldId === null);
  const clash = hasAncestorIn(born, gone) || hasAncestorIn(gone, born);
  return clash ? [gone, updates.filter((update) => update.newId !== null)] : [[...updates]];
}

/** Whether some ref's name lies below that of one of the others. */
function hasAncestorIn(refs: readonly RefUpdate[], others: readonly RefUpdate[]): boolean {
  const names = new Set(others.map((update) => update.refName));
  return refs.some(({ refName }) => {
    const parts = refName.split('/');
    return parts.some((_, index) => names.has(parts.slice(0, index).join('/')));
  });
}
