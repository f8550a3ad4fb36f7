import type { Store } from '#model/ports/store.ts';
import type { Job } from './scheduler.ts';

const hour = 3600 * 1000;
const kept = 30 * 24 * hour;

/** What hooks were sent is kept for thirty days. */
export function hookJobs(store: Store): Job[] {
  const sweep = async (): Promise<void> => {
    await store.write((tx) => tx.deliveries.removeOld(tx.now - kept));
  };
  return [{ name: 'remove old deliveries', everyMilliseconds: hour, run: sweep }];
}
