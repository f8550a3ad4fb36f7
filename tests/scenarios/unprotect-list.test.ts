import assert from 'node:assert/strict';
import { after, before, describe, test } from 'node:test';
import { must } from '../support/api.ts';
import { castOf, type Personas } from '../support/personas.ts';
import { gitlabRules, protectPattern } from '../support/protections.ts';
import { startTestServer, type TestServer } from '../support/server.ts';

describe('the list of who may edit a protection', () => {
  let server: TestServer;
  let cast: Personas;
  before(async () => {
    server = await startTestServer();
    cast = await castOf(server);
  });
  after(() => server[Symbol.asyncDispose]());

  // Attack: 1. Only one person may edit a protection. 2. An admin takes that person out of the repository, which takes the row with it.
  // 3. The list is empty now, which says that every admin may edit: the protection is opened, or a token granted that passes it.
  test('does not open itself to every admin when the last one on it leaves the repository, or is taken out of it', async () => {
    const { id } = await must(cast.developer.api('GET', '/user'));
    const list = [{ kind: 'user', id }];
    const input = { origin: 'gitlab' as const, pattern: 'main', rules: gitlabRules({}), manage: list };
    const made = await protectPattern(cast.owner.api, 'acme/app', input);
    const path = `/api/sallyport/v1/repos/acme/app/protections/${made.id}`;
    const open = () => cast.maintainer.api('PATCH', path, { rules: gitlabRules({ push: [{ kind: 'role', level: 30 }] }) });
    const refused = (await open()).status;
    assert.ok(refused === 403 || refused === 404);
    await must(cast.maintainer.api('DELETE', '/repos/acme/app/collaborators/dev'));
    assert.equal((await open()).status, refused);
    assert.deepEqual((await must(cast.owner.api('GET', path))).manage, [{ kind: 'role', level: 0 }]);

    // Nobody is locked out for ever: a site admin may always edit, on the record.
    assert.deepEqual((await must(cast.admin.api('PATCH', path, { manage: [{ kind: 'role', level: 40 }] }))).manage, [
      { kind: 'role', level: 40 },
    ]);
    assert.equal((await open()).status, 200);
  });
});
