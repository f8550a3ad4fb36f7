import assert from 'node:assert/strict';
import { after, test } from 'node:test';
import { must } from '../../support/api.ts';
import { installApp } from '../../support/apps.ts';
import { HookReceiver, type Received } from '../../support/hook-receiver.ts';
import { createPersona } from '../../support/personas.ts';
import { description } from './support/description.ts';
import { misfits } from './support/json-schema.ts';
import { here, stageFor } from './support/stage.ts';

const receiver = await HookReceiver.open();
after(() => receiver[Symbol.asyncDispose]());

const stage = stageFor(
  import.meta.filename,
  async ({ server, cast }) => {
    for (const login of ['ann', 'bob']) await createPersona(server, login);
    const config = { url: receiver.url(), content_type: 'json' };
    await must(cast.owner.api('POST', '/orgs/acme/hooks', { config, events: ['*'] }));
    await receiver.until('/hook', 'ping');
  },
  { config: { webhookAllow: ['127.0.0.0/8'] }, seams: { hooks: { every: 10 } } },
);
const repos = () => stage.as(stage.cast.owner).rest.repos;
const teams = () => stage.as(stage.cast.owner).rest.teams;

/** `check_run` with the action `created` is `check-run-created`. */
const nameOf = ({ event, payload }: Received): string => [event, payload.action].filter(Boolean).join('-').replaceAll('_', '-');

/** What is told because of something, up to an event and its action. Every payload fits the published description. */
async function toldOf(work: () => Promise<unknown>, ...names: readonly string[]): Promise<Received['payload'][]> {
  const start = receiver.received.length;
  await work();
  for (const name of names) {
    const isThere = (): boolean => receiver.received.slice(start).some((one) => nameOf(one) === name);
    for (let waited = 0; !isThere(); waited += 20) {
      assert.ok(waited < 10_000, `${name} was not told, but ${receiver.received.slice(start).map(nameOf)}`);
      await new Promise((resolve) => setTimeout(resolve, 20));
    }
  }
  const told = receiver.received.slice(start);
  assert.deepEqual(told.map(nameOf), names);
  return told.map((one) => one.payload);
}

const seen = new Set<string>();
const unfit: string[] = [];

function check(one: Received): void {
  const name = nameOf(one);
  if (seen.has(name)) return;
  seen.add(name);
  assert.ok(name in description.webhooks, `${name} is not described`);
  for (const { at, keyword, message } of misfits(`/webhooks/${name}`, one.payload)) unfit.push(`${name} ${at} ${keyword} ${message}`);
}

test('a collaborator comes, gets another right, and goes', async () => {
  const ann = { ...here, username: 'ann' };
  const [added] = await toldOf(() => repos().addCollaborator({ ...ann, permission: 'pull' }), 'member-added');
  assert.partialDeepStrictEqual(added, {
    ...{ action: 'added', member: { login: 'ann' }, repository: { full_name: 'acme/app' }, organization: { login: 'acme' } },
    ...{ sender: { login: 'olga' }, changes: { permission: { to: 'read' }, role_name: { to: 'read' } } },
  });
  const [edited] = await toldOf(() => repos().addCollaborator({ ...ann, permission: 'maintain' }), 'member-edited');
  assert.deepEqual(edited.changes, { old_permission: { from: 'read' }, permission: { from: 'read', to: 'write' } });
  const [removed] = await toldOf(() => repos().removeCollaborator(ann), 'member-removed');
  assert.equal(removed.member.login, 'ann');
});

