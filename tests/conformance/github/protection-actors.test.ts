import assert from 'node:assert/strict';
import { test } from 'node:test';
import { createPersona } from '../../support/personas.ts';
import { type App, installedApp } from './support/app.ts';
import { refused, sentencesOf } from './support/refusals.ts';
import { allOff } from './support/settings.ts';
import { here, stageFor } from './support/stage.ts';

let bot: App;
const stage = stageFor(import.meta.filename, async ({ cast, server, as }) => {
  const { teams, repos } = as(cast.owner).rest;
  await createPersona(server, 'rita');
  await repos.addCollaborator({ ...here, username: 'rita', permission: 'pull' });
  for (const name of ['Core', 'Readers', 'Elsewhere']) await teams.create({ org: 'acme', name, privacy: 'closed' });
  await teams.addOrUpdateRepoPermissionsInOrg({ org: 'acme', team_slug: 'core', ...here, permission: 'push' });
  await teams.addOrUpdateRepoPermissionsInOrg({ org: 'acme', team_slug: 'readers', ...here, permission: 'pull' });
  bot = await installedApp(stage, cast.owner, 'acme', 'relbot', { contents: 'write' });
  await installedApp(stage, cast.owner, 'acme', 'lookbot', { contents: 'read' });
});
const admin = () => stage.as(stage.cast.maintainer).rest.repos;

test('people, teams and apps that may write stand in every list, in the order they were given', async () => {
  const at = await stage.branch('everybody');
  const lists = { users: ['mona', 'dev', 'olga'], teams: ['core'], apps: ['relbot'] };
  const { data } = await admin().updateBranchProtection({
    ...at,
    ...allOff(),
    restrictions: lists,
    required_pull_request_reviews: { dismissal_restrictions: lists, bypass_pull_request_allowances: lists },
  });
  const shown = [
    data.restrictions,
    data.required_pull_request_reviews?.dismissal_restrictions,
    data.required_pull_request_reviews?.bypass_pull_request_allowances,
  ];
  for (const list of shown) {
    assert.deepEqual(
      list?.users?.map((user) => user.login),
      lists.users,
    );
    assert.deepEqual(
      list?.teams?.map((team) => team.slug),
      lists.teams,
    );
    assert.deepEqual(
      list?.apps?.map((app) => [app?.slug, app?.id]),
      [['relbot', bot.id]],
    );
  }
});

test('logins and slugs are found whatever their case, and a name given twice stands once', async () => {
  const at = await stage.branch('case');
  const restrictions = { users: ['DEV', 'dev'], teams: ['Core', 'core'], apps: [] };
  const { data } = await admin().updateBranchProtection({ ...at, ...allOff(), restrictions });
  assert.deepEqual(
    data.restrictions?.users.map((user) => user.login),
    ['dev'],
  );
  assert.deepEqual(
    data.restrictions?.teams.map((team) => team.slug),
    ['core'],
  );
});

/** Names that no list takes, and how the refusal calls them. */
const impossible = [
  ['users', 'nobody-here', 'an unknown user'],
  ['users', 'rita', 'a reader'],
  ['users', 'ova', 'a stranger'],
  ['users', 'acme', 'an organization'],
  ['users', 'relbot[bot]', 'the bot of an app'],
  ['teams', 'no-team', 'an unknown team'],
  ['teams', 'readers', 'a team that may only read'],
  ['teams', 'elsewhere', 'a team without a grant'],
  ['apps', 'no-app', 'an unknown app'],
  ['apps', 'lookbot', 'an app that may only read'],
] as const;

for (const [list, name, who] of impossible) {
  test(`${who} is refused by name in every list, and nothing changes`, async () => {
    const at = await stage.branch(`impossible/${list}-${name.replace(/\W/g, '')}`);
    const good = { users: ['dev'], teams: ['core'], apps: ['relbot'] };
    const reviews = { bypass_pull_request_allowances: good, dismissal_restrictions: good };
    const { data: before } = await admin().updateBranchProtection({
      ...at,
      ...allOff(),
      restrictions: good,
      required_pull_request_reviews: reviews,
    });
    const bad = { ...good, [list]: [...good[list], name] };
    const attempts = [
      () => admin().updateBranchProtection({ ...at, ...allOff(), restrictions: bad, enforce_admins: true }),
      () => admin().updateBranchProtection({ ...at, ...allOff(), required_pull_request_reviews: { dismissal_restrictions: bad } }),
      () => admin().updatePullRequestReviewProtection({ ...at, bypass_pull_request_allowances: bad, dismiss_stale_reviews: true }),
      () => change('POST', at.branch, list, [name]),
      () => change('PUT', at.branch, list, [name]),
    ];
    for (const attempt of attempts) {
      const { data } = await refused(attempt(), 422, 'Validation Failed');
      const [sentence = '', ...others] = sentencesOf(data);
      assert.ok(sentence.includes(JSON.stringify(name)), sentence);
      assert.deepEqual(others, []);
    }
    assert.deepEqual((await admin().getBranchProtection(at)).data, before);
  });
}

