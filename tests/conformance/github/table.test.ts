import assert from 'node:assert/strict';
import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { test } from 'node:test';
import { github } from '#api/github/dialect.ts';
import { seedOperations } from './seed-operations.ts';
import { scenarioTable, seedTable } from './seed-table.ts';
import { describedOperations } from './support/description.ts';
import { operationOf } from './support/observer.ts';
import { tolerated } from './tolerated.ts';
import { aliases, documentedElsewhere, undescribed } from './undescribed.ts';

const files = new Map(
  readdirSync(import.meta.dirname)
    .filter((name) => name.endsWith('.test.ts'))
    .map((name) => [name, namesOf(readFileSync(join(import.meta.dirname, name), 'utf8'))]),
);

/** The tests that a file declares; what a name takes from a loop may be anything. */
function namesOf(source: string): RegExp[] {
  return [...source.matchAll(/^\s*test\(\s*(['"`])((?:\\.|(?!\1).)*)\1/gm)].map(([, , name = '']) => {
    const parts = name.replaceAll("\\'", "'").split(/\$\{[^}]*\}/);
    return new RegExp(`^${parts.map((part) => part.replace(/[.*+?^${}()|[\]\\]/g, '\\$&')).join('.+')}$`);
  });
}

function exists(file: string, name: string): boolean {
  return files.get(file)?.some((pattern) => pattern.test(name)) === true;
}

test('the table is about something', () => {
  assert.equal(new Set(seedOperations).size, 33);
  assert.ok(files.size > 15 && [...files.values()].every((names) => names.length > 0));
  assert.equal(exists('protection.test.ts', 'no such test'), false);
});

test('every operation of the seed has its row, and every row is an operation of the seed', () => {
  assert.deepEqual(
    seedTable.map((row) => row.operation),
    seedOperations,
  );
});

test('every operation of the seed is in the published description', () => {
  const described = new Set(describedOperations.map((operation) => operation.key));
  assert.deepEqual(
    seedOperations.filter((operation) => !described.has(operation)),
    [],
  );
});

test('every test that a row names exists', () => {
  const named = [
    ...seedTable.flatMap(({ file, works, refused }) => [works, refused].map((name) => ({ file, name }))),
    ...scenarioTable.map(({ file, test: name }) => ({ file, name })),
  ];
  assert.deepEqual(
    named.filter(({ file, name }) => !exists(file, name)),
    [],
  );
});

test('every scenario that needs no more than this API is played', () => {
  const played = new Set(scenarioTable.map((row) => row.scenario));
  assert.deepEqual([...played], [...Array.from({ length: 14 }, (_, index) => index + 1), 48, 49, 50]);
});

/** A route that is another name of one that is looked at under its own. */
const isAlias = (path: string): boolean => aliases.some((alias) => path.startsWith(alias.path));
const keyOf = ({ method, path }: { readonly method: string; readonly path: string }): string => `${method} ${path}`;
/** Two paths are the same, whatever their parameters are called. */
const shapeOf = (key: string): string => key.replace(/\{\w+\+?\}/g, '{}');
const describedShapes = new Set(describedOperations.map((operation) => shapeOf(operation.key)));

test('every route is in the published description, or on the list of those that are not, with the reason', () => {
  const listed = new Set(undescribed.map((one) => one.route));
  const routes = github.routes.filter((route) => !isAlias(route.path));
  assert.deepEqual(
    routes.filter((route) => !listed.has(keyOf(route)) && !describedShapes.has(shapeOf(keyOf(route)))).map(keyOf),
    [],
    'routes that nobody describes',
  );
  const ours = new Set(routes.map(keyOf));
  assert.deepEqual(
    undescribed.filter(({ route }) => !ours.has(route) || describedShapes.has(shapeOf(route))).map(({ route }) => route),
    [],
    'listed, but described or not there',
  );
});

test('every alias has the route that it is another name of', () => {
  const ours = new Set(github.routes.map(keyOf));
  for (const { path, of } of aliases)
    for (const route of github.routes.filter((one) => one.path.startsWith(path)))
      assert.ok(ours.has(`${route.method} ${route.path.replace(path, of)}`), keyOf(route));
});

test('every described operation of a route is documented where the route says', () => {
  const wrong = github.routes
    .filter((route) => !isAlias(route.path) && !undescribed.some((one) => one.route === keyOf(route)))
    .map((route) => ({ route, operation: describedOperations.find((one) => shapeOf(one.key) === shapeOf(keyOf(route))) }))
    .filter(({ route, operation }) => (documentedElsewhere[route.operation ?? ''] ?? route.operation) !== operation?.docs);
  assert.deepEqual(
    wrong.map(({ route, operation }) => [keyOf(route), route.operation, operation?.docs]),
    [],
  );
});

test('every described operation is served', () => {
  const ours = new Set(github.routes.map((route) => shapeOf(keyOf(route))));
  assert.deepEqual(
    describedOperations.filter((operation) => !ours.has(shapeOf(operation.key))).map((operation) => operation.key),
    [],
  );
});

test('a request is recognised whatever stands in its path', () => {
  const cases = [
    ['GET', '/repos/a/b/branches/x/y/protection', 'GET /repos/{owner}/{repo}/branches/{branch}/protection'],
    ['GET', '/repositories/7/branches/x%2Fy', 'GET /repos/{owner}/{repo}/branches/{branch}'],
    ['HEAD', '/repos/a/b', 'GET /repos/{owner}/{repo}'],
    ['PUT', '/organizations/1/team/2/repos/a/b', 'PUT /orgs/{org}/teams/{team_slug}/repos/{owner}/{repo}'],
    ['GET', '/repos/a/b/commits/main/status', 'GET /repos/{owner}/{repo}/commits/{ref}/status'],
    ['GET', '/nothing', undefined],
  ] as const;
  for (const [method, path, key] of cases) assert.equal(operationOf(method, path)?.key, key, path);
});

test('every tolerated difference has a name of its own, a reason, a source, and a test file in which it shows', () => {
  assert.equal(new Set(tolerated.map((one) => one.name)).size, tolerated.length);
  for (const { name, reason, section, seenIn } of tolerated) {
    assert.ok(reason.length > 20 && section.length > 0, name);
    assert.ok(files.has(seenIn), `${name}: ${seenIn}`);
  }
});
