import assert from 'node:assert/strict';
import { existsSync, globSync } from 'node:fs';
import { join } from 'node:path';
import { test } from 'node:test';
import { defaultRuleTypes, operations, ruleTypesOfOperation } from '#model/bypass-bounds.ts';
import { allRuleExamples, role } from '../../../tests/support/rules.ts';
import { allRules, mandatoryRules, parametersFit, rankOf, ruleDefinition } from './index.ts';

const files = globSync('*.ts', { cwd: import.meta.dirname }).filter((file) => file !== 'index.ts' && !file.endsWith('.test.ts'));

test('every rule is one file by its name, with its test beside it, and stands in the list', () => {
  assert.deepEqual(allRules.map(({ type }) => `${type.replaceAll('_', '-')}.ts`).sort(), files.sort());
  for (const file of files) assert.ok(existsSync(join(import.meta.dirname, file.replace(/\.ts$/, '.test.ts'))), `${file} has no test`);
});

test('every rule is found by its type, and nothing else is', () => {
  for (const rule of allRules) assert.equal(ruleDefinition(rule.type), rule);
  for (const type of ['', 'toString', '__proto__', 'Lock', 'quantum_review']) {
    assert.equal(ruleDefinition(type), null);
    assert.equal(parametersFit({ type, parameters: {} }), false);
  }
});

test('a rule that is mandatory somewhere may stand there', () => {
  for (const rule of allRules) for (const home of rule.mandatoryIn) assert.ok(rule.homes.includes(home), rule.type);
});

test('protections of each origin have their mandatory rules; rulesets have none', () => {
  const types = (home: Parameters<typeof mandatoryRules>[0]) => mandatoryRules(home).map((rule) => rule.type);
  assert.deepEqual(types('github'), ['non_fast_forward', 'deletion']);
  assert.deepEqual(types('gitlab'), ['push_access', 'merge_access', 'creation', 'non_fast_forward', 'deletion']);
  assert.deepEqual(types('ruleset'), []);
});

test('the rule types that a bypass names by default or along with an operation exist', () => {
  const named = [...defaultRuleTypes, ...operations.flatMap((operation) => ruleTypesOfOperation[operation])];
  for (const type of named) assert.notEqual(ruleDefinition(type), null, type);
});

test('what a bypass passes only if it is named is not passed by default', () => {
  for (const type of ['lock', 'non_fast_forward', 'deletion', 'creation']) assert.ok(!defaultRuleTypes.includes(type), type);
});

test('unknown types come first in a list of reasons', () => {
  assert.ok(rankOf('quantum_review') < rankOf('lock'));
  assert.ok(rankOf('lock') < rankOf('required_signatures'));
});

test('the examples that other tests use are read by their rules', () => {
  assert.deepEqual(Object.keys(allRuleExamples).sort(), allRules.map((rule) => rule.type).sort());
  for (const [type, examples] of Object.entries(allRuleExamples))
    for (const parameters of examples) assert.ok(parametersFit({ type, parameters }), `${type}: ${JSON.stringify(parameters)}`);
});

test('a list is read only when every row is one that somebody could be', () => {
  const fits = (grant: unknown) => parametersFit({ type: 'push_access', parameters: { grants: [role(30), grant] } });
  const rows = [
    { kind: 'role', level: 0 },
    { kind: 'role', level: 60 },
    { kind: 'user', id: 1 },
    { kind: 'app', id: 2 },
    { kind: 'deploy-key', id: 3 },
    { kind: 'team', id: 4, childTeams: false },
  ];
  for (const row of rows) assert.equal(fits(row), true, JSON.stringify(row));
  const others = [
    { kind: 'role', level: 50 },
    { kind: 'role', level: 20 },
    { kind: 'role', level: '30' },
    { kind: 'role' },
    { kind: 'user', id: 0 },
    { kind: 'user', id: 1.5 },
    { kind: 'user' },
    { kind: 'team', id: 4 },
    { kind: 'group', id: 4 },
    { id: 4 },
    null,
    7,
  ];
  for (const row of others) assert.equal(fits(row), false, JSON.stringify(row));
});