test('a person joins the organization and a team, and leaves', async () => {
  const orgs = stage.as(stage.cast.owner).rest.orgs;
  const [joined] = await toldOf(
    () => orgs.setMembershipForUser({ org: 'acme', username: 'bob', role: 'member' }),
    'organization-member-added',
  );
  assert.partialDeepStrictEqual(joined.membership, { role: 'member', state: 'active', user: { login: 'bob' } });
  const [created] = await toldOf(() => teams().create({ org: 'acme', name: 'Crew', privacy: 'closed' }), 'team-created');
  assert.partialDeepStrictEqual(created, {
    team: { name: 'Crew', slug: 'crew' },
    organization: { login: 'acme' },
    sender: { login: 'olga' },
  });
  const crew = { org: 'acme', team_slug: 'crew' };
  const [added] = await toldOf(() => teams().addOrUpdateMembershipForUserInOrg({ ...crew, username: 'bob' }), 'membership-added');
  assert.partialDeepStrictEqual(added, { scope: 'team', member: { login: 'bob' }, team: { slug: 'crew' } });
  await toldOf(() => teams().addOrUpdateMembershipForUserInOrg({ ...crew, username: 'bob', role: 'maintainer' }));
  const [edited] = await toldOf(() => teams().updateInOrg({ ...crew, description: 'All hands' }), 'team-edited');
  assert.partialDeepStrictEqual(edited, { changes: { description: { from: '' } }, team: { description: 'All hands' } });
  const onApp = { ...crew, ...here };
  const [granted, alsoGranted] = await toldOf(
    () => teams().addOrUpdateRepoPermissionsInOrg({ ...onApp, permission: 'pull' }),
    'team-added-to-repository',
    'team-add',
  );
  assert.deepEqual(
    [granted.repository.full_name, alsoGranted.repository.full_name, alsoGranted.team.slug],
    ['acme/app', 'acme/app', 'crew'],
  );
  const [changed] = await toldOf(() => teams().addOrUpdateRepoPermissionsInOrg({ ...onApp, permission: 'push' }), 'team-edited');
  assert.partialDeepStrictEqual(changed.changes.repository.permissions.from, { pull: true, push: false, admin: false });
  await toldOf(() => teams().removeRepoInOrg(onApp), 'team-removed-from-repository');
  const left = await toldOf(
    () => orgs.removeMembershipForUser({ org: 'acme', username: 'bob' }),
    'organization-member-removed',
    'membership-removed',
  );
  assert.deepEqual([left[0].membership.user.login, left[1].team.slug], ['bob', 'crew']);
  await toldOf(() => teams().deleteInOrg(crew), 'team-deleted');
});

test('a repository comes, changes, and goes', async () => {
  const [created] = await toldOf(() => repos().createInOrg({ org: 'acme', name: 'fleeting', private: true }), 'repository-created');
  assert.partialDeepStrictEqual(created, { repository: { full_name: 'acme/fleeting', private: true }, sender: { login: 'olga' } });
  const at = { owner: 'acme', repo: 'fleeting' };
  const [edited] = await toldOf(() => repos().update({ ...at, description: 'Soon gone' }), 'repository-edited');
  assert.deepEqual([edited.changes, edited.repository.description], [{ description: { from: null } }, 'Soon gone']);
  const [renamed] = await toldOf(() => repos().update({ ...at, name: 'gone' }), 'repository-renamed');
  assert.deepEqual([renamed.changes, renamed.repository.name], [{ repository: { name: { from: 'fleeting' } } }, 'gone']);
  const now = { owner: 'acme', repo: 'gone' };
  await toldOf(() => repos().update({ ...now, private: false }), 'repository-publicized');
  await toldOf(() => repos().update({ ...now, private: true }), 'repository-privatized');
  await toldOf(() => repos().update({ ...now, archived: true }), 'repository-archived');
  await toldOf(() => repos().update({ ...now, archived: false }), 'repository-unarchived');
  await toldOf(() => repos().update({ ...now, has_issues: false }));
  const [deleted] = await toldOf(() => repos().delete(now), 'repository-deleted');
  assert.equal(deleted.repository.full_name, 'acme/gone', 'although it is gone');
});

test('another default branch is an edit of the repository', async () => {
  const { data } = await repos().getBranch({ ...here, branch: 'main' });
  const git = stage.as(stage.cast.owner).rest.git;
  const createRef = () => git.createRef({ ...here, ref: 'refs/heads/trunk', sha: data.commit.sha });
  await toldOf(createRef, 'create', 'push');
  const [there] = await toldOf(() => repos().update({ ...here, default_branch: 'trunk' }), 'repository-edited');
  assert.deepEqual([there.changes, there.sender.login], [{ default_branch: { from: 'main' } }, 'olga']);
  await toldOf(() => repos().update({ ...here, default_branch: 'main' }), 'repository-edited');
  const [deletion] = await toldOf(() => git.deleteRef({ ...here, ref: 'heads/trunk' }), 'delete', 'push');
  assert.equal(deletion.ref, 'trunk');
});

