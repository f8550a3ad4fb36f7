import type { Transaction } from '#model/ports/store.ts';
import { ProblemError } from '#model/problem.ts';
import { type PushRecord, pushEntry, type RecordedUpdate, refusedByRules, refusedEntry } from './audit-entries.ts';
import type { Gate } from './gate.ts';
import type { PushRequest } from './push.ts';
import type { PushWishes } from './push-options.ts';

/** The record of a push could not be written, so nothing was done (decision 5). */
export class CannotRecord extends Error {
  constructor(cause: unknown) {
    super('cannot record the push, nothing was changed', { cause });
    this.name = 'CannotRecord';
  }
}

/** Runs the transaction that records a push. Whatever keeps it from becoming durable is thrown as `CannotRecord`. */
export async function writeRecord<T>(gate: Gate, pushId: string, work: (tx: Transaction) => Promise<T>): Promise<T> {
  try {
    return await gate.store.write(work);
  } catch (error) {
    if (error instanceof ProblemError) throw error;
    gate.log.error({ pushId, error }, 'a push could not be recorded and was refused');
    throw new CannotRecord(error);
  }
}

/** Records a push of which no ref is let through. It needs no lock: whoever pushes again is judged again. */
export async function recordRefused(gate: Gate, request: PushRequest, wishes: PushWishes, fates: readonly RecordedUpdate[]): Promise<void> {
  const push: PushRecord = { ...request, ...wishes, means: 'push', describe: gate.words.describe };
  const ownEntries = wishes.dryRun ? [] : refusedByRules(fates).map((one) => refusedEntry(push, one));
  const action = wishes.dryRun ? 'git.push_dry_run' : 'git.push';
  await writeRecord(gate, push.pushId, (tx) => tx.audit.append(pushEntry(push, fates, action), ...ownEntries));
}
