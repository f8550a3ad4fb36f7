import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import type { OwnedSection } from '#model/code-owners.ts';
import type { Origin } from '#model/protection.ts';
import { CODE_OWNERS_LIMIT, codeOwnersOf, codeOwnersPlaces } from './code-owners.ts';

function sectionsOf(origin: Origin, text: string, paths: readonly string[]): readonly OwnedSection[] {
  const answer = codeOwnersOf(origin, text, paths);
  assert.ok('known' in answer, JSON.stringify(answer));
  return answer.known;
}

/** `path: owners`, in each section that has something to say. */
function ownersOf(origin: Origin, text: string, ...paths: string[]): Record<string, string[]> {
  const named: Record<string, string[]> = {};
  for (const { name, owned } of sectionsOf(origin, text, paths)) {
    for (const { paths: own, owners } of owned)
      for (const path of own) named[name === null ? path : `${name}: ${path}`] = owners.map((owner) => owner.name);
  }
  return named;
}

test('each origin looks for the file in its own places, in its own order', () => {
  assert.deepEqual(codeOwnersPlaces, {
    github: ['.github/CODEOWNERS', 'CODEOWNERS', 'docs/CODEOWNERS'],
    gitlab: ['CODEOWNERS', 'docs/CODEOWNERS', '.gitlab/CODEOWNERS'],
  });
});

test('GitHub: the last line that covers a path owns it, alone', () => {
  const text = '# all\n* @all docs@example.com\n\n*.js\t@js   @org/js-team  # they know\n/apps/ @apps\n';
  assert.deepEqual(ownersOf('github', text, 'a.js', 'apps/a.js', 'README'), {
    README: ['@all', 'docs@example.com'],
    'a.js': ['@js', '@org/js-team'],
    'apps/a.js': ['@apps'],
  });
});

test('GitHub: one approval for each line that counts, with all that it owns', () => {
  assert.deepEqual(sectionsOf('github', '* @all\n*.md @docs @org/writers\n', ['b.md', 'a', 'a.md', 'a']), [
    {
      name: null,
      optional: false,
      approvals: 1,
      owned: [
        { line: 1, pattern: '*', owners: [{ kind: 'account', name: '@all' }], paths: ['a'] },
        {
          line: 2,
          pattern: '*.md',
          owners: [
            { kind: 'account', name: '@docs' },
            { kind: 'team', name: '@org/writers' },
          ],
          paths: ['b.md', 'a.md'],
        },
      ],
    },
  ]);
});

test('GitHub: a line without owners takes them away', () => {
  assert.deepEqual(ownersOf('github', '/apps/ @apps\n/apps/github\n/apps/github/x @x\n', 'apps/a', 'apps/github/b', 'apps/github/x'), {
    'apps/a': ['@apps'],
    'apps/github/x': ['@x'],
  });
});

test('GitHub: a line with an error counts for nothing', () => {
  for (const line of ['!a @b', 'a[12] @b', '\\#a @b', 'a\\', '/ @b', 'a @b nobody', 'a @b/c/d', 'a @'])
    assert.deepEqual(ownersOf('github', `* @all\n${line}\n`, 'a', 'a1', '#a'), { a: ['@all'], a1: ['@all'], '#a': ['@all'] }, line);
});

test('GitHub: headings and exclusions of GitLab are errors there', () => {
  assert.deepEqual(ownersOf('github', '^[Docs] @docs\n[Docs][2] @docs\n!a\na\n', 'a'), {});
});

test('GitHub: two mentions without a gap name nobody, and leave the other owners', () => {
  assert.deepEqual(sectionsOf('github', 'a @b@c @d', ['a'])[0]!.owned[0]!.owners, [
    { kind: 'email', name: '@b@c' },
    { kind: 'account', name: '@d' },
  ]);
});

test('line ends of Windows and the mark of an editor change nothing', () => {
  for (const origin of ['github', 'gitlab'] as const)
    assert.deepEqual(ownersOf(origin, '\uFEFF* @all\r\n*.js @js\r\n', 'a', 'a.js'), { a: ['@all'], 'a.js': ['@js'] });
});

test('GitLab: sections count each for itself, what stands in front of the first too', () => {
  const text = '* @admin\n[README Owners]\nREADME.md @user1 @user2\ninternal/README.md @user4\n[README other owners]\nREADME.md @user3\n';
  assert.deepEqual(ownersOf('gitlab', text, 'README.md', 'internal/README.md'), {
    'README.md': ['@admin'],
    'internal/README.md': ['@admin'],
    'README Owners: README.md': ['@user1', '@user2'],
    'README Owners: internal/README.md': ['@user4'],
    'README other owners: README.md': ['@user3'],
    'README other owners: internal/README.md': ['@user3'],
  });
});

