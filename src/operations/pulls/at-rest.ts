import type { Gate } from '#gate/gate.ts';
import { lockedTable } from '#gate/locked-table.ts';
import { conflict } from '#model/problem.ts';
import type { ObjectId } from '#model/ref-update.ts';
import type { Repository } from '#model/repository.ts';
import { onDisk } from '../content/names.ts';

/** Where branches were when they were looked at. */
export type Seen = Readonly<Record<string, ObjectId>>;

/**
 * Does the work while no ref of the repository moves, and only if the branches still are where they were seen. A push that comes between
 * would find nothing to tell of itself, and what is written would be about commits that nobody proposes any more. Null: they have moved.
 */
export function atRest<T>(gate: Gate, repository: Repository, seen: Seen, work: () => Promise<T>): Promise<T | null> {
  return gate.locks.hold(repository.id, async () => {
    const { refs } = await lockedTable(gate, repository.id, onDisk(gate, repository));
    const haveMoved = Object.entries(seen).some(([refName, id]) => refs.get(refName)?.id !== id);
    return haveMoved ? null : work();
  });
}

const maximumAttempts = 3;

/** Tries again where branches have moved meanwhile. */
export async function untilAtRest<T>(attempt: () => Promise<T | null>): Promise<T> {
  for (let tried = 0; tried < maximumAttempts; tried++) {
    const result = await attempt();
    if (result !== null) return result;
  }
  throw conflict('The branches are moving; please try again.');
}
