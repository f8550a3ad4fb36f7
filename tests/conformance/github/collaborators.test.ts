import assert from 'node:assert/strict';
import { test } from 'node:test';
import { createPersona } from '../../support/personas.ts';
import { refused } from './support/refusals.ts';
import { here, stageFor } from './support/stage.ts';

const stage = stageFor(import.meta.filename, async ({ server }) => {
  for (const login of ['ann', 'bob']) await createPersona(server, login);
});
const admin = () => stage.as(stage.cast.maintainer).rest.repos;
const ann = { ...here, username: 'ann' } as const;

/** Each role with what it is called in three places. */
const roles = [
  ['pull', 'read', 'read'],
  ['triage', 'triage', 'read'],
  ['push', 'write', 'write'],
  ['maintain', 'maintain', 'write'],
  ['admin', 'admin', 'admin'],
] as const;

for (const [permission, role, legacy] of roles) {
  test(`somebody is given ${permission}`, async () => {
    assert.equal((await admin().addCollaborator({ ...ann, permission })).status, 204);
    assert.equal((await admin().checkCollaborator(ann)).status, 204);
    const { data } = await admin().getCollaboratorPermissionLevel(ann);
    assert.deepEqual([data.permission, data.role_name, data.user?.login], [legacy, role, 'ann']);
    const { data: list } = await admin().listCollaborators(here);
    const shown = list.find((one) => one.login === 'ann');
    assert.equal(shown?.role_name, role);
    const level = roles.findIndex(([name]) => name === permission);
    assert.deepEqual(shown?.permissions, Object.fromEntries(roles.map(([name], index) => [name, index <= level])));
  });
}

test('a role that is not said is push, and a name in any case is found', async () => {
  await admin().addCollaborator({ ...here, username: 'BOB' });
  assert.equal((await admin().getCollaboratorPermissionLevel({ ...here, username: 'bob' })).data.role_name, 'write');
});

test('somebody without a right has none', async () => {
  const ova = { ...here, username: 'ova' };
  await refused(admin().checkCollaborator(ova), 404, 'Not Found');
  assert.equal((await admin().getCollaboratorPermissionLevel(ova)).data.permission, 'none');
  await refused(admin().checkCollaborator({ ...here, username: 'nobody-here' }), 404, 'Not Found');
  await refused(admin().addCollaborator({ ...here, username: 'nobody-here' }), 404, 'Not Found');
});

test('a right is taken away, once, and with it the rows that name them', async () => {
  await admin().addCollaborator({ ...ann, permission: 'push' });
  const restrictions = { users: ['ann', 'dev'], teams: [] };
  const at = { ...here, branch: 'main' };
  await admin().updateBranchProtection({
    ...at,
    required_status_checks: null,
    enforce_admins: null,
    required_pull_request_reviews: null,
    restrictions,
  });
  assert.equal((await admin().removeCollaborator(ann)).status, 204);
  await refused(admin().checkCollaborator(ann), 404, 'Not Found');
  await refused(admin().removeCollaborator(ann), 404, 'Not Found');
  await admin().addCollaborator({ ...ann, permission: 'push' });
  const { data } = await admin().getUsersWithAccessToProtectedBranch(at);
  assert.deepEqual(
    data.map((user) => user.login),
    ['dev'],
  );
});

test('people leave by themselves', async () => {
  await admin().addCollaborator({ ...here, username: 'bob' });
  const bob = await createPersona(stage.server, 'eve');
  await admin().addCollaborator({ ...here, username: 'eve', permission: 'pull' });
  assert.equal((await stage.as(bob).rest.repos.removeCollaborator({ ...here, username: 'eve' })).status, 204);
  await refused(stage.as(bob).rest.repos.get(here), 404, 'Not Found');
});

test('writers read the list and change nothing; readers do not even read it', async () => {
  const developer = stage.as(stage.cast.developer).rest.repos;
  assert.equal((await developer.listCollaborators(here)).status, 200);
  await refused(developer.addCollaborator({ ...ann, permission: 'admin' }), 403, 'Must have admin rights to Repository.');
  await refused(developer.removeCollaborator({ ...here, username: 'mona' }), 403, 'Must have admin rights to Repository.');
  const reader = await createPersona(stage.server, 'rita');
  await admin().addCollaborator({ ...here, username: 'rita', permission: 'pull' });
  const { repos } = stage.as(reader).rest;
  await refused(repos.listCollaborators(here), 403, 'Must have push access to view repository collaborators.');
  await refused(repos.getCollaboratorPermissionLevel(ann), 403, 'Must have push access to view collaborator permission.');
  await refused(stage.as(stage.cast.outsider).rest.repos.listCollaborators(here), 404, 'Not Found');
  await refused(stage.as(null).rest.repos.listCollaborators(here), 401, 'Requires authentication');
});

test('a role that is none is refused in the words of a schema', async () => {
  await refused(
    admin().addCollaborator({ ...ann, permission: 'king' }),
    422,
    'Invalid request.\n\nking is not a member of ["pull", "triage", "push", "maintain", "admin"].',
  );
});
