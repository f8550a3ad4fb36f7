import type { ObjectId } from '#model/ref-update.ts';
import { streamOutput } from './bounded-output.ts';
import { type DiffEnds, diffTree } from './diff-ends.ts';
import type { Git } from './git.ts';

/** All that differs, as one unified diff. Ends with `TooMuchOutput` where it is larger. */
export function streamDiff(git: Git, repository: string, ends: DiffEnds, maximumBytes: number): AsyncGenerator<Buffer> {
  return streamOutput(git, repository, diffTree(['--patch'], ends), { maximumBytes });
}

const formatPatch = [
  'format-patch',
  '--stdin',
  '--stdout',
  '--topo-order',
  '--find-renames',
  '--no-ext-diff',
  '--no-textconv',
  '--no-color',
  // The version of git is nobody's business.
  '--no-signature',
];

/** The commits of base..head as mails for `git am`, oldest first, without merges. Ends with `TooMuchOutput` where they are larger. */
export function streamPatches(git: Git, repository: string, base: ObjectId, head: ObjectId, maximumBytes: number): AsyncGenerator<Buffer> {
  return streamOutput(git, repository, formatPatch, { input: `${head}\n^${base}\n`, maximumBytes });
}
