import assert from 'node:assert/strict';
import { test } from 'node:test';
import { creating, deleting, moving } from '../../tests/support/scene.ts';
import { defaultBranchAfter } from './default-branch.ts';

const after = (branches: readonly string[], isEmpty = true, defaultBranch = 'trunk') =>
  defaultBranchAfter(
    branches.map((name) => creating(`refs/heads/${name}`)),
    { isEmpty, defaultBranch: `refs/heads/${defaultBranch}` },
  );

test('a repository that has branches keeps its default branch', () => {
  assert.equal(after(['main'], false), null);
});

test('an empty repository keeps it when it is among what arrives', () => {
  assert.equal(after(['main', 'trunk']), null);
});

test('otherwise main is chosen, then master, then the first by name', () => {
  assert.equal(after(['a', 'master', 'main']), 'refs/heads/main');
  assert.equal(after(['a', 'master']), 'refs/heads/master');
  assert.equal(after(['b', 'c', 'a']), 'refs/heads/a');
});

test('when no branch arrives it stays', () => {
  assert.equal(after([]), null);
  const empty = { isEmpty: true, defaultBranch: 'refs/heads/trunk' };
  assert.equal(defaultBranchAfter([moving(), deleting('refs/heads/x')], empty), null);
  assert.equal(defaultBranchAfter([{ refName: 'refs/heads/x', oldId: null, newId: null }], empty), null);
});