test('a protection comes, is edited once however much changes, and goes', async () => {
  const at = { ...here, branch: 'main' };
  const off = { required_status_checks: null, enforce_admins: null, required_pull_request_reviews: null, restrictions: null };
  const [created] = await toldOf(
    () => repos().updateBranchProtection({ ...at, ...off, required_pull_request_reviews: { required_approving_review_count: 2 } }),
    'branch-protection-rule-created',
  );
  assert.partialDeepStrictEqual(created.rule, {
    ...{ name: 'main', pull_request_reviews_enforcement_level: 'non_admins', required_approving_review_count: 2, admin_enforced: false },
    ...{ required_status_checks_enforcement_level: 'off', authorized_actors_only: false, allow_force_pushes_enforcement_level: 'off' },
  });
  const [edited] = await toldOf(
    () =>
      repos().updateBranchProtection({
        ...{ ...at, ...off, enforce_admins: true, allow_force_pushes: true },
        ...{ required_status_checks: { strict: true, contexts: ['build'] }, restrictions: { users: ['dev'], teams: [] } },
      }),
    'branch-protection-rule-edited',
  );
  assert.partialDeepStrictEqual(edited.changes, {
    pull_request_reviews_enforcement_level: { from: 'non_admins' },
    required_status_checks: { from: [] },
    admin_enforced: { from: false },
    authorized_actors_only: { from: false },
    authorized_actor_names: { from: [] },
  });
  assert.equal(edited.changes.name, undefined);
  assert.deepEqual([edited.rule.required_status_checks, edited.rule.authorized_actor_names], [['build'], ['dev']]);
  const [deleted] = await toldOf(() => repos().deleteBranchProtection(at), 'branch-protection-rule-deleted');
  assert.equal(deleted.rule.name, 'main');
});

test('a status is told with the branches that stand at its commit', async () => {
  const { data } = await repos().getBranch({ ...here, branch: 'main' });
  const report = () =>
    repos().createCommitStatus({ ...here, sha: data.commit.sha, state: 'failure', context: 'ci', target_url: 'https://ci.example.com/1' });
  const [told] = await toldOf(report, 'status');
  assert.partialDeepStrictEqual(told, {
    ...{ sha: data.commit.sha, state: 'failure', context: 'ci', target_url: 'https://ci.example.com/1', name: 'acme/app' },
    ...{ commit: { sha: data.commit.sha }, branches: [{ name: 'main', protected: false, commit: { sha: data.commit.sha } }] },
  });
});

test('a check run is told when it comes and when it is completed, once', async () => {
  const { data } = await repos().getBranch({ ...here, branch: 'main' });
  const app = await installApp(stage.server, stage.cast.owner, 'acme', 'ci', { checks: 'write', contents: 'read' });
  const { checks } = stage.as(await app.token()).rest;
  let id = 0;
  const [created] = await toldOf(async () => {
    id = (await checks.create({ ...here, name: 'build', head_sha: data.commit.sha })).data.id;
  }, 'check-run-created');
  assert.partialDeepStrictEqual(created.check_run, { id, name: 'build', status: 'queued', head_sha: data.commit.sha, app: { slug: 'ci' } });
  assert.equal(created.sender.type, 'Bot');
  await toldOf(() => checks.update({ ...here, check_run_id: id, status: 'in_progress' }));
  const [completed] = await toldOf(() => checks.update({ ...here, check_run_id: id, conclusion: 'success' }), 'check-run-completed');
  assert.equal(completed.check_run.conclusion, 'success');
  await toldOf(() => checks.update({ ...here, check_run_id: id, conclusion: 'failure' }));
  await toldOf(
    () => checks.create({ ...here, name: 'at once', head_sha: data.commit.sha, conclusion: 'success' }),
    'check-run-created',
    'check-run-completed',
  );
});

test('every payload fits the published description', () => {
  for (const one of receiver.received) check(one);
  assert.deepEqual(unfit, []);
  assert.deepEqual(
    Object.keys(description.webhooks).filter((name) => !seen.has(name)),
    [],
    'events that were never seen here',
  );
});
