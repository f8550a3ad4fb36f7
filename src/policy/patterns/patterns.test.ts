import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { isExactPattern, patternCovers } from './branch-pattern.ts';
import { fnmatch } from './fnmatch.ts';
import { matchesWildcard, wildcardsIntersect } from './wildcard.ts';

const fnmatchCases: [pattern: string, text: string, matches: boolean][] = [
  ['qa/*', 'qa/x', true],
  ['qa/*', 'qa/x/y', false],
  ['qa/**/*', 'qa/x', true],
  ['qa/**/*', 'qa/x/y/z', true],
  ['*', 'main', true],
  ['*', 'a/b', false],
  ['**', 'a/b', false],
  ['**/b', 'b', true],
  ['**/b', 'a/c/b', true],
  ['**/b', '.a/b', false],
  ['rel-[0-9]', 'rel-7', true],
  ['rel-[!0-9]', 'rel-7', false],
  ['rel-[^0-9]', 'rel-x', true],
  ['rel-[0-9', 'rel-7', false],
  ['[a-]', '-', true],
  ['[\\]]', ']', true],
  ['a\\*', 'a*', true],
  ['a\\*', 'ab', false],
  ['?at', 'cat', true],
  ['a?b', 'a/b', false],
  ['*.txt', '.txt', false],
  ['.*', '.hidden', true],
  ['\\.*', '.hidden', true],
  ['{a,b}', 'a', false],
  ['Main', 'main', false],
  ['', '', true],
  ['a/', 'a/', true],
  ['refs/heads/release/**/*', 'refs/heads/release/1/x', true],
  // The rest are answers of Ruby 3.1 to `File.fnmatch(pattern, text, File::FNM_PATHNAME)`.
  ['*', '', true],
  ['', 'a', false],
  ['?', '', false],
  ['*/', 'a/', true],
  ['a/', 'a', false],
  ['a', 'a/', false],
  ['a//b', 'a/b', false],
  ['a/*/b', 'a//b', true],
  ['**/', 'a/b/', true],
  ['**/', 'a/b', false],
  ['**/*', 'a', true],
  ['**/*', 'a/b/c', true],
  ['**/*', 'a/.b', false],
  ['**/*', '.a/b', false],
  ['**/.b', 'a/.b', true],
  ['a/**/b', 'a/b', true],
  ['a/**/b', 'a/x/y/b', true],
  ['a/**/b', 'ab', false],
  ['a**/b', 'axx/b', true],
  ['a**/b', 'ax/x/b', false],
  ['a/**', 'a/b', true],
  ['a/**', 'a/b/c', false],
  ['***/b', 'a/b', true],
  ['***/b', 'a/x/b', false],
  ['**/a/**/b', 'x/a/y/a/z/b', true],
  ['**/**/b', 'b', true],
  ['*a*b*', 'xaxxbx', true],
  ['*ab', 'aab', true],
  ['a*', '.a', false],
  ['?a', '.a', false],
  ['[.]a', '.a', false],
  ['[a-c]x', 'bx', true],
  ['[a-c]x', 'dx', false],
  ['[c-a]', 'c', true],
  ['[c-a]', 'b', false],
  ['[]', ']', false],
  ['[]a]', ']', false],
  ['[!]', 'a', true],
  ['[!]a]', 'b', false],
  ['[-a]', '-', true],
  ['[a-]', 'a', true],
  ['[!-]', '-', false],
  ['[\\a]', 'a', true],
  ['[\\]a]', ']', true],
  ['[a\\-c]', 'b', false],
  ['[a', '[a', false],
  ['[', '[', false],
  ['x[a/]y', 'xay', true],
  ['x[a/]y', 'x/y', false],
  ['\\[a]', '[a]', true],
  ['\\?', '?', true],
  ['\\?', 'a', false],
  ['\\\\', '\\', true],
  ['a\\', 'a', true],
  ['a\\', 'a\\', false],
  ['a\\/b', 'a/b', true],
  ['**\\/b', 'a/b', true],
  ['**\\/b', 'a/c/b', false],
  ['[é-ü]', 'ö', true],
  ['?', '😀', true],
  ['[😀-😂]', '😁', true],
  ['rel/[0-9]', 'rel/1', true],
  ['*a/b', 'x/b', false],
  ['a*/b', 'x/b', false],
  ['v1/x', 'v2/x', false],
  ['*ab', 'acb', false],
  ['*aa*aab', 'aaab', false],
  ['[!a]', '!', true],
  ['[^a]', '^', true],
  ['[a-', 'a', false],
  ['[c-a]', 'a', true],
];

for (const [pattern, text, matches] of fnmatchCases) {
  test(`fnmatch: ${pattern} ${matches ? 'matches' : 'does not match'} ${text}`, () => {
    assert.equal(fnmatch(pattern, text), matches);
  });
}

