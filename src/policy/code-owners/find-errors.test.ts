import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { codeOwnersOf } from './code-owners.ts';
import { findErrors } from './find-errors.ts';

const everybody = () => true;

/** `line:column kind`, as the reader of a file would be told. */
function placesOf(text: string, mayOwn: Parameters<typeof findErrors>[1] = everybody): string[] {
  return findErrors(text, mayOwn).map(({ line, column, reason }) => `${line}:${column} ${reason.kind}`);
}

test('a file without errors has none: comments, empty lines and lines without owners are allowed', () => {
  assert.deepEqual(findErrors('# hello\n\n* @a @b/c d@e  # more\n/free\n  *.js @a\n', everybody), []);
});

test('a pattern that GitHub does not take over from git is an error, at its first character', () => {
  for (const line of ['!a @a', 'a[1] @a', '\\#a @a', 'a\\']) assert.deepEqual(placesOf(`* @a\n ${line}`), ['2:2 invalid-pattern'], line);
  assert.deepEqual(placesOf('/ @a'), ['1:1 pattern-matches-nothing']);
  assert.deepEqual(placesOf('a\\[1] @a\na\\ b @a'), []);
});

test('every owner that is none is an error, where it stands', () => {
  assert.deepEqual(placesOf('* user\n*.js @a nobody @b/c/d @\n'), [
    '1:3 invalid-owner',
    '2:9 invalid-owner',
    '2:16 invalid-owner',
    '2:23 invalid-owner',
  ]);
  assert.deepEqual(findErrors('* user\r\n', everybody), [{ reason: { kind: 'invalid-owner' }, line: 1, column: 3, source: '* user' }]);
});

test('owners whom nobody knows are errors, and their lines count all the same', () => {
  const text = '* @a @gone @org/gone gone@example.com\na[ @gone\n';
  const errors = findErrors(text, ({ name }) => !name.includes('gone'));
  assert.deepEqual(
    errors.map(({ line, column, reason }) => [line, column, reason.kind === 'unknown-owner' ? reason.owner.name : reason.kind]),
    [
      [1, 6, '@gone'],
      [1, 12, '@org/gone'],
      [1, 22, 'gone@example.com'],
      [2, 1, 'invalid-pattern'],
    ],
  );
  const owned = codeOwnersOf('github', text, ['x']);
  assert.ok('known' in owned);
  assert.equal(owned.known[0]!.owned[0]!.owners.length, 4);
});

test('an error is in the line that it shows, and a line that it refuses owns nothing', () => {
  const word = fc.constantFrom('a', '*', '!', '[', '\\', '#', ' ', '@a', 'b@c', 'd', '\n', '/');
  fc.assert(
    fc.property(fc.array(word, { maxLength: 20 }), (words) => {
      const text = words.join('');
      const owned = codeOwnersOf('github', text, ['a', 'ad', 'd', '#a']);
      assert.ok('known' in owned);
      const counting = owned.known.flatMap((section) => section.owned.map(({ line }) => line));
      for (const { line, column, source } of findErrors(text, everybody)) {
        assert.equal(text.split('\n')[line - 1], source);
        assert.match(source.charAt(column - 1), /\S/);
        assert.ok(!counting.includes(line));
      }
    }),
    { numRuns: 1000 },
  );
});
