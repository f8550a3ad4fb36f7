import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { CodeOwner } from '#model/code-owners.ts';
import { codeOwnersOf } from './code-owners.ts';
import { ownerDemands } from './owner-demands.ts';

const known: Readonly<Record<string, readonly number[]>> = { '@ann': [2], '@org/team': [2, 3] };
const accountsOf = ({ name }: CodeOwner) => known[name] ?? [];

function demandsOf(text: string) {
  const sections = codeOwnersOf('gitlab', text, ['a', 'b']);
  assert.ok('known' in sections);
  return ownerDemands(sections.known, accountsOf);
}

test('each line that counts asks for its owners, as often as its section says', () => {
  assert.deepEqual(demandsOf('a @ann\n[Two][2]\n* @ann @org/team\n'), [
    { line: 1, owners: ['@ann'], accounts: [2], approvals: 1 },
    { line: 3, owners: ['@ann', '@org/team'], accounts: [2, 3], approvals: 2 },
  ]);
});

test('an optional section asks for nobody', () => {
  assert.deepEqual(demandsOf('^[Optional][2]\n* @ann\n'), []);
});

test('owners who are nobody leave a demand that nobody can satisfy', () => {
  assert.deepEqual(demandsOf('a @gone\nb\n'), [
    { line: 1, owners: ['@gone'], accounts: [], approvals: 1 },
    { line: 2, owners: [], accounts: [], approvals: 1 },
  ]);
});
