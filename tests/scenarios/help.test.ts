import assert from 'node:assert/strict';
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { join } from 'node:path';
import { text } from 'node:stream/consumers';
import { describe, test } from 'node:test';
import { commands } from '#cli/run-command.ts';
import { serveFlags } from '../../src/serve-options.ts';
import { sallyport } from '../support/cli.ts';

const root = join(import.meta.dirname, '..', '..');

describe('help', { timeout: 120_000, concurrency: 2 }, () => {
  test('of a checkout names every command', async () => {
    const child = spawn('npm', ['run', '--silent', 'sallyport', '--', '--help'], { cwd: root, stdio: ['ignore', 'pipe', 'inherit'] });
    const [said, [code]] = await Promise.all([text(child.stdout), once(child, 'close')]);
    assert.equal(code, 0);
    assert.match(said, /^usage: sallyport COMMAND/m);
    for (const { name, summary } of commands) assert.ok(said.includes(`  ${name}`) && said.includes(summary), name);
    assert.match(said, /^ {2}serve +run the server$/m);
    assert.equal((await sallyport(['help'])).stdout, said);
  });

  test('without a command is an error, and goes to standard error', async () => {
    const ran = await sallyport([]);
    assert.deepEqual([ran.code, ran.stdout], [2, '']);
    assert.match(ran.stderr, /^usage: sallyport COMMAND/m);
  });

  test('of serve names every flag', async () => {
    const ran = await sallyport(['serve', '--help']);
    assert.deepEqual([ran.code, ran.stderr], [0, '']);
    for (const { name, help } of serveFlags) assert.ok(ran.stdout.includes(`--${name}`) && ran.stdout.includes(help), name);
  });

  for (const { name, usage, summary, flags } of commands) {
    test(`of ${name} says how it is used, and every flag; nothing is opened or changed for it`, async () => {
      // A folder that cannot be: a command that wanted the store would fail.
      const ran = await sallyport([...name.split(' '), '--help', '--data', '/dev/null/nowhere']);
      assert.deepEqual([ran.code, ran.stderr], [0, '']);
      assert.equal(ran.stdout.split('\n')[0], `usage: sallyport ${name} ${usage}`.trimEnd());
      assert.ok(ran.stdout.includes(summary));
      for (const flag of [...Object.keys(flags), 'data']) assert.ok(ran.stdout.includes(`--${flag}`), flag);
    });
  }

  test('the version is that of the package', async () => {
    const { version } = (await import('../../package.json', { with: { type: 'json' } })).default;
    assert.deepEqual(await sallyport(['--version']), { code: 0, stdout: `sallyport ${version}\n`, stderr: '' });
  });
});
