import type { Gate } from '#gate/gate.ts';
import type { NewObject } from '#model/git-object.ts';
import { encodeTree, isTreeName, parseTree, type TreeEntry, type TreeMode } from '#model/git-tree.ts';
import { invalid } from '#model/problem.ts';
import type { ObjectId } from '#model/ref-update.ts';
import type { Repository } from '#model/repository.ts';
import { onDisk } from './names.ts';

/** What stands at a path afterwards; null: nothing. */
export interface TreeEdit {
  readonly path: string;
  readonly entry: { readonly mode: TreeMode; readonly id: ObjectId } | null;
}

/** A changed tree: its id and the tree objects that are new with it. */
export interface EditedTree {
  readonly id: ObjectId;
  readonly objects: readonly NewObject[];
}

/** Applies edits to a tree (null: an empty one), rewriting only the folders they lie in. Folders that become empty go. */
export async function editTree(gate: Gate, repository: Repository, base: ObjectId | null, edits: readonly TreeEdit[]): Promise<EditedTree> {
  const objects: NewObject[] = [];
  const root =
    (await rewrite(
      base,
      edits.map((edit) => ({ parts: splitPath(edit.path), entry: edit.entry })),
    )) ?? emptyTree();
  return { id: root, objects };

  async function rewrite(
    tree: ObjectId | null,
    inside: readonly { parts: readonly string[]; entry: TreeEdit['entry'] }[],
  ): Promise<ObjectId | null> {
    const entries = new Map((await readTree(gate, repository, tree)).map((entry) => [keyOf(entry), entry]));
    for (const [name, group] of Map.groupBy(inside, (edit) => edit.parts[0]!)) {
      const here = group.filter((edit) => edit.parts.length === 1).at(-1);
      const below = group.filter((edit) => edit.parts.length > 1).map(({ parts, entry }) => ({ parts: parts.slice(1), entry }));
      if (here?.entry === null) entries.delete(name);
      else if (here) entries.set(name, { name, ...here.entry });
      if (below.length === 0) continue;
      const folder = entries.get(name)?.mode === '040000' ? entries.get(name)!.id : null;
      const id = await rewrite(folder, below);
      if (id === null) entries.delete(name);
      else entries.set(name, { name, mode: '040000', id });
    }
    if (entries.size === 0) return null;
    const encoded = encodeTree([...entries.values()], repository.objectFormat);
    objects.push(encoded);
    return encoded.id;
  }

  function emptyTree(): ObjectId {
    const encoded = encodeTree([], repository.objectFormat);
    objects.push(encoded);
    return encoded.id;
  }
}

/** Names that are no text are apart from all that are, and from each other, however they are shown. */
function keyOf({ name, rawName }: TreeEntry): string {
  return rawName === undefined ? name : `\0${rawName.toString('latin1')}`;
}

/** A folder of some million files. */
const maximumTreeBytes = 64 * 1024 * 1024;

export async function readTree(gate: Gate, repository: Repository, id: ObjectId | null): Promise<TreeEntry[]> {
  if (id === null) return [];
  const object = await onDisk(gate, repository).objects.read(id, maximumTreeBytes);
  if (object?.type !== 'tree') throw invalid('tree', `${id} is not a tree`, 'invalid', 'Tree');
  return parseTree(object.data, repository.objectFormat);
}

/** The entry at a path below a tree; null: there is none. */
export async function findEntry(gate: Gate, repository: Repository, tree: ObjectId, path: string): Promise<TreeEntry | null> {
  let entry: TreeEntry = { mode: '040000', name: '', id: tree };
  for (const part of path.split('/').filter((one) => one !== '')) {
    if (entry.mode !== '040000') return null;
    const found = (await readTree(gate, repository, entry.id)).find((one) => one.name === part && one.rawName === undefined);
    if (found === undefined) return null;
    entry = found;
  }
  return entry;
}

/** The parts of a path that may stand in a tree; throws otherwise. git checks look-alikes of `.git` again when the tree is taken in. */
export function splitPath(path: string): string[] {
  const parts = path.split('/');
  const isPossible = path.length <= 4096 && parts.every(isTreeName) && !/\p{Cc}/u.test(path);
  if (!isPossible) throw invalid('path', `path contains a malformed path component`, 'invalid', 'Tree');
  return parts;
}
