import assert from 'node:assert/strict';
import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, test } from 'node:test';
import { referenceFiles } from '../scripts/reference.ts';
import { VERSION } from '../src/compose.ts';
import { readConfig } from '../src/config.ts';
import { environmentName, serveOptions } from '../src/serve-options.ts';

const folder = join(import.meta.dirname, '..', 'docs', 'reference');

describe('the reference says what the code does (after a change on purpose: npm run reference)', () => {
  for (const [name, text] of Object.entries(referenceFiles(VERSION)))
    test(name, () => assert.equal(readFileSync(join(folder, name), 'utf8'), text));

  test('no other page lies there', () => {
    assert.deepEqual(readdirSync(folder).sort(), Object.keys(referenceFiles(VERSION)).sort());
  });
});

test('every option that is documented is read, but for the port of what is not served yet', () => {
  const read = new Set<string>();
  const environment = new Proxy<NodeJS.ProcessEnv>(
    {},
    {
      get: (_target, name) => {
        read.add(String(name));
        return undefined;
      },
    },
  );
  readConfig({}, environment);
  const documented = Object.keys(serveOptions).map(environmentName);
  assert.deepEqual(
    documented.filter((name) => !read.has(name)),
    ['SALLYPORT_SSH_PORT'],
  );
});
