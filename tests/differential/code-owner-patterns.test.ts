import assert from 'node:assert/strict';
import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { test } from 'node:test';
import { codeOwnersOf } from '#policy/code-owners/code-owners.ts';
import { temporaryFolder } from '../support/folders.ts';
import { git, mustGit } from '../support/git.ts';
import { firstSeed, Random, runsAsked } from './random.ts';

const names = ['a', 'b', 'ab', 'ba', '.a', 'a.b', '*'];
const parts = ['a', 'b', 'ab', '.', '*', '?', '**', '\\*', '/', '/', '/**/'];

function times<T>(count: number, make: () => T): T[] {
  return Array.from({ length: count }, make);
}

/**
 * Where the two differ on purpose: a last name of one star covers files alone, and `/` is an error. Stars in a row beside other characters
 * are left out too: git 2.39 takes them for `**` where it has compared what stands in front of them by itself.
 */
function isLikeGitignore(pattern: string): boolean {
  const endsInStar = /\/\*$/.test(pattern);
  return !endsInStar && !/^\/*$/.test(pattern) && !/[^/*]\*\*|\*\*[^/*]/.test(pattern);
}

test('a GitHub pattern owns what git would ignore by it', async () => {
  const random = new Random(firstSeed());
  await using folder = await temporaryFolder();
  await mustGit(folder.path, ['init', '-q']);
  let owned = 0;
  for (let run = 0; run < runsAsked(200); run++) {
    const paths = [...new Set(times(30, () => times(1 + random.below(4), () => random.pick(names)).join('/')))];
    const pattern = times(1 + random.below(6), () => random.pick(parts)).join('');
    if (!isLikeGitignore(pattern)) continue;
    await writeFile(join(folder.path, '.git', 'info', 'exclude'), `${pattern}\n`);
    const ignored = await git(folder.path, ['check-ignore', '--no-index', '-z', '--stdin'], { input: paths.join('\0') });
    assert.ok(ignored.code <= 1, ignored.stderr);
    const answer = codeOwnersOf('github', `${pattern} @owner\n`, paths);
    assert.ok('known' in answer);
    const ours = answer.known.flatMap((section) => section.owned.flatMap((line) => line.paths));
    assert.deepEqual(ours, ignored.stdout.split('\0').slice(0, -1), pattern);
    owned += ours.length;
  }
  assert.ok(owned > 0);
});
