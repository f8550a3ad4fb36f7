import assert from 'node:assert/strict';
import { after, before, describe, test } from 'node:test';
import { must } from '../support/api.ts';
import { installApp } from '../support/apps.ts';
import { remoteRef, WorkTree } from '../support/history.ts';
import { castOf, createPersona, elevated, mint, type Persona, type Personas, personaOf } from '../support/personas.ts';
import { githubRules, gitlabRules, type NativeProtection, protectPattern } from '../support/protections.ts';
import { entries, entryCount, snapshot } from '../support/record.ts';
import { startTestServer, type TestServer } from '../support/server.ts';

const repository = 'acme/app';
const path = `/api/sallyport/v1/repos/${repository}/explain`;
const review = {
  type: 'pull_request',
  parameters: { approvals: 1, dismissStale: false, codeOwners: false, lastPush: false, dismissal: { mode: 'writers' }, passes: [] },
};
const listedOnly = { type: 'actor_restriction', parameters: { grants: [], coversCreation: true } };
const linear = { type: 'required_linear_history', parameters: {} };
const signed = { type: 'required_signatures', parameters: {} };
const lock = { type: 'lock', parameters: { forkSync: false } };
const build = { type: 'required_status_checks', parameters: { strict: false, checks: [{ context: 'build', app: null }] } };
const forceable = { type: 'non_fast_forward', parameters: { allowed: true } };

type Who = (server: TestServer, cast: Personas) => Promise<Persona>;
const developer: Who = async (_server, cast) => cast.developer;
const maintainer: Who = async (_server, cast) => cast.maintainer;
const robot =
  (bounds: Record<string, unknown> = {}): Who =>
  (server, cast) =>
    elevated(server, cast.developer, { repositories: [repository], ...bounds });

interface Situation {
  readonly what: string;
  readonly who: Who;
  readonly protection: Omit<NativeProtection, 'pattern'> | null;
  /** What is done to the branch: one more commit unless it says otherwise. */
  readonly change?: 'force' | 'delete' | 'create' | 'merge';
  readonly via?: 'api';
  readonly result: 'pass' | 'bypass' | 'fail';
  readonly rules: readonly string[];
}

const github = (...rules: { type: string; parameters: unknown }[]) => ({ origin: 'github' as const, rules: githubRules(...rules) });

