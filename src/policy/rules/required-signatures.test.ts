import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { SignatureFact } from '#model/facts.ts';
import { ask, codes } from '../../../tests/support/ask.ts';
import { githubProtection, restrictedTo, signed, user } from '../../../tests/support/rules.ts';
import { codesOf, creating, deleting, judgeOne } from '../../../tests/support/scene.ts';
import { requiredSignatures } from './required-signatures.ts';

const by = (commit: string, key: Extract<SignatureFact, { verified: true }>['key']): SignatureFact => ({ commit, verified: true, key });
const unsigned = (commit: string): SignatureFact => ({ commit, verified: false, reason: 'unsigned' });
const live = { standing: { liveKeys: new Set(['server', 'gpg:5', 'ssh:6']) } };

test('commits signed by the server, a GPG key and an SSH key pass', () => {
  const signatures = [by('3', { kind: 'server' }), by('2', { kind: 'gpg', id: 5 }), by('1', { kind: 'ssh', id: 6 })];
  assert.deepEqual(codes(requiredSignatures, {}, { ...live, facts: { signatures } }), []);
});

test('an unsigned commit in the middle of the range is found, and each one is named', () => {
  const signatures = [by('4', { kind: 'gpg', id: 5 }), unsigned('3'), by('2', { kind: 'gpg', id: 5 }), unsigned('1')];
  assert.deepEqual(ask(requiredSignatures, {}, { ...live, facts: { signatures } }), [
    { code: 'unverified_commits', places: [{ commit: '3' }, { commit: '1' }] },
  ]);
});

test('a key that was removed since the signature was checked counts no more', () => {
  const signatures = [by('1', { kind: 'gpg', id: 5 })];
  assert.deepEqual(codes(requiredSignatures, {}, { standing: { liveKeys: new Set(['ssh:5', 'gpg:6']) }, facts: { signatures } }), [
    'unverified_commits',
  ]);
});

test('a protection looks at a new branch only where it restricts creation', () => {
  const facts = { signatures: [unsigned('1')] };
  const question = { home: 'github', update: creating(), facts } as const;
  assert.equal(codes(requiredSignatures, {}, question), 'not concerned');
  assert.equal(codes(requiredSignatures, {}, { ...question, beside: [restrictedTo([user(11)])] }), 'not concerned');
  assert.deepEqual(codes(requiredSignatures, {}, { ...question, beside: [restrictedTo([user(11)], true)] }), ['unverified_commits']);
});

test('a ruleset looks at every new branch', () => {
  const question = { home: 'ruleset', update: creating(), facts: { signatures: [unsigned('1')] } } as const;
  assert.deepEqual(codes(requiredSignatures, {}, question), ['unverified_commits']);
});

test('a deletion has nothing to sign', () => {
  assert.equal(codes(requiredSignatures, {}, { home: 'github', update: deleting() }), 'not concerned');
  assert.equal(codes(requiredSignatures, {}, { home: 'ruleset', update: deleting() }), 'not concerned');
});

test('when signatures cannot be checked, the update is refused', () => {
  const verdict = judgeOne({ protections: [githubProtection([signed])], facts: { signatures: { unknown: 'no memory' } } });
  assert.deepEqual(codesOf(verdict), ['not_determined']);
});
