import assert from 'node:assert/strict';
import { after, before, describe, test } from 'node:test';
import { githubRules, protectPattern } from '../support/protections.ts';
import { pushRequest } from '../support/push-request.ts';
import { PushTarget } from '../support/push-target.ts';

const main = 'refs/heads/main';

/** A pack that no git takes shows whether the content was looked at. */
const garbage = Buffer.from('PACK and then nothing that could be one');

describe('a push of which every ref is refused without its objects', () => {
  let target: PushTarget;
  before(async () => {
    target = await PushTarget.open();
    const rules = githubRules({ type: 'lock', parameters: { forkSync: false } });
    await protectPattern(target.adminApi, 'admin/target', { origin: 'github', pattern: 'main', rules });
  });
  after(() => target[Symbol.asyncDispose]());

  const locked = () => ({ refName: main, oldId: target.base, newId: target.tip });
  const stale = () => ({ refName: 'refs/heads/gone', oldId: target.base, newId: target.tip });
  const fine = (name = 'fine') => ({ refName: `refs/heads/${name}`, oldId: null, newId: target.tip });

  test('is answered unread: some by rules, the others by git’s own', async () => {
    const { unpack, refs } = await target.push(pushRequest({ commands: [locked(), stale()], pack: garbage }));
    assert.equal(unpack, 'ok');
    assert.equal(refs.get(main), 'protected branch hook declined');
    assert.match(refs.get('refs/heads/gone') ?? '', /stale info/);
  });

  test('atomic: one ref that cannot move is enough, whoever refuses it', async () => {
    const capabilities = ['report-status-v2', 'side-band-64k', 'quiet', 'atomic'];
    for (const refused of [locked(), stale()]) {
      const { unpack, refs } = await target.push(pushRequest({ commands: [fine(), refused], capabilities, pack: garbage }));
      assert.equal(unpack, 'ok');
      assert.equal(refs.get('refs/heads/fine'), 'atomic push failure');
    }
  });

  test('is read where one ref of it may move', async () => {
    const { unpack, refs } = await target.push(pushRequest({ commands: [locked(), fine()], pack: garbage }));
    assert.notEqual(unpack, 'ok');
    assert.deepEqual([...refs.values()], ['unpacker error', 'unpacker error']);
  });
});
