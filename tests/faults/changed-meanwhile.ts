import { setTimeout as sleep } from 'node:timers/promises';
import { apiOf, must } from '../support/api.ts';
import { installApp } from '../support/apps.ts';
import type { GitResult } from '../support/git.ts';
import { createPersona, mint, type Persona, personaOf } from '../support/personas.ts';
import { createTeam, githubRules, gitlabRules, protect, protectPattern } from '../support/protections.ts';
import { KeyRing } from '../support/signing.ts';
import { elevate, newWriter, pushNext, type Scene } from './scene.ts';
import { childOf } from './stage.ts';

/** Something that is true when a push is judged for the first time, and not when it is judged under the lock (spec/model.md 7.4). */
export interface Meanwhile {
  readonly what: string;
  /** Makes everything ready: the push that will be paused, and what changes while it is. */
  readonly prepare: (scene: Scene) => Promise<{ push: () => Promise<GitResult>; change: () => Promise<unknown> }>;
  /** Part of what the client is told. */
  readonly says: RegExp;
}

const native = '/api/sallyport/v1';
const needsWrite = /Write access to the repository is needed/;
const needsRequest = /through a pull request/;
const notListed = /not authorized to push to this branch/;

/** Revokes a token as the operator's command line, or a site admin, does. */
const revoke = ({ cast }: Scene, tokenId: number) => must(cast.admin.api('DELETE', `${native}/tokens/${tokenId}`));

