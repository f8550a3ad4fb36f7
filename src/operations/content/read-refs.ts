import type { Caller } from '#model/caller.ts';
import type { PageRequest } from '#model/ports/store-accounts.ts';
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

/** A page of the refs whose full names begin alike, in order. */
export async function listRefs(
  { store, gate }: Context,
  caller: Caller,
  key: RepositoryKey,
  prefix: string,
  { offset, limit }: PageRequest,
): Promise<Reached & { refs: RefShown[]; total: number }> {
  const reached = await reachCode(store.read, caller, key, Date.now());
  const disk = onDisk(gate, reached.repository);
  const found = [...(await disk.refs.table()).refs.startingWith(prefix)];
  const shown = await Promise.all(found.slice(offset, offset + limit).map((ref) => show(disk, ref)));
  return { ...reached, refs: shown.filter((ref) => ref !== null), total: found.length };
}

async function show({ objects }: ReturnType<typeof onDisk>, { name, id }: { name: string; id: ObjectId }): Promise<RefShown | null> {
  const info = await objects.info(id);
  return info && { name, id, type: info.type };
}

/** One ref by its full name. An empty repository says that it is empty. */
export async function readRef(context: Context, caller: Caller, key: RepositoryKey, refName: string): Promise<Reached & { ref: RefShown }> {
  const reached = await reachCode(context.store.read, caller, key, Date.now());
  const disk = onDisk(context.gate, reached.repository);
  const { refs } = await disk.refs.table();
  if (refs.size === 0) throw conflict('Git Repository is empty.');
  const found = refs.get(refName);
  const ref = found && (await show(disk, found));
  if (!ref) throw notFound('ref');
  return { ...reached, ref };
}