const situations: readonly Situation[] = [
  { what: 'no protection', who: developer, protection: null, result: 'pass', rules: [] },
  { what: 'a rule that is kept', who: developer, protection: github(linear), result: 'pass', rules: [] },
  { what: 'a rule that is broken', who: developer, protection: github(review), result: 'fail', rules: ['pull_request'] },
  {
    what: 'several rules at once',
    who: developer,
    // By git the content would not be read where the refs alone are refused already.
    via: 'api',
    protection: github(review, build, listedOnly, signed),
    result: 'fail',
    rules: ['actor_restriction', 'pull_request', 'required_signatures', 'required_status_checks'],
  },
  {
    what: 'a merge where a line is wanted',
    who: developer,
    protection: github(linear),
    change: 'merge',
    result: 'fail',
    rules: ['required_linear_history'],
  },
  {
    what: 'a token that passes it',
    who: robot(),
    protection: github(review, build),
    result: 'bypass',
    rules: ['pull_request', 'required_status_checks'],
  },
  { what: 'a token that is not needed', who: robot(), protection: github(linear), result: 'pass', rules: [] },
  {
    what: 'a token for another ref',
    who: robot({ refs: ['refs/heads/x'] }),
    protection: github(review),
    result: 'fail',
    rules: ['pull_request'],
  },
  {
    what: 'a token for other paths',
    who: robot({ paths: ['docs/*'] }),
    protection: github(review),
    result: 'fail',
    rules: ['pull_request'],
  },
  { what: 'a token against a lock', who: robot(), protection: github(lock, review), result: 'fail', rules: ['lock', 'pull_request'] },
  {
    what: 'a token that names the lock',
    who: robot({ rules: ['lock', 'pull_request'] }),
    protection: github(lock, review),
    result: 'bypass',
    rules: ['lock', 'pull_request'],
  },
  { what: 'a force push', who: developer, protection: github(), change: 'force', result: 'fail', rules: ['non_fast_forward'] },
  { what: 'a force push that is allowed', who: developer, protection: github(forceable), change: 'force', result: 'pass', rules: [] },
  {
    what: 'a force push by a token for it',
    who: robot({ operations: ['force-push'] }),
    protection: github(),
    change: 'force',
    result: 'bypass',
    rules: ['non_fast_forward'],
  },
  { what: 'a deletion', who: maintainer, protection: github(), change: 'delete', result: 'fail', rules: ['deletion'] },
  {
    what: 'a deletion by a token for it',
    who: robot({ operations: ['delete'] }),
    protection: github(),
    change: 'delete',
    result: 'bypass',
    rules: ['deletion'],
  },
  {
    what: 'a creation by nobody listed',
    who: developer,
    protection: github(listedOnly),
    change: 'create',
    result: 'fail',
    rules: ['actor_restriction'],
  },
  {
    what: 'a creation by a token for it',
    who: robot({ operations: ['create'] }),
    protection: github(listedOnly),
    change: 'create',
    result: 'bypass',
    rules: ['actor_restriction'],
  },
  {
    what: 'an admin who is bound',
    who: maintainer,
    protection: { ...github(review), enforce_admins: true },
    result: 'fail',
    rules: ['pull_request'],
  },
  {
    what: 'an admin who is not',
    who: maintainer,
    protection: { ...github(review), enforce_admins: false },
    result: 'bypass',
    rules: ['pull_request'],
  },
  {
    what: 'an admin who is not, by the API',
    who: maintainer,
    via: 'api',
    protection: { ...github(review), enforce_admins: false },
    result: 'bypass',
    rules: ['pull_request'],
  },
  {
    what: 'a protection that takes no tokens',
    who: robot(),
    protection: { ...github(review), accepts_elevated: false },
    result: 'fail',
    rules: ['pull_request'],
  },
  {
    what: 'a reason that is missing',
    who: robot(),
    protection: { ...github(review), demands_reason: true },
    result: 'fail',
    rules: ['pull_request'],
  },
  {
    what: 'GitLab rules',
    who: developer,
    protection: { origin: 'gitlab', rules: gitlabRules({}) },
    result: 'fail',
    rules: ['push_access'],
  },
  {
    what: 'GitLab rules and a token',
    who: robot(),
    protection: { origin: 'gitlab', rules: gitlabRules({}) },
    result: 'bypass',
    rules: ['push_access'],
  },
  {
    what: 'a GitLab branch deleted by the API',
    who: maintainer,
    via: 'api',
    protection: { origin: 'gitlab', rules: gitlabRules({}) },
    change: 'delete',
    result: 'pass',
    rules: [],
  },
  {
    what: 'a GitLab branch deleted by git',
    who: maintainer,
    protection: { origin: 'gitlab', rules: gitlabRules({}) },
    change: 'delete',
    result: 'fail',
    rules: ['deletion'],
  },
];

