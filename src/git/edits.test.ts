import assert from 'node:assert/strict';
import { test } from 'node:test';
import { editsIn } from './edits.ts';

function hunk(...lines: string[]): string {
  return ['@@ -1 +1 @@', ...lines, ''].join('\n');
}

test('an edit is its lines and three on either side', () => {
  const before = [' a', ' b', ' c', ' d'];
  const after = [' e', ' f', ' g', ' h'];
  assert.deepEqual(editsIn(hunk(...before, '-x', '-y', '+z', ...after)), [
    { around: ['b', 'c', 'd', 'x', 'y', 'e', 'f', 'g'], added: ['z'] },
  ]);
});

test('beyond the ends of the file there is nothing, which is unlike any line', () => {
  assert.deepEqual(editsIn(hunk('+z', ' a')), [{ around: [null, null, null, 'a', null, null], added: ['z'] }]);
  assert.deepEqual(editsIn(hunk('+z')), [{ around: Array(6).fill(null), added: ['z'] }]);
});

test('edits that are next to each other are two, and see the lines that go in the other', () => {
  assert.deepEqual(editsIn(hunk('-a', ' b', '-c')), [
    { around: [null, null, null, 'a', 'b', 'c', null], added: [] },
    { around: [null, 'a', 'b', 'c', null, null, null], added: [] },
  ]);
});

test('a last line without its newline is another line', () => {
  const [edit] = editsIn(hunk('-a', '+a', '\\ No newline at end of file'))!;
  assert.deepEqual(edit, { around: [null, null, null, 'a', null, null, null], added: ['a\n'] });
});

test('where the same lines stand twice the place is not told', () => {
  const block = [' 1', ' 2', ' 3', ' x', ' 4', ' 5', ' 6'];
  const edited = block.flatMap((line) => (line === ' x' ? ['-x', '+y'] : [line]));
  assert.equal(editsIn(hunk(...edited, ...block)), null);
  assert.equal(editsIn(hunk(...block, ...edited)), null);
  assert.equal(editsIn(hunk(...edited, ' between', ...block.slice(0, -1)))?.length, 1);
  // Overlapping itself: an insertion among like lines.
  assert.equal(editsIn(hunk(...Array(9).fill(' a'), '+b', ...Array(9).fill(' a'))), null);
});

test('where too many lines are alike it is not looked for', () => {
  // Of thirty lines in an order without repetition, each stands in a thousand places.
  let state = 1;
  const old = Array.from({ length: 30_000 }, () => {
    state = (Math.imul(state, 1_103_515_245) + 12_345) & 0x7fffffff;
    return ` ${(state >>> 8) % 30}`;
  });
  const withInserts = (count: number): string =>
    hunk(...old.flatMap((line, index) => (index % 90 === 0 && index < count * 90 ? ['+', line] : [line])));
  assert.equal(editsIn(withInserts(150))?.length, 150);
  assert.equal(editsIn(withInserts(300)), null);
});
