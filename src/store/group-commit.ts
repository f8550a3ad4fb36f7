/** Where a group of transactions runs: one real transaction, each member but the first behind a savepoint. */
export interface GroupTarget {
  run(sql: string): Promise<void>;
}

interface Waiting {
  work(): Promise<unknown>;
  resolve(result: unknown): void;
  reject(error: unknown): void;
}

/** A group ends when nobody waits any more, or here, so that nobody in it waits for long. */
const maximumGroup = 32;

/**
 * Runs transactions one after the other and commits several with one fsync. What one throws undoes it alone: the first, by ending the
 * transaction that holds nothing else yet; the others, by a savepoint. None is answered before the commit that makes it durable; if that
 * fails, all of the group fail.
 */
export class GroupCommit {
  readonly #target: GroupTarget;
  readonly #queue: Waiting[] = [];
  #isDraining = false;
  #drained: Promise<void> = Promise.resolve();

  constructor(target: GroupTarget) {
    this.#target = target;
  }

  transaction<T>(work: () => Promise<T>): Promise<T> {
    return new Promise<T>((resolve, reject) => {
      this.#queue.push({ work, resolve: resolve as Waiting['resolve'], reject });
      if (!this.#isDraining) this.#drained = this.#drain();
    });
  }

  /** Answers when nothing is running or waiting. */
  async idle(): Promise<void> {
    while (this.#isDraining) await this.#drained;
  }

  async #drain(): Promise<void> {
    this.#isDraining = true;
    while (this.#queue.length > 0) await this.#runGroup();
    // In the same turn as the last look at the queue: whoever comes after it must find that nobody is draining.
    this.#isDraining = false;
  }

  async #runGroup(): Promise<void> {
    const members: Waiting[] = [];
    const answers: (() => void)[] = [];
    try {
      await this.#target.run('BEGIN IMMEDIATE');
      const first = this.#queue.shift()!;
      members.push(first);
      const answer = await this.#runFirst(first);
      if (answer === null) return;
      answers.push(answer);
      for (
        let member = this.#queue.shift();
        member !== undefined;
        member = members.length < maximumGroup ? this.#queue.shift() : undefined
      ) {
        members.push(member);
        answers.push(await this.#runMember(member));
      }
      await this.#target.run('COMMIT');
    } catch (error) {
      // Where nothing can even begin, nobody waits longer than the first one has: they would only wait as long again, each in turn.
      const failed = members.length > 0 ? members : this.#queue.splice(0);
      for (const member of failed) member.reject(error);
      await this.#rollBack();
      return;
    }
    for (const answer of answers) answer();
  }

  /** A failed BEGIN or COMMIT, or a full disk, may have ended the transaction by itself. If it goes on instead, the next BEGIN fails and says so. */
  #rollBack(): Promise<void> {
    return this.#target.run('ROLLBACK').catch(() => undefined);
  }

  /** What to do once the group is durable; null: it is undone and answered, and there is no group any more. */
  async #runFirst({ work, resolve, reject }: Waiting): Promise<(() => void) | null> {
    try {
      const result = await work();
      return () => resolve(result);
    } catch (error) {
      await this.#rollBack();
      reject(error);
      return null;
    }
  }

  /**
   * What to do once the group is durable. What the work throws is undone and answered at once; it throws itself only when the
   * savepoint is gone: SQLite has then rolled back the whole group (a full disk does that), and nothing more may run in it.
   */
  async #runMember({ work, resolve, reject }: Waiting): Promise<() => void> {
    await this.#target.run('SAVEPOINT member');
    try {
      const result = await work();
      await this.#target.run('RELEASE member');
      return () => resolve(result);
    } catch (error) {
      reject(error);
      await this.#target.run('ROLLBACK TO member');
      await this.#target.run('RELEASE member');
      return () => undefined;
    }
  }
}
