import assert from 'node:assert/strict';
import { test } from 'node:test';
import { Remembered } from './remembered.ts';

function counting(fails: () => boolean = () => false) {
  let asked = 0;
  const find = (): Promise<number> => {
    asked++;
    return fails() ? Promise.reject(new Error('not now')) : Promise.resolve(asked);
  };
  return { find, asked: () => asked };
}

test('what was found out is not asked again, also not while it is being found out', async () => {
  const remembered = new Remembered<number>(2);
  const { find, asked } = counting();
  assert.deepEqual(await Promise.all([remembered.get('a', find), remembered.get('a', find)]), [1, 1]);
  assert.equal(await remembered.get('a', find), 1);
  assert.equal(asked(), 1);
});

test('of too many answers the one that was not asked for the longest goes', async () => {
  const remembered = new Remembered<number>(2);
  const { find } = counting();
  for (const question of ['a', 'b', 'a', 'c']) await remembered.get(question, find);
  assert.deepEqual([await remembered.get('a', find), await remembered.get('c', find), await remembered.get('b', find)], [1, 3, 4]);
});

test('a failure is told to all who waited, and asked again', async () => {
  const remembered = new Remembered<number>(2);
  let isBroken = true;
  const { find } = counting(() => isBroken);
  const both = await Promise.allSettled([remembered.get('a', find), remembered.get('a', find)]);
  assert.deepEqual(
    both.map(({ status }) => status),
    ['rejected', 'rejected'],
  );
  isBroken = false;
  assert.equal(await remembered.get('a', find), 2);
});
