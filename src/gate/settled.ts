import { setTimeout as sleep } from 'node:timers/promises';
import type { Gate } from './gate.ts';

const firstWait = 2;
const longestWait = 50;
const patience = 60_000;

/**
 * Waits until every push that was let through before an audit number, in these repositories (null: anywhere), has ended. An operation
 * answers only then: after a 2xx for a revocation no ref moves on the old state (decision 24).
 */
export async function untilSettled(gate: Pick<Gate, 'store'>, auditNumber: number, repositoryIds: readonly number[] | null): Promise<void> {
  const giveUp = Date.now() + patience;
  for (
    let wait = firstWait;
    (await gate.store.read.intents.countOpenBefore(auditNumber, repositoryIds)) > 0;
    wait = Math.min(longestWait, wait * 2)
  ) {
    if (Date.now() > giveUp) throw new Error('a push that was let through before has not ended; its outcome is unknown');
    await sleep(wait);
  }
}
