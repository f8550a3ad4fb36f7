import assert from 'node:assert/strict';
import { once } from 'node:events';
import { connect, type Socket } from 'node:net';
import { after, before, describe, test } from 'node:test';
import { setTimeout as sleep } from 'node:timers/promises';
import { gzipSync } from 'node:zlib';
import { flush, pktLine } from '#git/pkt-line.ts';
import { gitProcesses, peakMemory } from '../support/git-processes.ts';
import { PushTarget } from '../support/push-target.ts';

const MB = 1024 * 1024;

describe('what one fetch may cost', { timeout: 60_000 }, () => {
  let target: PushTarget;
  before(async () => {
    target = await PushTarget.open();
  });
  after(() => target[Symbol.asyncDispose]());

  const fetchPath = '/admin/target.git/git-upload-pack';

  async function ask(body: Buffer, headers: Readonly<Record<string, string>>): Promise<{ status: number; text: string }> {
    const response = await fetch(target.server.url + fetchPath, {
      method: 'POST',
      headers: { authorization: target.authorization, 'content-encoding': 'gzip', ...headers },
      body: new Uint8Array(gzipSync(body)),
    });
    return { status: response.status, text: await response.text() };
  }

  // Attack: a request of some kilobytes that unfolds to gigabytes of lines, each of which somebody has to remember.
  test('a request that unfolds to more than anybody has to ask is refused, not kept', async () => {
    const line = pktLine('x'.repeat(60_000));
    const body = Buffer.concat([pktLine('command=ls-refs\n'), ...Array.from({ length: 600 }, () => line), flush]);
    assert.ok(body.length > 32 * MB);
    const { status, text } = await ask(body, { 'git-protocol': 'version=2' });
    assert.equal(status, 400);
    assert.match(text, /^the request is longer than 33554432 bytes/);
    await target.assertClean();
  });

  test('nor is it handed to git', async () => {
    const have = Buffer.from(`0032have ${'1'.repeat(40)}\n`);
    const wants = Buffer.from(`0011command=fetch00010032want ${target.base}\n`);
    const body = Buffer.concat([wants, Buffer.alloc(160 * MB, have)]);
    const peak = await peakMemory(target.server.data, async () => {
      await ask(body, { 'git-protocol': 'version=2' }).catch(() => null);
    });
    assert.ok(peak > 0, 'git was asked');
    assert.ok(peak < 60 * MB, `git took ${Math.round(peak / MB)} MB`);
    await target.assertClean();
  });

  test('a request below that is answered, whatever its form', async () => {
    const have = Buffer.from(`0032have ${'1'.repeat(40)}\n`);
    const body = Buffer.concat([
      Buffer.from(`0032want ${target.base}\n0000`),
      Buffer.alloc(have.length * 1000, have),
      Buffer.from('0009done\n'),
    ]);
    assert.match((await ask(body, {})).text, /^0008NAK\n.*PACK/s);
    const plain = await fetch(target.server.url + fetchPath, {
      method: 'POST',
      headers: { authorization: target.authorization },
      body: new Uint8Array(body),
    });
    assert.match(await plain.text(), /^0008NAK\n.*PACK/s);
  });
});

describe('a client whose push is refused before its objects are read, and that leaves in the middle of them', () => {
  // Attack: each such client leaves a clock running that holds on to its connection, until the server has no memory left.
  test('leaves nothing running', async () => {
    await using target = await PushTarget.open();
    const running = new Set<unknown>();
    const [start, stop] = [globalThis.setInterval, globalThis.clearInterval];
    globalThis.setInterval = ((...given: Parameters<typeof setInterval>) => {
      const timer = start(...given);
      running.add(timer);
      return timer;
    }) as typeof setInterval;
    globalThis.clearInterval = (timer) => {
      running.delete(timer);
      stop(timer);
    };
    try {
      const refused = `${'0'.repeat(40)} ${target.base} refs/pull/1/head\0 report-status side-band-64k object-format=sha1\n`;
      for (let count = 0; count < 5; count++) {
        const socket: Socket = await target.connect({ 'content-length': String(10 * MB) });
        socket.write(Buffer.concat([pktLine(refused), flush, Buffer.alloc(MB)]));
        await sleep(50);
        socket.destroy();
        await once(socket, 'close');
      }
      for (let tries = 0; running.size > 0 && tries < 100; tries++) await sleep(20);
      assert.equal(running.size, 0);
    } finally {
      [globalThis.setInterval, globalThis.clearInterval] = [start, stop];
    }
  });
});

describe('many fetches at once', { timeout: 60_000 }, () => {
  // Attack: a thousand requests that never say what they want hold a thousand processes.
  test('one account has a share of the server’s processes, and what waits is served when others are done', async () => {
    await using target = await PushTarget.open();
    const { hostname, port } = new URL(target.server.url);
    const sockets = Array.from({ length: 60 }, () => connect(Number(port), hostname).on('error', () => undefined));
    const head = `POST /admin/target.git/git-upload-pack HTTP/1.1\r\nhost: x\r\nauthorization: ${target.authorization}\r\ntransfer-encoding: chunked\r\n\r\n`;
    try {
      for (const socket of sockets) socket.write(head);
      let most = 0;
      for (let tries = 0; tries < 40; tries++) {
        most = Math.max(most, (await gitProcesses(target.server.data)).length);
        await sleep(50);
      }
      assert.equal(most, 32);
    } finally {
      for (const socket of sockets) socket.destroy();
    }
    const remote = `${target.server.url.replace('://', `://admin:${target.server.adminToken}@`)}/admin/target.git`;
    const { code } = await target.work.git('-c', 'protocol.version=0', 'fetch', '--quiet', remote, 'main');
    assert.equal(code, 0);
    await target.assertClean(5000);
  });
});
