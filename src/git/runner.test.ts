import assert from 'node:assert/strict';
import { spawnSync } from 'node:child_process';
import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, before, describe, test } from 'node:test';
import { setTimeout as sleep } from 'node:timers/promises';
import { type GitFolders, gitEnvironment } from '#git/environment.ts';
import { collect, Git } from '#git/git.ts';
import { Runner, type Started } from '#git/runner.ts';
import { gitFolders } from '../../tests/differential/git-parts.ts';

const blob = 'hello\n';
const blobId = 'ce013625030ba8dba906f756967f9e9ca394464a';

describe('git started by the runner', () => {
  let folders: GitFolders & AsyncDisposable;
  before(async () => {
    folders = await gitFolders();
  });
  after(() => folders[Symbol.asyncDispose]());

  test('reads, writes and ends as if it had been started here', async () => {
    await using runner = await Runner.open(gitEnvironment(folders));
    const hashing = await started(runner, ['hash-object', '--stdin']);
    hashing.stdin.end(blob);
    assert.equal((await collect(hashing.stdout)).toString(), `${blobId}\n`);
    assert.equal(await hashing.ended, 0);
    const failing = await started(runner, ['cat-file', '-p', 'no-such-name']);
    assert.match((await collect(failing.stderr)).toString(), /^fatal: /);
    assert.equal(await failing.ended, 128);
  });

  test('has the settings of every git process, and those that are its own', async () => {
    await using runner = await Runner.open(gitEnvironment(folders));
    const asked = await started(runner, ['config', '--get', 'receive.autogc']);
    assert.equal((await collect(asked.stdout)).toString(), 'false\n');
    const own = await started(runner, ['var', 'GIT_AUTHOR_IDENT'], { GIT_AUTHOR_NAME: 'Own', GIT_AUTHOR_EMAIL: 'own@example.com' });
    assert.match((await collect(own.stdout)).toString(), /^Own <own@example\.com>/);
  });

  test('takes more than a connection holds, and is left in peace when it ends before it has read everything', async () => {
    await using git = await opened(folders);
    const megabytes = Buffer.alloc(20 * 1024 * 1024, 'x');
    assert.equal((await git.must(null, ['hash-object', '--stdin'], { input: megabytes })).length, 41);
    const { code } = await git.run(null, ['hash-object', '--no-such-flag'], { input: megabytes });
    assert.equal(code, 129);
  });

  test('is ended by a signal, of which the answer is null', async () => {
    await using runner = await Runner.open(gitEnvironment(folders));
    const waiting = await started(runner, ['hash-object', '--stdin']);
    waiting.kill('SIGTERM');
    assert.equal(await waiting.ended, null);
  });

  test('is started without it where no place is left', async () => {
    await using git = await opened(folders);
    const all = Array.from({ length: 40 }, () => git.must(null, ['hash-object', '--stdin'], { input: blob }));
    for (const answer of await Promise.all(all)) assert.equal(answer.toString(), `${blobId}\n`);
  });

  test('goes on when the runner is killed, is not taken for gone before it is, and how it ended is not known; the next is started without it', async () => {
    await using git = await opened(folders);
    const running = git.start(null, ['hash-object', '--stdin']);
    let hasEnded = false;
    void running.ended.then(() => {
      hasEnded = true;
    });
    const [runner] = await runnersOf(process.pid, 1);
    await childrenOf(runner!, 'hash-object', 1);
    process.kill(runner!, 'SIGKILL');
    await runnersOf(process.pid, 0);
    await sleep(100);
    assert.equal(hasEnded, false);
    running.stdin.end(blob);
    assert.equal((await collect(running.stdout)).toString(), `${blobId}\n`);
    assert.equal(await running.ended, null);
    assert.equal((await git.must(null, ['hash-object', '--stdin'], { input: blob })).toString(), `${blobId}\n`);
  });
});

test('with the server the runner goes, and its folder', async () => {
  await using folders = await gitFolders();
  const before = privateFolders();
  const runner = await Runner.open(gitEnvironment(folders));
  const [own] = privateFolders().filter((name) => !before.includes(name) && existsSync(join(tmpdir(), name, 'runner')));
  const version = await started(runner, ['version']);
  // As a terminal does, or whoever stops a service: everybody is told at once.
  for (const pid of await runnersOf(process.pid, 1)) process.kill(pid, 'SIGTERM');
  assert.match((await collect(version.stdout)).toString(), /^git version/);
  assert.equal(await (await started(runner, ['version'])).ended, 0);
  await runner[Symbol.asyncDispose]();
  await runnersOf(process.pid, 0);
  assert.ok(own !== undefined && !existsSync(join(tmpdir(), own)));
});

test('a command that waits for nothing but git is there until git has answered', () => {
  const root = join(import.meta.dirname, '../..');
  const command = [
    "import { Git } from '#git/git.ts';",
    "import { gitFolders } from './tests/differential/git-parts.ts';",
    'await using folders = await gitFolders();',
    'const git = new Git(folders);',
    "for (let count = 0; count < 20; count++) await git.must(null, ['version']);",
    'await new Promise((resolve) => setTimeout(resolve, 500));',
    "for (let count = 0; count < 20; count++) await git.must(null, ['version']);",
    "console.log('answered');",
  ];
  const { stdout, status } = spawnSync(process.execPath, ['--input-type=module', '--eval', command.join('\n')], { cwd: root });
  assert.deepEqual([stdout.toString(), status], ['answered\n', 0]);
});

/** Its places are ready a moment after it is open. */
async function started(runner: Runner, args: readonly string[], environment: Readonly<Record<string, string>> = {}): Promise<Started> {
  for (let tries = 0; tries < 500; tries++) {
    const process = runner.start(args, environment);
    if (process !== null) return process;
    await sleep(10);
  }
  throw new Error('no place is ever ready');
}

/** One that has started enough processes to have a runner, whose places are ready. */
async function opened(folders: GitFolders): Promise<Git & AsyncDisposable> {
  const git = new Git(folders);
  while (git.started < 20) await git.must(null, ['version']);
  await runnersOf(process.pid, 1);
  await sleep(500);
  return Object.assign(git, { [Symbol.asyncDispose]: () => git.stopAll() });
}

function runnersOf(parent: number, count: number): Promise<number[]> {
  return childrenOf(parent, 'runner-process', count);
}

/** The children of a process whose command line has a word in it, once there are so many of them. */
async function childrenOf(parent: number, word: string, count: number): Promise<number[]> {
  for (let tries = 0; tries < 500; tries++) {
    const found = readdirSync('/proc').filter((name) => /^\d+$/.test(name) && isChild(name, parent, word));
    if (found.length === count) return found.map(Number);
    await sleep(10);
  }
  throw new Error(`${parent} never has ${count} children with ${word}`);
}

function isChild(pid: string, parent: number, word: string): boolean {
  try {
    const stat = readFileSync(`/proc/${pid}/stat`, 'latin1');
    const [state, ppid] = stat.slice(stat.lastIndexOf(')') + 2).split(' ');
    return state !== 'Z' && Number(ppid) === parent && readFileSync(`/proc/${pid}/cmdline`, 'latin1').includes(word);
  } catch {
    return false;
  }
}

function privateFolders(): string[] {
  return readdirSync(tmpdir()).filter((name) => name.startsWith('sallyport-'));
}
