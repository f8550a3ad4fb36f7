import assert from 'node:assert/strict';
import { test } from 'node:test';
import { setImmediate as turn } from 'node:timers/promises';
import { Slots, TooBusy } from './slots.ts';

const patient = { total: 3, perAccount: 2, patienceMilliseconds: 60_000 };

test('no more work runs at once than there are slots, and waiting work starts in the order it came', async () => {
  const slots = new Slots({ ...patient, perAccount: 3 });
  const first = await Promise.all([slots.take(1), slots.take(2), slots.take(3)]);
  const started: string[] = [];
  const fourth = slots.take(4).then(() => started.push('fourth'));
  const fifth = slots.take(5).then(() => started.push('fifth'));
  await turn();
  assert.deepEqual(started, []);
  first[0][Symbol.dispose]();
  await fourth;
  assert.deepEqual(started, ['fourth']);
  first[1][Symbol.dispose]();
  await fifth;
  assert.deepEqual(started, ['fourth', 'fifth']);
});

test('an account that holds its share waits, and does not keep others from the slots that are free', async () => {
  const slots = new Slots(patient);
  const [held] = await Promise.all([slots.take(1), slots.take(1)]);
  let third = false;
  const waiting = slots.take(1).then(() => {
    third = true;
  });
  await slots.take(2);
  await turn();
  assert.equal(third, false);
  held[Symbol.dispose]();
  await waiting;
  assert.equal(third, true);
});

test('who waits too long is told so, and takes no slot afterwards', async () => {
  const slots = new Slots({ total: 1, perAccount: 1, patienceMilliseconds: 5 });
  const held = await slots.take(1);
  await assert.rejects(slots.take(2), TooBusy);
  held[Symbol.dispose]();
  const free = await slots.take(3);
  free[Symbol.dispose]();
});

test('giving a slot back twice frees it once', async () => {
  const slots = new Slots({ total: 1, perAccount: 1, patienceMilliseconds: 5 });
  const held = await slots.take(1);
  held[Symbol.dispose]();
  held[Symbol.dispose]();
  await slots.take(2);
  await assert.rejects(slots.take(3), TooBusy);
});
