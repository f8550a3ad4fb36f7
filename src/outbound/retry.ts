import type { DeliveryOutcome } from '#model/hook.ts';

const second = 1000;
const minute = 60 * second;

/** How long after each failed attempt the next one comes; after the last there is none. */
export const retryDelays: readonly number[] = [10 * second, minute, 5 * minute, 30 * minute, 120 * minute];

export function isTaken({ code }: Pick<DeliveryOutcome, 'code'>): boolean {
  return code !== null && code >= 200 && code < 300;
}

/**
 * Milliseconds until the next attempt; null: there is none. Only what may pass is tried again: no answer, a server's error, too many
 * requests. A receiver that says no means it, and so does a forbidden address. `chance` between 0 and 1 spreads what failed together.
 */
export function nextDelay({ code, status }: DeliveryOutcome, attempts: number, delays: readonly number[], chance: number): number | null {
  const mayPass = code === null ? !status.startsWith('refused:') : code >= 500 || code === 408 || code === 429;
  const delay = delays[attempts];
  return mayPass && delay !== undefined ? Math.round(delay * (0.75 + chance / 2)) : null;
}
