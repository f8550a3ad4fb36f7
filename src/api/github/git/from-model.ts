import type { ParsedTag } from '#model/git-commit.ts';
import type { Reached } from '#operations/access.ts';
import type { CommitShown } from '#operations/content/read-commits.ts';
import type { TreeItemShown } from '#operations/content/read-objects.ts';
import type { RefShown } from '#operations/content/read-refs.ts';
import { messageOf, personObject, verificationObject } from '../commits/from-model.ts';
import { fullName } from '../repositories/from-model.ts';
import { nodeId } from '../time.ts';
import { encodePath, type Urls } from '../urls.ts';

type Where = Pick<Reached, 'owner' | 'repository'>;

export function refObject({ name, id, type }: RefShown, where: Where, urls: Urls) {
  const repo = urls.repo(fullName(where));
  return {
    ref: name,
    node_id: nodeId('Ref', `${where.repository.id}:${name}`),
    url: `${repo}/git/${encodePath(name)}`,
    object: { sha: id, type, url: `${repo}/git/${type}s/${id}` },
  };
}

export function gitCommitObject(commit: CommitShown, where: Where, urls: Urls) {
  const { id, parsed } = commit;
  const repo = urls.repo(fullName(where));
  const html = urls.repoHtml(fullName(where));
  return {
    sha: id,
    node_id: nodeId('Commit', id),
    url: `${repo}/git/commits/${id}`,
    html_url: `${html}/commit/${id}`,
    author: personObject(parsed.author),
    committer: personObject(parsed.committer),
    tree: { sha: parsed.tree, url: `${repo}/git/trees/${parsed.tree}` },
    message: messageOf(parsed),
    parents: parsed.parents.map((sha) => ({ sha, url: `${repo}/git/commits/${sha}`, html_url: `${html}/commit/${sha}` })),
    verification: verificationObject(commit),
  };
}

export function treeObject(id: string, items: readonly TreeItemShown[], truncated: boolean, where: Where, urls: Urls) {
  const repo = urls.repo(fullName(where));
  return {
    sha: id,
    url: `${repo}/git/trees/${id}`,
    tree: items.map((item) => ({
      path: item.path,
      mode: item.mode,
      type: item.type,
      sha: item.id,
      ...(item.bytes !== null && { size: item.bytes }),
      // A submodule's commit is in another repository.
      ...(item.type !== 'commit' && { url: `${repo}/git/${item.type}s/${item.id}` }),
    })),
    truncated,
  };
}

export function tagObject(id: string, tag: ParsedTag, where: Where, urls: Urls) {
  const repo = urls.repo(fullName(where));
  return {
    node_id: nodeId('Tag', id),
    tag: tag.tag,
    sha: id,
    url: `${repo}/git/tags/${id}`,
    message: messageOf(tag),
    tagger: tag.tagger ? personObject(tag.tagger) : { name: '', email: '', date: '1970-01-01T00:00:00Z' },
    object: { type: tag.type, sha: tag.object, url: `${repo}/git/${tag.type}s/${tag.object}` },
    verification: { verified: false, reason: 'unsigned', signature: null, payload: null, verified_at: null },
  };
}
