// Writes the part of GitHub's published OpenAPI description that this server speaks, for the conformance suite to hold its answers against.
// Run by hand, with the network, when routes are added or the described version changes:
//
//   node scripts/openapi-subset.mjs [FOLDER WITH ghes-3.19.json]
//
// Without a folder it fetches the npm package (385 MB unpacked, which is why it is no dependency) into a temporary one.
// What it keeps: every operation that src/api/github serves and the description has, and every event that hooks are told of, with what answers
// and payloads are made of.
import { execFileSync } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { github } from '../src/api/github/dialect.ts';

const source = '@octokit/openapi@23';
const file = 'ghes-3.19.json';
const target = join(import.meta.dirname, '..', 'tests', 'conformance', 'github', 'openapi', file);

/** Words for people, and what only documentation needs. */
const dropped = new Set(['description', 'summary', 'example', 'examples', 'externalDocs', 'tags', 'x-github', 'title', 'deprecated']);

const full = readDescription(process.argv[2]);
const served = new Set(github.routes.map((route) => operationKey(route.method, route.path)));
const paths = strip(servedPaths());
const webhooks = strip(toldEvents());
const components = strip(componentsOf({ paths, webhooks }));
const info = { version: full.info.version, source };
writeFileSync(target, `${JSON.stringify({ openapi: full.openapi, info, paths, webhooks, components })}\n`);
const { length } = readFileSync(target);
process.stdout.write(
  `${Object.keys(paths).length} paths, ${Object.keys(webhooks).length} events, ${Object.keys(components.schemas).length} schemas, ${length} bytes\n`,
);

function readDescription(folder) {
  if (folder !== undefined) return JSON.parse(readFileSync(join(folder, file), 'utf8'));
  const temporary = mkdtempSync(join(tmpdir(), 'openapi-'));
  try {
    const archive = execFileSync('npm', ['pack', '--silent', source], { cwd: temporary, encoding: 'utf8' }).trim();
    execFileSync('tar', ['-xzf', archive, `package/generated/${file}`], { cwd: temporary });
    return JSON.parse(readFileSync(join(temporary, 'package', 'generated', file), 'utf8'));
  } finally {
    rmSync(temporary, { recursive: true, force: true });
  }
}

/** Names of parameters differ between the two; that there is one at this place does not. */
function operationKey(method, path) {
  return `${method.toUpperCase()} ${path.replace(/\{[^}]+\}/g, '{}')}`;
}

function servedPaths() {
  const kept = {};
  for (const [path, item] of Object.entries(full.paths)) {
    for (const [method, { operationId, externalDocs, responses }] of Object.entries(item)) {
      if (!served.has(operationKey(method, path))) continue;
      kept[path] ??= {};
      kept[path][method] = { operationId, 'x-docs': externalDocs.url, responses };
    }
  }
  return kept;
}

/** Payloads of events by name, `member-added`: what is told in one way, or with one of these actions. */
function toldEvents() {
  const told = [
    /^(ping|push|create|delete|status|team-add)$/,
    /^check-run-(created|completed)$/,
    /^branch-protection-rule-(created|edited|deleted)$/,
    /^(member-(added|edited|removed)|membership-(added|removed)|organization-member-(added|removed))$/,
    /^repository-(archived|created|deleted|edited|privatized|publicized|renamed|unarchived)$/,
    /^team-(added-to-repository|created|deleted|edited|removed-from-repository)$/,
  ];
  const names = Object.keys(full['x-webhooks']).filter((name) => told.some((pattern) => pattern.test(name)));
  return Object.fromEntries(names.map((name) => [name, full['x-webhooks'][name].post.requestBody.content['application/json'].schema]));
}

/** Everything that is referred to, and what that refers to. */
function componentsOf(root) {
  const components = {};
  const seen = new Set();
  const walk = (node) => {
    if (typeof node !== 'object' || node === null) return;
    const { $ref } = node;
    if (typeof $ref === 'string' && !seen.has($ref)) {
      seen.add($ref);
      const [, , kind, name] = $ref.split('/');
      const component = strip(full.components[kind][name]);
      components[kind] ??= {};
      components[kind][name] = component;
      walk(component);
    }
    for (const inner of Object.values(node)) walk(inner);
  };
  walk(root);
  return components;
}

/** Without the dropped keys; what `properties` holds are names of fields, which stay whatever they are called. */
function strip(node) {
  if (Array.isArray(node)) return node.map(strip);
  if (typeof node !== 'object' || node === null) return node;
  return Object.fromEntries(
    Object.entries(node)
      .filter(([key]) => !dropped.has(key))
      .map(([key, value]) => [key, key === 'properties' ? stripEach(value) : strip(value)]),
  );
}

function stripEach(properties) {
  return Object.fromEntries(Object.entries(properties).map(([name, schema]) => [name, strip(schema)]));
}
