import type { Git } from './git.ts';

/**
 * A hidden ref whose value every transaction verifies where several server processes share a repository. Whoever takes over from a
 * silent process moves it first, so that the silent one's late transaction fails whole (spec/model.md 7.6).
 */
export const fenceRef = 'refs/sallyport/fence';

/** Puts the fence somewhere new. `token` is any text that was never used before. Throws when git cannot lock it. */
export async function moveFence(git: Git, repository: string, token: string): Promise<void> {
  const blob = (await git.must(repository, ['hash-object', '-w', '--stdin'], { input: `${token}\n` })).toString('latin1').trim();
  await git.must(repository, ['update-ref', '--stdin', '-z'], { input: `update ${fenceRef}\0${blob}\0\0` });
}
