import assert from 'node:assert/strict';
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { text } from 'node:stream/consumers';
import { describe, test } from 'node:test';
import { apiOf } from '../support/api.ts';
import { sallyport, serve } from '../support/cli.ts';
import { temporaryFolder } from '../support/folders.ts';
import { gitEnv } from '../support/git.ts';

/** The commands that --demo prints to be pasted. */
function transcriptOf(stdout: string): string {
  const [, after = ''] = stdout.split('Paste this into another terminal:\n');
  return after
    .split('\n')
    .filter((line) => line.startsWith('  '))
    .join('\n');
}

const tokensIn = (stdout: string): string[] => stdout.match(/sly_[0-9A-Za-z]{36}(?= |\n)/g) ?? [];

describe('the demo', () => {
  test('its transcript does what it says: refused with every reason, accepted with a receipt, on the record', async () => {
    await using folder = await temporaryFolder();
    await using server = await serve(['--data', folder.path, '--port', '0', '--demo']);
    const transcript = transcriptOf(server.output().stdout);
    assert.match(transcript, /git clone .*\n.*commit.*\n.*git push.*\n.*git push.*\n.*node -e/s);
    // What is pasted goes on after a command that failed.
    const shell = spawn('bash', ['-c', transcript], { env: gitEnv(folder.path, { TMPDIR: folder.path }), cwd: folder.path });
    const [stdout, stderr] = await Promise.all([text(shell.stdout), text(shell.stderr), once(shell, 'close')]);
    const [refused = '', accepted = ''] = stderr.split('Bypassed rule violations');
    assert.match(refused, /GH006: Protected branch update failed for refs\/heads\/main/);
    for (const reason of [/Changes must be made through a pull request/, /Required status check "build" is expected/]) {
      assert.match(refused, reason);
      assert.match(accepted, reason);
    }
    assert.match(refused, /! \[remote rejected\] HEAD -> main/);
    const number = Number(/audit entry (\d+)/.exec(accepted)?.[1]);
    assert.match(accepted, /HEAD -> main/);
    assert.match(stdout, new RegExp(`number: ${number},`));
    for (const said of [/action: 'protected_branch.policy_override'/, /bypass: true/, /name: 'demo: release bot'/])
      assert.match(stdout, said);
    const proof = await sallyport(['audit', 'verify', '--data', folder.path]);
    assert.equal(proof.code, 0, proof.stderr);
  });

  test('started again it gives out fresh tokens, and the old ones are dead', async () => {
    await using folder = await temporaryFolder();
    const seed = async (): Promise<string[]> => {
      await using server = await serve(['--data', folder.path, '--port', '0', '--demo']);
      const tokens = [...new Set(tokensIn(server.output().stdout))];
      for (const token of tokens) assert.equal((await apiOf(server.url, token)('GET', '/user')).status, 200);
      for (const token of old) assert.equal((await apiOf(server.url, token)('GET', '/user')).status, 401);
      return tokens;
    };
    let old: string[] = [];
    old = await seed();
    assert.equal(old.length, 3);
    await seed();
  });

  test('refuses a folder with other data', async () => {
    await using folder = await temporaryFolder();
    await using server = await serve(['--data', folder.path, '--port', '0']);
    await server.stop();
    const again = await sallyport(['serve', '--data', folder.path, '--port', '0', '--demo']);
    assert.equal(again.code, 1);
    assert.match(again.stderr, /this one has other data/);
  });
});
