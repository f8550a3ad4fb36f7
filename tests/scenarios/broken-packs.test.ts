import assert from 'node:assert/strict';
import { randomBytes } from 'node:crypto';
import { after, afterEach, before, describe, test } from 'node:test';
import { gzipSync } from 'node:zlib';
import { git, mustGit } from '../support/git.ts';
import { peakMemory } from '../support/git-processes.ts';
import { packOf, packOfObjects, pushRequest } from '../support/push-request.ts';
import { PushTarget } from '../support/push-target.ts';
import { objectId, type RawEntry, rawPack, repeatingDelta, resealed } from '../support/raw-pack.ts';
import { readReportStatus } from '../support/report-status.ts';

const MB = 1024 * 1024;
const main = 'refs/heads/main';

describe('packs that are broken', () => {
  const parts = new AsyncDisposableStack();
  let target: PushTarget;
  let good: Buffer;
  before(async () => {
    target = parts.use(await PushTarget.open());
    good = await packOf(target.work.path, { wanted: [target.tip], without: [target.base] });
  });
  afterEach(() => target.assertUntouched());
  after(() => parts.disposeAsync());

  function request(pack: Buffer | null): Buffer {
    return pushRequest({ commands: [{ refName: main, oldId: target.base, newId: target.tip }], pack });
  }

  async function assertRefused(body: Buffer, what?: string): Promise<void> {
    const { unpack, refs } = await target.push(body);
    assert.notEqual(refs.get(main) ?? null, null, what);
    assert.ok(unpack !== null && !unpack.includes(target.server.data), 'no folder of ours is named');
    assert.notEqual((await git(target.path, ['cat-file', '-e', target.tip])).code, 0, 'nothing of it is in the store');
  }

  test('cut off anywhere', async () => {
    const head = request(null).length;
    const body = request(good);
    const step = Math.max(1, Math.floor(good.length / 40));
    for (let end = head; end < body.length; end += step) await assertRefused(body.subarray(0, end), `cut off after ${end - head} bytes`);
    await assertRefused(body.subarray(0, -1), 'all but the last byte');
  });

  test('cut off in the head', async () => {
    const head = request(null);
    for (let end = 1; end < head.length; end += 7)
      assert.equal((await target.post(head.subarray(0, end))).status, 400, `after ${end} bytes`);
  });

  test('one bit wrong anywhere', async () => {
    const step = Math.max(1, Math.floor(good.length / 25));
    for (let at = 0; at < good.length; at += step) {
      const wrong = Buffer.from(good);
      wrong[at]! ^= 1 << (at % 8);
      await assertRefused(request(wrong), `at ${at}`);
    }
  });

  test('one bit wrong, under a checksum that is right', async () => {
    for (let at = 0; at < good.length - 20; at += Math.max(1, Math.floor(good.length / 25))) {
      const wrong = Buffer.from(good);
      wrong[at]! ^= 1 << (at % 8);
      const { refs } = await target.push(request(resealed(wrong)));
      assert.notEqual(refs.get(main), null, `at ${at}`);
    }
  });

  const blob: RawEntry = { type: 3, data: Buffer.from('content') };
  const kinds: Record<string, () => Buffer> = {
    'a wrong checksum': () => rawPack([blob], { checksum: Buffer.alloc(20, 1) }),
    'fewer objects than it says': () => rawPack([blob], { count: 2 }),
    'more objects than it says': () => rawPack([blob, { type: 3, data: Buffer.from('more') }], { count: 1 }),
    'four billion objects, it says': () => rawPack([blob], { count: 0xffffffff }),
    'no objects': () => rawPack([]),
    'a version that nobody knows': () => rawPack([blob], { version: 9 }),
    'another beginning': () => Buffer.concat([Buffer.from('KCAP'), rawPack([blob]).subarray(4)]),
    'nothing at all': () => Buffer.alloc(0),
    'a size that is not the truth': () => rawPack([{ ...blob, declaredSize: 6 }]),
    'a size of a terabyte': () => rawPack([{ ...blob, declaredSize: 2 ** 40 }]),
    'a tree of a terabyte': () => rawPack([{ type: 2, data: Buffer.from('x'), declaredSize: 2 ** 40 }]),
    'a delta on what nobody has': () => rawPack([{ type: 7, data: repeatingDelta(100, 1), base: '12'.repeat(20) }]),
    'a commit that is none': () => rawPack([{ type: 1, data: Buffer.from('no commit') }]),
    'a tree with two equal names': () => {
      const entry = Buffer.concat([Buffer.from('100644 a\0'), Buffer.alloc(20, 1)]);
      return rawPack([{ type: 2, data: Buffer.concat([entry, entry]) }]);
    },
    'a tree that names .git': () => rawPack([{ type: 2, data: Buffer.concat([Buffer.from('40000 .git\0'), Buffer.alloc(20, 1)]) }]),
    'a commit whose tree is missing': () =>
      rawPack([{ type: 1, data: Buffer.from(`tree ${'1'.repeat(40)}\nauthor A <a@b> 1 +0000\ncommitter A <a@b> 1 +0000\n\nx\n`) }]),
  };
  for (const [name, pack] of Object.entries(kinds)) test(name, () => assertRefused(request(pack())));

  test('whole, but without what its commit needs', async () => {
    const listed = await mustGit(target.work.path, ['rev-list', '--objects', '--no-object-names', target.tip, `^${target.base}`]);
    for (const hole of listed.split('\n')) {
      const pack = await packOfObjects(
        target.work.path,
        listed.split('\n').filter((id) => id !== hole),
      );
      await assertRefused(request(pack), `without ${hole}`);
    }
  });

  test('larger than the server takes: refused with a reason that says so', async () => {
    await using small = await PushTarget.open({ maximumPushBytes: 2 * MB });
    const pack = rawPack([{ type: 3, data: randomBytes(3 * MB) }]);
    assert.ok(pack.length > 2 * MB);
    const { unpack, refs } = await small.push(pushRequest({ commands: [{ refName: 'refs/tags/x', oldId: null, newId: small.tip }], pack }));
    assert.match(unpack ?? '', /larger than 2097152 bytes/);
    assert.deepEqual([...refs.values()], ['unpacker error']);
    await small.assertUntouched();
  });
});

