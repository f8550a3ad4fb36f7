import { type Receipt, writeRefs } from '#gate/write-refs.ts';
import { type NewObject, newObject } from '#model/git-object.ts';
import type { TreeEntry } from '#model/git-tree.ts';
import { conflict, invalid, notFound, ProblemError } from '#model/problem.ts';
import { branchRef, isBranchName } from '#model/ref-name.ts';
import type { ObjectId } from '#model/ref-update.ts';
import type { Repository } from '#model/repository.ts';
import type { RepositoryKey } from '../access.ts';
import type { Context } from '../context.ts';
import { editTree, findEntry, splitPath } from './edit-tree.ts';
import type { PersonInput } from './identity.ts';
import { makeCommit } from './make-commit.ts';
import { onDisk } from './names.ts';
import { type Admitted, admitWriter, type Writer } from './writing.ts';

export interface FileChange {
  readonly path: string;
  readonly message: string;
  /** Short name; null: the default branch. */
  readonly branch: string | null;
  /** Null: the file goes. */
  readonly content: Buffer | null;
  /** The blob that the caller takes the file to be; null: they take it to be new. */
  readonly expected: ObjectId | null;
  readonly author?: PersonInput | null;
  readonly committer?: PersonInput | null;
}

export interface FileWritten extends Admitted {
  readonly commit: NewObject;
  readonly branch: string;
  /** The blob that stands there now; null: it is gone. */
  readonly blob: NewObject | null;
  readonly created: boolean;
  readonly receipt: Receipt | null;
}

/** Writes or removes one file in one commit on a branch, through the gate. In an empty repository it makes the branch. */
export async function writeContents(context: Context, writer: Writer, key: RepositoryKey, file: FileChange): Promise<FileWritten> {
  const admitted = await admitWriter(context, writer, key);
  const { repository, caller, owner, bypassReason } = admitted;
  splitPath(file.path);
  const branch = file.branch ?? repository.defaultBranch;
  const { gate } = context;
  const table = await onDisk(gate, repository).refs.table();
  const tip = table.refs.get(branchRef(branch))?.id ?? null;
  const isEmpty = table.refs.startingWith('refs/heads/').next().done === true;
  if (tip === null && (!isEmpty || !isBranchName(branch))) throw notFound('target branch', branch);
  const tree = tip === null ? null : ((await onDisk(gate, repository).objects.info(`${tip}^{tree}`))?.id ?? null);
  const present = tree === null ? null : await findEntry(gate, repository, tree, file.path);
  refuseOtherState(file, present);
  if (tree !== null && present === null) await refuseThroughFile(gate, repository, tree, file.path);

  const blob = file.content === null ? null : newObject('blob', file.content, repository.objectFormat);
  const mode = present?.mode === '100755' ? '100755' : '100644';
  const edited = await editTree(gate, repository, tree, [{ path: file.path, entry: blob && { mode, id: blob.id } }]);
  const { message, author = null, committer = null } = file;
  const commit = makeCommit(context, caller.user, repository, {
    tree: edited.id,
    parents: tip === null ? [] : [tip],
    message,
    author,
    committer,
  });
  const objects = [...edited.objects, commit, ...(blob ? [blob] : [])];
  const updates = [{ refName: branchRef(branch), oldId: tip, newId: commit.id }];
  const write = {
    caller,
    repository,
    owner,
    bypassReason,
    means: 'contents' as const,
    prepare: () => Promise.resolve({ objects, updates }),
  };
  const receipt = await writeRefs(gate, write).catch((error: unknown) => {
    // Whoever reads the refusal wants to know what was tried: the file was new, changed or gone.
    if (error instanceof ProblemError && error.problem.kind === 'refused')
      throw new ProblemError({ ...error.problem, file: changeOf(file, present) });
    throw error;
  });
  return { ...admitted, commit, branch, blob, created: present === null, receipt };
}

function changeOf({ content }: FileChange, present: TreeEntry | null): 'create' | 'update' | 'delete' {
  if (content === null) return 'delete';
  return present === null ? 'create' : 'update';
}

/** A file at a folder's place would have to go, and nobody asked for that. */
async function refuseThroughFile(gate: Context['gate'], repository: Repository, tree: ObjectId, path: string): Promise<void> {
  const parts = path.split('/');
  for (let depth = 1; depth < parts.length; depth++) {
    const folder = parts.slice(0, depth).join('/');
    const entry = await findEntry(gate, repository, tree, folder);
    if (entry === null) return;
    if (entry.mode !== '040000') throw invalid('path', `${folder} is not a folder`, 'invalid', 'Contents');
  }
}

/** The file must be what the caller takes it for: somebody else may have changed it meanwhile. */
function refuseOtherState({ path, content, expected }: FileChange, present: TreeEntry | null): void {
  if (present?.mode === '040000' || present?.mode === '160000') throw invalid('path', `${path} is not a file`, 'invalid', 'Contents');
  if (present === null) {
    if (content === null) throw notFound('file');
    if (expected !== null) throw conflict(`${path} does not match ${expected}`);
    return;
  }
  if (expected === null) throw invalid('sha', '"sha" wasn\'t supplied.', 'missing_field', 'Contents');
  if (expected !== present.id) throw conflict(`${path} does not match ${expected}`);
}
