import assert from 'node:assert/strict';
import { globSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { test } from 'node:test';

const root = join(import.meta.dirname, '..');

/** Who may import whom (docs/architecture.md): folders of ours by name, packages by theirs. `node:` modules have rules of their own below. */
const mayImport: Readonly<Record<string, readonly string[]>> = {
  model: ['typebox'],
  policy: ['model', 'typebox', 're2js'],
  secrets: ['model'],
  git: ['model'],
  store: ['model', 'kysely', 'pg'],
  gate: ['model', 'policy', 'secrets', 'git'],
  operations: ['model', 'policy', 'gate'],
  'api/github': ['model', 'operations', 'api/route.ts', 'typebox', 'graphql'],
  'api/gitlab': ['model', 'operations', 'api/route.ts', 'typebox'],
  'api/native': ['model', 'operations', 'api/openapi.ts', 'api/route.ts', 'typebox'],
  'api/openapi.ts': ['api/route.ts'],
  'api/route.ts': ['model', 'operations', 'typebox'],
  signatures: ['model', 'openpgp'],
  outbound: ['model', 'operations', 'gate'],
  jobs: ['model', 'operations', 'gate'],
  cli: ['model', 'operations', 'config.ts', 'typebox'],
  transport: [
    'model',
    'operations',
    'gate',
    'git',
    'api/github',
    'api/gitlab',
    'api/native',
    'api/route.ts',
    'fastify',
    'jose',
    '@prometheus-io/client',
  ],
};

/** The files that put everything together; nothing but the entry, and tests, may import them. */
const composition: Readonly<Record<string, readonly string[]>> = {
  'main.ts': ['cli', 'config.ts', 'transport', 'compose.ts', 'greeting.ts', 'serve-options.ts', 'start-server.ts'],
  'start-server.ts': [
    'api/github',
    'api/native',
    'cli',
    'compose.ts',
    'config.ts',
    'gate',
    'jobs',
    'model',
    'operations',
    'outbound',
    'transport',
  ],
  'compose.ts': ['config.ts', 'gate', 'git', 'model', 'operations', 'outbound', 'passwords.ts', 'pino', 'signatures', 'store', 'transport'],
  'greeting.ts': ['operations'],
  'passwords.ts': [],
  'config.ts': ['serve-options.ts'],
  'serve-options.ts': [],
};

interface Import {
  readonly file: string;
  readonly room: string;
  readonly target: string;
}

function roomOf(path: string): string {
  const parts = path.split('/');
  return parts[0] === 'api' ? `api/${parts[1]}` : parts[0]!;
}

/** Every import line of the sources, with where it leads: a room of the house, a package, or a module of Node. */
function importsOf(file: string, text: string): Import[] {
  const room = roomOf(file);
  const specifiers = [
    ...text.matchAll(
      /^\s*(?:import|export)\s[^'"]*?from\s+['"]([^'"]+)['"]|^\s*import\s+['"]([^'"]+)['"]|import\(\s*['"]([^'"]+)['"]\s*\)/gm,
    ),
  ];
  return specifiers.map((match) => ({ file, room, target: targetOf(file, match[1] ?? match[2] ?? match[3] ?? '') }));
}

function targetOf(file: string, specifier: string): string {
  if (specifier.startsWith('node:')) return specifier;
  if (specifier.startsWith('#')) return roomOf(specifier.slice(1));
  if (specifier.startsWith('.')) return roomOf(join(file, '..', specifier).replaceAll('\\', '/'));
  return specifier.startsWith('@') ? specifier.split('/').slice(0, 2).join('/') : specifier.split('/')[0]!;
}

function forbidden({ room, target }: Import): boolean {
  if (target.startsWith('node:') || target === room) return false;
  const allowed = composition[room] ?? mayImport[room];
  return allowed === undefined || !allowed.includes(target);
}

