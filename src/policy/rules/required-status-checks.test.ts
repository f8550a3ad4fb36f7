import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { CheckResult } from '#model/facts.ts';
import { ask, codes, type Question } from '../../../tests/support/ask.ts';
import { creating, deleting, newTip, oldTip } from '../../../tests/support/scene.ts';
import { requiredStatusChecks } from './required-status-checks.ts';

const requires = (...checks: { context: string; app: number | null }[]) => ({ strict: false, checks });
const ci = { context: 'ci', app: null };

function result(state: CheckResult['state'], changes: Partial<CheckResult> = {}): CheckResult {
  return { context: 'ci', app: null, kind: 'status', order: 1, state, ...changes };
}

function given(results: readonly CheckResult[], question: Question = {}, commit = newTip): Question {
  return { ...question, standing: { checks: new Map([[commit, results]]) } };
}

test('the new tip passes when its check passed', () => {
  assert.deepEqual(codes(requiredStatusChecks, requires(ci), given([result('passing')])), []);
});

test('a commit without a result is refused: so is every fresh commit', () => {
  assert.deepEqual(codes(requiredStatusChecks, requires(ci)), ['status_check_expected']);
  assert.deepEqual(codes(requiredStatusChecks, requires(ci), given([result('passing')], {}, oldTip)), ['status_check_expected']);
  assert.deepEqual(codes(requiredStatusChecks, requires(ci), given([result('passing', { context: 'ci2' })])), ['status_check_expected']);
});

test('every state but passing is named', () => {
  for (const state of ['pending', 'queued', 'in_progress', 'failing'] as const)
    assert.deepEqual(codes(requiredStatusChecks, requires(ci), given([result(state)])), [`status_check_${state}`]);
});

test('every unmet context is reported, with how many there are', () => {
  const parameters = requires(ci, { context: 'lint', app: null }, { context: 'docs', app: null });
  assert.deepEqual(ask(requiredStatusChecks, parameters, given([result('failing'), result('passing', { context: 'docs' })])), [
    { code: 'status_check_failing', values: { context: 'ci', unmet: 2, total: 3 } },
    { code: 'status_check_expected', values: { context: 'lint', unmet: 2, total: 3 } },
  ]);
});

test('of statuses under one name the newest counts', () => {
  const older = result('failing', { order: 1 });
  const newer = result('passing', { order: 2 });
  assert.deepEqual(codes(requiredStatusChecks, requires(ci), given([older, newer])), []);
  assert.deepEqual(codes(requiredStatusChecks, requires(ci), given([newer, older])), []);
  const other = result('failing', { order: 3, app: 7 });
  assert.deepEqual(codes(requiredStatusChecks, requires(ci), given([other, newer])), ['status_check_failing']);
});

test('a status and a check run of one name must both pass', () => {
  const run = result('passing', { kind: 'check-run', app: 7, order: 9 });
  assert.deepEqual(codes(requiredStatusChecks, requires(ci), given([result('failing'), run])), ['status_check_failing']);
  assert.deepEqual(codes(requiredStatusChecks, requires(ci), given([result('passing'), run])), []);
});

test('check runs of all apps must pass', () => {
  const runs = [result('passing', { kind: 'check-run', app: 7, order: 2 }), result('queued', { kind: 'check-run', app: 8, order: 1 })];
  assert.deepEqual(codes(requiredStatusChecks, requires(ci), given(runs)), ['status_check_queued']);
});

test('of several states the worst is told', () => {
  const runs = (['in_progress', 'queued', 'pending', 'failing'] as const).map((state, app) =>
    result(state, { kind: 'check-run', app: app + 1 }),
  );
  const told = (from: number) => codes(requiredStatusChecks, requires(ci), given(runs.slice(0, from)));
  assert.deepEqual([told(4), told(3), told(2), told(1)].flat(), [
    'status_check_failing',
    'status_check_pending',
    'status_check_queued',
    'status_check_in_progress',
  ]);
});

test('with a pinned app nobody else’s result counts', () => {
  const pinned = requires({ context: 'ci', app: 7 });
  assert.deepEqual(codes(requiredStatusChecks, pinned, given([result('passing')])), ['status_check_wrong_app']);
  assert.deepEqual(codes(requiredStatusChecks, pinned, given([result('passing', { app: 8 })])), ['status_check_wrong_app']);
  assert.deepEqual(codes(requiredStatusChecks, pinned, given([result('passing', { app: 7 }), result('failing', { order: 5 })])), []);
  assert.deepEqual(codes(requiredStatusChecks, pinned), ['status_check_expected']);
});

test('contexts compare without case', () => {
  assert.deepEqual(codes(requiredStatusChecks, requires({ context: 'CI', app: null }), given([result('passing', { context: 'cI' })])), []);
});

test('no context asked for is nothing to meet', () => {
  assert.deepEqual(codes(requiredStatusChecks, { strict: true, checks: [] }), []);
});

test('a protection does not judge creation; a ruleset does unless told otherwise', () => {
  const question = { update: creating() };
  assert.equal(codes(requiredStatusChecks, requires(ci), { ...question, home: 'github' }), 'not concerned');
  assert.deepEqual(codes(requiredStatusChecks, requires(ci), { ...question, home: 'ruleset' }), ['status_check_expected']);
  const quiet = { ...requires(ci), notOnCreate: true };
  assert.equal(codes(requiredStatusChecks, quiet, { ...question, home: 'ruleset' }), 'not concerned');
  assert.deepEqual(codes(requiredStatusChecks, quiet, { home: 'ruleset' }), ['status_check_expected']);
});

test('a deletion needs no check', () => {
  for (const home of ['github', 'ruleset'] as const)
    assert.equal(codes(requiredStatusChecks, requires(ci), { home, update: deleting() }), 'not concerned');
});

test('the shortest name and the first app can be required', () => {
  const parameters = requires({ context: 'a', app: 1 });
  assert.deepEqual(codes(requiredStatusChecks, parameters, given([result('passing', { context: 'a', app: 1 })])), []);
});
