import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { DeliveryOutcome } from '#model/hook.ts';
import { isTaken, nextDelay, retryDelays } from './retry.ts';

const outcome = (code: number | null, status = ''): DeliveryOutcome => ({
  at: 0,
  milliseconds: 0,
  code,
  status,
  request: {},
  response: null,
});

test('what may pass is tried again, later and later, and then no more', () => {
  for (const failed of [outcome(null, 'timed out'), outcome(500), outcome(503), outcome(429), outcome(408)]) {
    const delays = Array.from({ length: retryDelays.length + 1 }, (_, attempts) => nextDelay(failed, attempts, retryDelays, 0.5));
    assert.deepEqual(delays, [...retryDelays, null]);
  }
});

test('what will not pass is not tried again', () => {
  for (const failed of [outcome(400), outcome(404), outcome(410), outcome(301), outcome(null, 'refused: the address is not a public one')])
    assert.equal(nextDelay(failed, 0, retryDelays, 0.5), null);
});

test('what failed together is spread by a quarter to either side', () => {
  assert.deepEqual(
    [0, 1].map((chance) => nextDelay(outcome(500), 0, [1000], chance)),
    [750, 1250],
  );
});

test('an answer of 2xx is taken, any other is not', () => {
  assert.deepEqual(
    [200, 202, 299, 199, 300, 404, 500, null].map((code) => isTaken({ code })),
    [true, true, true, false, false, false, false, false],
  );
});
