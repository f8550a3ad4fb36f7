import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { ProblemError } from '#model/problem.ts';
import type { DiffShown } from '../content/read-commits.ts';
import { type PlaceInput, placeComment } from './place-comment.ts';

const files: DiffShown = [
  {
    ...{ path: 'a.txt', previousPath: null, status: 'modified', blob: 'b'.repeat(40), additions: 2, deletions: 1 },
    patch: '@@ -1,2 +1,2 @@\n one\n-two\n+zwei\n@@ -8 +8,2 @@\n eight\n+nine',
  },
  { ...{ path: 'image.png', previousPath: null, status: 'added', blob: 'c'.repeat(40), additions: 0, deletions: 0 }, patch: null },
];

const nowhere: PlaceInput = {
  ...{ path: 'a.txt', subject: 'line', line: null, side: null, startLine: null, startSide: null, position: null },
};

function refusal(input: Partial<PlaceInput>): string {
  try {
    placeComment(files, { ...nowhere, ...input });
  } catch (error) {
    const { problem } = error as ProblemError;
    if (problem.kind === 'invalid') return problem.errors[0]!.message.replace('pull_request_review_thread.', '');
  }
  return 'none';
}

test('a line is on the right unless the left is asked for', () => {
  assert.deepEqual(placeComment(files, { ...nowhere, line: 2 }), {
    place: { path: 'a.txt', subject: 'line', line: 2, side: 'RIGHT', startLine: null, startSide: null, position: 3 },
    hunk: '@@ -1,2 +1,2 @@\n one\n-two\n+zwei',
  });
  assert.partialDeepStrictEqual(placeComment(files, { ...nowhere, line: 2, side: 'LEFT' }).place, { side: 'LEFT', position: 2 });
});

test('a position is the line that stands there, on the side where it stands', () => {
  assert.partialDeepStrictEqual(placeComment(files, { ...nowhere, position: 2 }).place, { line: 2, side: 'LEFT' });
  assert.partialDeepStrictEqual(placeComment(files, { ...nowhere, position: 6 }).place, { line: 9, side: 'RIGHT' });
  assert.equal(refusal({ position: 4 }), 'position is not part of the diff', 'the head of a hunk');
});

test('several lines are of one hunk, and may begin on the other side', () => {
  const { place } = placeComment(files, { ...nowhere, line: 2, startLine: 2, startSide: 'LEFT' });
  assert.partialDeepStrictEqual(place, { startLine: 2, startSide: 'LEFT', line: 2, side: 'RIGHT' });
  assert.equal(refusal({ line: 9, startLine: 1 }), 'start_line must be part of the same hunk as the line.');
  assert.equal(refusal({ line: 1, startLine: 2 }), 'start_line must precede the end line.');
});

test('a file is remarked upon as a whole, also one without lines', () => {
  const { place } = placeComment(files, { ...nowhere, path: 'image.png', subject: 'file' });
  assert.partialDeepStrictEqual(place, { subject: 'file', line: null, position: null });
  assert.equal(refusal({ path: 'image.png', line: 1 }), 'line must be part of the diff');
  assert.equal(refusal({ path: 'b.txt', subject: 'file' }), 'path is not part of the diff');
  assert.equal(refusal({}), `line can't be blank`);
});
