import type { Caller } from '#model/caller.ts';
import { type ParsedTag, parseTag } from '#model/git-commit.ts';
import type { TreeEntry } from '#model/git-tree.ts';
import { conflict, notFound } from '#model/problem.ts';
import type { ObjectId } from '#model/ref-update.ts';
import { submoduleUrl } from '#model/submodule.ts';
import { type Reached, type RepositoryKey, reachCode } from '../access.ts';
import type { Context } from '../context.ts';
import { findEntry, readTree } from './edit-tree.ts';
import { findCommit, onDisk } from './names.ts';
import { type CommitShown, readCommitsById } from './read-commits.ts';

/** The most bytes of a blob that the API hands out. */
const maximumBlobBytes = 100 * 1024 * 1024;
const maximumTagBytes = 1024 * 1024;
/** The most entries of a recursive tree. */
const maximumEntries = 100_000;

export interface BlobShown extends Reached {
  readonly id: ObjectId;
  readonly data: Buffer;
}

export async function readBlob({ store, gate }: Context, caller: Caller, key: RepositoryKey, id: ObjectId): Promise<BlobShown> {
  const reached = await reachCode(store.read, caller, key, Date.now());
  const { objects } = onDisk(gate, reached.repository);
  const info = isFullId(id) ? await objects.info(id) : null;
  if (info?.type !== 'blob') throw notFound('blob');
  if (info.bytes > maximumBlobBytes) throw conflict(`the blob is larger than ${maximumBlobBytes} bytes`);
  return { ...reached, id, data: (await objects.read(id))!.data };
}

export interface TreeItemShown {
  readonly path: string;
  readonly mode: TreeEntry['mode'];
  readonly type: 'blob' | 'tree' | 'commit';
  readonly id: ObjectId;
  readonly bytes: number | null;
}

/** A tree by the id of a tree or by whatever names a commit. */
export async function readTreeShown(
  { store, gate }: Context,
  caller: Caller,
  key: RepositoryKey,
  name: string,
  recursive: boolean,
): Promise<Reached & { id: ObjectId; items: TreeItemShown[]; truncated: boolean }> {
  const reached = await reachCode(store.read, caller, key, Date.now());
  const { repository } = reached;
  const { objects } = onDisk(gate, repository);
  const commit = await findCommit(gate, repository, name);
  const root = await objects.info(commit === null ? `${isFullId(name) ? name : ''}^{tree}` : `${commit}^{tree}`);
  if (root === null) throw notFound('tree');
  const inFolder = async (folder: ObjectId, prefix: string): Promise<TreeItemShown[]> => {
    const entries = await readTree(gate, repository, folder);
    const infos = await Promise.all(entries.map((entry) => (typeOf(entry.mode) === 'blob' ? objects.info(entry.id) : null)));
    return entries.map(({ name: own, mode, id }, index) => ({
      path: prefix + own,
      mode,
      type: typeOf(mode),
      id,
      bytes: infos[index]?.bytes ?? null,
    }));
  };
  const items: TreeItemShown[] = [];
  // What is still to be listed, the next one last: a folder's content follows it at once, as git lists trees.
  const open = (await inFolder(root.id, '')).toReversed();
  while (open.length > 0 && items.length < maximumEntries) {
    const item = open.pop()!;
    items.push(item);
    if (!recursive || item.type !== 'tree') continue;
    for (const below of (await inFolder(item.id, `${item.path}/`)).toReversed()) open.push(below);
  }
  return { ...reached, id: root.id, items, truncated: open.length > 0 };
}

export async function readGitCommit(
  context: Context,
  caller: Caller,
  key: RepositoryKey,
  id: ObjectId,
): Promise<Reached & { commit: CommitShown }> {
  const reached = await reachCode(context.store.read, caller, key, Date.now());
  const [commit] = isFullId(id) ? await readCommitsById(context, reached.repository, [id]) : [];
  if (commit === undefined) throw notFound('commit');
  return { ...reached, commit };
}

export async function readTag(
  { store, gate }: Context,
  caller: Caller,
  key: RepositoryKey,
  id: ObjectId,
): Promise<Reached & { id: ObjectId; tag: ParsedTag }> {
  const reached = await reachCode(store.read, caller, key, Date.now());
  const object = isFullId(id) ? await onDisk(gate, reached.repository).objects.read(id, maximumTagBytes) : null;
  if (object?.type !== 'tag') throw notFound('tag');
  return { ...reached, id, tag: parseTag(object.data) };
}

export type ContentShown =
  | {
      readonly kind: 'file';
      readonly path: string;
      readonly entry: TreeEntry;
      readonly bytes: number;
      readonly data: Buffer | null;
      /** Of a submodule: where its repository is, if the commit says so. */
      readonly submoduleUrl: string | null;
    }
  | { readonly kind: 'folder'; readonly path: string; readonly entries: readonly { readonly entry: TreeEntry; readonly bytes: number }[] };

/** What stands at a path of a branch, tag or commit. Large files come without their content. */
export async function readContents(
  { store, gate }: Context,
  caller: Caller,
  key: RepositoryKey,
  path: string,
  name: string | null,
): Promise<Reached & { ref: string; content: ContentShown }> {
  const reached = await reachCode(store.read, caller, key, Date.now());
  const { repository } = reached;
  const ref = name ?? repository.defaultBranch;
  const commit = await findCommit(gate, repository, ref);
  if (commit === null) throw name === null ? notFound('content of an empty repository') : notFound('commit of a ref', name);
  const { objects } = onDisk(gate, repository);
  const root = (await objects.info(`${commit}^{tree}`))!.id;
  const clean = path.replace(/^\/+|\/+$/g, '');
  const entry = await findEntry(gate, repository, root, clean);
  if (entry === null) throw notFound('path');
  if (entry.mode !== '040000') {
    const info = entry.mode === '160000' ? null : await objects.info(entry.id);
    const data = info !== null && info.bytes <= maximumBlobBytes ? (await objects.read(entry.id))!.data : null;
    const submodules = entry.mode === '160000' ? await findEntry(gate, repository, root, '.gitmodules') : null;
    const text = submodules === null ? null : ((await objects.read(submodules.id, maximumTagBytes))?.data.toString('utf8') ?? null);
    const url = text === null ? null : submoduleUrl(text, clean);
    return { ...reached, ref, content: { kind: 'file', path: clean, entry, bytes: info?.bytes ?? 0, data, submoduleUrl: url } };
  }
  const entries = await readTree(gate, repository, entry.id);
  const infos = await Promise.all(entries.map((one) => (typeOf(one.mode) === 'blob' ? objects.info(one.id) : null)));
  return {
    ...reached,
    ref,
    content: { kind: 'folder', path: clean, entries: entries.map((one, index) => ({ entry: one, bytes: infos[index]?.bytes ?? 0 })) },
  };
}

export function typeOf(mode: TreeEntry['mode']): 'blob' | 'tree' | 'commit' {
  if (mode === '040000') return 'tree';
  return mode === '160000' ? 'commit' : 'blob';
}

function isFullId(text: string): boolean {
  return /^[0-9a-f]{40}$|^[0-9a-f]{64}$/.test(text);
}
