import assert from 'node:assert/strict';
import { after, afterEach, before, describe, test } from 'node:test';
import { gzipSync } from 'node:zlib';
import { flush, pktLine } from '#git/pkt-line.ts';
import { zeroId } from '#model/ref-update.ts';
import { packOf, pushRequest } from '../support/push-request.ts';
import { PushTarget } from '../support/push-target.ts';
import { readReportStatus } from '../support/report-status.ts';

const zero = zeroId('sha1');
const some = '1'.repeat(40);

/** What no client sends: each gets an answer, changes nothing and leaves nothing behind. */
describe('requests that are not the protocol', () => {
  const parts = new AsyncDisposableStack();
  let target: PushTarget;
  before(async () => {
    target = parts.use(await PushTarget.open());
  });
  afterEach(() => target.assertUntouched());
  after(() => parts.disposeAsync());

  const command = (line: string): Buffer => Buffer.concat([pktLine(line), flush]);
  const broken: Record<string, Buffer> = {
    'a length that is no number': Buffer.from('zzzz0000'),
    'a length with a sign': Buffer.from('-0010000'),
    'a length with blanks': Buffer.from('  100000'),
    'a length in another notation': Buffer.from('0x100000'),
    'a length that is cut off': Buffer.from('00'),
    'a length of three': Buffer.from('0003'),
    'a length past the longest': Buffer.concat([Buffer.from('fff1'), Buffer.alloc(0xfff1 - 4, 'a')]),
    'the longest length there is': Buffer.concat([Buffer.from('ffff'), Buffer.alloc(0xffff - 4, 'a')]),
    'a line that is cut off': Buffer.from('00a0 too short'),
    'a delimiter': Buffer.from('00010000'),
    'the end of a response': Buffer.from('00020000'),
    'an empty line': Buffer.from('00040000'),
    'one id only': command(`${zero} refs/heads/x\0report-status`),
    'short ids': command(`${zero.slice(1)} ${some.slice(1)} refs/heads/x\0report-status`),
    'long ids': command(`${zero}0 ${some}1 refs/heads/x\0report-status`),
    'ids in capitals': command(`${zero} ${'A'.repeat(40)} refs/heads/x\0report-status`),
    'SHA-256 ids for a SHA-1 repository': command(`${'0'.repeat(64)} ${'1'.repeat(64)} refs/heads/x\0report-status object-format=sha256`),
    'no name': command(`${zero} ${some} \0report-status`),
    'no blanks': command(`${zero}${some}refs/heads/x\0report-status`),
    'capabilities alone': command('\0report-status'),
    text: Buffer.from('GET / HTTP/1.1\r\n\r\n'),
    'commands without an end': pktLine(`${zero} ${some} refs/heads/x\0report-status`),
    'an object format that nobody knows': command(`${zero} ${some} refs/heads/x\0report-status object-format=sha512`),
    'a certificate': Buffer.concat([pktLine('push-cert\0report-status'), pktLine('certificate version 0.1\n'), flush]),
  };
  for (const [name, body] of Object.entries(broken)) {
    test(`${name} is answered with 400`, async () => {
      const answer = await target.post(body);
      assert.equal(answer.status, 400, answer.body.toString('utf8'));
      const said = answer.body.toString('utf8');
      assert.match(said, /^[ -~]{10,200}\n$/, 'one line of text');
      assert.ok(
        target.server.logged.some((line) => line.includes(JSON.stringify(said.trim()))),
        'logged',
      );
    });
  }

  test('whoever sends a broken head and goes on sending is answered all the same', async () => {
    const answer = await target.post(Buffer.concat([Buffer.from('zzzz'), Buffer.alloc(8 * 1024 * 1024, 'x')]));
    assert.equal(answer.status, 400);
  });

  test("the client's probe before a large upload is answered without a process", async () => {
    const { git } = target.server.running.house;
    const before = git.started;
    const { status, body } = await target.post(Buffer.from('0000'));
    assert.deepEqual([status, body.length], [200, 0]);
    assert.equal(git.started, before);
    assert.deepEqual((await target.post(Buffer.alloc(0))).status, 200);
  });

  test('more than 32 MB before the pack', async () => {
    // Lines that say nothing and count all the same.
    const line = pktLine(`shallow ${'1'.repeat(60_000)}`);
    const lines = Array.from({ length: Math.ceil((33 * 1024 * 1024) / line.length) }, () => line);
    const { status, body } = await target.post(Buffer.concat(lines));
    assert.equal(status, 400);
    assert.match(body.toString('utf8'), /more than 33554432 bytes before the pack/);
  });

  test('more than 100,000 commands', async () => {
    const lines = Array.from({ length: 100_001 }, (_, index) =>
      pktLine(`${zero} ${some} refs/heads/x${index}${index === 0 ? '\0report-status' : ''}`),
    );
    const { status, body } = await target.post(Buffer.concat([...lines, flush]));
    assert.equal(status, 400);
    assert.match(body.toString('utf8'), /a push updates at most 100000 refs/);
  });

  test('more than 64 push options, or one of more than 4 KB', async () => {
    const commands = [{ refName: 'refs/heads/x', oldId: null, newId: target.tip }];
    const withOptions = (options: string[]): Buffer => pushRequest({ commands, options, pack: null });
    const many = await target.post(withOptions(Array.from({ length: 65 }, () => 'a=b')));
    assert.deepEqual([many.status, many.body.toString('utf8')], [400, 'a push has at most 64 options\n']);
    const long = await target.post(withOptions(['x'.repeat(4097)]));
    assert.deepEqual([long.status, long.body.toString('utf8')], [400, 'a push option has at most 4096 bytes\n']);
  });

  test('ref names of every bad kind are refused by name, and the rest of the answer stands', async () => {
    const names = [
      'HEAD',
      'refs/x',
      'refs/heads/a..b',
      'refs/heads/\x01',
      'refs/heads/a b',
      '../../config',
      'refs/heads/x.lock',
      '\u2028',
      'refs/heads/a\nb',
    ];
    const commands = names.map((refName) => ({ refName, oldId: null, newId: target.base }));
    const { refs } = await target.push(pushRequest({ commands, pack: await packOf(target.work.path, { wanted: [] }) }));
    assert.equal([...refs.values()].filter((reason) => reason === null).length, 0);
  });

  test('a compressed body that is none, is cut off or goes on for ever', async () => {
    const gzip = { 'content-encoding': 'gzip' };
    const whole = gzipSync(await target.goodPush());
    assert.equal((await target.post(Buffer.from('no gzip at all'), gzip)).status, 400);
    assert.equal((await target.post(Buffer.alloc(0), gzip)).status, 400);
    assert.equal((await target.post(whole.subarray(0, 30), gzip)).status, 400);
    const cut = await target.post(whole.subarray(0, whole.length - 20), gzip);
    assert.notDeepEqual(cut.status === 200 ? [...readReportStatus(cut.body).refs.values()] : [], [null]);
    // A kilobyte for every megabyte: the head's limit is on what comes out.
    const bomb = gzipSync(Buffer.concat(Array.from({ length: 800 }, () => pktLine(`shallow ${'1'.repeat(60_000)}`))));
    assert.ok(bomb.length < 300_000);
    assert.equal((await target.post(bomb, gzip)).status, 400);
  });

  test('a compression that we do not know is refused as such', async () => {
    const { status, body } = await target.post(await target.goodPush(), { 'content-encoding': 'br' });
    assert.equal(status, 415);
    assert.match(body.toString('utf8'), /gzip/);
  });

  test('other methods and other services', async () => {
    const ask = async (method: string, path: string): Promise<number> =>
      (await fetch(`${target.server.url}/admin/target.git/${path}`, { method, headers: { authorization: target.authorization } })).status;
    assert.equal(await ask('GET', 'git-receive-pack'), 403);
    assert.equal(await ask('DELETE', 'git-receive-pack'), 403);
    assert.equal(await ask('POST', 'info/refs?service=git-receive-pack'), 403);
    assert.equal(await ask('GET', 'info/refs?service=git-upload-archive'), 403);
    assert.equal(await ask('GET', 'info/refs'), 403);
  });
});