const sources = globSync('src/**/*.ts', { cwd: root })
  .filter((file) => !file.endsWith('.test.ts'))
  .map((file) => ({ file: file.replace(/^src\//, ''), text: readFileSync(join(root, file), 'utf8') }));
const imports = sources.flatMap(({ file, text }) => importsOf(file, text));

test('the sources and their imports were found', () => {
  assert.ok(sources.length > 200, `only ${sources.length} files`);
  assert.ok(imports.length > 800, `only ${imports.length} imports`);
  for (const room of ['gate', 'policy', 'git', 'store', 'operations', 'api/github', 'api/native', 'transport', 'cli']) {
    assert.ok(
      sources.some(({ file }) => roomOf(file) === room),
      `nothing in ${room}`,
    );
  }
});

test('every folder imports only what it may', () => {
  assert.deepEqual(
    imports.filter(forbidden).map(({ file, target }) => `${file} imports ${target}`),
    [],
  );
});

const planted: [text: string, file: string][] = [
  ["import { writeRefs } from '#gate/write-refs.ts';", 'policy/decide.ts'],
  ["import type { Git } from '#git/git.ts';", 'operations/access.ts'],
  ["import { sql } from 'kysely';", 'gate/land.ts'],
  ["import { decide } from '#policy/decide.ts';", 'api/github/errors.ts'],
  ["import { github } from '../github/dialect.ts';", 'api/native/dialect.ts'],
  ["export { openHouse } from '../compose.ts';", 'transport/words.ts'],
  ["const x = await import('fastify');", 'gate/push.ts'],
];

for (const [text, file] of planted) {
  test(`a bad import would be seen: ${file}: ${text}`, () => {
    assert.equal(importsOf(file, text).filter(forbidden).length, 1);
  });
}

/** What only some files may touch, whatever they import it from. */
const reserved: [what: string, pattern: RegExp, allowed: (file: string) => boolean][] = [
  ['processes are started in git/ alone', /node:child_process/, (file) => file.startsWith('git/')],
  ['node:sqlite is touched in two files', /node:sqlite/, (file) => file === 'store/node-sqlite.ts' || file === 'store/data-lock.ts'],
  ['the environment is read in config.ts alone', /process\.env/, (file) => file === 'config.ts'],
  [
    'refs are moved in ref-writer.ts and fence.ts alone',
    /'(update-ref|symbolic-ref)'/,
    (file) => ['git/ref-writer.ts', 'git/fence.ts', 'git/ref-table.ts'].includes(file),
  ],
  ['refs are written past git for new forks alone', /pack-refs with:/, (file) => file === 'git/fork-folder.ts'],
  ['only the gate authorizes', /\bauthorize\(\{/, (file) => ['gate/apply-intent.ts', 'gate/reconcile.ts'].includes(file)],
  ['only outbound/ sends requests to others', /\bhttps?\.request\(/, (file) => file === 'outbound/post.ts'],
  ['policy reads no clock', /Date\.now|new Date\(\)|performance\.now/, (file) => !file.startsWith('policy/')],
  ['policy does no I/O', /node:(fs|net|http|crypto|os)/, (file) => !file.startsWith('policy/')],
];

for (const [what, pattern, allowed] of reserved) {
  test(what, () => {
    const found = sources.filter(({ text }) => pattern.test(text)).map(({ file }) => file);
    assert.deepEqual(
      found.filter((file) => !allowed(file)),
      [],
    );
  });
}

test('no source file is a giant', () => {
  const giants = sources
    .filter(({ text }) => text.split('\n').length > 300)
    .map(({ file, text }) => `${file}: ${text.split('\n').length} lines`);
  assert.deepEqual(giants, []);
});

test('every top folder says what it is for', () => {
  const folders = new Set(
    sources
      .map(({ file }) => file.split('/'))
      .filter((parts) => parts.length > 1)
      .map((parts) => parts[0]!),
  );
  const without = [...folders].filter((folder) => globSync(`src/${folder}/README.md`, { cwd: root }).length === 0);
  assert.deepEqual(without, []);
});
