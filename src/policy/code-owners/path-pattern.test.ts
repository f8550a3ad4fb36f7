import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { fnmatch } from '../patterns/fnmatch.ts';
import { PathIndex } from './path-index.ts';
import { githubPattern, gitlabPattern } from './path-pattern.ts';
import { Work } from './work.ts';

type Case = [pattern: string, path: string, covers: boolean];

const githubCases: Case[] = [
  ['*', 'a', true],
  ['*', 'a/b/.c', true],
  ['**', 'a/b', true],
  ['*.js', 'a.js', true],
  ['*.js', 'a/b.js', true],
  ['*.js', 'a/.js', true],
  ['*.js', 'a.jsx', false],
  ['*.js', 'lib.js/read', true],
  ['/*.js', 'a/b.js', false],
  ['/build/logs/', 'build/logs/a/b', true],
  ['/build/logs/', 'build/logs', false],
  ['/build/logs/', 'x/build/logs/a', false],
  ['build/logs', 'build/logs', true],
  ['build/logs', 'build/logs/a', true],
  ['build/logs', 'x/build/logs', false],
  ['docs/*', 'docs/getting-started.md', true],
  ['docs/*', 'docs/build-app/troubleshooting.md', false],
  ['/*', 'a', true],
  ['/*', 'a/b', false],
  ['docs/**', 'docs/a/b', true],
  ['docs/**', 'docs', false],
  ['docs/**/*', 'docs/a/b', true],
  ['docs/**/', 'docs/a', false],
  ['docs/**/', 'docs/a/b', true],
  ['***/b', 'a/x/b', true],
  ['apps/', 'apps/a', true],
  ['apps/', 'x/apps/a/b', true],
  ['apps/', 'x/apps', false],
  ['apps', 'x/apps', true],
  ['/apps/github', 'apps/github/a', true],
  ['/apps/github', 'apps/github2/a', false],
  ['**/logs', 'logs/a', true],
  ['**/logs', 'deeply/nested/logs/a', true],
  ['a/**/b', 'a/b', true],
  ['a/**/b', 'a/x/y/b', true],
  ['a/**/b', 'a/x/yb', false],
  ['a**b', 'axxb', true],
  ['/a**b', 'ax/xb', false],
  ['a?c', 'abc', true],
  ['/a?c', 'a/c', false],
  ['path\\ with\\ gap', 'path with gap/a', true],
  ['a\\*', 'a*', true],
  ['a\\*', 'ab', false],
  ['Apps', 'apps', false],
  ['\\*\\*', 'x/**', true],
  ['\\*\\*', 'x', false],
];

const gitlabCases: Case[] = [
  ['*', 'a/b/.c', true],
  ['README.md', 'README.md', true],
  ['README.md', 'app/lib/README.md', true],
  ['/README.md', 'app/README.md', false],
  ['internal/README.md', 'docs/api/internal/README.md', true],
  ['/docs/', 'docs/a/.b/c', true],
  ['/docs/', 'x/docs/a', false],
  ['lib/', 'x/lib/a', true],
  ['lib/', 'x/lib', false],
  ['/docs', 'docs/a', false],
  ['/docs/*', 'docs/a', true],
  ['/docs/*', 'docs/a/b', false],
  ['/docs/**', 'docs/a/b', false],
  ['/docs/*.md', 'docs/.md', true],
  ['/docs/**/*.md', 'docs/a.md', true],
  ['/docs/**/*.md', 'docs/.x/y/a.md', true],
  ['/docs/**/', 'docs/a/b', true],
  ['/docs/**/', 'docs/a', true],
  ['/docs/*/README.md', 'docs/api/README.md', true],
  ['/docs/*/README.md', 'docs/README.md', false],
  ['/', 'a/b', true],
  ['[ab].md', 'b.md', true],
  ['[!ab].md', 'b.md', false],
  ['[ab', '[ab', false],
  ['\\#x', '#x', true],
  ['path\\ with\\ gap/*.md', 'path with gap/a.md', true],
  ['*.{rb,js}', 'a.rb', false],
];

function covers(pattern: ReturnType<typeof githubPattern>, path: string): boolean {
  const index = new PathIndex(new Work());
  index.add(pattern, 0, 0);
  return index.lookUp(path).size > 0;
}

for (const [pattern, path, expected] of githubCases) {
  test(`GitHub: ${pattern} ${expected ? 'covers' : 'does not cover'} ${path}`, () => {
    assert.equal(covers(githubPattern(pattern), path), expected);
  });
}

for (const [pattern, path, expected] of gitlabCases) {
  test(`GitLab: ${pattern} ${expected ? 'covers' : 'does not cover'} ${path}`, () => {
    assert.equal(covers(gitlabPattern(pattern), path), expected);
  });
}

const pieces = fc.constantFrom('a', 'b', 'ab', '*', '**', '?', '[ab]', '[!a]', '\\a', 'a*', '*b', '*a*', '/', '/', '/');
const anyPattern = fc.array(pieces, { minLength: 1, maxLength: 7 }).map((parts) => parts.join(''));
const anyPath = fc.array(fc.constantFrom('a', 'b', 'ab', 'ba', 'aab', '*', '[ab]'), { minLength: 1, maxLength: 4 }).map((n) => n.join('/'));

/** What GitLab's reference says of a path: Ruby's `fnmatch` on the pattern written out. No leading dots here: there the two differ. */
function byFnmatch(pattern: string, path: string): boolean {
  const rooted = pattern.startsWith('/') ? pattern : `/**/${pattern}`;
  return fnmatch(rooted.endsWith('/') ? `${rooted}**/*` : rooted, `/${path}`);
}

test('GitLab: a pattern covers what fnmatch says that it covers', () => {
  let covered = 0;
  fc.assert(
    fc.property(anyPattern, anyPath, (pattern, path) => {
      const expected = byFnmatch(pattern, path);
      if (expected) covered++;
      assert.equal(covers(gitlabPattern(pattern), path), expected);
    }),
    { numRuns: 3000 },
  );
  assert.ok(covered > 300, `${covered} covered`);
});

test('many patterns in one index answer as each of them alone, and the last line counts', () => {
  const compiled = fc.tuple(fc.constantFrom(githubPattern, gitlabPattern), anyPattern).map(([read, pattern]) => read(pattern));
  fc.assert(
    fc.property(fc.array(compiled, { maxLength: 8 }), anyPath, (patterns, path) => {
      const index = new PathIndex(new Work());
      for (const [line, pattern] of patterns.entries()) index.add(pattern, line % 2, line);
      for (const slot of [0, 1]) {
        const last = patterns.findLastIndex((pattern, line) => line % 2 === slot && covers(pattern, path));
        assert.equal(index.lookUp(path).get(slot) ?? -1, last);
      }
    }),
    { numRuns: 2000 },
  );
});
