import type { Store } from '#model/ports/store.ts';

/** Asked with the lock held: whether it still is. */
export type IsHeld = () => Promise<boolean>;

/**
 * One at a time per repository: first among the pushes of this process, in the order they came, then among all processes that
 * share the store.
 */
export class RepositoryLocks {
  readonly #store: Pick<Store, 'isShared' | 'withRepositoryLock'>;
  readonly #tails = new Map<number, Promise<void>>();

  constructor(store: Pick<Store, 'isShared' | 'withRepositoryLock'>) {
    this.#store = store;
  }

  async hold<T>(repositoryId: number, work: (isHeld: IsHeld) => Promise<T>): Promise<T> {
    const before = this.#tails.get(repositoryId) ?? Promise.resolve();
    const { promise: done, resolve: release } = Promise.withResolvers<void>();
    const tail = before.then(() => done);
    this.#tails.set(repositoryId, tail);
    await before;
    try {
      return await this.#store.withRepositoryLock(repositoryId, work);
    } finally {
      release();
      if (this.#tails.get(repositoryId) === tail) this.#tails.delete(repositoryId);
    }
  }
}
