import type { ObjectId } from '#model/ref-update.ts';
import { mustGit } from '../support/git.ts';
import type { Random } from './random.ts';
import type { RandomHistory } from './random-history.ts';

const namespaces = ['refs/heads/', 'refs/heads/', 'refs/heads/feature/', 'refs/tags/', 'refs/tags/v/', 'refs/notes/', 'refs/other/deep/'];
/** Between them lie all the places where the order of bytes and the order of JavaScript's strings differ. */
const oddNames = [
  '-',
  '@',
  'a.b',
  'a-b',
  'a/b',
  'zz',
  'Z',
  'ü',
  'ﬀ',
  '｡x',
  '😀',
  '𐀀',
  '\u{10ffff}',
  '日本',
  'HEAD',
  'head',
  'main',
  'refs/heads/x',
];

/** Everything a ref may point to: commits, annotated tags, tags of tags, tags of blobs. */
export async function randomTargets(history: RandomHistory): Promise<{ commits: ObjectId[]; others: ObjectId[] }> {
  const commits = (await history.grow(12)).map(({ id }) => id);
  const tags = await Promise.all(commits.slice(0, 4).map((id, index) => history.tag(`t${index}`, id)));
  const tagOfTag = await history.tag('again', tags[0]!, 'tag');
  const blob = await history.write('blob', 'a blob');
  return {
    commits,
    others: [...tags, tagOfTag, await history.tag('three', tagOfTag, 'tag'), await history.tag('blob', blob, 'blob'), blob],
  };
}

/** Different names, none of which is a folder of another. */
export function randomNames(random: Random, count: number): string[] {
  const taken = new Set<string>();
  const folders = new Set<string>();
  while (taken.size < count) {
    const odd = random.chance(0.2) ? random.pick(oddNames) : random.hex(6);
    const name = random.pick(namespaces) + (random.chance(0.1) ? `${odd}${random.pick(oddNames)}` : odd);
    const above = name.split('/').map((_, index, parts) => parts.slice(0, index + 1).join('/'));
    if (folders.has(name) || above.some((one) => taken.has(one))) continue;
    taken.add(name);
    for (const one of above.slice(0, -1)) folders.add(one);
  }
  return [...taken];
}

/** Sets refs (null deletes one), by git itself. */
export async function setRefs(repository: string, refs: ReadonlyMap<string, ObjectId | null>): Promise<void> {
  const input = [...refs].map(([name, id]) => (id === null ? `delete ${name}\0\0` : `update ${name}\0${id}\0\0`)).join('');
  await mustGit(repository, ['update-ref', '--stdin', '-z'], { input });
}
