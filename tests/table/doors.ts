import type { WorkTree } from '../support/history.ts';
import type { Persona } from '../support/personas.ts';
import type { Cell } from './cells.ts';

/** The commits that attempts bring, all of them on the server already, on unprotected branches. */
export interface History {
  readonly base: string;
  /** A parent of `base`. */
  readonly older: string;
  /** A child of `base` that changes a file below `src`. */
  readonly change: string;
  /** A merge on top of `base`. */
  readonly merge: string;
}

export interface Attempt extends Cell {
  readonly who: Persona;
  readonly repository: string;
}

/** What came back. */
export interface Answer {
  readonly accepted: boolean;
  /** For whoever reads a failed test. */
  readonly said: string;
}

export async function prepareHistory(tree: WorkTree, remote: string): Promise<History> {
  const older = await tree.commit('older', { 'README.md': 'one\n', 'src/app.txt': '1\n' });
  const base = await tree.commit('base', { 'src/app.txt': '2\n' });
  const change = await tree.commit('change', { 'src/app.txt': '3\n' });
  await tree.must('checkout', '--quiet', '-b', 'side', base);
  await tree.commit('side', { 'src/side.txt': 'side\n' });
  await tree.must('checkout', '--quiet', '-b', 'merged', base);
  await tree.must('merge', '--quiet', '--no-ff', '-m', 'merge', 'side');
  const merge = await tree.head();
  const topics = [`${base}:refs/heads/main`, `${change}:refs/heads/topic/change`, `${merge}:refs/heads/topic/merge`];
  await tree.must('push', '--quiet', remote, ...topics);
  return { base, older, change, merge };
}

/** Where the ref stands when the attempt has succeeded: a commit, gone, or anywhere but where it was. */
export function aim({ setting: { operation, brings }, newborn }: Pick<Cell, 'setting' | 'newborn'>, history: History): string | null {
  if (operation === 'delete') return null;
  if (newborn !== null) return newborn;
  return { 'a commit': history.change, 'a merge': history.merge, 'an older commit': history.older, nothing: history.base }[brings];
}

export function attempt(one: Attempt, tree: WorkTree, history: History): Promise<Answer> {
  switch (one.door) {
    case 'git push':
      return byGit(one, tree, history);
    case 'ref API':
      return byRefApi(one, history);
    case 'contents API':
      return byContents(one);
    case 'merges API':
      return byMerges(one);
    case 'rename API':
      return byRename(one);
    default:
      return one.door satisfies never;
  }
}

async function byGit(one: Attempt, tree: WorkTree, history: History): Promise<Answer> {
  const {
    who,
    repository,
    branch,
    column: { reason },
  } = one;
  const source = aim(one, history) ?? '';
  const options = reason === undefined ? [] : ['-o', `bypass-reason=${reason}`];
  const { code, stderr } = await tree.push(who.remote(repository), ...options, `+${source}:refs/heads/${branch}`);
  return { accepted: code === 0, said: stderr };
}

async function byRefApi(one: Attempt, history: History): Promise<Answer> {
  const {
    setting,
    who,
    repository,
    branch,
    column: { reason },
  } = one;
  const sha = aim(one, history);
  const refs = `/repos/${repository}/git/refs`;
  const headers = reasonHeader(reason);
  if (setting.operation === 'create') return asAnswer(who.api('POST', refs, { ref: `refs/heads/${branch}`, sha }, headers));
  if (sha === null) return asAnswer(who.api('DELETE', `${refs}/heads/${branch}`, undefined, headers));
  return asAnswer(who.api('PATCH', `${refs}/heads/${branch}`, { sha, force: setting.operation === 'force-push' }, headers));
}

/** Somebody else is named as the author, so that the server does not sign. */
function byContents({ who, repository, branch, column: { reason } }: Attempt): Promise<Answer> {
  const author = { name: 'Somebody', email: 'somebody@example.com' };
  const body = { message: 'write', content: Buffer.from('new\n').toString('base64'), branch, author };
  return asAnswer(who.api('PUT', `/repos/${repository}/contents/src/new.txt`, body, reasonHeader(reason)));
}

function byMerges({ who, repository, branch, column: { reason } }: Attempt): Promise<Answer> {
  return asAnswer(who.api('POST', `/repos/${repository}/merges`, { base: branch, head: 'topic/change' }, reasonHeader(reason)));
}

/** A branch that nothing protects gets the protected name. */
async function byRename({ who, repository, branch, column: { reason } }: Attempt): Promise<Answer> {
  const from = `free/${branch}`;
  return asAnswer(who.api('POST', `/repos/${repository}/branches/${from}/rename`, { new_name: branch }, reasonHeader(reason)));
}

async function asAnswer(call: ReturnType<Persona['api']>): Promise<Answer> {
  const { status, body } = await call;
  return { accepted: status < 300, said: `${status} ${JSON.stringify(body)}` };
}

function reasonHeader(reason: string | undefined): Record<string, string> {
  return reason === undefined ? {} : { 'sallyport-bypass-reason': reason };
}
