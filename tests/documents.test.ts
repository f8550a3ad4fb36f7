import assert from 'node:assert/strict';
import { existsSync, globSync, readFileSync } from 'node:fs';
import { basename, dirname, join } from 'node:path';
import { describe, test } from 'node:test';
import { defaultOperations, defaultRuleTypes, ruleTypesOfOperation } from '#model/bypass-bounds.ts';

const root = join(import.meta.dirname, '..');

interface Document {
  /** From the root of the repository. */
  readonly file: string;
  readonly text: string;
}

function read(file: string): Document {
  return { file, text: readFileSync(join(root, file), 'utf8') };
}

const documents = globSync('**/*.md', { cwd: root, exclude: (name) => name === 'node_modules' || name === 'data' }).map(read);
const decisions = documents.filter(({ file }) => /^docs\/decisions\/\d/.test(file)).sort((a, b) => (a.file < b.file ? -1 : 1));

/** Where a document's links lead, those to other sites and within the page left out. */
function linksOf({ text }: Document): string[] {
  const all = [...withoutCode(text).matchAll(/\]\(([^)\s]+)\)/g)].map(([, target]) => target!.split('#')[0]!);
  return all.filter((target) => target !== '' && !/^[a-z]+:/.test(target));
}

function withoutCode(text: string): string {
  return text.replace(/^```[\s\S]*?^```/gm, '').replace(/`[^`\n]*`/g, '');
}

/** The words of everything in backticks. */
function codeWords({ text }: Document): string[] {
  return [...text.matchAll(/`([^`\n]+)`/g)].flatMap(([, code]) => code!.split(/\s+/));
}

/** Paths from the root, in backticks; with `*`, `<…>`, `…` or NNNN it is a form and no path. */
function pathsOf(document: Document): string[] {
  return codeWords(document).filter((word) => /^(src|tests|scripts|docs|bench)\/[\w./-]*$/.test(word) && !word.includes('NNNN'));
}

/** Files and folders that the README of a folder speaks of by their names alone. */
function namesOf(document: Document): string[] {
  return codeWords(document).filter(
    (word) => /^[\w-][\w./-]*(\.(ts|mjs|md)|\/)$/.test(word) && pathsOf(document).every((path) => path !== word),
  );
}

function missing(from: string, targets: readonly string[]): string[] {
  return targets.filter((target) => !existsSync(join(root, from, target)));
}

/** Somebody's own machine, and notes that are no part of the repository. */
const foreign = /(?<![\w.~}-])\/(home|root|tmp|work|workspace|mnt|Users)\/|(?<![\w-])shared\//;

test('the documents were found, and they speak of files', () => {
  assert.ok(documents.length > 50, `only ${documents.length} documents`);
  assert.ok(documents.flatMap(linksOf).length > 60, 'hardly any link');
  assert.ok(documents.flatMap(pathsOf).length > 250, 'hardly any path');
  assert.ok(!documents.some(({ file }) => file.includes('node_modules')));
});

for (const document of documents) {
  const { file, text } = document;
  describe(file, () => {
    test('its links lead to files', () => assert.deepEqual(missing(dirname(file), linksOf(document)), []));

    if (/^docs\/|(^|\/)README\.md$|^CONTRIBUTING\.md$/.test(file))
      test('the paths that it names are there', () => assert.deepEqual(missing('.', pathsOf(document)), []));

    if (/^src\/.*README\.md$/.test(file))
      test('the files that it names are below it, or folders beside it', () => {
        const absent = missing('src', namesOf(document)).filter(
          (name) => globSync(`${dirname(file)}/**/${name}`, { cwd: root }).length === 0,
        );
        assert.deepEqual(absent, []);
      });

    test('it names nothing that only its writers have', () => {
      assert.deepEqual(
        text.split('\n').filter((line) => foreign.test(line)),
        [],
      );
    });
  });
}

