import { type Receipt, writeRefs } from '#gate/write-refs.ts';
import type { NewObject } from '#model/git-object.ts';
import { conflict, notFound } from '#model/problem.ts';
import { branchRef } from '#model/ref-name.ts';
import type { RepositoryKey } from '../access.ts';
import type { Context } from '../context.ts';
import { makeCommit } from './make-commit.ts';
import { findCommit, onDisk } from './names.ts';
import { type Admitted, admitWriter, type Writer } from './writing.ts';

export interface MergeInput {
  /** Branch to merge into, by its short name. */
  readonly base: string;
  /** Branch or commit to merge. */
  readonly head: string;
  readonly message: string | null;
}

export interface Merged extends Admitted {
  /** Null: the base had everything already. */
  readonly commit: NewObject | null;
  readonly receipt: Receipt | null;
}

/** Merges one branch into another with a merge commit: for the rules, a push of that commit by the caller (spec/github.md 1.9). */
export async function mergeBranches(
  context: Context,
  writer: Writer,
  key: RepositoryKey,
  { base, head, message }: MergeInput,
): Promise<Merged> {
  const admitted = await admitWriter(context, writer, key);
  const { repository, caller, owner, bypassReason } = admitted;
  const { gate } = context;
  const baseTip = (await onDisk(gate, repository).refs.table()).refs.get(branchRef(base))?.id;
  if (baseTip === undefined) throw notFound('merge base');
  const headTip = await findCommit(gate, repository, head);
  if (headTip === null) throw notFound('merge head');
  const { ahead } = await onDisk(gate, repository).divergence(baseTip, headTip, 1);
  if (ahead === 0) return { ...admitted, commit: null, receipt: null };
  let commit: NewObject | null = null;
  const receipt = await writeRefs(gate, {
    ...{ caller, repository, owner, bypassReason, means: 'contents' },
    prepare: async (workshop) => {
      const merged = await workshop.mergeTrees(baseTip, headTip);
      if (merged.kind !== 'merged') throw conflict('Merge Conflict');
      commit = makeCommit(context, caller.user, repository, {
        tree: merged.tree,
        parents: [baseTip, headTip],
        message: message ?? `Merge ${head} into ${base}`,
        author: null,
        committer: null,
      });
      return { objects: [commit], updates: [{ refName: branchRef(base), oldId: baseTip, newId: commit.id }] };
    },
  });
  return { ...admitted, commit, receipt };
}
