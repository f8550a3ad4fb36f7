import assert from 'node:assert/strict';
import { randomBytes } from 'node:crypto';
import { readdir } from 'node:fs/promises';
import { connect, type Socket } from 'node:net';
import { join } from 'node:path';
import { after, before, describe, test } from 'node:test';
import { setTimeout as sleep } from 'node:timers/promises';
import { gzipSync } from 'node:zlib';
import { must } from '../support/api.ts';
import { gitProcesses } from '../support/git-processes.ts';
import { packOf, pushRequest } from '../support/push-request.ts';
import { PushTarget } from '../support/push-target.ts';

const KB = 1024;
const main = 'refs/heads/main';

describe('clients that leave', { timeout: 60_000 }, () => {
  const parts = new AsyncDisposableStack();
  let target: PushTarget;
  let body: Buffer;
  before(async () => {
    target = parts.use(await PushTarget.open());
    const large = await target.work.commit('large', { 'large.bin': randomBytes(2 * KB * KB), 'other.bin': randomBytes(300 * KB) });
    const pack = await packOf(target.work.path, { wanted: [large], without: [target.base] });
    body = pushRequest({ commands: [{ refName: main, oldId: target.base, newId: large }], pack });
    assert.ok(body.length > 2 * KB * KB);
  });
  after(() => parts.disposeAsync());

  type Form = { readonly headers: Record<string, string>; readonly wrap: (bytes: Buffer) => Buffer };
  const forms = (bytes: Buffer): Record<string, Form> => ({
    'with a length': { headers: { 'content-length': String(bytes.length) }, wrap: (part) => part },
    'in chunks': {
      headers: { 'transfer-encoding': 'chunked' },
      wrap: (part) => Buffer.concat([Buffer.from(`${part.length.toString(16)}\r\n`), part, Buffer.from('\r\n')]),
    },
  });

  for (const form of ['with a length', 'in chunks']) {
    test(`at every 64 KB of an upload ${form}, nothing is left and the next push works`, async () => {
      const { headers, wrap } = forms(body)[form]!;
      for (let end = 0; end < body.length; end += 64 * KB) {
        const socket = await target.connect(headers);
        await new Promise((resolve) => socket.write(end === 0 ? '' : wrap(body.subarray(0, end)), resolve));
        // Sometimes at once, sometimes when index-pack is at work.
        if (end % (128 * KB) === 0) await sleep(30);
        // Sometimes with a farewell, sometimes without.
        if (end % (192 * KB) === 0) socket.resetAndDestroy();
        else socket.destroy();
      }
      await target.assertUntouched();
    });
  }

  test('in the middle of a compressed upload', async () => {
    const compressed = gzipSync(body);
    const headers = { 'content-length': String(compressed.length), 'content-encoding': 'gzip' };
    for (const end of [5, 100, 200 * KB, compressed.length - 1]) {
      const socket = await target.connect(headers);
      await new Promise((resolve) => socket.write(compressed.subarray(0, end), resolve));
      await sleep(20);
      socket.destroy();
    }
    await target.assertUntouched();
  });

  test('who half closes the connection and waits is told, and nothing is left', async () => {
    // More often than one account may push at once: a turn that was kept would be missed by the last.
    for (let count = 0; count < 10; count++) {
      const socket = await target.connect({ 'content-length': String(body.length) });
      const answer = answerOf(socket);
      socket.end(body.subarray(0, 500 * KB));
      assert.match(await answer, /^HTTP\/1\.1 400 /);
    }
    await target.assertUntouched();
  });

  test('in the middle of a fetch', async () => {
    const { hostname, port } = new URL(target.server.url);
    const request = Buffer.from(`0011command=fetch0001${'0032want '}${target.base}\n0009done\n0000`);
    for (let count = 0; count < 5; count++) {
      const socket = await target.connect({ 'content-length': '0' });
      socket.destroy();
      const fetching = connect(Number(port), hostname);
      fetching.on('error', () => fetching.destroy());
      fetching.write(
        `POST /admin/target.git/git-upload-pack HTTP/1.1\r\nhost: x\r\nauthorization: ${target.authorization}\r\n` +
          `git-protocol: version=2\r\ncontent-length: ${request.length + 100}\r\n\r\n`,
      );
      await new Promise((resolve) => fetching.write(request, resolve));
      await sleep(30);
      fetching.destroy();
    }
    await target.assertUntouched();
  });

  test('after everything was sent: the push ends by itself, one way or the other, and is whole', async () => {
    await using other = await PushTarget.open();
    const whole = await other.goodPush();
    const socket = await other.connect({ 'content-length': String(whole.length) });
    await new Promise((resolve) => socket.write(whole, resolve));
    socket.destroy();
    await other.assertClean();
    assert.ok([`${main} ${other.base}`, `${main} ${other.tip}`].includes(await other.refs()));
    const { refs } = await other.push(await other.goodPush('refs/heads/next'));
    assert.deepEqual([...refs.values()], [null]);
  });

  test('and then somebody stays, and lands', async () => {
    const { refs } = await target.push(body);
    assert.deepEqual([...refs], [[main, null]]);
    await target.assertClean();
  });
});

test('a push to a repository that is deleted meanwhile is refused, and the folder stays away', { timeout: 60_000 }, async () => {
  await using target = await PushTarget.open();
  const large = await target.work.commit('large', { 'large.bin': randomBytes(1024 * KB) });
  const pack = await packOf(target.work.path, { wanted: [large], without: [target.base] });
  const whole = pushRequest({ commands: [{ refName: main, oldId: target.base, newId: large }], pack });
  const admin = target.adminApi;
  const socket = await target.connect({ 'content-length': String(whole.length), connection: 'close' });
  const answer = answerOf(socket);
  await new Promise((resolve) => socket.write(whole.subarray(0, 600 * KB), resolve));
  while ((await gitProcesses(target.server.data)).length === 0) await sleep(10);
  await must(admin('DELETE', '/repos/admin/target'));
  socket.write(whole.subarray(600 * KB));
  const text = await answer;
  assert.match(text, /^HTTP\/1\.1 200 [\s\S]*ng refs\/heads\/main unpacker error/);
  assert.doesNotMatch(text, /ok refs\/heads\/main/);
  await target.assertClean();
  assert.deepEqual(await readdir(join(target.server.data, 'repositories')), []);
  assert.equal((await target.post(whole)).status, 404);
});

/** Everything that the server says on a connection until it ends it. */
function answerOf(socket: Socket): Promise<string> {
  let text = '';
  socket.on('data', (chunk: Buffer) => {
    text += chunk.toString('latin1');
  });
  return new Promise((resolve) => socket.once('close', () => resolve(text)));
}
