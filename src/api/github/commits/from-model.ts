import type { GitPerson } from '#model/git-commit.ts';
import type { Reached } from '#operations/access.ts';
import type { CommitShown, DiffShown } from '#operations/content/read-commits.ts';
import { simpleUser } from '../accounts/from-model.ts';
import { fullName } from '../repositories/from-model.ts';
import { nodeId, timestamp } from '../time.ts';
import { encodePath, type Urls } from '../urls.ts';

export function personObject({ name, email, seconds }: GitPerson) {
  return { name, email, date: timestamp(seconds * 1000) };
}

/** A message as GitHub shows it: git ends it with a line break, which is none of its words. */
export function messageOf({ message }: { readonly message: string }): string {
  // Counted back from the end: a pattern would try every run of line breaks in the message, from each of its characters.
  let end = message.length;
  while (message[end - 1] === '\n') end--;
  return message.slice(0, end);
}

export function verificationObject({ verification }: CommitShown) {
  return { ...verification, verified_at: null };
}

/** A commit as history shows it; with what it changes where one commit is looked at. */
export function commitObject(commit: CommitShown, reached: Pick<Reached, 'owner' | 'repository'>, urls: Urls, files?: DiffShown) {
  const { id, parsed } = commit;
  const repo = urls.repo(fullName(reached));
  const html = urls.repoHtml(fullName(reached));
  return {
    sha: id,
    node_id: nodeId('Commit', id),
    commit: {
      author: personObject(parsed.author),
      committer: personObject(parsed.committer),
      message: messageOf(parsed),
      tree: { sha: parsed.tree, url: `${repo}/git/trees/${parsed.tree}` },
      url: `${repo}/git/commits/${id}`,
      comment_count: 0,
      verification: verificationObject(commit),
    },
    url: `${repo}/commits/${id}`,
    html_url: `${html}/commit/${id}`,
    comments_url: `${repo}/commits/${id}/comments`,
    author: commit.author && simpleUser(commit.author, urls),
    committer: commit.committer && simpleUser(commit.committer, urls),
    parents: parsed.parents.map((sha) => ({ sha, url: `${repo}/commits/${sha}`, html_url: `${html}/commit/${sha}` })),
    ...(files && {
      stats: {
        total: sum(files, 'additions') + sum(files, 'deletions'),
        additions: sum(files, 'additions'),
        deletions: sum(files, 'deletions'),
      },
      files: files.map((file) => diffEntry(file, id, reached, urls)),
    }),
  };
}

const maximumFiles = 300;

export function diffEntries(files: DiffShown, ref: string, reached: Pick<Reached, 'owner' | 'repository'>, urls: Urls) {
  return files.slice(0, maximumFiles).map((file) => diffEntry(file, ref, reached, urls));
}

function diffEntry(file: DiffShown[number], ref: string, reached: Pick<Reached, 'owner' | 'repository'>, urls: Urls) {
  const path = encodePath(file.path);
  const html = urls.repoHtml(fullName(reached));
  return {
    sha: file.blob,
    filename: file.path,
    status: file.status,
    additions: file.additions,
    deletions: file.deletions,
    changes: file.additions + file.deletions,
    blob_url: `${html}/blob/${ref}/${path}`,
    raw_url: `${html}/raw/${ref}/${path}`,
    contents_url: `${urls.repo(fullName(reached))}/contents/${path}?ref=${ref}`,
    ...(file.patch !== null && { patch: file.patch }),
    ...(file.previousPath !== null && { previous_filename: file.previousPath }),
  };
}

function sum(files: DiffShown, field: 'additions' | 'deletions'): number {
  return files.reduce((total, file) => total + file[field], 0);
}
