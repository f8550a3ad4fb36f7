import assert from 'node:assert/strict';
import { test } from 'node:test';
import { must } from '../support/api.ts';
import { WorkTree } from '../support/history.ts';
import { castOf } from '../support/personas.ts';
import { allOff, githubRules, protectPattern } from '../support/protections.ts';
import { startTestServer } from '../support/server.ts';

test('rows that GitHub has no word for are named in a header, and survive a body that cannot say them', async () => {
  await using server = await startTestServer();
  const cast = await castOf(server);
  await using work = await WorkTree.create();
  await work.commit('begin', { 'a.txt': 'a\n' });
  await work.must('push', '--quiet', cast.owner.remote('acme/app'), 'HEAD:refs/heads/main');
  const { id } = await must(cast.developer.api('GET', '/user'));
  const rows = [
    { kind: 'user', id },
    { kind: 'role', level: 40 },
  ];
  const review = { approvals: 1, dismissStale: false, codeOwners: false, lastPush: false };
  const made = await protectPattern(cast.owner.api, 'acme/app', {
    origin: 'github',
    pattern: 'main',
    rules: githubRules(
      { type: 'actor_restriction', parameters: { grants: rows, coversCreation: false } },
      { type: 'pull_request', parameters: { ...review, dismissal: { mode: 'listed', actors: rows }, passes: rows } },
    ),
  });
  const path = '/repos/acme/app/branches/main/protection';
  const shown = await cast.owner.api('GET', path);
  assert.equal(shown.headers.get('sallyport-not-shown'), 'actor_restriction:role:40, pull_request:role:40, pull_request:role:40');
  const logins = (list: { users: { login: string }[] }) => ({ users: list.users.map(({ login }) => login), teams: [], apps: [] });
  const { restrictions, required_pull_request_reviews: reviews } = shown.body;
  await must(
    cast.owner.api('PUT', path, {
      ...allOff,
      enforce_admins: true,
      restrictions: logins(restrictions),
      required_pull_request_reviews: {
        required_approving_review_count: 1,
        dismissal_restrictions: logins(reviews.dismissal_restrictions),
        bypass_pull_request_allowances: logins(reviews.bypass_pull_request_allowances),
      },
    }),
  );
  const after = await must(cast.owner.api('GET', `/api/sallyport/v1/repos/acme/app/protections/${made.id}`));
  assert.deepEqual(after, made);
  assert.equal(after.version, made.version, 'writing back what was read changes nothing');
  await must(cast.owner.api('PUT', `${path}/restrictions/users`, { users: [] }));
  const emptied = await must(cast.owner.api('GET', `/api/sallyport/v1/repos/acme/app/protections/${made.id}`));
  assert.deepEqual(emptied.rules.find((rule: { type: string }) => rule.type === 'actor_restriction').parameters.grants, [rows[1]]);
});