export const meanwhiles: readonly Meanwhile[] = [
  {
    what: 'the token is revoked',
    says: /the token was revoked/,
    async prepare(scene) {
      const robot = await elevate(scene, scene.cast.developer);
      return { push: () => pushNext(scene, robot, 'main'), change: () => revoke(scene, robot.tokenId) };
    },
  },
  {
    what: 'the token is revoked, of a push that needs no bypass',
    says: /the token was revoked/,
    async prepare(scene) {
      const robot = await elevate(scene, scene.cast.developer);
      return { push: () => pushNext(scene, robot, 'open'), change: () => revoke(scene, robot.tokenId) };
    },
  },
  {
    what: 'the token expires by the clock',
    says: /the token has expired/,
    async prepare(scene) {
      const at = Date.now() + 3000;
      const robot = await elevate(scene, scene.cast.developer, {}, at);
      return { push: () => pushNext(scene, robot, 'main'), change: () => sleep(at - Date.now() + 50) };
    },
  },
  {
    what: 'another push takes the last use of the token',
    says: /its uses are used up/,
    async prepare(scene) {
      const { tree, base, repository, cast } = scene;
      await tree.must('push', '--quiet', cast.owner.remote(repository), `${base}:refs/heads/second`);
      await protect(cast.owner.api, repository, 'second', { required_pull_request_reviews: {}, enforce_admins: true });
      const robot = await elevate(scene, cast.developer, { uses: 1 });
      return {
        push: () => pushNext(scene, robot, 'main'),
        change: async () => must(Promise.resolve(asAnswer(await pushNext(scene, robot, 'second')))),
      };
    },
  },
  {
    what: 'the owner of the token is suspended',
    says: /the account is suspended/,
    async prepare(scene) {
      const person = await newWriter(scene);
      const robot = await elevate(scene, person);
      return {
        push: () => pushNext(scene, robot, 'main'),
        change: () => must(scene.cast.admin.api('PUT', `/users/${person.login}/suspended`, {})),
      };
    },
  },
  {
    what: 'the owner of the token loses write',
    says: needsWrite,
    async prepare(scene) {
      const person = await newWriter(scene);
      const robot = await elevate(scene, person);
      return { push: () => pushNext(scene, robot, 'main'), change: () => setPermission(scene, person, 'pull') };
    },
  },
  {
    what: 'whoever granted the token is no admin any more',
    says: /whoever granted it may not edit this rule any more/,
    async prepare(scene) {
      const { granter, robot } = await grantedByAdmin(scene);
      return { push: () => pushNext(scene, robot, 'main'), change: () => setPermission(scene, granter, 'push') };
    },
  },
  {
    what: 'a writer is removed from the repository',
    says: needsWrite,
    async prepare(scene) {
      const person = await newWriter(scene);
      const remove = () => must(scene.cast.owner.api('DELETE', `/repos/${scene.repository}/collaborators/${person.login}`));
      return { push: () => pushNext(scene, person, 'open'), change: remove };
    },
  },
  {
    what: 'an admin is demoted where admins are exempt',
    says: needsRequest,
    async prepare(scene) {
      const person = await newWriter(scene, 'admin');
      await protect(scene.cast.owner.api, scene.repository, 'main', { required_pull_request_reviews: {} });
      return { push: () => pushNext(scene, person, 'main'), change: () => setPermission(scene, person, 'push') };
    },
  },
  {
    what: 'somebody is removed from the team that the restriction names',
    says: notListed,
    async prepare(scene) {
      const { cast, repository } = scene;
      const person = await newWriter(scene);
      await join(scene, person);
      const team = await teamOf(scene, [person.login], 'push');
      await protect(cast.owner.api, repository, 'open', { restrictions: { users: [], teams: [team.slug], apps: [] } });
      const path = `/orgs/acme/teams/${team.slug}/memberships/${person.login}`;
      return { push: () => pushNext(scene, person, 'open'), change: () => must(cast.owner.api('DELETE', path)) };
    },
  },
  {
    what: 'the team that gave write loses the repository',
    says: needsWrite,
    async prepare(scene) {
      const person = await createPersona(scene.server, `member-${scene.repositoryId}`);
      await join(scene, person);
      const team = await teamOf(scene, [person.login], 'push');
      const path = `/orgs/acme/teams/${team.slug}/repos/${scene.repository}`;
      return { push: () => pushNext(scene, person, 'open'), change: () => must(scene.cast.owner.api('DELETE', path)) };
    },
  },
  {
    what: 'somebody who writes by the base permission leaves the organization',
    says: needsWrite,
    async prepare(scene) {
      const { cast } = scene;
      const person = await createPersona(scene.server, `leaver-${scene.repositoryId}`);
      await join(scene, person);
      await must(cast.owner.api('PATCH', '/orgs/acme', { default_repository_permission: 'write' }));
      return {
        push: () => pushNext(scene, person, 'open'),
        change: () => must(cast.owner.api('DELETE', `/orgs/acme/members/${person.login}`)),
      };
    },
  },
  {
    what: 'the base permission is lowered',
    says: needsWrite,
    async prepare(scene) {
      const { cast } = scene;
      const person = await createPersona(scene.server, `based-${scene.repositoryId}`);
      await join(scene, person);
      await must(cast.owner.api('PATCH', '/orgs/acme', { default_repository_permission: 'write' }));
      const lower = () => must(cast.owner.api('PATCH', '/orgs/acme', { default_repository_permission: 'none' }));
      return { push: () => pushNext(scene, person, 'open'), change: lower };
    },
  },
  {
    what: 'the repository is archived',
    says: /archived so is read-only/,
    prepare: (scene) => toRepository(scene, 'open', { archived: true }),
  },
  {
    what: 'the repository becomes private, and the token is good for public ones',
    says: /the token is not good for a private repository/,
    async prepare(scene) {
      const { server, cast, repository } = scene;
      const toVisibility = (visibility: string) => must(cast.owner.api('PATCH', `/repos/${repository}`, { visibility }));
      await toVisibility('public');
      const narrow = personaOf(server, 'dev', await mint(server, 'dev', ['public_repo']));
      return { push: () => pushNext(scene, narrow, 'open'), change: () => toVisibility('private') };
    },
  },
  {
    what: 'the branch that is being deleted becomes the default one',
    says: /refusing to delete the current branch/,
    async prepare(scene) {
      const { tree, cast, repository } = scene;
      const { change } = await toRepository(scene, 'open', { default_branch: 'open' });
      return { push: () => tree.push(cast.developer.remote(repository), ':refs/heads/open'), change };
    },
  },
  {
    what: 'the repository is deleted',
    says: /error|fatal/,
    async prepare(scene) {
      const { cast, repository } = scene;
      return { push: () => pushNext(scene, cast.developer, 'open'), change: () => must(cast.owner.api('DELETE', `/repos/${repository}`)) };
    },
  },
  {
    what: 'the branch becomes protected',
    says: needsRequest,
    async prepare(scene) {
      const change = () => protect(scene.cast.owner.api, scene.repository, 'open', { required_pull_request_reviews: {} });
      return { push: () => pushNext(scene, scene.cast.developer, 'open'), change };
    },
  },
  {
    what: 'a protection of the organization comes to cover the branch',
    says: /GitLab: You are not allowed to push code to protected branches/,
    async prepare(scene) {
      const { cast, tree, repository, base } = scene;
      const branch = `held-${scene.repositoryId}`;
      await tree.must('push', '--quiet', cast.owner.remote(repository), `${base}:refs/heads/${branch}`);
      const protection = { origin: 'gitlab', pattern: branch, rules: gitlabRules({}) } as const;
      return { push: () => pushNext(scene, cast.developer, branch), change: () => protectPattern(cast.owner.api, 'acme', protection) };
    },
  },
  {
    what: 'a rule that needs facts not gathered comes to cover the branch',
    says: /verified signatures/,
    async prepare(scene) {
      const { cast, repository } = scene;
      const rules = githubRules({ type: 'required_signatures', parameters: {} });
      const change = () => protectPattern(cast.owner.api, repository, { origin: 'github', pattern: 'op*', rules });
      return { push: () => pushNext(scene, cast.developer, 'open'), change };
    },
  },
  {
    what: 'admins come to be bound',
    says: needsRequest,
    async prepare(scene) {
      const { cast, repository } = scene;
      await protect(cast.owner.api, repository, 'main', { required_pull_request_reviews: {} });
      const change = () => must(cast.owner.api('POST', `/repos/${repository}/branches/main/protection/enforce_admins`));
      return { push: () => pushNext(scene, cast.maintainer, 'main'), change };
    },
  },
  {
    what: 'the actor is taken off the list',
    says: notListed,
    async prepare(scene) {
      const { cast, repository } = scene;
      await protect(cast.owner.api, repository, 'open', { restrictions: { users: ['dev'], teams: [], apps: [] } });
      const path = `/repos/${repository}/branches/open/protection/restrictions/users`;
      return {
        push: () => pushNext(scene, cast.developer, 'open'),
        change: () => must(cast.owner.api('DELETE', path, { users: ['dev'] })),
      };
    },
  },
  {
    what: 'the protection comes to accept no elevated token',
    says: /accepts no elevated tokens/,
    prepare: (scene) => toProtection(scene, { accepts_elevated: false }),
  },
  {
    what: 'the protection comes to demand a reason',
    says: /demands a reason/,
    prepare: (scene) => toProtection(scene, { demands_reason: true }),
  },
  {
    what: 'a required check fails',
    says: /"ci" is failing/,
    async prepare(scene) {
      const { cast, tree, repository, next } = scene;
      await tree.must('push', '--quiet', cast.developer.remote(repository), `${next}:refs/heads/topic`);
      await protect(cast.owner.api, repository, 'open', {
        required_status_checks: { strict: false, contexts: ['ci'] },
        enforce_admins: true,
      });
      const report = (state: string) => must(cast.developer.api('POST', `/repos/${repository}/statuses/${next}`, { state, context: 'ci' }));
      await report('success');
      return { push: () => pushNext(scene, cast.developer, 'open'), change: () => report('failure') };
    },
  },
  {
    what: 'the key that signed the commits is removed',
    says: /verified signatures/,
    prepare: signedPush,
  },
  {
    what: 'the app is uninstalled',
    says: /the (app was uninstalled|token was revoked|token is gone)/,
    async prepare(scene) {
      const { server, cast } = scene;
      const slug = `app-${scene.repositoryId}`;
      const app = await installApp(server, cast.owner, 'acme', slug);
      const bot = await app.token();
      const change = () => must(cast.owner.api('DELETE', `${native}/apps/${slug}/installations/acme`));
      return { push: () => pushNext(scene, bot, 'open'), change };
    },
  },
  {
    what: 'somebody else moves the branch',
    says: /stale info, fetch first/,
    async prepare(scene) {
      const { tree, cast, repository, base } = scene;
      const other = await childOf(tree, base, 'other');
      const change = () => tree.must('push', '--quiet', cast.maintainer.remote(repository), `${other}:refs/heads/open`);
      return { push: () => pushNext(scene, cast.developer, 'open'), change };
    },
  },
  {
    what: 'what a new branch is measured against moves back',
    says: /must not contain merge commits/,
    prepare: newBranchOfMerge,
  },
];

