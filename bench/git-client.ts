import type { WorkTree } from '../tests/support/history.ts';
import type { Remote } from './target.ts';

/** Runs git as a developer does, with credentials that it sends at once, and answers how long it took. Throws when it failed. */
export async function timeGit(work: Pick<WorkTree, 'git'>, { headers }: Remote, ...args: readonly string[]): Promise<number> {
  const extra = Object.entries(headers).flatMap(([name, value]) => ['-c', `http.extraHeader=${name}: ${value}`]);
  const started = performance.now();
  const { code, stderr } = await work.git(...extra, ...args);
  const took = performance.now() - started;
  if (code !== 0) throw new Error(`git ${args.join(' ')} ended with ${code}: ${stderr}`);
  return took;
}
