import { branchOf, isReservedRef, looksLikeObjectId } from '#model/ref-name.ts';
import type { RefUpdate } from '#model/ref-update.ts';
import type { ReportStatus } from '../support/report-status.ts';
import type { Refs } from './twins.ts';

/** A command that we answer in another way than `git receive-pack`, on purpose. */
export interface KnownDifference {
  readonly name: string;
  readonly reason: string;
  readonly ours: 'refused' | 'nothing to do';
  concerns(command: RefUpdate, all: readonly RefUpdate[], refs: Refs): boolean;
}

export const knownDifferences: readonly KnownDifference[] = [
  {
    name: 'a ref named twice',
    reason: 'git applies both in turn, so that rules would have to be judged on a state that no client asked for',
    ours: 'refused',
    concerns: ({ refName }, all) => all.filter((other) => other.refName === refName).length > 1,
  },
  {
    name: 'reserved namespaces',
    reason: 'refs/pull and its like are written by the server alone (decision 3)',
    ours: 'refused',
    concerns: ({ refName }) => isReservedRef(refName),
  },
  {
    name: 'a new branch whose name begins like an object id',
    reason: 'every tool that resolves names could take it for the commit (spec/threats.md family F)',
    ours: 'refused',
    concerns: ({ refName, oldId }) => oldId === null && looksLikeObjectId(branchOf(refName) ?? ''),
  },
  {
    name: 'a new ref below another new one',
    reason: 'of a and a/b in one push the first is taken, whatever their order: names are judged before anything else is known',
    ours: 'refused',
    concerns: (command, all) => isNew(command) && all.some((other) => isNew(other) && command.refName.startsWith(`${other.refName}/`)),
  },
  {
    name: 'a deletion whose old value is not that of the ref',
    reason: 'git deletes whatever stands there when it does not know the old value, and says ok where nothing stands',
    ours: 'refused',
    concerns: ({ refName, oldId, newId }, _all, refs) => newId === null && oldId !== null && refs.get(refName) !== oldId,
  },
  {
    name: 'neither an old nor a new value',
    reason: 'git deletes what stands there without having compared it with anything',
    ours: 'nothing to do',
    concerns: ({ oldId, newId }) => oldId === null && newId === null,
  },
  {
    name: 'names of more than a kilobyte',
    reason: 'names are kept, indexed and shown; git is bounded by the file system alone',
    ours: 'refused',
    concerns: ({ refName }) => Buffer.byteLength(refName) > 1024,
  },
];

function isNew({ oldId, newId }: RefUpdate): boolean {
  return oldId === null && newId !== null;
}

/**
 * In what order git is given the commands to end where we end. It carries them out one by one as they come; we delete first, so that
 * `a` may go for `a/b` to come in any order.
 */
export function inOurOrder(commands: readonly RefUpdate[]): RefUpdate[] {
  return [...commands.filter(({ newId }) => newId === null), ...commands.filter(({ newId }) => newId !== null)];
}

/**
 * Of an atomic push git carries out the rest when it has refused a command before its transaction begins: one that lacks objects, or a
 * hidden ref. Atomic means all or nothing here.
 */
export function breaksAtomicity({ capabilities }: { readonly capabilities: readonly string[] }, { refs }: ReportStatus): boolean {
  const answers = [...refs.values()];
  return capabilities.includes('atomic') && answers.includes(null) && answers.some((reason) => reason !== null);
}