describe('explain', () => {
  let server: TestServer;
  let cast: Personas;
  let work: WorkTree;
  let base: string;

  before(async () => {
    server = await startTestServer();
    cast = await castOf(server);
    work = await WorkTree.create();
    base = await work.commit('begin', { 'a.txt': 'a\n' });
    await work.must('push', '--quiet', cast.owner.remote(repository), 'HEAD:refs/heads/trunk');
  });
  after(async () => {
    await work[Symbol.asyncDispose]();
    await server[Symbol.asyncDispose]();
  });

  /** The commits of a situation, on the server by way of a parking place; the branch stands where the situation wants it. */
  async function prepare(branch: string, change: Situation['change']): Promise<{ old: string | null; wanted: string | null }> {
    await work.must('checkout', '--quiet', '-B', 'work', base);
    const first = await work.commit(`first of ${branch}`, { 'b.txt': `${branch}\n` });
    if (change === 'merge') {
      await work.must('checkout', '--quiet', '-B', 'side', base);
      await work.commit('side', { 'c.txt': 'c\n' });
      await work.must('checkout', '--quiet', 'work');
      await work.must('merge', '--quiet', '--no-edit', 'side');
    } else if (change === 'force') {
      await work.must('reset', '--quiet', '--hard', base);
      await work.commit('instead', { 'b.txt': 'other\n' });
    } else await work.commit('second', { 'b.txt': 'second\n' });
    const tip = await work.head();
    const push = (refspec: string) => work.must('push', '--quiet', '--force', cast.owner.remote(repository), refspec);
    await push(`HEAD:refs/heads/park/${branch}`);
    if (change === 'create') return { old: null, wanted: tip };
    await push(`${first}:refs/heads/${branch}`);
    return { old: first, wanted: change === 'delete' ? null : tip };
  }

  for (const [index, situation] of situations.entries()) {
    const { what, who, protection, change, via = 'git-http', result, rules } = situation;
    test(`tells what a push meets: ${what}`, async () => {
      const branch = `case-${index}`;
      const ref = `refs/heads/${branch}`;
      const { old, wanted } = await prepare(branch, change);
      if (protection !== null) await protectPattern(cast.owner.api, repository, { ...protection, pattern: branch });
      const persona = await who(server, cast);
      const before = await entryCount(server);
      const told = await must(persona.api('POST', path, { via, updates: [{ ref, new: wanted }] }));
      assert.equal(await entryCount(server), before, 'asking changes nothing');
      const [update] = told.updates;
      const namesOf = (violations: { rule: string }[]): string[] => [...new Set(violations.map(({ rule }) => rule))].sort();
      assert.deepEqual([told.result, update.result, update.old, update.new], [result, result, old, wanted]);
      assert.deepEqual(namesOf(update.violations), [...rules].sort());

      const [entry] = await attempt(persona, via, branch, wanted, change === 'force');
      assert.equal(await remoteRef(cast.owner.remote(repository), ref), result === 'fail' ? old : wanted);
      const recorded = result === 'fail' ? entry?.reasons : entry?.bypassed_rules?.map(({ type }: { type: string }) => ({ rule: type }));
      assert.deepEqual(namesOf(recorded ?? []), [...rules].sort());
      assert.equal(entry?.operation ?? update.operation, update.operation);
    });
  }

  /** Really does it, and gives the entries that the record then has of the branch, newest first. */
  async function attempt(persona: Persona, via: string, branch: string, wanted: string | null, force: boolean) {
    const api = `/repos/${repository}/git/refs`;
    if (via === 'git-http') await work.push(persona.remote(repository), `${force ? '+' : ''}${wanted ?? ''}:refs/heads/${branch}`);
    else if (wanted === null) await persona.api('DELETE', `${api}/heads/${branch}`);
    else await persona.api('PATCH', `${api}/heads/${branch}`, { sha: wanted, force });
    const found = await entries(server, `action:protected_branch "refs/heads/${branch}"`);
    return found.filter((one) => /policy_override|rejected_ref_update/.test(one.action) && one.ref === `refs/heads/${branch}`);
  }

  test('says what would have to be named to pass', async () => {
    const { wanted } = await prepare('needed', 'delete');
    await protectPattern(cast.owner.api, repository, { ...github(lock), pattern: 'needed' });
    const told = await must(cast.developer.api('POST', path, { updates: [{ ref: 'refs/heads/needed', new: wanted }] }));
    const needed = Object.fromEntries(
      told.updates[0].violations.map((one: { rule: string; bypass_needed: string[] }) => [one.rule, one.bypass_needed]),
    );
    assert.match(String(needed.deletion), /delete/);
    assert.match(String(needed.lock), /lock/);
  });

  test('answers for another person or token to admins only, and never lends them what they lack', async () => {
    const { wanted } = await prepare('others', undefined);
    await protectPattern(cast.owner.api, repository, { ...github(review), pattern: 'others' });
    const updates = [{ ref: 'refs/heads/others', new: wanted }];
    const dev = await must(cast.maintainer.api('POST', path, { as: { user: 'dev' }, updates }));
    assert.deepEqual([dev.as.user, dev.result, dev.as.elevated], ['dev', 'fail', false]);
    const stranger = await must(cast.maintainer.api('POST', path, { as: { user: 'ova' }, updates }));
    assert.ok(stranger.updates[0].violations.some((one: { code: string }) => one.code === 'write_needed'));
    assert.equal((await cast.developer.api('POST', path, { as: { user: 'mona' }, updates })).status, 403);
    assert.equal((await cast.outsider.api('POST', path, { updates })).status, 404);
    assert.equal((await cast.maintainer.api('POST', path, { as: { user: 'nobody-here' }, updates })).status, 404);
  });

  test('knows what a new branch brings: nothing that is there already', async () => {
    await protectPattern(cast.owner.api, repository, { ...github(linear), pattern: 'born/*' });
    const told = await must(cast.developer.api('POST', path, { updates: [{ ref: 'refs/heads/born/1', old: null, new: base }] }));
    assert.deepEqual([told.result, told.updates[0].violations, told.updates[0].facts], ['pass', [], { commits: { count: 0 } }]);
  });

  test('explains a token whose owner is suspended: it passes nothing', async () => {
    const { wanted } = await prepare('dormant', undefined);
    const person = await createPersona(server, 'dora');
    await must(cast.owner.api('PUT', `/repos/${repository}/collaborators/dora`, { permission: 'push' }));
    const { id } = await must(person.api('GET', '/user'));
    const { items } = await server.running.house.store.read.tokens.listOfUser(id, { limit: 1, offset: 0 });
    const body = { as: { token_id: items[0]!.id }, updates: [{ ref: 'refs/heads/dormant', new: wanted }] };
    assert.equal((await must(cast.maintainer.api('POST', path, body))).result, 'pass');
    await must(cast.admin.api('PUT', '/users/dora/suspended'));
    const told = await must(cast.maintainer.api('POST', path, body));
    assert.equal(told.result, 'fail');
    assert.deepEqual(
      told.updates[0].violations.map((one: { code: string; values: unknown }) => [one.code, one.values]),
      [['credential_dead', { why: 'the account is suspended' }]],
    );
    assert.equal((await person.api('GET', '/user')).status, 401);
  });

  test('shows that no token helps in the web interface, nor the server on somebody’s behalf', async () => {
    const { wanted } = await prepare('vias', undefined);
    await protectPattern(cast.owner.api, repository, { ...github(review), enforce_admins: false, pattern: 'vias' });
    const token = await elevated(server, cast.maintainer, { repositories: [repository] });
    const updates = [{ ref: 'refs/heads/vias', new: wanted }];
    const results = [];
    for (const via of ['git-http', 'api', 'git-ssh', 'web', 'server'])
      results.push((await must(token.api('POST', path, { via, updates }))).result);
    assert.deepEqual(results, ['bypass', 'bypass', 'bypass', 'fail', 'fail']);
    const [ssh] = (await must(token.api('POST', path, { via: 'git-ssh', updates }))).updates[0].violations;
    assert.equal(ssh.waived_by, 'admin');
  });

  test('does not look at objects that nobody pushed, and tells nothing of those of others', async () => {
    await protectPattern(cast.owner.api, repository, { ...github(signed, linear), pattern: 'facts' });
    await work.must('push', '--quiet', cast.owner.remote(repository), `${base}:refs/heads/facts`);
    const unseen = await work.commit('never pushed');
    const told = await must(cast.developer.api('POST', path, { updates: [{ ref: 'refs/heads/facts', new: unseen }] }));
    assert.equal(told.result, 'fail');
    for (const one of told.updates[0].violations) assert.deepEqual([one.code, one.values.why], ['not_determined', 'not on the server']);
  });

  test('refuses questions that are none, and changes nothing', async () => {
    const before = await snapshot(server, repository);
    const bodies: unknown[] = [
      {},
      { updates: [] },
      { updates: 'main' },
      { updates: [{ ref: 'main', new: base }] },
      { updates: [{ ref: 'refs/heads/../x', new: base }] },
      { updates: [{ ref: 'refs/heads/trunk' }] },
      { updates: [{ ref: 'refs/heads/trunk', new: 'main' }] },
      { updates: [{ ref: 'refs/heads/trunk', new: '--all' }] },
      { updates: [{ ref: 'refs/heads/trunk', new: base, old: '-x' }] },
      { updates: Array.from({ length: 101 }, () => ({ ref: 'refs/heads/trunk', new: base })) },
      { via: 'telepathy', updates: [{ ref: 'refs/heads/trunk', new: base }] },
    ];
    for (const body of bodies) {
      const answer = await cast.developer.api('POST', path, body);
      assert.equal(answer.status, 422, `${JSON.stringify(body)?.slice(0, 80)}: ${JSON.stringify(answer.body)}`);
    }
    assert.deepEqual(await snapshot(server, repository), before);
  });

  test('answers an app for what the app may', async () => {
    const app = await installApp(server, cast.owner, 'acme', 'asker');
    const { wanted } = await prepare('by-app', undefined);
    const grants = [{ kind: 'app', id: app.id }];
    await protectPattern(cast.owner.api, repository, {
      ...github({ type: 'actor_restriction', parameters: { grants, coversCreation: false } }),
      pattern: 'by-app',
    });
    const told = await must((await app.token()).api('POST', path, { updates: [{ ref: 'refs/heads/by-app', new: wanted }] }));
    assert.deepEqual([told.as.user, told.result, told.updates[0].let_in_by], ['asker[bot]', 'pass', [`push restriction: app ${app.id}`]]);
  });

  test('is not for a token that may not read', async () => {
    const narrow = personaOf(server, 'dev', await mint(server, 'dev', ['read:user']));
    assert.ok([403, 404].includes((await narrow.api('POST', path, { updates: [{ ref: 'refs/heads/trunk', new: base }] })).status));
  });
});
