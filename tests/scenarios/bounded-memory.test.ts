import assert from 'node:assert/strict';
import { after, before, describe, test } from 'node:test';
import { must } from '../support/api.ts';
import { mustGit } from '../support/git.ts';
import { WorkTree } from '../support/history.ts';
import { castOf, type Personas } from '../support/personas.ts';
import { githubRules, protectPattern } from '../support/protections.ts';
import { startTestServer, type TestServer } from '../support/server.ts';

const MB = 1024 * 1024;
const repo = '/repos/acme/app';

/** How many more bytes of buffers this process held at once than before, at the most. */
async function growth(work: () => Promise<unknown>): Promise<number> {
  const start = process.memoryUsage().arrayBuffers;
  let most = 0;
  const timer = setInterval(() => {
    most = Math.max(most, process.memoryUsage().arrayBuffers - start);
  }, 2);
  try {
    await work();
  } finally {
    clearInterval(timer);
  }
  return most;
}

// Attack: some kilobytes that compress well are pushed, and then the server is made to hold all that they stand for.
describe('what is small on the wire and large in memory', { timeout: 120_000 }, () => {
  let server: TestServer;
  let cast: Personas;
  let work: WorkTree;
  let base: string;
  before(async () => {
    server = await startTestServer();
    cast = await castOf(server);
    work = await WorkTree.create();
    base = await work.commit('begin', { 'a.txt': 'a\n' });
    await work.must('push', '--quiet', cast.owner.remote('acme/app'), `${base}:refs/heads/main`);
  });
  after(async () => {
    await work[Symbol.asyncDispose]();
    await server[Symbol.asyncDispose]();
  });

  async function largeCommit(parent: string, bytes: number): Promise<string> {
    const head = `tree ${await work.head(`${base}^{tree}`)}\nparent ${parent}\nauthor A <a@b.c> 1 +0000\ncommitter A <a@b.c> 1 +0000\n\n`;
    return mustGit(work.path, ['hash-object', '-t', 'commit', '-w', '--stdin'], {
      input: Buffer.concat([Buffer.from(head), Buffer.alloc(bytes, 'x')]),
    });
  }

  test('a difference of many megabytes is counted, and not shown', async () => {
    const file = Buffer.alloc(4 * MB, 'abcdefg\n');
    const files = Object.fromEntries(Array.from({ length: 20 }, (_, index) => [`f${index}.txt`, file]));
    const head = await work.commit('large', files);
    await work.must('push', '--quiet', cast.owner.remote('acme/app'), `${head}:refs/heads/large`);
    let compared: { files: { additions: number; patch?: string }[] } = { files: [] };
    const held = await growth(async () => {
      compared = await must(cast.owner.api('GET', `${repo}/compare/${base}...${head}`));
    });
    assert.ok(held < 40 * MB, `${Math.round(held / MB)} MB`);
    assert.equal(compared.files.length, 20);
    for (const one of compared.files) assert.deepEqual([one.additions, one.patch], [(4 * MB) / 8, undefined]);
    const small = await must(cast.owner.api('GET', `${repo}/commits/${base}`));
    assert.match(small.files[0].patch, /^@@ .*\n\+a$/);
  });

  test('commits of many megabytes are refused where signatures are required, without being held', async () => {
    await protectPattern(cast.owner.api, 'acme/app', {
      origin: 'github',
      pattern: 'main',
      rules: githubRules({ type: 'required_signatures', parameters: {} }),
    });
    let tip = base;
    for (let count = 0; count < 6; count++) tip = await largeCommit(tip, 20 * MB);
    for (let count = 0; count < 30; count++) tip = await largeCommit(tip, MB);
    let told = '';
    const held = await growth(async () => {
      told = (await work.push(cast.owner.remote('acme/app'), `${tip}:refs/heads/main`)).stderr;
    });
    assert.match(told, /Commits must have verified signatures/);
    assert.match(told, /Found 36 violations/);
    assert.ok(held < 60 * MB, `${Math.round(held / MB)} MB`);
  });

  test('a commit of many megabytes is not shown, and hides no other', async () => {
    const large = await largeCommit(base, 20 * MB);
    const after = await mustGit(work.path, ['commit-tree', `${base}^{tree}`, '-p', large, '-m', 'after']);
    await work.must('push', '--quiet', cast.owner.remote('acme/app'), `${after}:refs/heads/odd`);
    const listed = await must(cast.owner.api('GET', `${repo}/commits?sha=odd`));
    assert.deepEqual(
      listed.map((one: { sha: string }) => one.sha),
      [after, base],
    );
    assert.equal((await cast.owner.api('GET', `${repo}/git/commits/${large}`)).status, 404);
    assert.equal((await cast.owner.api('GET', `${repo}/compare/${base}...${large}`)).status, 404);
    assert.equal((await must(cast.owner.api('GET', `${repo}/compare/${base}...${after}`))).total_commits, 2);
  });

  test('nor is one made over the API', async () => {
    const file = { message: 'x'.repeat(2 * MB), content: 'YQ==', branch: 'odd' };
    const { status, body } = await cast.owner.api('PUT', `${repo}/contents/new.txt`, file);
    assert.equal(status, 422, JSON.stringify(body).slice(0, 200));
    assert.match(body.message, /message is too long/);
  });
});
