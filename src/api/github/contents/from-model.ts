import type { TreeEntry } from '#model/git-tree.ts';
import type { Reached } from '#operations/access.ts';
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
  const git = `${repo}/git/${type === 'dir' ? 'trees' : 'blobs'}/${entry.id}`;
  const page = `${html}/${type === 'dir' ? 'tree' : 'blob'}/${encodePath(ref)}/${encodePath(path)}`;
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

export function fileObject(entry: TreeEntry, path: string, data: Buffer | null, bytes: number, ref: string, where: Where, urls: Urls) {
  const inline = data !== null && bytes <= maximumInline;
  return {
    ...entryObject(entry, path, bytes, ref, where, urls),
    content: inline ? wrapped(data.toString('base64')) : '',
    encoding: inline ? 'base64' : 'none',
    ...(entry.mode === '120000' && { target: data?.toString('utf8') ?? '' }),
    ...(entry.mode === '160000' && { submodule_git_url: null }),
  };
}

/** GitHub breaks base64 after 60 characters; clients that decode strictly expect it. */
function wrapped(base64: string): string {
  return (base64.match(/.{1,60}/g) ?? []).map((line) => `${line}\n`).join('');
}