describe('fetches that are not the protocol', () => {
  const parts = new AsyncDisposableStack();
  let target: PushTarget;
  before(async () => {
    target = parts.use(await PushTarget.open());
  });
  afterEach(() => target.assertUntouched());
  after(() => parts.disposeAsync());

  async function fetchWith(body: Buffer, headers: Readonly<Record<string, string>> = { 'git-protocol': 'version=2' }) {
    const response = await fetch(`${target.server.url}/admin/target.git/git-upload-pack`, {
      method: 'POST',
      headers: { authorization: target.authorization, ...headers },
      body: new Uint8Array(body),
    });
    return { status: response.status, text: Buffer.from(await response.arrayBuffer()).toString('utf8') };
  }

  const lsRefs = (...lines: string[]): Buffer =>
    Buffer.concat([pktLine('command=ls-refs\n'), Buffer.from('0001'), ...lines.map((line) => pktLine(line)), flush]);

  test('a list of refs that is asked for in broken lines is answered with 400', async () => {
    const whole = lsRefs('peel', 'symrefs', 'ref-prefix refs/heads/');
    assert.equal((await fetchWith(whole)).status, 200);
    for (const end of [19, 23, 30, 45]) assert.equal((await fetchWith(whole.subarray(0, end))).status, 400, `cut off at ${end}`);
    assert.equal((await fetchWith(Buffer.concat([whole.subarray(0, 24), Buffer.from('zzzz')]))).status, 400);
    const gzip = { 'git-protocol': 'version=2', 'content-encoding': 'gzip' };
    assert.equal((await fetchWith(Buffer.from('no gzip'), gzip)).status, 400);
    assert.equal((await fetchWith(gzipSync(whole), gzip)).status, 200);
  });

  test('too many prefixes are none, as with git', async () => {
    const prefixes = (count: number): Buffer => lsRefs(...Array.from({ length: count }, () => 'ref-prefix refs/absent/'));
    assert.deepEqual((await fetchWith(prefixes(65_535))).text, '0000');
    assert.match((await fetchWith(prefixes(65_536))).text, /refs\/heads\/main/);
  });

  test('what upload-pack cannot read ends in its own words, and leaves no process', async () => {
    const bodies = [
      Buffer.alloc(0),
      Buffer.from('zzzz'),
      Buffer.concat([pktLine('command=nonsense\n'), flush]),
      Buffer.concat([pktLine('command=fetch\n'), Buffer.from('0001'), pktLine(`want ${some}\n`), pktLine('done\n'), flush]),
      Buffer.concat([pktLine('command=fetch\n'), Buffer.from('0001'), pktLine('want nothing\n'), flush]),
      Buffer.concat([Buffer.from('zzzz'), Buffer.alloc(4 * 1024 * 1024, 'x')]),
    ];
    for (const body of bodies) {
      for (const headers of [{ 'git-protocol': 'version=2' }, {}, { 'git-protocol': 'version=2:--upload-pack=evil' }]) {
        const { status, text } = await fetchWith(body, headers as Record<string, string>);
        assert.ok(status === 200 || status === 400, `${status}`);
        assert.doesNotMatch(text, /PACK/);
      }
    }
  });
});

