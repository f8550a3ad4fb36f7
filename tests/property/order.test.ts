import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { decideUnread } from '#policy/decide.ts';
import { anyCase, decideCase } from '../support/arbitraries.ts';
import { Tally } from '../support/tally.ts';

const shuffledCase = anyCase().chain((one) =>
  fc.tuple(fc.constant(one), fc.shuffledSubarray([...one.push.updates.keys()], { minLength: one.push.updates.length })),
);

test('the order of the refs in a push changes no ref’s verdict, and nothing else', () => {
  const tally = new Tally();
  fc.assert(
    fc.property(shuffledCase, ([one, order]) => {
      const updates = order.map((index) => one.push.updates[index]!);
      const refs = order.map((index) => one.facts.refs[index]!);
      const verdict = decideCase(one);
      const shuffled = decideCase({ ...one, push: { ...one.push, updates }, facts: { ...one.facts, refs } });
      assert.deepEqual(
        shuffled.refs,
        order.map((index) => verdict.refs[index]!),
      );
      assert.deepEqual([shuffled.effects, shuffled.wholePushRefused], [verdict.effects, verdict.wholePushRefused]);

      const { standing } = one.facts;
      const unread = decideUnread(one.push, standing, one.rules, one.actor, one.now);
      const unreadShuffled = decideUnread({ ...one.push, updates }, standing, one.rules, one.actor, one.now);
      assert.deepEqual(
        unreadShuffled.refs,
        order.map((index) => unread.refs[index]!),
      );

      const moved = order.some((index, place) => index !== place);
      const differ = new Set(verdict.refs.map(({ result }) => result)).size > 1;
      tally.count(
        ...(moved ? ['moved'] : []),
        ...(moved && differ ? ['moved, with different results'] : []),
        ...verdict.refs.map(({ result }) => result),
      );
    }),
    { numRuns: 4500 },
  );
  tally.require({ moved: 0.2, 'moved, with different results': 0.05, pass: 0.1, fail: 0.1, bypass: 0.05 });
});
