import type { Gate } from '#gate/gate.ts';
import type { PullRequest } from '#model/pull-request.ts';
import type { ObjectId } from '#model/ref-update.ts';
import type { Repository } from '#model/repository.ts';
import { onDisk } from '../content/names.ts';

export interface Ends {
  readonly base: ObjectId;
  readonly head: ObjectId;
}

/** What a pull request changes, and what would come of merging it. */
export interface PullChange extends Ends, Awaited<ReturnType<ReturnType<typeof onDisk>['mergeability']>> {
  /** Null: the two have no history in common. */
  readonly mergeBase: ObjectId | null;
}

/** The branches of an open pull request as git has them; null: that branch is gone. Of one that has ended, where they were then. */
export async function readEnds(
  gate: Gate,
  repository: Repository,
  { state, base, head }: PullRequest,
): Promise<{ readonly base: ObjectId | null; readonly head: ObjectId | null }> {
  if (state !== 'open') return { base: base.id, head: head.id };
  const { refs } = await onDisk(gate, repository).refs.table();
  return { base: refs.get(base.refName)?.id ?? null, head: await readHead(gate, repository, head) };
}

/** Where a head's branch is; null: it is gone, or its repository is. */
export async function readHead(
  gate: Gate,
  { objectFormat }: Repository,
  { repositoryId, refName }: Pick<PullRequest['head'], 'repositoryId' | 'refName'>,
): Promise<ObjectId | null> {
  if (repositoryId === null) return null;
  const { refs } = await gate.repositories.open(repositoryId, objectFormat).refs.table();
  return refs.get(refName)?.id ?? null;
}

/** Null: a branch of it is gone, or the objects are. */
export async function readChange(gate: Gate, repository: Repository, pull: PullRequest): Promise<PullChange | null> {
  const { base, head } = await readEnds(gate, repository, pull);
  return base === null || head === null ? null : changeBetween(gate, repository, { base, head });
}

export async function changeBetween(gate: Gate, repository: Repository, { base, head }: Ends): Promise<PullChange | null> {
  const disk = onDisk(gate, repository);
  const found = await Promise.all([base, head].map((id) => disk.objects.info(id)));
  if (found.some((info) => info?.type !== 'commit')) return null;
  const mergeability = await disk.mergeability(base, head);
  return { ...mergeability, base, head, mergeBase: mergeability.mergeBases[0] ?? null };
}

/** Names what is changed; equal names are equal changes (docs/decisions/0043). */
export async function changeIdOf(gate: Gate, repository: Repository, { mergeBase, head }: PullChange): Promise<string | null> {
  return mergeBase === null ? null : onDisk(gate, repository).diffId({ from: mergeBase, to: head });
}