/** Octokit's methods for one of the three lists, chosen by name. */
function change(method: 'POST' | 'PUT' | 'DELETE', branch: string, list: 'users' | 'teams' | 'apps', names: readonly string[]) {
  const route = `${method} /repos/{owner}/{repo}/branches/{branch}/protection/restrictions/${list}`;
  return stage.as(stage.cast.maintainer).request(route, { ...here, branch, data: names });
}

test('every name that is no good is named at once', async () => {
  const at = await stage.branch('all-of-them');
  const restrictions = { users: ['nobody-here', 'rita'], teams: ['no-team'], apps: ['no-app', 'lookbot'] };
  const { data } = await refused(admin().updateBranchProtection({ ...at, ...allOff(), restrictions }), 422, 'Validation Failed');
  for (const name of ['nobody-here', 'rita', 'no-team', 'no-app', 'lookbot'])
    assert.equal(data.errors.filter((error: string) => error.includes(JSON.stringify(name))).length, 1, name);
  await refused(admin().getBranchProtection(at), 404, 'Branch not protected');
});

test('more than a hundred actors are refused, by PUT and by adding', async () => {
  const at = await stage.branch('hundred');
  const many = Array.from({ length: 101 }, (_, index) => `user-${index}`);
  const message = 'Only 100 users and teams can be specified.';
  const bodies = [
    { restrictions: { users: many, teams: [], apps: [] } },
    { restrictions: { users: many.slice(0, 99), teams: ['core'], apps: ['relbot'] } },
    { required_pull_request_reviews: { dismissal_restrictions: { users: many } } },
    { required_pull_request_reviews: { bypass_pull_request_allowances: { users: many } } },
  ];
  for (const body of bodies) {
    const { data } = await refused(admin().updateBranchProtection({ ...at, ...allOff(), ...body }), 422, 'Validation Failed');
    assert.deepEqual(sentencesOf(data), [message]);
  }
  await admin().updateBranchProtection({ ...at, ...allOff(), restrictions: { users: [], teams: [] } });
  const { data } = await refused(change('POST', 'hundred', 'users', many), 422, 'Validation Failed');
  assert.deepEqual(sentencesOf(data), [message]);
});

test('somebody who stands in a list and may not write any more does not keep it from being saved', async () => {
  const at = await stage.branch('demoted');
  const owner = stage.as(stage.cast.owner).rest.repos;
  await createPersona(stage.server, 'temp');
  await owner.addCollaborator({ ...here, username: 'temp', permission: 'push' });
  const restrictions = { users: ['temp', 'dev'], teams: [] };
  await admin().updateBranchProtection({ ...at, ...allOff(), restrictions });
  await owner.addCollaborator({ ...here, username: 'temp', permission: 'pull' });
  const { data } = await admin().updateBranchProtection({ ...at, ...allOff(), restrictions, enforce_admins: true });
  assert.deepEqual(
    data.restrictions?.users.map((user) => user.login),
    ['temp', 'dev'],
  );
  const { data: left } = await admin().removeUserAccessRestrictions({ ...at, users: ['temp'] });
  assert.deepEqual(
    left.map((user) => user.login),
    ['dev'],
  );
  await refused(admin().addUserAccessRestrictions({ ...at, users: ['temp'] }), 422, 'Validation Failed');
});

test('a repository of a person knows no lists', async () => {
  const { repos } = stage.as(stage.cast.developer).rest;
  await repos.createForAuthenticatedUser({ name: 'own', auto_init: true });
  const at = { owner: 'dev', repo: 'own', branch: 'main' };
  const lists = { users: ['dev'], teams: [] };
  const sentence = 'Only organization repositories can have users and team restrictions';
  for (const body of [
    { restrictions: lists },
    { restrictions: { users: [], teams: [] } },
    { required_pull_request_reviews: { dismissal_restrictions: lists } },
    { required_pull_request_reviews: { bypass_pull_request_allowances: lists } },
  ]) {
    const { data } = await refused(repos.updateBranchProtection({ ...at, ...allOff(), ...body }), 422, 'Validation Failed');
    assert.deepEqual(data.errors, [sentence]);
  }
  await refused(repos.getBranchProtection(at), 404, 'Branch not protected');
  await repos.updateBranchProtection({ ...at, ...allOff(), required_pull_request_reviews: { dismissal_restrictions: {} } });
  await refused(
    repos.updatePullRequestReviewProtection({ ...at, dismissal_restrictions: lists }),
    422,
    'Dismissal restrictions are supported only for repositories owned by an organization.',
  );
});
