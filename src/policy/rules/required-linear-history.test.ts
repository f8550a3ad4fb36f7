import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { CommitFact } from '#model/facts.ts';
import { ask, codes } from '../../../tests/support/ask.ts';
import { githubProtection, linear } from '../../../tests/support/rules.ts';
import { codesOf, creating, deleting, judgeOne, newTip, oldTip } from '../../../tests/support/scene.ts';
import { requiredLinearHistory } from './required-linear-history.ts';

const plain = (id: string): CommitFact => ({ id, parents: [oldTip] });
const merge = (id: string): CommitFact => ({ id, parents: [oldTip, newTip] });

test('a line of commits passes, and so does a first commit without parents', () => {
  const commits = [plain('3'), plain('2'), { id: '1', parents: [] }];
  assert.deepEqual(codes(requiredLinearHistory, {}, { facts: { commits } }), []);
});

test('a merge in the middle of the range is found, and each one is named', () => {
  const commits = [plain('4'), merge('3'), plain('2'), merge('1')];
  assert.deepEqual(ask(requiredLinearHistory, {}, { facts: { commits } }), [
    { code: 'merge_commits', places: [{ commit: '3' }, { commit: '1' }] },
  ]);
});

test('a merge of three branches is a merge', () => {
  const commits = [{ id: '1', parents: ['x', 'y', 'z'] }];
  assert.deepEqual(codes(requiredLinearHistory, {}, { facts: { commits } }), ['merge_commits']);
});

test('a new branch brings no merge either', () => {
  assert.deepEqual(codes(requiredLinearHistory, {}, { update: creating(), facts: { commits: [merge('1')] } }), ['merge_commits']);
});

test('moving back to an older commit adds none', () => {
  assert.deepEqual(codes(requiredLinearHistory, {}, { facts: { commits: [], fastForward: false } }), []);
});

test('a deletion adds no commit', () => {
  assert.equal(codes(requiredLinearHistory, {}, { update: deleting() }), 'not concerned');
});

test('when the commits cannot be read, the update is refused', () => {
  const verdict = judgeOne({ protections: [githubProtection([linear])], facts: { commits: { unknown: 'a commit is missing' } } });
  assert.deepEqual(codesOf(verdict), ['not_determined']);
});