test('bytes behind a whole pack are ignored, as git ignores them', async () => {
  await using target = await PushTarget.open();
  const body = Buffer.concat([await target.goodPush(), Buffer.alloc(3 * MB, 'junk')]);
  assert.deepEqual([...(await target.push(body)).refs], [[main, null]]);
  assert.equal(await target.refs(), `${main} ${target.tip}`);
  await target.assertClean();
});

describe('small packs that unfold to much', () => {
  const parts = new AsyncDisposableStack();
  let target: PushTarget;
  before(async () => {
    target = parts.use(await PushTarget.open());
  });
  afterEach(() => target.assertUntouched());
  after(() => parts.disposeAsync());

  /** Pushes a pack that does not bring what the command names, and tells how much memory git took. */
  async function peakOf(pack: Buffer, headers: Record<string, string> = {}, send = (body: Buffer) => body): Promise<number> {
    const body = pushRequest({ commands: [{ refName: 'refs/heads/bomb', oldId: null, newId: '1'.repeat(40) }], pack });
    return peakMemory(target.server.data, async () => {
      const answer = await target.post(send(body), headers);
      assert.notEqual(readReportStatus(answer.body).refs.get('refs/heads/bomb') ?? null, null);
    });
  }

  test('a blob of zeros is streamed', async () => {
    const pack = rawPack([{ type: 3, data: Buffer.alloc(150 * MB) }]);
    assert.ok(pack.length < MB);
    assert.ok((await peakOf(pack)) < 80 * MB);
  });

  test('the same, compressed once more on the way', async () => {
    const pack = rawPack([{ type: 3, data: Buffer.alloc(150 * MB) }]);
    const before = process.memoryUsage.rss();
    assert.ok((await peakOf(pack, { 'content-encoding': 'gzip' }, (body) => gzipSync(body))) < 80 * MB);
    assert.ok(process.memoryUsage.rss() - before < 300 * MB);
  });

  // Attack: 8 KB that want 1.5 GB of memory, in as many pushes at once as one likes.
  test('a delta that repeats its base is refused before it has the memory', async () => {
    const base = Buffer.alloc(8 * MB);
    const delta: RawEntry = { type: 7, data: repeatingDelta(base.length, 192), base: objectId('blob', base) };
    const pack = rawPack([{ type: 3, data: base }, delta]);
    assert.ok(pack.length < 16 * 1024);
    assert.ok((await peakOf(pack)) < 200 * MB);
  });
});
