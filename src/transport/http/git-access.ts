import type { Caller } from '#model/caller.ts';
import { isCapable } from '#model/capability.ts';
import { ProblemError } from '#model/problem.ts';
import { WRITE } from '#model/rung.ts';
import { type Reached, reachRepository } from '#operations/access.ts';
import type { Context } from '#operations/context.ts';

/** What is told to a git client that may not come in: it shows the text of 401, 403 and 404 to its user. */
export interface GitDenial {
  readonly status: 401 | 403 | 404;
  readonly text: string;
}

/**
 * Whether somebody may fetch from or push to a repository at all. What they may not see does not exist; without credentials they are asked for some,
 * because clients send none until asked (spec/github.md 6.1).
 */
export async function admitGit(
  { store }: Context,
  caller: Caller,
  owner: string,
  name: string,
  to: 'fetch' | 'push',
): Promise<Reached | GitDenial> {
  const isAnonymous = caller.kind !== 'actor';
  const askForCredentials: GitDenial = { status: 401, text: 'Authentication is needed. Use a token as the password.' };
  if (to === 'push' && isAnonymous) return askForCredentials;
  const reached = await reachRepository(store.read, caller, { owner, name }, Date.now()).catch((error: unknown) => {
    if (error instanceof ProblemError && error.problem.kind === 'not-found') return null;
    throw error;
  });
  if (reached === null) return isAnonymous ? askForCredentials : { status: 404, text: 'Repository not found.' };
  if (caller.kind !== 'actor') return reached;
  const { repository, rung } = reached;
  const path = `${reached.owner.login}/${repository.name}`;
  if (to === 'fetch') {
    if (repository.visibility === 'public' || isCapable(caller.capabilities, 'code:pull')) return reached;
    return { status: 403, text: 'This token may not read code: it lacks a scope such as repo or read_repository.' };
  }
  if (!isCapable(caller.capabilities, 'code:push', repository.visibility)) {
    return { status: 403, text: 'This token may not push: it lacks a scope such as repo or write_repository.' };
  }
  if (rung < WRITE && !caller.user.siteAdmin) return { status: 403, text: `Permission to ${path}.git denied to ${caller.user.login}.` };
  if (repository.archived) return { status: 403, text: 'This repository was archived so it is read-only.' };
  return reached;
}
