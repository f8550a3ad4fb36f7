import type { Caller } from '#model/caller.ts';
import { conflict, notFound } from '#model/problem.ts';
import type { ObjectId } from '#model/ref-update.ts';
import { type Reached, type RepositoryKey, reachCode } from '../access.ts';
import type { Context } from '../context.ts';
import { onDisk } from './names.ts';

export interface RefShown {
  readonly name: string;
  readonly id: ObjectId;
  readonly type: 'commit' | 'tag' | 'tree' | 'blob';
}

/** Refs by full name or by its beginning, in order. */
export async function listRefs(
  { store, gate }: Context,
  caller: Caller,
  key: RepositoryKey,
  prefix: string,
): Promise<Reached & { refs: RefShown[] }> {
  const reached = await reachCode(store.read, caller, key, Date.now());
  const disk = onDisk(gate, reached.repository);
  const { refs } = await disk.refs.table();
  const found = [...refs.startingWith(prefix)];
  const infos = await Promise.all(found.map((ref) => disk.objects.info(ref.id)));
  return {
    ...reached,
    refs: found.flatMap((ref, index) => (infos[index] ? [{ name: ref.name, id: ref.id, type: infos[index].type }] : [])),
  };
}

/** One ref by its full name. An empty repository says that it is empty. */
export async function readRef(context: Context, caller: Caller, key: RepositoryKey, refName: string): Promise<Reached & { ref: RefShown }> {
  const { refs, ...reached } = await listRefs(context, caller, key, refName);
  const ref = refs.find((one) => one.name === refName);
  if (ref !== undefined) return { ...reached, ref };
  if ((await onDisk(context.gate, reached.repository).refs.table()).refs.size === 0) throw conflict('Git Repository is empty.');
  throw notFound('ref');
}
