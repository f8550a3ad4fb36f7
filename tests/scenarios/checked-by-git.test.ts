import assert from 'node:assert/strict';
import { after, before, describe, test } from 'node:test';
import { must } from '../support/api.ts';
import { mustGit } from '../support/git.ts';
import { pushRequest } from '../support/push-request.ts';
import { PushTarget } from '../support/push-target.ts';

/** Attack: whoever clones with submodules runs what the address says. git refuses it in a push; a file made over the API is no other. */
const hostile = '[submodule "x"]\n\tpath = x\n\turl = -u./payload\n';
const repo = '/repos/admin/target';

describe('objects that come in over the API', () => {
  let target: PushTarget;
  before(async () => {
    target = await PushTarget.open();
  });
  after(() => target[Symbol.asyncDispose]());

  test('are checked by git like those of a push: what it does not take is not stored, and not said to be', async () => {
    const api = target.adminApi;
    const before = await target.refs();
    const content = Buffer.from(hostile).toString('base64');
    const file = await api('PUT', `${repo}/contents/.gitmodules`, { message: 'm', branch: 'main', content });
    assert.equal(file.status, 422, JSON.stringify(file.body));
    const tree = await api('POST', `${repo}/git/trees`, {
      tree: [{ path: '.gitmodules', mode: '100644', type: 'blob', content: hostile }],
    });
    assert.equal(tree.status, 422, JSON.stringify(tree.body));
    assert.equal(await target.refs(), before);
    const [entry] = await must(api('GET', '/enterprises/sallyport/audit-log?include=all&phrase=action:git.create_object'));
    assert.equal(entry, undefined, 'nothing was made');

    const id = await mustGit(target.work.path, ['hash-object', '--stdin'], { input: hostile });
    assert.equal((await api('GET', `${repo}/git/blobs/${id}`)).status, 404);
  });
});

describe('a deletion', () => {
  test('of what is not there, or no longer what the client takes it for, is refused before anything is asked of git', async () => {
    await using target = await PushTarget.open();
    const commands = [
      { refName: 'refs/heads/main', oldId: target.tip, newId: null },
      { refName: 'refs/heads/nowhere', oldId: target.tip, newId: null },
    ];
    const { refs } = await target.push(pushRequest({ commands, pack: null }));
    assert.deepEqual(
      [...refs],
      [
        ['refs/heads/main', 'stale info, fetch first'],
        ['refs/heads/nowhere', 'does not exist (stale info, fetch first)'],
      ],
    );
    await target.assertUntouched();
  });
});