// An exponential matcher would run into the timeout.
test('fnmatch: a hostile pattern takes no exponential time', { timeout: 20_000 }, () => {
  assert.equal(fnmatch(`${'*a'.repeat(30)}b`, 'a'.repeat(200)), false);
  assert.equal(fnmatch(`${'**/'.repeat(40)}b`, 'a/'.repeat(200)), false);
});

const wildcardCases: [pattern: string, text: string, matches: boolean][] = [
  ['production/*', 'production/', true],
  ['production/*', 'production/a/b', true],
  ['production/*', 'production', false],
  ['*/production/*', 'production/a', false],
  ['pro.duc.tion/*', 'proXducYtion/x', false],
  ['pro*duction/*/gitlab/*', 'production/some-branch/gitlab/second-branch', true],
  ['pro*duction/*/gitlab/*', 'proXYZduction//gitlab/', true],
  ['pro*duction/*/gitlab/*', 'proXYZduction/gitlab/', false],
  ['*gitlab*', 'master/gitlab/production', true],
  ['*gitlab*', 'gitlab', true],
  ['a*a', 'a', false],
  ['a*ba', 'aba', true],
  ['ab*ba', 'aba', false],
  ['*a*b', 'ba', false],
  ['*a*b', 'xaxb', true],
  ['*', '', true],
  ['**', 'a/b', true],
  ['*/', 'a', false],
  ['release-[1]*', 'release-1', false],
  ['release-[1]*', 'release-[1]0', true],
  ['main', 'main', true],
  ['main', 'maine', false],
  ['Main*', 'main', false],
  ['ma?n', 'main', false],
];

for (const [pattern, text, matches] of wildcardCases) {
  test(`GitLab wildcard: ${pattern} ${matches ? 'matches' : 'does not match'} ${text}`, () => {
    assert.equal(matchesWildcard(pattern, text), matches);
  });
}

const meetingCases: [left: string, right: string, meet: boolean][] = [
  ['main', 'main', true],
  ['main', 'maine', false],
  ['mai*', 'main', true],
  ['mai*', '*n', true],
  ['*/x', 'y/*', true],
  ['a*', 'b*', false],
  ['*a', '*b', false],
  ['*', '', true],
  ['', '', true],
  ['', 'a', false],
  ['release/*/fix', 'release/1', false],
  ['release/*/fix', '*fix*', true],
];

for (const [left, right, meet] of meetingCases) {
  test(`GitLab wildcards: ${left} and ${right} ${meet ? 'can cover one branch' : 'never cover the same branch'}`, () => {
    assert.equal(wildcardsIntersect(left, right), meet);
    assert.equal(wildcardsIntersect(right, left), meet);
  });
}

test('two wildcards intersect exactly when some text matches both', () => {
  const piece = fc.array(fc.constantFrom('a', 'b', '*'), { maxLength: 5 }).map((parts) => parts.join(''));
  const texts = ['a', 'b'].reduce<string[]>((all) => [...all, ...all.flatMap((text) => [`${text}a`, `${text}b`])], ['']);
  const everyText = new Set<string>(texts);
  for (let round = 0; round < 5; round++)
    for (const text of [...everyText]) if (text.length < 8) for (const c of 'ab') everyText.add(text + c);
  fc.assert(
    fc.property(piece, piece, (left, right) => {
      const witness = [...everyText].some((text) => matchesWildcard(left, text) && matchesWildcard(right, text));
      // Pieces of five characters have a common text of at most eight, or none.
      assert.equal(wildcardsIntersect(left, right), witness);
    }),
    { numRuns: 300 },
  );
});

test('GitLab wildcards: a hostile pair takes no longer than its lengths', { timeout: 20_000 }, () => {
  const [left, right] = ['b', 'c'].map((end) => `${'*a'.repeat(2000)}${end}`);
  for (let pair = 0; pair < 20; pair++) assert.equal(wildcardsIntersect(left!, right!), false);
});

test('a pattern is exact unless it uses its own grammar', () => {
  assert.equal(isExactPattern('github', 'release-[1]'), false);
  assert.equal(isExactPattern('gitlab', 'release-[1]'), true);
  for (const pattern of ['a*', 'a?', 'a[', 'a\\']) assert.equal(isExactPattern('github', pattern), false, pattern);
  for (const pattern of ['a?', 'a[', 'a\\', 'main']) assert.equal(isExactPattern('gitlab', pattern), true, pattern);
  assert.equal(isExactPattern('gitlab', 'a*'), false);
  assert.equal(isExactPattern('github', 'a{b}'), true);
  assert.equal(patternCovers('gitlab', 'release-[1]', 'release-[1]'), true);
  assert.equal(patternCovers('github', 'release-[1]', 'release-1'), true);
  assert.equal(patternCovers('github', 'a/*', 'a/b/c'), false);
  assert.equal(patternCovers('gitlab', 'a/*', 'a/b/c'), true);
});
