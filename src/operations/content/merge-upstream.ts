import { type Receipt, writeRefs } from '#gate/write-refs.ts';
import type { Caller } from '#model/caller.ts';
import type { Reads } from '#model/ports/store.ts';
import { conflict, invalid, notFound } from '#model/problem.ts';
import { branchRef } from '#model/ref-name.ts';
import type { ObjectId } from '#model/ref-update.ts';
import type { Repository } from '#model/repository.ts';
import { type Reached, type RepositoryKey, reachCode } from '../access.ts';
import { refreshed } from '../change.ts';
import type { Context } from '../context.ts';
import { makeCommit } from './make-commit.ts';
import { onDisk } from './names.ts';
import { admitWriter, type Writer } from './writing.ts';

interface Synced {
  readonly kind: 'none' | 'fast-forward' | 'merge';
  /** What it was brought up to. */
  readonly upstream: Reached;
  readonly receipt: Receipt | null;
}

type Disk = ReturnType<typeof onDisk>;

/** So many commits of the fork's branch are looked for in the parent, so that what both have is not sent. */
const knownCommits = 1000;

/**
 * Brings a branch of a fork up to the branch of the same name of its parent, with a merge commit where both have moved. The parent is read
 * for the caller, as they stand now and again when it is decided: who has lost it gets nothing from it.
 */
export async function mergeUpstream(context: Context, writer: Writer, key: RepositoryKey, branch: string): Promise<Synced> {
  const admitted = await admitWriter(context, writer, key);
  const { repository: fork, caller, owner, bypassReason } = admitted;
  const upstream = await reachUpstream(context.store.read, caller, fork.id, Date.now());
  const [here, there] = [onDisk(context.gate, fork), onDisk(context.gate, upstream.repository)];
  const refName = branchRef(branch);
  const [ours, theirs] = await Promise.all([tipOf(here, refName), tipOf(there, refName)]);
  if (await contains(here, ours, theirs)) return { kind: 'none', upstream, receipt: null };
  const isForward = await contains(there, theirs, ours);
  const receipt = await writeRefs(context.gate, {
    ...{ caller, repository: fork, owner, bypassReason, means: 'fork-sync' },
    authorize: async (tx) => {
      const now = await reachUpstream(tx, await refreshed(tx, caller), fork.id, tx.now);
      if (now.repository.id !== upstream.repository.id) throw conflict('This is a fork of another repository now');
    },
    prepare: async (workshop) => {
      await workshop.takeFrom(there.path, theirs, [...(await tipsOf(here)), ...(await newest(here, ours))]);
      if (isForward) return { objects: [], updates: [{ refName, oldId: ours, newId: theirs }] };
      const merged = await workshop.mergeTrees(ours, theirs);
      if (merged.kind !== 'merged') throw conflict('There are merge conflicts');
      const message = `Merge branch '${upstream.owner.login}:${branch}' into ${branch}`;
      const people = { author: null, committer: null };
      const commit = makeCommit(context, caller.user, fork, { tree: merged.tree, parents: [ours, theirs], message, ...people });
      return { objects: [commit], updates: [{ refName, oldId: ours, newId: commit.id }] };
    },
  });
  return { kind: isForward ? 'fast-forward' : 'merge', upstream, receipt };
}

async function reachUpstream(reads: Reads, caller: Caller, forkId: number, now: number): Promise<Reached> {
  const fork: Repository | null = await reads.repositories.findById(forkId);
  if (fork === null) throw notFound('repository');
  if (fork.parentId === null) throw invalid('branch', 'This repository is not a fork', 'unprocessable', 'Repository');
  return reachCode(reads, caller, { id: fork.parentId }, now);
}

async function tipOf(disk: Disk, refName: string): Promise<ObjectId> {
  const ref = (await disk.refs.table()).refs.get(refName);
  if (ref === undefined) throw notFound('branch');
  return ref.id;
}

async function tipsOf(disk: Disk): Promise<ObjectId[]> {
  return [...(await disk.refs.table()).refs.startingWith('refs/')].map(({ id }) => id);
}

function newest(disk: Disk, from: ObjectId): Promise<ObjectId[]> {
  return disk.history({ from, limit: knownCommits, skip: 0 });
}

/** Whether a commit is among those that lead to a tip. One that is not even in the store is not. */
async function contains(disk: Disk, tip: ObjectId, commit: ObjectId): Promise<boolean> {
  if (tip === commit) return true;
  if ((await disk.objects.info(commit)) === null) return false;
  return (await disk.divergence(tip, commit, 1)).ahead === 0;
}
