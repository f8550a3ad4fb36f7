import type { TreeEntry } from '#model/git-tree.ts';
import type { Reached } from '#operations/access.ts';
import type { ContentShown } from '#operations/content/read-objects.ts';
import { fullName } from '../repositories/from-model.ts';
import { encodePath, type Urls } from '../urls.ts';

type Where = Pick<Reached, 'owner' | 'repository'>;

/** Beyond this a file is shown without its content (GitHub's limit for this endpoint). */
const maximumInline = 1024 * 1024;

function typeOf({ mode }: TreeEntry): 'file' | 'dir' | 'symlink' | 'submodule' {
  if (mode === '040000') return 'dir';
  if (mode === '120000') return 'symlink';
  return mode === '160000' ? 'submodule' : 'file';
}

/** What every entry has, file or folder. The URLs name the ref, so that a client comes back to the same one. */
export function entryObject(entry: TreeEntry, path: string, bytes: number, ref: string, where: Where, urls: Urls) {
  const type = typeOf(entry);
  const repo = urls.repo(fullName(where));
  const html = urls.repoHtml(fullName(where));
  const self = `${repo}/contents/${encodePath(path)}?ref=${encodeURIComponent(ref)}`;
  // A submodule's commit is in another repository.
  const git = type === 'submodule' ? null : `${repo}/git/${type === 'dir' ? 'trees' : 'blobs'}/${entry.id}`;
  const page = type === 'submodule' ? null : `${html}/${type === 'dir' ? 'tree' : 'blob'}/${encodePath(ref)}/${encodePath(path)}`;
  return {
    name: path.split('/').at(-1) ?? '',
    path,
    sha: entry.id,
    size: bytes,
    url: self,
    html_url: page,
    git_url: git,
    download_url: type === 'file' ? `${html}/raw/${encodePath(ref)}/${encodePath(path)}` : null,
    type,
    _links: { self, git, html: page },
  };
}

type FileShown = Extract<ContentShown, { kind: 'file' }>;

/** One file with its content, a link with where it leads, or a submodule with where its repository is. */
export function fileObject({ entry, path, data, bytes, submoduleUrl }: FileShown, ref: string, where: Where, urls: Urls) {
  const shown = entryObject(entry, path, bytes, ref, where, urls);
  if (entry.mode === '120000') return { ...shown, target: data?.toString('utf8') ?? '' };
  if (entry.mode === '160000') return { ...shown, submodule_git_url: submoduleUrl };
  const inline = data !== null && bytes <= maximumInline;
  return { ...shown, content: inline ? wrapped(data.toString('base64')) : '', encoding: inline ? 'base64' : 'none' };
}

/** GitHub breaks base64 after 60 characters; clients that decode strictly expect it. */
function wrapped(base64: string): string {
  return (base64.match(/.{1,60}/g) ?? []).map((line) => `${line}\n`).join('');
}