test('GitLab: default owners stand in for owners that a line does not name', () => {
  const text = '[Database] @db @dba\nmodel/db/\nconfig/db/setup.md @docs\nmalformed docs\n[Other]\nother\n';
  assert.deepEqual(ownersOf('gitlab', text, 'model/db/x', 'config/db/setup.md', 'malformed', 'other'), {
    'Database: model/db/x': ['@db', '@dba'],
    'Database: config/db/setup.md': ['@docs'],
    'Database: malformed': ['@db', '@dba'],
    'Other: other': [],
  });
});

const headings: [heading: string, name: string, optional: boolean, approvals: number][] = [
  ['[Doc]', 'Doc', false, 1],
  ['^[Doc]', 'Doc', true, 1],
  ['[Doc][2]', 'Doc', false, 2],
  ['^[Doc][2] @a', 'Doc', true, 2],
  ['[Doc][0]', 'Doc', false, 1],
  ['[Doc][]', 'Doc', false, 1],
  ['[Doc][two]', 'Doc', false, 1],
  ['[Doc][ 3 ]', 'Doc', false, 3],
  ['[Doc][3 1]', 'Doc', false, 3],
  ['[Doc][2_0]', 'Doc', false, 1],
  ['[Doc][-2]', 'Doc', false, 1],
  [`[Doc][${'9'.repeat(400)}]`, 'Doc', false, Number.MAX_SAFE_INTEGER],
  ['[Doc]]', 'Doc', false, 1],
  ['  [Doc tools]', 'Doc tools', false, 1],
  ['[]', '', false, 1],
];
for (const [heading, name, optional, approvals] of headings) {
  test(`GitLab: the heading ${heading.slice(0, 20)}`, () => {
    const [section, ...others] = sectionsOf('gitlab', `${heading}\na @b\n`, ['a']);
    assert.deepEqual([section!.name, section!.optional, section!.approvals, others], [name, optional, approvals, []]);
  });
}

test('GitLab: a heading that cannot be read is a line of the section above', () => {
  assert.deepEqual(ownersOf('gitlab', '[Docs]\n* @group\n[Section name\n^[Section\ndocs/ @docs\n', 'docs/a', 'b'), {
    'Docs: docs/a': ['@docs'],
    'Docs: b': ['@group'],
  });
});

test('GitLab: sections of one name are one, optional if all are, with the most approvals', () => {
  const text = '^[Doc][3] @a\nx\n[Other]\nx @o\n^[DOC][2] @b\ny\n';
  const read = (all: string) =>
    sectionsOf('gitlab', all, ['x', 'y']).map(({ owned, ...section }) => ({ ...section, lines: owned.map((o) => o.line) }));
  assert.deepEqual(read(text), [
    { name: 'Doc', optional: true, approvals: 3, lines: [2, 6] },
    { name: 'Other', optional: false, approvals: 1, lines: [4] },
  ]);
  for (const other of [`${text}[doc]\n`, `[doc]\n${text}`]) assert.equal(read(other)[0]!.optional, false);
});

test('GitLab: an exclusion frees a path in its section, wherever it stands', () => {
  const text = '* @all\n!pom.xml # made by a tool\n!**/generated/\n/special/pom.xml @late\n[Ruby]\n!/config/**/*.rb\n*.rb @ruby\n!\n';
  assert.deepEqual(ownersOf('gitlab', text, 'pom.xml', 'special/pom.xml', 'x/generated/y', 'config/a.rb', 'a.rb'), {
    'config/a.rb': ['@all'],
    'a.rb': ['@all'],
    'Ruby: a.rb': ['@ruby'],
  });
});

test('GitLab: groups, nested groups, addresses and roles own; words that name nobody do not', () => {
  const text = 'a @group @group/sub/deep b@example.com @@Developers @@owner @@guest nobody @ # @too\n';
  assert.deepEqual(sectionsOf('gitlab', text, ['a'])[0]!.owned[0]!.owners, [
    { kind: 'account', name: '@group' },
    { kind: 'team', name: '@group/sub/deep' },
    { kind: 'email', name: 'b@example.com' },
    { kind: 'role', name: '@@developer' },
    { kind: 'role', name: '@@owner' },
    { kind: 'account', name: '@too' },
  ]);
});

test('GitLab: an escaped gap belongs to the pattern, at the end of the line too', () => {
  assert.deepEqual(ownersOf('gitlab', '[S] @d\npath\\ with\\ gap/ @gap\nend\\ ', 'path with gap/a', 'end '), {
    'S: path with gap/a': ['@gap'],
    'S: end ': ['@d'],
  });
});

