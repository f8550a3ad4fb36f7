import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { CodeOwnersError } from '#model/code-owners.ts';
import { codeOwnersErrorObject } from './from-model.ts';

const at = { line: 7, column: 3, source: '* user' };
const shown = (reason: CodeOwnersError['reason']) => codeOwnersErrorObject({ reason, ...at }, '.github/CODEOWNERS');

test('an owner that is none is pointed at, as the reference shows it', () => {
  assert.deepEqual(shown({ kind: 'invalid-owner' }), {
    ...at,
    kind: 'Invalid owner',
    suggestion: null,
    message: 'Invalid owner on line 7:\n\n  * user\n    ^',
    path: '.github/CODEOWNERS',
  });
});

test('an owner that nobody knows comes with advice, a team with more of it', () => {
  const user = shown({ kind: 'unknown-owner', owner: { kind: 'account', name: '@gone' } });
  assert.equal(user.kind, 'Unknown owner');
  assert.equal(user.suggestion, 'make sure @gone exists and has write access to the repository');
  assert.equal(user.message, 'Unknown owner on line 7: make sure @gone exists and has write access to the repository\n\n  * user\n    ^');
  const team = shown({ kind: 'unknown-owner', owner: { kind: 'team', name: '@org/gone' } });
  assert.equal(team.suggestion, 'make sure the team @org/gone exists, is publicly visible, and has write access to the repository');
});

test('a pattern that is invalid, or never matches, is an invalid pattern', () => {
  assert.deepEqual(
    [shown({ kind: 'invalid-pattern' })].map(({ kind, suggestion }) => [kind, suggestion]),
    [['Invalid pattern', null]],
  );
  const never = shown({ kind: 'pattern-matches-nothing' });
  assert.equal(never.kind, 'Invalid pattern');
  assert.equal(never.suggestion, 'The pattern `/` will never match anything, did you mean `*` instead?');
});
