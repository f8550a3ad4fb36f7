import assert from 'node:assert/strict';
import { test } from 'node:test';
import { databases } from '../support/databases.ts';
import { pushWithRandomKills } from './random-kills.ts';

const runs = Number(process.env['SALLYPORT_TEST_RUNS'] ?? 100);

for (const database of databases) {
  test(`${runs} pushes while the server is killed at random, on ${database}: nothing unrecorded, nothing refused that moved, nothing lost`, async (t) => {
    const seed = Date.now() % 2 ** 32;
    const report = await pushWithRandomKills(database, runs, seed);
    t.diagnostic(JSON.stringify({ ...report, lost: report.lost.length, smuggled: report.smuggled.length }));
    assert.deepEqual({ lost: report.lost, smuggled: report.smuggled }, { lost: [], smuggled: [] }, `seed ${seed}`);
    const { accepted, attempts, bypasses, kills } = report;
    const isWorthIt = kills['any instant'] > 0 && accepted > 0 && bypasses > 0 && accepted < attempts;
    assert.ok(isWorthIt, JSON.stringify({ accepted, attempts, bypasses, kills }));
  });
}