describe('decisions', () => {
  test('are numbered without gaps, each under its number', () => {
    assert.ok(decisions.length >= 41);
    for (const [index, { file, text }] of decisions.entries()) {
      assert.equal(Number(basename(file).slice(0, 4)), index + 1, file);
      assert.ok(text.startsWith(`# ${index + 1}. `), `${file} begins with another number`);
    }
  });

  test('say why, what, what follows and where', () => {
    for (const { file, text } of decisions)
      for (const part of ['Why', 'Decision', 'What follows', 'Where']) assert.ok(text.includes(`\n**${part}.**`), `${file}: ${part}`);
  });

  test('stand in the table, each once', () => {
    const rows = [...read('docs/decisions/README.md').text.matchAll(/^\| (\d+) \| \[.+?\]\(([^)]+)\)/gm)];
    assert.deepEqual(
      rows.map(([, number, file]) => [Number(number), `docs/decisions/${file}`]),
      decisions.map(({ file }, index) => [index + 1, file]),
    );
  });

  test('that the sources refer to exist', () => {
    const sources = globSync(['src/**/*.{ts,md}', 'tests/**/*.ts'], { cwd: root }).map(read);
    const asked = sources.flatMap(({ file, text }) => [...text.matchAll(/\bdecisions? (\d+)/gi)].map(([, number]) => ({ file, number })));
    const named = sources.flatMap(({ file, text }) => [...text.matchAll(/decisions\/(\d{4})/g)].map(([, number]) => ({ file, number })));
    assert.ok(asked.length > 30 && named.length > 0, 'hardly any reference');
    const unknown = [...asked, ...named].filter(({ number }) => Number(number) < 1 || Number(number) > decisions.length);
    assert.deepEqual(unknown, []);
  });
});

test('decision 7 lists the default bounds, and what operations waive, as the code has them', () => {
  const { text } = read('docs/decisions/0007-bounds-of-a-bypass.md');
  const listed = (from: RegExp): string[] => [...(from.exec(text)?.[1] ?? '').matchAll(/`(\w[\w-]*)`/g)].map(([, word]) => word!);
  assert.deepEqual(listed(/Default rule types: ([^.]+)\./), defaultRuleTypes);
  assert.deepEqual(listed(/^\| operations \|[^|]+\|([^|]+)\|/m), defaultOperations);
  for (const [operation, types] of Object.entries(ruleTypesOfOperation))
    if (types.length > 0) assert.deepEqual(listed(new RegExp(`^\\| \`${operation}\` \\|([^|]+)\\|`, 'm')), types, operation);
});

describe('what is wrong would be seen', () => {
  const wrong = (text: string): Document => ({ file: 'docs/x.md', text });

  test('a link that leads nowhere, and no code that looks like one', () => {
    const document = wrong('[a](absent.md#part) [b](https://example.com) [c](#here) `[d](e.md)`');
    assert.deepEqual(missing('docs', linksOf(document)), ['absent.md']);
  });

  test('a path that is gone, also within a command, and no form of a path', () => {
    const document = wrong('`src/absent.ts`, `node scripts/absent.mjs`, `src/policy/rules/<type>.ts`, `docs/*.md`, `src/main.ts`');
    assert.deepEqual(missing('.', pathsOf(document)), ['src/absent.ts', 'scripts/absent.mjs']);
  });

  test('a file that a README names', () => {
    assert.deepEqual(namesOf(wrong('`absent.ts` and `commands/`, but `src/main.ts` and `via: server`')), ['absent.ts', 'commands/']);
  });

  test('a path of somebody’s machine', () => {
    for (const line of ['in /home/dana/x', '(/tmp/x/y)', '`/work/main`', 'see shared/notes.md']) assert.match(line, foreign);
    for (const line of ['/{owner}/{repo}', 'https://host/home/x', 'one shared folder', 'DATA/tmp/x']) assert.doesNotMatch(line, foreign);
  });
});