test('a file of 3 MB or more is not known, and so are patterns that take too much work', () => {
  for (const origin of ['github', 'gitlab'] as const) {
    const line = '* @all\n';
    const largest = `${line}#${'x'.repeat(CODE_OWNERS_LIMIT - line.length - 2)}`;
    assert.deepEqual(ownersOf(origin, largest, 'a'), { a: ['@all'] });
    for (const larger of [`${largest}x`, largest.replace('x', 'é')]) assert.ok('unknown' in codeOwnersOf(origin, larger, ['a']));
    const hostile = Array.from({ length: 100_000 }, (_, i) => `*${i}*a* @a`).join('\n');
    assert.ok(
      'unknown' in
        codeOwnersOf(
          origin,
          hostile,
          Array.from({ length: 10_000 }, (_, i) => `file-${i}`),
        ),
    );
  }
  const long = Array.from({ length: 100 }, (_, i) => `${'a'.repeat(4000)}${i}`);
  assert.ok('unknown' in codeOwnersOf('github', `*${'a'.repeat(2000)}*b* @a`, long));
  assert.ok('known' in codeOwnersOf('gitlab', `*${'a'.repeat(2000)}*b* @a`, long.slice(0, 10)));
  assert.ok('unknown' in codeOwnersOf('gitlab', `*${'[a]'.repeat(666)}*b* @a`, long.slice(0, 10)));
  const sections = Array.from({ length: 100_000 }, (_, i) => `[${i}]\n* @a`).join('\n');
  assert.ok(
    'unknown' in
      codeOwnersOf(
        'gitlab',
        sections,
        Array.from({ length: 10_000 }, (_, i) => `file-${i}`),
      ),
  );
});

// A matcher that backtracks, or a parser that looks back, would run into the timeout.
test('one hostile line takes no exponential time', { timeout: 60_000 }, () => {
  const long = CODE_OWNERS_LIMIT - 100;
  const lines = [
    `${'*a'.repeat(2000)}b @a`,
    `${'**/a/'.repeat(200)}b @a`,
    '*'.repeat(long),
    '['.repeat(long),
    '\\'.repeat(long),
    '@'.repeat(long),
  ];
  const paths = ['a'.repeat(4000), 'a/'.repeat(1000) + 'a'];
  for (const line of [...lines, `[a][${'1'.repeat(long)}x]`, `a ${'a@'.repeat(long / 2)}`, `a @${'a/'.repeat(long / 2)}`, '/'.repeat(long)])
    for (const origin of ['github', 'gitlab'] as const) assert.doesNotThrow(() => codeOwnersOf(origin, `${line}\n`, paths));
});

const origins = fc.constantFrom<Origin>('github', 'gitlab');
const word = fc.constantFrom(
  'a',
  '*',
  '**',
  '/',
  '!',
  '#',
  '\\',
  ' ',
  '\t',
  '@',
  '@a',
  '@@owner',
  'b@c',
  '[',
  ']',
  '^',
  '2',
  '.js',
  '\n',
  '\r',
  'é',
  '\uD800',
);
const anyText = fc.oneof(
  fc.string({ unit: 'binary' }),
  fc.array(word, { maxLength: 40 }).map((words) => words.join('')),
);

test('no text and no path throws', () => {
  fc.assert(
    fc.property(origins, anyText, fc.array(fc.oneof(anyText, fc.constantFrom('a', 'a/b.js', ''))), (origin, text, paths) => {
      codeOwnersOf(origin, text, paths);
    }),
    { numRuns: 2000 },
  );
});

const directories = ['/a/', '/b/', '/c/x/', '/c/y/', '/d.md'];
const directoryPaths = ['a/1', 'a/b/2', 'b/3', 'c/x/4', 'c/y/5', 'd.md', 'e'];

test('the order of lines that cover no path together does not matter', () => {
  const lines = directories.map((pattern, index) => `${pattern} @owner-${index}`);
  fc.assert(
    fc.property(origins, fc.shuffledSubarray(lines, { minLength: lines.length }), (origin, shuffled) => {
      assert.deepEqual(ownersOf(origin, shuffled.join('\n'), ...directoryPaths), ownersOf(origin, lines.join('\n'), ...directoryPaths));
    }),
  );
});

test('a line at the end owns all that it covers, and changes nothing else', () => {
  const line = fc
    .tuple(fc.constantFrom('*', '*.md', 'a/', ...directories), fc.constantFrom('@a', '@b', '@c/d'))
    .map((parts) => parts.join(' '));
  fc.assert(
    fc.property(origins, fc.array(line, { maxLength: 6 }), fc.constantFrom('*', '*.md', 'a/', ...directories), (origin, lines, pattern) => {
      const before = ownersOf(origin, lines.join('\n'), ...directoryPaths);
      const alone = ownersOf(origin, `${pattern} @last`, ...directoryPaths);
      assert.notDeepEqual(alone, {});
      assert.deepEqual(ownersOf(origin, [...lines, `${pattern} @last`].join('\n'), ...directoryPaths), { ...before, ...alone });
    }),
  );
});

test('no path has two lines in one section, and none that was not asked', () => {
  fc.assert(
    fc.property(origins, anyText, fc.uniqueArray(fc.constantFrom(...directoryPaths, 'é', '.js', '#')), (origin, text, paths) => {
      const answer = codeOwnersOf(origin, text, paths);
      assert.ok('known' in answer);
      for (const { owned } of answer.known) {
        const all = owned.flatMap((line) => line.paths);
        assert.equal(new Set(all).size, all.length);
        assert.ok(all.every((path) => paths.includes(path)));
      }
    }),
    { numRuns: 1000 },
  );
});
