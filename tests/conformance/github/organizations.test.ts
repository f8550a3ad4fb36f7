import assert from 'node:assert/strict';
import { test } from 'node:test';
import { createPersona } from '../../support/personas.ts';
import { refused } from './support/refusals.ts';
import { here, stageFor } from './support/stage.ts';

const stage = stageFor(import.meta.filename, async ({ server }) => {
  for (const login of ['ann', 'bob', 'cid']) await createPersona(server, login);
});
const owner = () => stage.as(stage.cast.owner).rest.orgs;
const outsider = () => stage.as(stage.cast.outsider).rest.orgs;

test('an organization is seen by everybody, its settings by its owners', async () => {
  const { data } = await outsider().get({ org: 'ACME' });
  assert.deepEqual([data.login, data.name, data.type], ['acme', 'Acme', 'Organization']);
  assert.equal('default_repository_permission' in data, false);
  assert.equal((await owner().get({ org: 'acme' })).data.default_repository_permission, 'read');
});

test('an organization is changed by its owners', async () => {
  const { data } = await owner().update({ org: 'acme', description: 'Anvils', default_repository_permission: 'none' });
  assert.deepEqual([data.description, data.default_repository_permission], ['Anvils', 'none']);
  await refused(outsider().update({ org: 'acme', description: 'Mine' }), 403, /./);
  await refused(stage.as(stage.cast.maintainer).rest.orgs.update({ org: 'acme', default_repository_permission: 'admin' }), 403, /./);
  assert.equal((await owner().get({ org: 'acme' })).data.description, 'Anvils');
});

test('a membership is given, read, raised and taken', async () => {
  const at = { org: 'acme', username: 'ann' };
  await refused(owner().getMembershipForUser(at), 404, /./);
  const { data } = await owner().setMembershipForUser(at);
  assert.deepEqual(
    [data.role, data.state, data.user?.login, data.organization.login, data.organization_url],
    ['member', 'active', 'ann', 'acme', `${stage.server.url}/api/v3/orgs/acme`],
  );
  assert.deepEqual((await owner().getMembershipForUser(at)).data, data);
  assert.equal((await owner().setMembershipForUser({ ...at, role: 'admin' })).data.role, 'admin');
  assert.equal((await owner().setMembershipForUser({ ...at, role: 'member' })).data.role, 'member');
  assert.equal((await owner().removeMembershipForUser(at)).status, 204);
  await refused(owner().getMembershipForUser(at), 404, /./);
});

test('one reads the own membership', async () => {
  const { data } = await owner().getMembershipForAuthenticatedUser({ org: 'acme' });
  assert.deepEqual([data.role, data.user?.login], ['admin', 'olga']);
  await refused(outsider().getMembershipForAuthenticatedUser({ org: 'acme' }), 404, /./);
});

test('members are listed by role, and asked for one by one', async () => {
  await owner().setMembershipForUser({ org: 'acme', username: 'bob' });
  const logins = async (role?: 'all' | 'admin' | 'member') =>
    (await owner().listMembers({ org: 'acme', ...(role && { role }) })).data.map((member) => member.login).sort();
  assert.deepEqual(await logins(), ['bob', 'olga']);
  assert.deepEqual(await logins('admin'), ['olga']);
  assert.deepEqual(await logins('member'), ['bob']);
  assert.equal((await owner().checkMembershipForUser({ org: 'acme', username: 'bob' })).status, 204);
  await refused(
    owner().checkMembershipForUser({ org: 'acme', username: 'cid' }),
    404,
    'User does not exist or is not a member of the organization',
  );
  assert.equal((await owner().removeMember({ org: 'acme', username: 'bob' })).status, 204);
  assert.deepEqual(await logins(), ['olga']);
});

test('only owners change memberships, and the last of them stays', async () => {
  const { orgs } = stage.as(stage.cast.maintainer).rest;
  await refused(orgs.setMembershipForUser({ org: 'acme', username: 'mona', role: 'admin' }), 403, /./);
  await refused(orgs.removeMembershipForUser({ org: 'acme', username: 'olga' }), 403, /./);
  const last = owner().removeMembershipForUser({ org: 'acme', username: 'olga' });
  await last.then(
    () => assert.fail('the last owner went'),
    ({ status }: { status: number }) => assert.ok(status === 403 || status === 422, String(status)),
  );
  assert.equal((await owner().getMembershipForUser({ org: 'acme', username: 'olga' })).data.role, 'admin');
});

test('a membership of nobody, of a role that is none, or in no organization is refused', async () => {
  await refused(owner().setMembershipForUser({ org: 'acme', username: 'nobody-here' }), 404, 'Not Found');
  await refused(owner().setMembershipForUser({ org: 'nowhere', username: 'ann' }), 404, 'Not Found');
  await refused(
    owner().setMembershipForUser({ org: 'acme', username: 'ann', role: 'king' as 'admin' }),
    422,
    'Invalid request.\n\nking is not a member of ["admin", "member"].',
  );
});

test('who leaves the organization loses what came with it', async () => {
  await owner().update({ org: 'acme', default_repository_permission: 'read' });
  await owner().setMembershipForUser({ org: 'acme', username: 'cid' });
  const cid = stage.as(await createPersona(stage.server, 'dan')).rest;
  await owner().setMembershipForUser({ org: 'acme', username: 'dan' });
  assert.equal((await cid.repos.get(here)).data.permissions?.push, false);
  await owner().removeMembershipForUser({ org: 'acme', username: 'dan' });
  await refused(cid.repos.get(here), 404, 'Not Found');
});
