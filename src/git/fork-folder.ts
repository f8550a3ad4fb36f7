import { open } from 'node:fs/promises';
import { join } from 'node:path';
import type { ObjectId } from '#model/ref-update.ts';
import type { Git } from './git.ts';
import type { Ref } from './sorted-refs.ts';

/**
 * Fills an empty repository that nobody knows yet with refs of another, and with what they reach: one pack of its own. Packs are not linked,
 * although that would be faster: everybody who may read a repository gets from it any object whose id they know, and the source has more
 * than its branches show (what was force-pushed away, what no ref ever needed, the heads of pull requests).
 */
export async function fillFork(git: Git, folder: string, source: string, refs: readonly Ref[]): Promise<void> {
  if (refs.length === 0) return;
  const ids = [...new Set(refs.map((ref) => ref.id))];
  const pack = ['pack-objects', '--revs', '--delta-base-offset', '-q', join(folder, 'objects', 'pack', 'pack')];
  await git.must(source, pack, { input: ids.map((id) => `${id}\n`).join('') });
  await writePackedRefs(folder, refs);
  // Once the fork has a row, nobody would make this again: it is on the disk before. git has seen to the pack itself.
  for (const path of ['HEAD', 'config', join('objects', 'pack'), 'objects', 'refs', '.']) await sync(join(folder, path));
}

/** As git writes them: ordered by bytes, each tag with what it comes to in the end. */
async function writePackedRefs(folder: string, refs: readonly Ref[]): Promise<void> {
  const sorted = refs.map((ref) => ({ ...ref, key: Buffer.from(ref.name) })).sort((a, b) => a.key.compare(b.key));
  const lines = sorted.map(({ name, id, peeled }) => `${id} ${name}\n${peelLine(peeled)}`);
  await using file = await open(join(folder, 'packed-refs'), 'wx');
  await file.writeFile(`# pack-refs with: peeled fully-peeled sorted \n${lines.join('')}`);
  await file.sync();
}

async function sync(path: string): Promise<void> {
  await using opened = await open(path);
  await opened.sync();
}

function peelLine(peeled: ObjectId | null): string {
  return peeled === null ? '' : `^${peeled}\n`;
}
