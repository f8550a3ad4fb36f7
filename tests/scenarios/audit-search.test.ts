import assert from 'node:assert/strict';
import { after, before, describe, test } from 'node:test';
import { mintToken } from '#operations/tokens/mint-token.ts';
import type { Api, ApiAnswer } from '../support/api.ts';
import { must } from '../support/api.ts';
import { databases } from '../support/databases.ts';
import { WorkTree } from '../support/history.ts';
import { castOf, createPersona, elevated, mint, operator, type Personas, personaOf } from '../support/personas.ts';
import { startTestServer, type TestServer } from '../support/server.ts';
import { openSql } from '../support/sql.ts';

// biome-ignore lint/suspicious/noExplicitAny: entries carry the fields of their action
type Entry = any;

const enterprise = '/enterprises/sallyport/audit-log';

for (const database of databases) {
  describe(`searching the audit log on ${database}`, () => {
    let server: TestServer;
    let cast: Personas;

    before(async () => {
      server = await startTestServer({ database });
      cast = await castOf(server);
      const { owner, admin, developer } = cast;
      await createPersona(server, 'ursa');
      await must(admin.api('POST', '/admin/organizations', { login: 'globex', admin: 'ursa' }));
      await must(owner.api('POST', '/orgs/acme/teams', { name: 'Night Shift' }));
      await must(owner.api('PUT', '/orgs/acme/memberships/dev', { role: 'member' }));
      await must(owner.api('PUT', '/orgs/acme/teams/night-shift/memberships/dev', {}));
      await using work = await WorkTree.create();
      await work.commit('one', { f: '1' });
      await work.push(developer.remote('acme/app'), 'HEAD:refs/heads/main');
      await must(owner.api('PUT', '/repos/acme/app/branches/main/protection', protectionBody));
      await work.commit('two', { f: '2' });
      await work.push(developer.remote('acme/app'), 'HEAD:refs/heads/main');
      const robot = await elevated(server, developer, { repositories: ['acme/app'], operations: ['create', 'update'] });
      await work.push(robot.remote('acme/app'), 'HEAD:refs/heads/main');
    });
    after(() => server[Symbol.asyncDispose]());

    const search = (phrase: string, more: Readonly<Record<string, string>> = {}, path = enterprise, api: Api = cast.admin.api) =>
      api('GET', `${path}?${new URLSearchParams({ phrase, per_page: '100', ...more })}`);
    const found = async (phrase: string, more: Readonly<Record<string, string>> = {}): Promise<Entry[]> => must(search(phrase, more));
    const all = () => found('', { include: 'all' });

    /** That a phrase finds just the entries of which a claim is true, and that there are such and others. */
    async function finds(phrase: string, claim: (entry: Entry) => boolean): Promise<void> {
      const [entries, everything] = [await found(phrase, { include: 'all' }), await all()];
      const expected = everything.filter(claim);
      assert.ok(expected.length > 0 && expected.length < everything.length, `${phrase} tells nothing apart`);
      assert.deepEqual(documents(entries), documents(expected), phrase);
    }

    test('an entry says who did what, where, when and by what credential', async () => {
      const [entry] = await found('action:team.create');
      assert.equal(entry.actor, 'olga');
      assert.equal(entry.org, 'acme');
      assert.equal(entry.team, 'acme/night-shift');
      assert.equal(entry.operation_type, 'create');
      assert.equal(entry.actor_ip, '127.0.0.1');
      assert.equal(entry.programmatic_access_type, 'Personal access token (classic)');
      assert.equal(entry['@timestamp'], entry.created_at);
      assert.ok(Math.abs(entry.created_at - Date.now()) < 120_000);
      assert.ok(!Object.values(entry).includes(null));
    });

    test('action: one operation, a whole category, and all but those', async () => {
      await finds('action:team.create', (entry) => entry.action === 'team.create');
      await finds('action:team', (entry) => entry.action.startsWith('team.'));
      await finds('-action:team.create', (entry) => entry.action !== 'team.create');
      await finds('-action:team', (entry) => !entry.action.startsWith('team.'));
      assert.deepEqual(await found('action:tea'), []);
    });

    test('actor, user, repo, org, operation and ip, and the negation of each', async () => {
      for (const [qualifier, value, field, shown] of [
        ['actor', 'OLGA', 'actor', 'olga'],
        ['actor', 'operator:tester', 'actor', 'operator:tester'],
        ['user', 'dev', 'user', 'dev'],
        ['repo', 'Acme/App', 'repo', 'acme/app'],
        ['org', 'globex', 'org', 'globex'],
        ['operation', 'create', 'operation_type', 'create'],
        ['ip', '127.0.0.1', 'actor_ip', '127.0.0.1'],
      ] as const) {
        await finds(`${qualifier}:${value}`, (entry) => entry[field] === shown);
        await finds(`-${qualifier}:${value}`, (entry) => entry[field] !== shown);
      }
    });

    test('bypass:true finds what passed in spite of a rule', async () => {
      await finds('bypass:true', (entry) => entry.bypass === true || isBypassingPush(entry));
      await finds('-bypass:true', (entry) => entry.bypass !== true && !isBypassingPush(entry));
      const [override] = await found('bypass:true action:protected_branch');
      assert.equal(override.action, 'protected_branch.policy_override');
      assert.equal(override.bypass_kind, 'elevated_token');
      assert.equal(override.ref, 'refs/heads/main');
    });

    test('terms must all hold', async () => {
      await finds('actor:olga action:team', (entry) => entry.actor === 'olga' && entry.action.startsWith('team.'));
      assert.deepEqual(await found('actor:olga actor:dev'), []);
    });

    test('other words are text, in which % and _ mean themselves', async () => {
      const input = { user: 'dev', name: '100% of_it', note: null, scopes: ['repo'], expiresAt: null, bypass: null };
      await mintToken(server.running.house.context, operator, input);
      for (const phrase of ['"100% OF_it"', '100%', 'f_i', 'action:oauth_access of_it'])
        assert.deepEqual(
          (await found(phrase)).map((entry) => entry.token_name),
          ['100% of_it'],
          phrase,
        );
      for (const phrase of ['100_', '"100% of%it"', 'o%_it', 'no-such-text-anywhere']) assert.deepEqual(await found(phrase), [], phrase);
      assert.ok((await found('night-shift')).some((entry) => entry.action === 'team.create'));
    });

    test('created: a day, from, after, until, before, between', async () => {
      const everything = documents(await found(''));
      const day = (offset: number) => new Date(Date.now() + offset * 86_400_000).toISOString().slice(0, 10);
      const [yesterday, today, tomorrow] = [day(-1), day(0), day(1)];
      // A run over midnight has entries of two days.
      for (const phrase of [
        `${yesterday}..${tomorrow}`,
        `>=${yesterday}`,
        `>${day(-2)}`,
        `<=${tomorrow}`,
        `<${day(2)}`,
        `*..${tomorrow}`,
        `${yesterday}..*`,
      ])
        assert.deepEqual(documents(await found(`created:${phrase}`)), everything, phrase);
      for (const phrase of [day(-2), day(2), `>${tomorrow}`, `<${yesterday}`, `${day(2)}..${day(3)}`, `>=${tomorrow}`])
        assert.deepEqual(await found(`created:${phrase}`), [], phrase);
      assert.ok((await found(`created:${today}`)).length > 0);
      assert.equal((await search('created:soon')).status, 422);
    });

    test('without a date the last 90 days are shown; nothing older is gone', async () => {
      const [oldest] = await found('', { order: 'asc', per_page: '1' });
      const number = Number(oldest._document_id.split('-').at(-1));
      const old = Date.now() - 100 * 86_400_000;
      await using sql = await openSql(server.config.database ?? server.data);
      await sql.run(`update audit_entry set at = ${old} where number = ${number}`);
      const isShown = (entries: Entry[]) => documents(entries).includes(oldest._document_id);
      assert.ok(!isShown(await found('', { order: 'asc' })));
      assert.ok(isShown(await found(`created:>=2000-01-01`, { order: 'asc' })));
      await sql.run(`update audit_entry set at = ${oldest.created_at} where number = ${number}`);
      assert.ok(isShown(await found('', { order: 'asc' })));
    });

    test('git events are shown when they are asked for', async () => {
      const isGit = (entry: Entry) => /^git\./.test(entry.action);
      assert.ok(!(await found('')).some(isGit));
      assert.ok(!(await found('', { include: 'web' })).some(isGit));
      const git = await found('', { include: 'git' });
      assert.ok(git.length > 0 && git.every(isGit));
      assert.deepEqual(new Set(documents(await all())), new Set([...documents(await found('')), ...documents(git)]));
      assert.equal((await search('', { include: 'none' })).status, 422);
    });

    test('newest first, or oldest first', async () => {
      const newest = documents(await found(''));
      assert.deepEqual(documents(await found('', { order: 'asc' })), newest.toReversed());
      const times = (await found('')).map((entry) => entry.created_at);
      assert.deepEqual(
        times,
        times.toSorted((a, b) => b - a),
      );
      assert.equal((await search('', { order: 'sideways' })).status, 422);
    });

    for (const order of ['desc', 'asc'])
      test(`the pages of a search, ${order}, lose and repeat nothing, forward and back again`, async () => {
        const everything = documents(await found('', { include: 'all', order }));
        const first = await search('', { include: 'all', order, per_page: '7' });
        const forward: string[][] = [];
        let page = first;
        for (;;) {
          forward.push(documents(page.body));
          const next = linkOf(page, 'next');
          if (next === null) break;
          page = await cast.admin.api('GET', next);
        }
        assert.ok(forward.slice(0, -1).every((one) => one.length === 7));
        assert.deepEqual(forward.flat(), everything);
        const backward = [documents(page.body)];
        for (let previous = linkOf(page, 'prev'); previous !== null; previous = linkOf(page, 'prev')) {
          page = await cast.admin.api('GET', previous);
          backward.unshift(documents(page.body));
        }
        assert.deepEqual(backward, forward);
        assert.equal(linkOf(page, 'first'), null);
      });

    test('what comes in between does not disturb the pages', async () => {
      const first = await search('', { per_page: '5' });
      const expected = documents(await found('')).slice(5, 10);
      await must(cast.owner.api('PATCH', '/repos/acme/app', { description: 'in between' }));
      assert.deepEqual(documents((await cast.admin.api('GET', linkOf(first, 'next')!)).body), expected);
    });

    test('per_page has GitHub’s bounds, cursors are ours alone', async () => {
      assert.equal((await found('', { per_page: '1' })).length, 1);
      assert.equal((await found('', { per_page: '1000' })).length, Math.min(100, (await found('')).length));
      assert.equal((await found('', { per_page: '0' })).length, Math.min(30, (await found('')).length));
      for (const cursor of ['1', 'audit:1', 'YXVkaXQ6LTE', 'YXVkaXQ6MTsgZHJvcA'])
        assert.equal((await search('', { after: cursor })).status, 422, cursor);
      const last = linkOf(await search('', { per_page: '2', order: 'asc' }), 'next')!;
      assert.match(last, /after=[\w-]+/);
    });

    test('an owner sees the entries of the own organization and no others', async () => {
      const entries: Entry[] = await must(search('', { include: 'all' }, '/orgs/acme/audit-log', cast.owner.api));
      const expected = (await all()).filter((entry) => entry.org === 'acme');
      assert.deepEqual(documents(entries), documents(expected));
      assert.deepEqual(await must(search('org:globex', { include: 'all' }, '/orgs/acme/audit-log', cast.owner.api)), []);
    });

    test('who is no owner is not told that there is a log', async () => {
      const path = '/orgs/acme/audit-log';
      const foreignOwner = personaOf(server, 'ursa', await mint(server, 'ursa', ['read:audit_log', 'admin:org']));
      for (const { api, login } of [cast.developer, cast.maintainer, cast.outsider, cast.attacker, foreignOwner])
        assert.equal((await search('', {}, path, api)).status, 404, login);
      const unable = personaOf(server, 'olga', await mint(server, 'olga', ['repo', 'admin:org']));
      assert.equal((await search('', {}, path, unable.api)).status, 404);
      assert.equal((await search('', {}, '/orgs/no-such-org/audit-log', cast.owner.api)).status, 404);
      const { api: nobody } = personaOf(server, 'x', '');
      assert.equal((await nobody('GET', path, undefined, { authorization: '' })).status, 401);
    });

    test('the whole log is for site admins', async () => {
      assert.ok([403, 404].includes((await search('', {}, enterprise, cast.owner.api)).status));
      assert.equal((await search('', {}, '/enterprises/other/audit-log')).status, 404);
      assert.equal((await search('', {}, '/orgs/acme/audit-log')).status, 200);
    });

    test('the native search has the same entries, whole, and the same bounds', async () => {
      const path = '/api/sallyport/v1/audit';
      const page = await must(search('bypass:true', {}, path));
      assert.deepEqual(
        page.entries.map((entry: Entry) => `sallyport-${entry.number}`),
        documents(await found('bypass:true', { include: 'all' })),
      );
      assert.ok(page.entries.every((entry: Entry) => entry.bypass === true && entry.token.id > 0));
      assert.equal((await search('', {}, path, cast.owner.api)).status, 403);
      assert.equal((await search('org:globex', {}, path, cast.owner.api)).status, 404);
      const own = await must(search('org:acme', {}, path, cast.owner.api));
      assert.ok(own.entries.length > 0 && own.entries.every((entry: Entry) => entry.organization.login === 'acme'));
    });

    test('the head is there for whoever reads the log, with the key that proves it', async () => {
      const head = await must(cast.owner.api('GET', '/api/sallyport/v1/audit/head'));
      const { at, hash, number, signature } = (await server.running.house.store.read.audit.readHead())!;
      assert.deepEqual({ at: head.at, hash: head.hash, number: head.number, signature: head.signature }, { at, hash, number, signature });
      assert.equal(head.key, server.running.house.context.server.signingKey);
      assert.equal(
        (await personaOf(server, 'dev', await mint(server, 'dev', ['repo'])).api('GET', '/api/sallyport/v1/audit/head')).status,
        403,
      );
    });
  });
}

const protectionBody = {
  required_status_checks: null,
  enforce_admins: true,
  required_pull_request_reviews: { required_approving_review_count: 1 },
  restrictions: null,
};

function documents(entries: readonly Entry[]): string[] {
  return entries.map((entry) => entry._document_id);
}

/** The announcement of a push in which some ref was let through by a bypass is marked too. */
function isBypassingPush(entry: Entry): boolean {
  return entry.action === 'git.push' && entry.updates.some((update: Entry) => update.result === 'bypass');
}

/** Where a Link header leads, as a path. */
function linkOf({ headers }: ApiAnswer, rel: string): string | null {
  const link = (headers.get('link') ?? '').split(', ').find((one) => one.endsWith(`rel="${rel}"`));
  if (link === undefined) return null;
  const { pathname, search } = new URL(/<([^>]+)>/.exec(link)![1]!);
  return pathname + search;
}
