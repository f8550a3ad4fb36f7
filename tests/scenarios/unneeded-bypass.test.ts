import assert from 'node:assert/strict';
import { after, before, describe, test } from 'node:test';
import { must } from '../support/api.ts';
import { WorkTree } from '../support/history.ts';
import { castOf, elevated, type Personas } from '../support/personas.ts';
import { entries } from '../support/record.ts';
import { startTestServer, type TestServer } from '../support/server.ts';
import { openSql } from '../support/sql.ts';

describe('a push that needs no bypass', () => {
  let server: TestServer;
  let cast: Personas;
  let work: WorkTree;
  before(async () => {
    server = await startTestServer();
    cast = await castOf(server);
    work = await WorkTree.create();
    await work.commit('begin', { 'a.txt': 'a\n' });
    await work.must('push', '--quiet', cast.owner.remote('acme/app'), 'HEAD:refs/heads/main');
  });
  after(async () => {
    await work[Symbol.asyncDispose]();
    await server[Symbol.asyncDispose]();
  });

  test('takes no use of the token where only a ruleset that is tried out objects', async () => {
    const { id } = await must(cast.owner.api('GET', '/repos/acme/app'));
    await using sql = await openSql(server.data);
    await sql.run(
      `insert into ruleset (version, repository_id, organization_id, rules, name, target, enforcement, conditions, bypass)
       values (1, ${id}, null, '[{"type":"update","parameters":{}}]', 'trial', 'branch', 'evaluate', '{"include":["~ALL"],"exclude":[]}', '[]')`,
    );
    const token = await elevated(server, cast.developer, { repositories: ['acme/app'], uses: 2, rules: ['update'] });
    for (const name of ['one', 'two', 'three']) {
      await work.commit(name);
      const { code, stderr } = await work.push(token.remote('acme/app'), 'HEAD:refs/heads/main');
      assert.equal(code, 0, stderr);
      assert.doesNotMatch(stderr, /Bypass/);
    }
    const user = await must(cast.developer.api('GET', '/user'));
    const stored = await server.running.house.store.read.tokens.listOfUser(user.id, { limit: 1, offset: 0 });
    assert.deepEqual(stored.items[0]?.bounds?.uses, { max: 2, reserved: 0, spent: 0 });
    const [push] = await entries(server, 'action:git.push actor:dev');
    assert.equal(push.updates[0].result, 'pass');
    assert.equal(push.updates[0].evaluated[0].rule, 'update');
  });
});
