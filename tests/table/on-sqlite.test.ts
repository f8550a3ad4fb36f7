import assert from 'node:assert/strict';
import { test } from 'node:test';
import { allRules } from '#policy/rules/index.ts';
import { notByPush, settings } from './settings.ts';
import { describeTable } from './table.ts';

test('every rule type has a row, or a reason to have none', () => {
  const covered = new Set([...settings.map((setting) => setting.type), ...Object.keys(notByPush)]);
  assert.deepEqual([...covered].sort(), allRules.map((rule) => rule.type).sort());
});

describeTable('sqlite');