describe('requests that are the protocol, in its less usual forms', () => {
  const forms: Record<string, (target: PushTarget) => Promise<{ status: number; body: Buffer }>> = {
    compressed: async (target) => target.post(gzipSync(await target.goodPush()), { 'content-encoding': 'gzip' }),
    'compressed under the old name': async (target) => target.post(gzipSync(await target.goodPush()), { 'content-encoding': 'x-gzip' }),
    'in chunks of seven bytes': async (target) => inChunks(target, await target.goodPush(), 7),
    'with 64 options of 4 KB': async (target) => {
      const pack = await packOf(target.work.path, { wanted: [target.tip], without: [target.base] });
      const commands = [{ refName: 'refs/heads/main', oldId: target.base, newId: target.tip }];
      return target.post(pushRequest({ commands, options: Array.from({ length: 64 }, () => 'x'.repeat(4096)), pack }));
    },
    'without side bands': async (target) => {
      const pack = await packOf(target.work.path, { wanted: [target.tip], without: [target.base] });
      const commands = [{ refName: 'refs/heads/main', oldId: target.base, newId: target.tip }];
      return target.post(pushRequest({ commands, capabilities: ['report-status'], pack }));
    },
  };
  for (const [name, send] of Object.entries(forms)) {
    test(`a push ${name} lands`, async () => {
      await using target = await PushTarget.open();
      const { status, body } = await send(target);
      assert.equal(status, 200, body.toString('utf8'));
      assert.deepEqual([...readReportStatus(body).refs], [['refs/heads/main', null]]);
      assert.equal(await target.refs(), `refs/heads/main ${target.tip}`);
      await target.assertClean();
    });
  }

  test('a push without a wish for a report lands in silence', async () => {
    await using target = await PushTarget.open();
    const pack = await packOf(target.work.path, { wanted: [target.tip], without: [target.base] });
    const commands = [{ refName: 'refs/heads/main', oldId: target.base, newId: target.tip }];
    const { status, body } = await target.post(pushRequest({ commands, capabilities: [], pack }));
    assert.deepEqual([status, body.toString('utf8')], [200, '']);
    assert.equal(await target.refs(), `refs/heads/main ${target.tip}`);
  });
});

/** The same bytes with the transfer encoding `chunked`, in small pieces, read to the end. */
async function inChunks(target: PushTarget, body: Buffer, size: number): Promise<{ status: number; body: Buffer }> {
  async function* pieces(): AsyncGenerator<Uint8Array> {
    for (let at = 0; at < body.length; at += size) yield new Uint8Array(body.subarray(at, at + size));
  }
  const response = await fetch(target.server.url + target.pushPath, {
    method: 'POST',
    headers: { authorization: target.authorization },
    body: pieces(),
    duplex: 'half',
  });
  return { status: response.status, body: Buffer.from(await response.arrayBuffer()) };
}