function join({ cast }: Scene, { login }: Persona): Promise<unknown> {
  return must(cast.owner.api('PUT', `/orgs/acme/memberships/${login}`, { role: 'member' }));
}

function setPermission({ cast, repository }: Scene, { login }: Persona, permission: string): Promise<unknown> {
  return must(cast.owner.api('PUT', `/repos/${repository}/collaborators/${login}`, { permission }));
}

async function toRepository(scene: Scene, branch: string, changes: object) {
  const { cast, repository } = scene;
  return {
    push: () => pushNext(scene, cast.developer, branch),
    change: () => must(cast.owner.api('PATCH', `/repos/${repository}`, changes)),
  };
}

/** Changes what only the native API can say of the protection of `main`. */
async function toProtection(scene: Scene, changes: object) {
  const { cast, repository } = scene;
  const path = `${native}/repos/${repository}/protections`;
  const { protections } = await must(cast.owner.api('GET', path));
  const robot = await elevate(scene, cast.developer);
  return {
    push: () => pushNext(scene, robot, 'main'),
    change: () => must(cast.owner.api('PATCH', `${path}/${protections[0].id}`, changes)),
  };
}

/** An admin's own elevated token, granted by that same admin. */
async function grantedByAdmin(scene: Scene): Promise<{ granter: Persona; robot: Persona }> {
  const granter = await newWriter(scene, 'admin');
  const minter = apiOf(scene.server.url, await mint(scene.server, granter.login, ['repo', 'admin:bypass-token']));
  const input = { name: 'own', scopes: ['repo', 'repo:bypass-protection'], bypass: { repositories: [scene.repository] } };
  const { token } = await must(minter('POST', `${native}/tokens`, input));
  return { granter, robot: personaOf(scene.server, granter.login, token) };
}

