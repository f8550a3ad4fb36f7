import { branchRef } from '#model/ref-name.ts';
import type { ObjectId, RefUpdate } from '#model/ref-update.ts';
import type { Repository } from '#model/repository.ts';
import { onDisk } from '../content/names.ts';
import { type CommitShown, readCommitsById } from '../content/read-commits.ts';
import type { Context } from '../context.ts';
import type { Verification } from '../verification.ts';

export interface PushedCommit extends CommitShown {
  /** No other ref reaches it. */
  readonly isDistinct: boolean;
  readonly files: { readonly added: readonly string[]; readonly removed: readonly string[]; readonly modified: readonly string[] };
}

/** What an update of a ref brought, for those who are told of it afterwards. */
export interface PushedRef {
  /** Oldest first. */
  readonly commits: readonly PushedCommit[];
  readonly size: number;
  readonly distinctSize: number;
  /** The commit that the ref stands for now; null: there is none. */
  readonly head: PushedCommit | null;
  readonly forced: boolean;
  /** A branch that a new ref was made from, if it is at the very commit of one. */
  readonly baseRef: string | null;
}

/** GitHub names so many. */
const maximumCommits = 2048;
const nothing: PushedRef = { commits: [], size: 0, distinctSize: 0, head: null, forced: false, baseRef: null };

/** What may still be said of one push, all of its refs together: each of a thousand branches may have moved by the same commits. */
export interface TextBudget {
  bytes: number;
}

export function newTextBudget(): TextBudget {
  return { bytes: maximumTextBytes };
}

export async function readPushedRef(
  context: Context,
  repository: Repository,
  { refName, oldId, newId }: RefUpdate,
  budget: TextBudget,
): Promise<PushedRef> {
  const disk = onDisk(context.gate, repository);
  const commitOf = async (id: ObjectId | null) => (id === null ? null : ((await disk.objects.info(`${id}^{commit}`))?.id ?? null));
  const [from, to] = [await commitOf(oldId), await commitOf(newId)];
  // What is gone from the store since then, or never was a commit, cannot be told of.
  if (to === null) return { ...nothing, forced: newId !== null && oldId !== null };
  const { refs } = await disk.refs.table();
  const branches = [...refs.startingWith('refs/heads/')];
  const others = [...branches, ...refs.startingWith('refs/tags/')].filter((ref) => ref.name !== refName);
  const pushed = await disk.pushed({
    oldId: from,
    newId: to,
    others: [...new Set(others.map((ref) => ref.id))],
    limit: maximumCommits,
  });
  const all = await withFiles(context, repository, [...new Set([...pushed.commits, to])], pushed.distinct, budget);
  const shown = all ?? (await withFiles(context, repository, [to], pushed.distinct, budget)) ?? [];
  const byId = new Map(shown.map((commit) => [commit.id, commit]));
  const bases = branches.filter((ref) => ref.name !== refName && ref.id === to).map((ref) => ref.name);
  const usual = branchRef(repository.defaultBranch);
  return {
    commits: all === null ? [] : pushed.commits.flatMap((id) => byId.get(id) ?? []),
    size: pushed.size,
    distinctSize: pushed.distinctSize,
    head: byId.get(to) ?? null,
    forced: pushed.forced || (oldId !== null && from === null),
    baseRef: oldId !== null ? null : bases.includes(usual) ? usual : (bases[0] ?? null),
  };
}

/** Read in groups, so that no push is in memory as a whole. */
const group = 64;
const maximumTextBytes = 16 * 1024 * 1024;

/** Null: there is too much to say of them. */
async function withFiles(
  context: Context,
  repository: Repository,
  ids: readonly ObjectId[],
  distinct: ReadonlySet<ObjectId>,
  budget: TextBudget,
): Promise<PushedCommit[] | null> {
  if (budget.bytes <= 0) return null;
  const files = await onDisk(context.gate, repository).touchedFiles(ids);
  const none = { added: [], removed: [], modified: [] };
  const found: PushedCommit[] = [];
  const paths = [...files.values()].flatMap(({ added, removed, modified }) => [...added, ...removed, ...modified]);
  let bytes = paths.reduce((sum, path) => sum + path.length, 0);
  for (let from = 0; from < ids.length; from += group) {
    const commits = await readCommitsById({ ...context, verifyCommit: notAsked }, repository, ids.slice(from, from + group));
    bytes += commits.reduce((sum, { parsed }) => sum + Buffer.byteLength(parsed.message), 0);
    if (bytes > budget.bytes) return null;
    found.push(...commits.map((commit) => ({ ...bare(commit), isDistinct: distinct.has(commit.id), files: files.get(commit.id) ?? none })));
  }
  budget.bytes -= bytes;
  return found;
}

/** Payloads of pushes say nothing of signatures, and checking thousands would hold up everybody else. */
function notAsked(): Promise<Verification> {
  return Promise.resolve({ verified: false, reason: 'unsigned', signature: null, payload: null });
}

/** Without the copy of the commit that a signature is checked against. */
function bare(commit: CommitShown): CommitShown {
  return { ...commit, parsed: { ...commit.parsed, payload: Buffer.alloc(0) } };
}

/** The update that a test of a hook tells of: as if the newest commit of a branch had just come. Null: there is none. */
export async function newestAsUpdate(context: Context, repository: Repository, refName: string): Promise<RefUpdate | null> {
  const disk = onDisk(context.gate, repository);
  const tip = (await disk.refs.table()).refs.get(refName);
  const [commit] = tip === undefined ? [] : await readCommitsById(context, repository, [tip.id]);
  return commit === undefined ? null : { refName, oldId: commit.parsed.parents[0] ?? null, newId: commit.id };
}
