import assert from 'node:assert/strict';
import { test } from 'node:test';
import { hunkAbove, lineAt, patchLines } from './patch-lines.ts';

const patch = [
  '@@ -1,3 +1,3 @@ first',
  ' one',
  '-two',
  '+zwei',
  ' three',
  '@@ -10 +10,2 @@',
  ' ten',
  '+eleven',
  '\\ No newline at end of file',
].join('\n');

test('lines have their numbers in both files, and positions count on through the hunks', () => {
  assert.deepEqual(
    patchLines(patch).map(({ position, left, right }) => [position, left, right]),
    [
      [1, 1, 1],
      [2, 2, null],
      [3, null, 2],
      [4, 3, 3],
      [6, 10, 10],
      [7, null, 11],
    ],
  );
});

test('a line is found by its side, and comes with what stands above it in its hunk', () => {
  const lines = patchLines(patch);
  assert.equal(hunkAbove(patch, lineAt(lines, 'LEFT', 2)!), '@@ -1,3 +1,3 @@ first\n one\n-two');
  assert.equal(lineAt(lines, 'RIGHT', 2)?.position, 3);
  assert.equal(hunkAbove(patch, lineAt(lines, 'RIGHT', 11)!), '@@ -10 +10,2 @@\n ten\n+eleven');
  assert.equal(lineAt(lines, 'LEFT', 11), null);
  assert.equal(lineAt(lines, 'RIGHT', 7), null);
});

test('a line that looks like the head of a hunk is none where it is content', () => {
  const lines = patchLines('@@ -1 +1,2 @@\n one\n+@@ -9 +9 @@');
  assert.deepEqual(
    lines.map(({ right }) => right),
    [1, 2],
  );
});

test('of a long hunk the last lines are shown', () => {
  const long = `@@ -0,0 +1,500 @@\n${Array.from({ length: 500 }, (_, index) => `+${index + 1}`).join('\n')}`;
  const hunk = hunkAbove(long, lineAt(patchLines(long), 'RIGHT', 500)!);
  assert.deepEqual([hunk.split('\n').length, hunk.split('\n')[0], hunk.split('\n').at(-1)], [101, '@@ -0,0 +1,500 @@', '+500']);
});