function teamOf({ cast, repository, repositoryId }: Scene, members: readonly string[], permission: string) {
  return createTeam(cast.owner.api, 'acme', `team-${repositoryId}`, { members, grants: { [repository]: permission } });
}

async function signedPush(scene: Scene) {
  const { cast, tree, repository, base } = scene;
  await using ring = await KeyRing.create();
  const key = await ring.ssh();
  const person = await newWriter(scene);
  const { id } = await must(person.api('POST', '/user/ssh_signing_keys', { title: 'key', key: key.publicText }));
  const settings = Object.entries(key.settings).flatMap(([name, value]) => ['-c', `${name}=${value}`]);
  const identity = ['-c', `user.email=${person.login}@example.com`];
  const signed = await tree.must(...settings, ...identity, 'commit-tree', '-S', `${base}^{tree}`, '-p', base, '-m', 'signed');
  await protect(cast.owner.api, repository, 'open', { enforce_admins: true });
  await must(cast.owner.api('POST', `/repos/${repository}/branches/open/protection/required_signatures`));
  return {
    push: () => tree.push(person.remote(repository), `${signed}:refs/heads/open`),
    change: () => must(person.api('DELETE', `/user/ssh_signing_keys/${id}`)),
  };
}

/** The merge commit is known to a protected branch, so a new branch does not bring it; then that branch goes back behind it. */
async function newBranchOfMerge(scene: Scene) {
  const { cast, tree, repository, base } = scene;
  const side = await childOf(tree, base, 'side');
  const merge = await tree.must('commit-tree', `${base}^{tree}`, '-p', base, '-p', side, '-m', 'merge');
  await tree.must('push', '--quiet', cast.owner.remote(repository), `${merge}:refs/heads/trunk`);
  await protect(cast.owner.api, repository, 'trunk', { allow_force_pushes: true });
  const rules = githubRules({ type: 'required_linear_history', parameters: {} });
  await protectPattern(cast.owner.api, repository, { origin: 'github', pattern: 'release/*', rules });
  return {
    push: () => tree.push(cast.developer.remote(repository), `${merge}:refs/heads/release/1`),
    change: () => tree.must('push', '--quiet', '--force', cast.owner.remote(repository), `${base}:refs/heads/trunk`),
  };
}

/** So that what has to work in between cannot fail unseen. */
function asAnswer({ code, stderr }: GitResult) {
  return { status: code === 0 ? 200 : 500, body: stderr, headers: new Headers() };
}
