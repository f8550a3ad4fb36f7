import { createHash } from 'node:crypto';
import { readBeginning, streamOutput } from './bounded-output.ts';
import { type DiffEnds, diffTree } from './diff-ends.ts';
import { editsIn } from './edits.ts';
import type { Git } from './git.ts';
import { hunksOf, splitSections } from './patch-sections.ts';
import { parseRaw, type RawEntry } from './raw-diff.ts';

/** A file with a larger patch counts by its blobs, and what is beyond so much altogether. */
const maximumPatchBytes = 1024 * 1024;
const maximumReadBytes = 16 * 1024 * 1024;
const wholeFile = '--unified=100000000';

/**
 * Names what a pull request changes (from its merge base to its head), so that an approval can outlive a push that changes it in nothing
 * (spec/github.md 2.5 a). The same after the head was rebased, or base was merged into it, as long as what both changed lies apart: in other
 * files, or in other places of the same file.
 *
 * - `git patch-id` holds both cases, and too much: it passes over white space, which is meaning in many languages, and over line
 *   numbers. Attack: a hunk is approved in one of two places that look alike, and moved to the other.
 * - A hash of paths, modes and blobs names just one content, and holds neither case once base has touched the same files.
 *
 * This is made of both. A text file counts by its edits with the lines around them, where those stand in the old file only once; everything
 * else by its modes and blobs. So together with the merge base the id determines the head: nothing can be hidden behind an id that was
 * approved. Where that would take too long, the blobs count again, and an approval is lost rather than kept.
 */
export async function readDiffId(git: Git, repository: string, ends: DiffEnds): Promise<string> {
  const list = diffTree(['-z', '--raw', '--no-abbrev'], ends);
  const [raw, patches] = await Promise.all([
    readBeginning(git, repository, list, { maximumBytes: maximumReadBytes }),
    readBeginning(git, repository, diffTree(['--patch', wholeFile, '--diff-filter=MR'], ends), { maximumBytes: maximumReadBytes }),
  ]);
  if (!raw.whole) return hashOf(streamOutput(git, repository, list, { maximumBytes: Number.POSITIVE_INFINITY }));
  const sections = splitSections(patches.bytes, patches.whole);
  const hash = createHash('sha256');
  // As bytes: two paths that are not UTF-8 must not look alike.
  for (const entry of parseRaw(raw.bytes.toString('latin1'))) {
    const section = hasSection(entry) ? sections.shift() : undefined;
    hash.update(`${JSON.stringify(contentOf(entry, section))}\n`);
  }
  return hash.digest('hex');
}

async function hashOf(list: AsyncIterable<Buffer>): Promise<string> {
  const hash = createHash('sha256');
  for await (const chunk of list) hash.update(chunk);
  return hash.digest('hex');
}

function hasSection({ status }: RawEntry): boolean {
  return status === 'modified' || status === 'renamed';
}

function contentOf(entry: RawEntry, section: Buffer | undefined): unknown {
  const { path, previousPath, oldMode, newMode, oldBlob, newBlob } = entry;
  const edits = section === undefined ? null : editsOf(entry, section);
  return [path, previousPath, oldMode, newMode, ...(edits === null ? ['blobs', oldBlob, newBlob] : ['edits', edits])];
}

function editsOf({ oldMode, newMode, oldBlob, newBlob }: RawEntry, section: Buffer): unknown {
  if (![oldMode, newMode].every((mode) => mode.startsWith('100'))) return null;
  if (oldBlob === newBlob) return [];
  const hunk = hunksOf(section);
  return hunk === null || hunk.length > maximumPatchBytes ? null : editsIn(hunk.toString('latin1'));
}
