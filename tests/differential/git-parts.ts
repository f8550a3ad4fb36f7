import { mkdir } from 'node:fs/promises';
import { join } from 'node:path';
import type { GitFolders } from '#git/environment.ts';
import { temporaryFolder } from '../support/folders.ts';

/** Folders such as a server gives its git processes, for tests that call `src/git` without one. */
export async function gitFolders(): Promise<GitFolders & AsyncDisposable> {
  const folder = await temporaryFolder('git-');
  const [home, hooks] = [join(folder.path, 'home'), join(folder.path, 'hooks')];
  for (const path of [home, hooks]) await mkdir(path);
  return { path: process.env['PATH'] ?? '', home, hooks, owner: folder.path, [Symbol.asyncDispose]: () => folder[Symbol.asyncDispose]() };
}
