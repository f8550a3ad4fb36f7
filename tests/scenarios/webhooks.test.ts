import assert from 'node:assert/strict';
import { after, before, describe, test } from 'node:test';
import { must } from '../support/api.ts';
import { databases } from '../support/databases.ts';
import { WorkTree } from '../support/history.ts';
import { HookReceiver, signature } from '../support/hook-receiver.ts';
import { castOf, type Personas } from '../support/personas.ts';
import { startTestServer, type TestServer } from '../support/server.ts';

const zeros = '0'.repeat(40);
const secret = 'between us';

for (const database of databases) {
  describe(`webhooks on ${database}`, { timeout: 120_000 }, () => {
    let server: TestServer;
    let cast: Personas;
    let receiver: HookReceiver;
    let work: WorkTree;
    let remote: string;
    const hooks = '/repos/acme/app/hooks';

    before(async () => {
      receiver = await HookReceiver.open();
      server = await startTestServer({ database, config: { webhookAllow: ['127.0.0.0/8'] }, seams: { hooks: { every: 20 } } });
      cast = await castOf(server);
      work = await WorkTree.create();
      remote = cast.developer.remote('acme/app');
    });
    after(async () => {
      await work[Symbol.asyncDispose]();
      await server[Symbol.asyncDispose]();
      await receiver[Symbol.asyncDispose]();
    });

    const addHook = async (path: string, events: readonly string[], config: object = {}, place = hooks): Promise<number> =>
      (await must(cast.owner.api('POST', place, { config: { url: receiver.url(path), content_type: 'json', ...config }, events }))).id;

    test('a new hook is pinged, with signatures and headers by which receivers know it', async () => {
      const id = await addHook('/ping', ['push'], { secret });
      const [ping] = await receiver.until('/ping', 'ping');
      const { headers, body, payload } = ping!;
      assert.equal(headers['x-hub-signature-256'], signature('sha256', secret, body));
      assert.equal(headers['x-hub-signature'], signature('sha1', secret, body));
      assert.match(String(headers['x-github-delivery']), /^[0-9a-f]{8}-[0-9a-f]{4}-4[0-9a-f]{3}-[0-9a-f]{4}-[0-9a-f]{12}$/);
      assert.match(String(headers['user-agent']), /^GitHub-Hookshot\//);
      assert.partialDeepStrictEqual(headers, {
        accept: '*/*',
        'content-type': 'application/json',
        'x-github-hook-id': String(id),
        'x-github-hook-installation-target-type': 'repository',
        'x-github-hook-installation-target-id': String(payload.repository.id),
        'x-github-enterprise-version': '3.19.0',
        'x-github-enterprise-host': new URL(server.url).host,
      });
      assert.equal(payload.hook_id, id);
      assert.deepEqual(payload.hook.config, { content_type: 'json', insecure_ssl: '0', secret: '********', url: receiver.url('/ping') });
      assert.deepEqual([payload.repository.full_name, payload.organization.login, payload.sender.login], ['acme/app', 'acme', 'olga']);
      assert.equal(payload.repository.permissions, undefined, 'nobody’s rights');
    });

    test('without a secret nothing is signed, and a form carries the payload in a field that is', async () => {
      await addHook('/plain', ['create'], { content_type: 'form' });
      const [plain] = await receiver.until('/plain', 'ping');
      assert.equal(plain!.headers['x-hub-signature-256'], undefined);
      assert.equal(plain!.headers['content-type'], 'application/x-www-form-urlencoded');
      assert.match(plain!.body.toString(), /^payload=%7B/);
      await addHook('/form', ['delete'], { content_type: 'form', secret });
      const [form] = await receiver.until('/form', 'ping');
      assert.equal(form!.headers['x-hub-signature-256'], signature('sha256', secret, form!.body));
    });

    test('a push is told with its commits, and a new branch with its coming', async () => {
      await addHook('/push', ['push', 'create', 'delete']);
      const first = await work.commit('first\n\nwith a body', { 'a.txt': 'a', 'b.txt': 'b' });
      await work.must('push', '--quiet', remote, 'main');
      const [born] = await receiver.until('/push', 'push');
      const [create] = await receiver.until('/push', 'create');
      assert.partialDeepStrictEqual(create!.payload, { ref: 'main', ref_type: 'branch', master_branch: 'main', pusher_type: 'user' });
      assert.partialDeepStrictEqual(born!.payload, {
        ref: 'refs/heads/main',
        before: zeros,
        after: first,
        created: true,
        deleted: false,
        forced: false,
      });
      assert.partialDeepStrictEqual(born!.payload.commits, [
        { id: first, message: 'first\n\nwith a body', distinct: true, added: ['a.txt', 'b.txt'], removed: [], modified: [] },
      ]);

      const second = await work.commit('second', { 'a.txt': 'changed', 'b.txt': null, 'c/d.txt': 'new' });
      const third = await work.commit('third');
      await work.must('push', '--quiet', remote, 'main');
      const [, moved] = await receiver.until('/push', 'push', 2);
      const { payload } = moved!;
      assert.partialDeepStrictEqual(payload, {
        before: first,
        after: third,
        created: false,
        deleted: false,
        forced: false,
        size: 2,
        distinct_size: 2,
      });
      assert.deepEqual(
        payload.commits.map(({ id, added, removed, modified }: Record<string, unknown>) => [id, added, removed, modified]),
        [
          [second, ['c/d.txt'], ['b.txt'], ['a.txt']],
          [third, [], [], []],
        ],
      );
      assert.deepEqual(payload.head_commit, payload.commits[1]);
      assert.equal(payload.head_commit.tree_id, await work.must('rev-parse', 'HEAD^{tree}'));
      assert.equal(payload.compare, `${server.url}/acme/app/compare/${first.slice(0, 12)}...${third.slice(0, 12)}`);
      assert.equal(payload.pusher.name, 'dev');
      assert.match(payload.pusher.email, /^\d+\+dev@users\.noreply\./, 'the address is the pusher’s own business');
      assert.equal(payload.sender.login, 'dev');
      assert.equal(typeof payload.repository.pushed_at, 'number');
      assert.equal(payload.repository.master_branch, 'main');
    });

    test('a forced push says so, and a branch that goes is told with its going', async () => {
      await work.must('push', '--quiet', remote, 'main:refs/heads/topic');
      const before = receiver.at('/push').length;
      await work.must('switch', '--quiet', '--create', 'other', 'main~1');
      const forced = await work.commit('other', { 'o.txt': 'o' });
      await work.must('push', '--quiet', '--force', remote, 'other:refs/heads/topic');
      await work.must('push', '--quiet', remote, ':refs/heads/topic');
      await receiver.until('/push', 'delete');
      const after = receiver
        .at('/push')
        .slice(before)
        .filter(({ event }) => event === 'push');
      const rewritten = after.find((one) => one.payload.after === forced)!;
      assert.equal(rewritten.payload.forced, true);
      assert.deepEqual(
        rewritten.payload.commits.map(({ id }: { id: string }) => id),
        [forced],
      );
      const [gone] = (await receiver.until('/push', 'push', 5)).filter((one) => one.payload.deleted);
      assert.partialDeepStrictEqual(gone!.payload, {
        ref: 'refs/heads/topic',
        before: forced,
        after: zeros,
        head_commit: null,
        commits: [],
      });
      const [deletion] = await receiver.until('/push', 'delete');
      assert.partialDeepStrictEqual(deletion!.payload, { ref: 'topic', ref_type: 'branch' });
      assert.equal(deletion!.payload.master_branch, undefined);
    });

    test('a branch that begins at another brings no commits, and says from which', async () => {
      await work.must('push', '--quiet', remote, 'main:refs/heads/copy');
      const found = await receiver.until('/push', 'push', 6);
      const { payload } = found.find((one) => one.payload.ref === 'refs/heads/copy')!;
      assert.deepEqual([payload.commits, payload.base_ref], [[], 'refs/heads/main']);
      assert.equal(payload.head_commit.id, await work.head('main'));
    });

    test('a tag is told by its kind; of a crowd of tags nothing is heard', async () => {
      await work.must('tag', '--annotate', '--message=one', 'v1', 'main');
      await work.must('push', '--quiet', remote, 'v1');
      const found = (await receiver.until('/push', 'create', 4)).find((one) => one.payload.ref === 'v1');
      assert.equal(found!.payload.ref_type, 'tag');
      const push = (await receiver.until('/push', 'push', 7)).find((one) => one.payload.ref === 'refs/tags/v1');
      assert.equal(push!.payload.after, await work.head('v1'));
      assert.equal(push!.payload.head_commit.id, await work.head('main'));

      for (const name of ['a', 'b', 'c', 'd']) await work.must('tag', `crowd-${name}`, 'main');
      await work.must('push', '--quiet', remote, '--tags', 'main:refs/heads/beside-the-crowd');
      await receiver.until('/push', 'push', 8);
      assert.deepEqual(
        receiver.at('/push').filter((one) => /crowd-/.test(one.payload.ref)),
        [],
      );
    });

    test('a write by the API is told like a push', async () => {
      await addHook('/contents', ['push']);
      const body = { message: 'by the API', content: Buffer.from('x').toString('base64'), branch: 'main' };
      const { commit } = await must(cast.maintainer.api('PUT', '/repos/acme/app/contents/x.txt', body));
      const [push] = await receiver.until('/contents', 'push');
      assert.deepEqual([push!.payload.after, push!.payload.sender.login], [commit.sha, 'mona']);
      assert.deepEqual(push!.payload.commits[0].added, ['x.txt']);
    });

    test('a push that was refused, a dry run and an untouched ref are not told', async () => {
      await addHook('/quiet', ['push']);
      await receiver.until('/quiet', 'ping');
      await must(
        cast.owner.api('PUT', '/repos/acme/app/branches/main/protection', {
          ...{ required_status_checks: { strict: false, contexts: ['build'] }, enforce_admins: true },
          ...{ required_pull_request_reviews: null, restrictions: null },
        }),
      );
      await work.must('fetch', '--quiet', remote, 'main');
      await work.must('switch', '--quiet', '--detach', 'FETCH_HEAD');
      await work.commit('refused');
      assert.notEqual((await work.push(remote, 'HEAD:refs/heads/main')).code, 0);
      assert.notEqual((await work.push(remote, '-o', 'sallyport.dry-run', 'HEAD:refs/heads/free')).code, 0);
      const atomic = await work.push(remote, '--atomic', 'HEAD:refs/heads/free', 'HEAD:refs/heads/main');
      assert.notEqual(atomic.code, 0);
      await work.must('push', '--quiet', remote, 'HEAD:refs/heads/told');
      const pushes = await receiver.until('/quiet', 'push');
      assert.deepEqual(
        pushes.map((one) => one.payload.ref),
        ['refs/heads/told'],
      );
    });

    test('a hook hears what it listens to, an organization’s of every repository, and one that is off nothing', async () => {
      const off = await addHook('/off', ['*']);
      await receiver.until('/off', 'ping');
      await must(cast.owner.api('PATCH', `${hooks}/${off}`, { active: false }));
      await addHook('/creations', ['create']);
      await addHook('/everything', ['*'], {}, '/orgs/acme/hooks');
      await must(cast.owner.api('POST', '/orgs/acme/repos', { name: 'second', auto_init: true }));
      const [push] = await receiver.until('/everything', 'push');
      assert.equal(push!.payload.repository.full_name, 'acme/second');
      assert.equal(push!.headers['x-github-hook-installation-target-type'], 'organization');
      await work.must('push', '--quiet', remote, 'main:refs/heads/heard');
      await receiver.until('/everything', 'push', 2);
      const [create] = await receiver.until('/creations', 'create');
      assert.equal(create!.payload.ref, 'heard');
      assert.deepEqual(
        receiver.at('/creations').map((one) => one.event),
        ['ping', 'create'],
      );
      assert.deepEqual(
        receiver.at('/off').map((one) => one.event),
        ['ping'],
      );
      const same = receiver.at('/everything').find((one) => one.event === 'create' && one.payload.ref === 'heard');
      assert.equal(same!.headers['x-github-delivery'], create!.headers['x-github-delivery'], 'one event, one id');
    });

    test('a test of a hook tells of the newest commit, to whoever hears of pushes', async () => {
      const id = await addHook('/tested', ['push']);
      const deaf = await addHook('/deaf', ['create']);
      assert.equal((await cast.owner.api('POST', `${hooks}/${deaf}/tests`)).status, 204);
      assert.equal((await cast.owner.api('POST', `${hooks}/${id}/tests`)).status, 204);
      const [push] = await receiver.until('/tested', 'push');
      const { commit } = await must(cast.owner.api('GET', '/repos/acme/app/branches/main'));
      assert.deepEqual([push!.payload.after, push!.payload.commits.length], [commit.sha, 1]);
      await must(cast.owner.api('POST', `${hooks}/${deaf}/pings`));
      await receiver.until('/deaf', 'ping', 2);
      assert.deepEqual(
        receiver.at('/deaf').map((one) => one.event),
        ['ping', 'ping'],
      );
    });

    test('the secret is nowhere in the clear', async () => {
      const logs = server.logged.join('\n');
      assert.ok(!logs.includes(secret));
      const entries = await server.running.house.store.read.audit.listStored(0, 1000);
      assert.ok(entries.some(({ body }) => body.includes('hook.create')));
      assert.ok(
        entries.every(({ body }) => !body.includes(secret) && !body.includes('/ping')),
        'nor where the hook leads, beyond the host',
      );
      const { items } = await server.running.house.store.read.hooks.listHooks({ repository: 1 }, { limit: 100, offset: 0 });
      assert.ok(items.some((hook) => hook.sealedSecret !== null));
      assert.ok(items.every((hook) => !JSON.stringify(hook).includes(secret)));
    });
  });
}
