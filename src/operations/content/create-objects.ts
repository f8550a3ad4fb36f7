import { storeObjects } from '#gate/write-refs.ts';
import { repositorySubject } from '#model/caller.ts';
import { encodeTag, type ParsedTag } from '#model/git-commit.ts';
import { type NewObject, newObject } from '#model/git-object.ts';
import type { TreeEntry, TreeMode } from '#model/git-tree.ts';
import { invalid } from '#model/problem.ts';
import { isObjectId, type ObjectId } from '#model/ref-update.ts';
import type { Repository } from '#model/repository.ts';
import { WRITE } from '#model/rung.ts';
import { type RepositoryKey, reachRepository, refuseArchived, requireInRepository } from '../access.ts';
import { change } from '../change.ts';
import type { Context } from '../context.ts';
import { editTree, readTree } from './edit-tree.ts';
import { encodeForeignCommit } from './foreign-commit.ts';
import { type PersonInput, personOf, toGitPerson } from './identity.ts';
import { onDisk } from './names.ts';
import { type Admitted, admitWriter, type Writer } from './writing.ts';

/** An object that was stored for a caller; no ref needs it yet. */
export interface ObjectCreated extends Admitted {
  readonly object: NewObject;
}

export async function createBlob(context: Context, writer: Writer, key: RepositoryKey, content: Buffer): Promise<ObjectCreated> {
  const admitted = await admitWriter(context, writer, key);
  const object = newObject('blob', content, admitted.repository.objectFormat);
  return store(context, admitted, object, [object]);
}

export interface TreeItem {
  readonly path: string;
  readonly mode: TreeMode;
  /** An object of the repository; null with `content` null too: the path goes. */
  readonly id: ObjectId | null;
  readonly content: string | null;
}

/** A tree from scratch, or one changed at some paths. */
export async function createTree(
  context: Context,
  writer: Writer,
  key: RepositoryKey,
  base: ObjectId | null,
  items: readonly TreeItem[],
): Promise<ObjectCreated & { entries: TreeEntry[] }> {
  const admitted = await admitWriter(context, writer, key);
  const { repository } = admitted;
  // An id in full, of a tree or of a commit: git would also search its history for what `:/text` asks for.
  const isId = base !== null && isObjectId(base, repository.objectFormat);
  const found = isId ? await onDisk(context.gate, repository).objects.info(`${base}^{tree}`) : null;
  const baseTree = base === null ? null : found?.id;
  if (baseTree === undefined) throw invalid('base_tree', `base_tree ${base} is not a valid tree`, 'invalid', 'Tree');
  await Promise.all(items.map((item) => refuseMissing(context, admitted, item)));
  const blobs = items.map((item) => (item.content === null ? null : newObject('blob', Buffer.from(item.content), repository.objectFormat)));
  const edits = items.map((item, index) => {
    const id = item.id ?? blobs[index]?.id ?? null;
    return { path: item.path, entry: id === null ? null : { mode: item.mode, id } };
  });
  const edited = await editTree(context.gate, repository, baseTree, edits);
  const objects = [...edited.objects, ...blobs.filter((blob) => blob !== null)];
  const root = edited.objects.find((object) => object.id === edited.id) ?? newObject('tree', Buffer.alloc(0), repository.objectFormat);
  const created = await store(context, admitted, root, objects);
  return { ...created, entries: await readTree(context.gate, repository, root.id) };
}

async function refuseMissing({ gate }: Context, { repository }: Admitted, { id, mode, path }: TreeItem): Promise<void> {
  // A submodule's commit lives elsewhere.
  if (id === null || mode === '160000') return;
  const wanted = mode === '040000' ? 'tree' : 'blob';
  if (!(await exists({ gate }, repository, id, wanted)))
    throw invalid('sha', `tree.sha ${id} is not a valid ${wanted} (${path})`, 'invalid', 'Tree');
}

export interface CommitItem {
  readonly message: string;
  readonly tree: ObjectId;
  readonly parents: readonly ObjectId[];
  readonly author: PersonInput | null;
  readonly committer: PersonInput | null;
  /** Armoured, made by the client. The server does not sign what clients compose (decision 33). */
  readonly signature: string | null;
}

export async function createCommit(context: Context, writer: Writer, key: RepositoryKey, item: CommitItem): Promise<ObjectCreated> {
  const admitted = await admitWriter(context, writer, key);
  const { repository } = admitted;
  if (!(await exists(context, repository, item.tree, 'tree'))) throw invalid('tree', `Tree SHA does not exist`, 'invalid', 'Commit');
  for (const parent of item.parents) {
    if (!(await exists(context, repository, parent, 'commit')))
      throw invalid('parents', 'Parent SHA does not exist or is not a commit object', 'invalid', 'Commit');
  }
  const object = encodeForeignCommit(context, admitted, item);
  return store(context, admitted, object, [object]);
}

export interface TagItem {
  readonly tag: string;
  readonly message: string;
  readonly object: ObjectId;
  readonly type: ParsedTag['type'];
  readonly tagger: PersonInput | null;
}

/** An annotated tag's object; the ref is another step. */
export async function createTag(
  context: Context,
  writer: Writer,
  key: RepositoryKey,
  { tag, message, object: target, type, tagger }: TagItem,
): Promise<ObjectCreated> {
  const admitted = await admitWriter(context, writer, key);
  if (!(await exists(context, admitted.repository, target, type)))
    throw invalid('object', `Object does not exist or is no ${type}`, 'invalid', 'Tag');
  if (tag === '' || /[\s\p{Cc}]/u.test(tag)) throw invalid('tag', 'is not a valid tag name', 'invalid', 'Tag');
  const now = Date.now();
  const person = tagger === null ? personOf(admitted.caller.user, context.server, now) : toGitPerson(tagger, now);
  const text = message.endsWith('\n') ? message : `${message}\n`;
  const object = encodeTag({ object: target, type, tag, tagger: person, message: text }, admitted.repository.objectFormat);
  return store(context, admitted, object, [object]);
}

/** Whether the repository has this very object: an id in full, not a name that git can make something of. */
async function exists({ gate }: Pick<Context, 'gate'>, repository: Repository, id: ObjectId, type: string): Promise<boolean> {
  if (!isObjectId(id, repository.objectFormat)) return false;
  return (await onDisk(gate, repository).objects.info(id))?.type === type;
}

async function store(context: Context, admitted: Admitted, object: NewObject, objects: readonly NewObject[]): Promise<ObjectCreated> {
  const record = (): Promise<void> =>
    change(context, admitted.caller, async (tx, write, as) => {
      const reached = await reachRepository(tx, as, { id: admitted.repository.id }, tx.now);
      requireInRepository(as, reached, { rung: WRITE, capability: 'code:write', siteAdminMay: true });
      refuseArchived(reached);
      write({
        action: 'git.create_object',
        operation: 'create',
        ...repositorySubject(reached.repository, reached.owner),
        data: { type: object.type, sha: object.id },
      });
    });
  await storeObjects(context.gate, admitted.caller.user.id, admitted.repository, objects, record);
  return { ...admitted, object };
}
