import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { GroupCommit, type GroupTarget } from '#store/group-commit.ts';

/** Remembers what it was asked to run, and fails when a statement is due to. */
class Target implements GroupTarget {
  readonly ran: string[] = [];
  readonly #failing: Map<string, number>;

  /** `failing`: which occurrence of a statement fails, counted from 1. */
  constructor(failing: Readonly<Record<string, number>> = {}) {
    this.#failing = new Map(Object.entries(failing));
  }

  async run(sql: string): Promise<void> {
    await Promise.resolve();
    this.ran.push(sql);
    const left = this.#failing.get(sql);
    if (left === undefined) return;
    this.#failing.set(sql, left - 1);
    if (left === 1) throw new Error(`${sql} failed`);
  }
}

const results = (settled: readonly PromiseSettledResult<unknown>[]): string[] =>
  settled.map((one) => (one.status === 'fulfilled' ? String(one.value) : (one.reason as Error).message));

const value = (text: string) => () => Promise.resolve(text);
const failure = (text: string) => () => Promise.reject(new Error(text));

describe('a group of transactions', () => {
  test('shares one commit, each but the first behind a savepoint, in the order they came', async () => {
    const target = new Target();
    const group = new GroupCommit(target);
    const done = await Promise.all(['a', 'b', 'c'].map((name) => group.transaction(value(name))));
    assert.deepEqual(done, ['a', 'b', 'c']);
    const member = ['SAVEPOINT member', 'RELEASE member'];
    assert.deepEqual(target.ran, ['BEGIN IMMEDIATE', ...member, ...member, 'COMMIT']);
  });

  test('runs one at a time', async () => {
    const group = new GroupCommit(new Target());
    let running = 0;
    let most = 0;
    const work = async (): Promise<void> => {
      most = Math.max(most, ++running);
      await new Promise((resolve) => setImmediate(resolve));
      running--;
    };
    await Promise.all(Array.from({ length: 20 }, () => group.transaction(work)));
    assert.equal(most, 1);
  });

  test('ends after 32 members, so that none waits for long', async () => {
    const target = new Target();
    const group = new GroupCommit(target);
    await Promise.all(Array.from({ length: 70 }, (_, index) => group.transaction(value(String(index)))));
    assert.equal(target.ran.filter((sql) => sql === 'COMMIT').length, 3);
    assert.equal(target.ran.indexOf('COMMIT'), 1 + 31 * 2);
  });

  test('answers nobody before the commit', async () => {
    const target = new Target();
    const group = new GroupCommit(target);
    const seen: boolean[] = [];
    const note = () => void seen.push(target.ran.includes('COMMIT'));
    await Promise.all([group.transaction(value('a')).then(note), group.transaction(value('b')).then(note)]);
    assert.deepEqual(seen, [true, true]);
  });

  test('undoes a failing member alone', async () => {
    const target = new Target();
    const group = new GroupCommit(target);
    const work = [group.transaction(value('a')), group.transaction(failure('no')), group.transaction(value('c'))];
    assert.deepEqual(results(await Promise.allSettled(work)), ['a', 'no', 'c']);
    assert.deepEqual(target.ran.slice(1, 4), ['SAVEPOINT member', 'ROLLBACK TO member', 'RELEASE member']);
    assert.equal(target.ran.at(-1), 'COMMIT');
  });

  test('begins anew after a first member that fails', async () => {
    const target = new Target();
    const group = new GroupCommit(target);
    const work = [group.transaction(failure('no')), group.transaction(failure('nor this')), group.transaction(value('c'))];
    assert.deepEqual(results(await Promise.allSettled(work)), ['no', 'nor this', 'c']);
    const undone = ['BEGIN IMMEDIATE', 'ROLLBACK'];
    assert.deepEqual(target.ran, [...undone, ...undone, 'BEGIN IMMEDIATE', 'COMMIT']);
  });
});

describe('when the database fails', () => {
  for (const [statement, expected] of [
    ['BEGIN IMMEDIATE', ['BEGIN IMMEDIATE failed', 'BEGIN IMMEDIATE failed', 'BEGIN IMMEDIATE failed']],
    ['COMMIT', ['COMMIT failed', 'COMMIT failed', 'COMMIT failed']],
  ] as const) {
    test(`at ${statement}, who had a part in it fails and the next group works`, async () => {
      const target = new Target({ [statement]: 1 });
      const group = new GroupCommit(target);
      const work = ['a', 'b', 'c'].map((name) => group.transaction(value(name)));
      assert.deepEqual(results(await Promise.allSettled(work)), expected);
      assert.ok(target.ran.includes('ROLLBACK'));
      assert.equal(await group.transaction(value('later')), 'later');
    });
  }

  test('at a savepoint, the members before it fail too: nothing of the group was committed', async () => {
    const target = new Target({ 'SAVEPOINT member': 1 });
    const group = new GroupCommit(target);
    const work = ['a', 'b', 'c'].map((name) => group.transaction(value(name)));
    assert.deepEqual(results(await Promise.allSettled(work)), ['SAVEPOINT member failed', 'SAVEPOINT member failed', 'c']);
  });

  test('at the release of a member that worked, that member alone is undone', async () => {
    const target = new Target({ 'RELEASE member': 1 });
    const group = new GroupCommit(target);
    const work = ['a', 'b'].map((name) => group.transaction(value(name)));
    assert.deepEqual(results(await Promise.allSettled(work)), ['a', 'RELEASE member failed']);
    assert.deepEqual(target.ran.slice(1, 5), ['SAVEPOINT member', 'RELEASE member', 'ROLLBACK TO member', 'RELEASE member']);
  });

  test('at the undoing of a member, the savepoint is gone and with it the whole group', async () => {
    const target = new Target({ 'ROLLBACK TO member': 1 });
    const group = new GroupCommit(target);
    const work = [group.transaction(value('a')), group.transaction(failure('disk full')), group.transaction(value('c'))];
    assert.deepEqual(results(await Promise.allSettled(work)), ['ROLLBACK TO member failed', 'disk full', 'c']);
    assert.deepEqual(target.ran.slice(1, 4), ['SAVEPOINT member', 'ROLLBACK TO member', 'ROLLBACK']);
  });

  test('at the rollback too, everybody is still answered and the next group works', async () => {
    const target = new Target({ COMMIT: 1, ROLLBACK: 1 });
    const group = new GroupCommit(target);
    const work = ['a', 'b'].map((name) => group.transaction(value(name)));
    assert.deepEqual(results(await Promise.allSettled(work)), ['COMMIT failed', 'COMMIT failed']);
    assert.equal(await group.transaction(value('later')), 'later');
  });
});

test('a transaction that comes in any turn after the last one ended is run', { timeout: 10_000 }, async () => {
  for (let turns = 0; turns < 30; turns++) {
    const group = new GroupCommit(new Target());
    const second = group.transaction(value('first')).then(async () => {
      for (let turn = 0; turn < turns; turn++) await Promise.resolve();
      return group.transaction(value(`second after ${turns}`));
    });
    assert.equal(await second, `second after ${turns}`);
    await group.idle();
  }
});

test('idle answers once nothing runs or waits', async () => {
  const target = new Target();
  const group = new GroupCommit(target);
  await group.idle();
  void group.transaction(async () => {
    await new Promise((resolve) => setTimeout(resolve, 5));
    // Asked for while the group runs: idle waits for this one too.
    void group.transaction(value('late'));
  });
  await group.idle();
  assert.equal(target.ran.filter((sql) => sql === 'RELEASE member').length, 1);
  assert.equal(target.ran.at(-1), 'COMMIT');
});
