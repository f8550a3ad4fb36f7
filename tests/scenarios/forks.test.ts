import assert from 'node:assert/strict';
import { readdir, readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { after, before, beforeEach, describe, test } from 'node:test';
import { apiOf, must } from '../support/api.ts';
import { installApp } from '../support/apps.ts';
import { databases } from '../support/databases.ts';
import { mustGit } from '../support/git.ts';
import { WorkTree } from '../support/history.ts';
import { castOf, createPersona, mint, type Persona, type Personas } from '../support/personas.ts';
import { protect } from '../support/protections.ts';
import { entries, entryCount } from '../support/record.ts';
import { startTestServer, type TestServer } from '../support/server.ts';

for (const database of databases) {
  describe(`forks, on ${database}`, { timeout: 120_000 }, () => {
    let server: TestServer;
    let cast: Personas;
    let tree: WorkTree;
    /** A repository of the organization with two branches and a tag; its forks. */
    let [name, repository] = ['', ''];
    let count = 0;

    before(async () => {
      server = await startTestServer({ database });
      cast = await castOf(server);
      tree = await WorkTree.create();
      await tree.commit('base', { 'a.txt': 'a\n' });
      await tree.must('tag', '-a', '-m', 'one', 'v1');
      await tree.must('switch', '--quiet', '--create', 'topic');
      await tree.commit('topic', { 'b.txt': 'b\n' });
      await tree.must('switch', '--quiet', 'main');
    });
    after(async () => {
      await tree[Symbol.asyncDispose]();
      await server[Symbol.asyncDispose]();
    });
    beforeEach(async () => {
      [name, repository] = await newRepository();
    });

    async function newRepository(settings: object = { private: true, allow_forking: true }): Promise<[string, string]> {
      const made = `app${++count}`;
      await must(cast.owner.api('POST', '/orgs/acme/repos', { name: made, ...settings }));
      await must(cast.owner.api('PUT', `/repos/acme/${made}/collaborators/dev`, { permission: 'pull' }));
      await tree.must('push', '--quiet', cast.owner.remote(`acme/${made}`), 'main', 'topic', 'v1');
      return [made, `acme/${made}`];
    }

    const fork = (who: Persona, body: object = {}, of = repository) => who.api('POST', `/repos/${of}/forks`, body);
    const read = async (who: Persona, of: string) => must(who.api('GET', `/repos/${of}`));
    const refsOf = (who: Persona, of: string) => mustGit('/', ['ls-remote', who.remote(of)]);
    const folderOf = (id: number) => join(server.data, 'repositories', `${id}.git`);

    test('a fork has the branches and tags of its parent, and says whose it is', async () => {
      const { status, body } = await fork(cast.developer);
      assert.equal(status, 202);
      assert.deepEqual([body.full_name, body.fork, body.private, body.default_branch], [`dev/${name}`, true, true, 'main']);
      assert.deepEqual([body.parent.full_name, body.source.full_name], [repository, repository]);
      assert.deepEqual(body, await read(cast.developer, `dev/${name}`));
      assert.equal(await refsOf(cast.developer, `dev/${name}`), await refsOf(cast.developer, repository));
      await using clone = await WorkTree.clone(cast.developer.remote(`dev/${name}`));
      assert.equal(await clone.head(), await tree.head('main'));
      const parent = await read(cast.owner, repository);
      assert.deepEqual([parent.fork, parent.forks_count, parent.forks, parent.network_count], [false, 1, 1, 1]);
      assert.equal('parent' in parent || 'source' in parent, false);
    });

    test('a pull request says of the repositories at its ends how many forks they have, alone and in lists', async () => {
      const pulls = `/repos/${repository}/pulls`;
      const opened = await must(cast.owner.api('POST', pulls, { title: 'x', head: 'topic', base: 'main' }));
      assert.deepEqual([opened.base.repo.forks_count, opened.head.repo.forks_count], [0, 0]);
      await fork(cast.developer);
      const one = await must(cast.owner.api('GET', `${pulls}/${opened.number}`));
      const [listed] = await must(cast.owner.api('GET', pulls));
      for (const { base, head } of [one, listed]) assert.deepEqual([base.repo.forks_count, head.repo.forks_count], [1, 1]);
    });

    test('a fork of a fork knows its parent and the root', async () => {
      await fork(cast.developer);
      await must(cast.developer.api('PUT', `/repos/dev/${name}/collaborators/ova`, { permission: 'pull' }));
      await must(cast.owner.api('PUT', `/repos/${repository}/collaborators/ova`, { permission: 'pull' }));
      const { body } = await fork(cast.outsider, {}, `dev/${name}`);
      assert.deepEqual([body.parent.full_name, body.source.full_name, body.network_count], [`dev/${name}`, repository, 2]);
      assert.deepEqual([(await read(cast.owner, repository)).forks_count, body.parent.forks_count], [1, 1]);
    });

    test('a fork is a repository of its own: its rules, refs and objects are not its parent’s', async () => {
      await protect(cast.owner.api, repository, 'main', { lock_branch: true });
      const { body } = await fork(cast.developer);
      assert.equal((await cast.developer.api('GET', `/repos/dev/${name}/branches/main/protection`)).status, 404);
      await using clone = await WorkTree.clone(cast.developer.remote(`dev/${name}`));
      await clone.commit('own', { 'own.txt': 'own\n' });
      assert.equal((await clone.push('origin', 'main')).code, 0);
      assert.equal((await cast.owner.api('GET', `/repos/${repository}/commits/${await clone.head()}`)).status, 422);
      const objects = join(folderOf(body.id), 'objects');
      assert.deepEqual(await readdir(join(objects, 'info')).catch(() => []), [], 'no alternates');
      await must(cast.owner.api('DELETE', `/repos/${repository}`));
      await mustGit(folderOf(body.id), ['fsck', '--strict', '--full']);
      await using again = await WorkTree.clone(cast.developer.remote(`dev/${name}`));
      assert.equal(await again.head(), await clone.head());
    });

    test('only the default branch comes where no more is asked for, without tags', async () => {
      await fork(cast.developer, { default_branch_only: true });
      const main = await tree.head('main');
      assert.equal(await refsOf(cast.developer, `dev/${name}`), `${main}\tHEAD\n${main}\trefs/heads/main`);
      const topic = await tree.head('topic');
      assert.equal((await cast.developer.api('GET', `/repos/dev/${name}/git/commits/${topic}`)).status, 404);
    });

    test('what is hidden is not copied', async () => {
      const { id } = await read(cast.owner, repository);
      for (const ref of ['refs/pull/1/head', 'refs/sallyport/fence', 'refs/notes/commits'])
        await mustGit(folderOf(id), ['update-ref', ref, await tree.head('topic')]);
      const { body } = await fork(cast.developer);
      const refs = await mustGit(folderOf(body.id), ['for-each-ref', '--format=%(refname)']);
      assert.deepEqual(refs.split('\n'), ['refs/heads/main', 'refs/heads/topic', 'refs/tags/v1']);
    });

    test('an empty repository has an empty fork, into which one may push', async () => {
      await must(cast.developer.api('POST', '/user/repos', { name: `empty${count}`, default_branch: 'trunk' }));
      const { body } = await fork(cast.outsider, {}, `dev/empty${count}`);
      assert.deepEqual([body.full_name, body.default_branch], [`ova/empty${count}`, 'trunk']);
      assert.equal(await refsOf(cast.outsider, `ova/empty${count}`), '');
      assert.equal((await tree.push(cast.outsider.remote(`ova/empty${count}`), 'main:trunk')).code, 0);
    });

    test('a fork of a repository of SHA-256 objects is one too', async () => {
      await must(cast.owner.api('POST', '/orgs/acme/repos', { name: `long${count}`, object_format: 'sha256' }));
      await using long = await WorkTree.create('sha256');
      await long.commit('long', { 'a.txt': 'a\n' });
      await long.must('tag', '-a', '-m', 'one', 'v1');
      await long.must('push', '--quiet', cast.owner.remote(`acme/long${count}`), 'main', 'v1');
      const { body } = await fork(cast.developer, {}, `acme/long${count}`);
      assert.equal(body.object_format, 'sha256');
      assert.equal(await refsOf(cast.developer, `dev/long${count}`), await refsOf(cast.owner, `acme/long${count}`));
    });

    test('who asks again, or owns the repository, gets what they have, and nothing happens', async () => {
      const { body: first } = await fork(cast.developer);
      const before = await entryCount(server);
      for (const body of [{}, { name: 'other' }, { default_branch_only: true }])
        assert.equal((await fork(cast.developer, body)).body.id, first.id);
      assert.equal((await fork(cast.developer, {}, `dev/${name}`)).body.id, first.id);
      const { status, body: own } = await fork(cast.owner, { organization: 'acme' });
      assert.deepEqual([status, own.full_name], [202, repository]);
      assert.equal(await entryCount(server), before);
    });

    test('many who ask at once make one fork', async () => {
      const answers = await Promise.all(Array.from({ length: 6 }, () => fork(cast.developer)));
      assert.deepEqual([...new Set(answers.map(({ status }) => status))], [202]);
      assert.equal(new Set(answers.map(({ body }) => body.id)).size, 1);
      assert.deepEqual(
        (await readdir(join(server.data, 'repositories'))).filter((one) => !one.endsWith('.git')),
        [],
      );
    });

    test('a fork may have another name, and gets a number where the name is taken by something else', async () => {
      const { body } = await fork(cast.developer, { name: `other${count}` });
      assert.equal(body.full_name, `dev/other${count}`);
      await must(cast.outsider.api('POST', '/user/repos', { name }));
      await must(cast.owner.api('PUT', `/repos/${repository}/collaborators/ova`, { permission: 'pull' }));
      const taken = await fork(cast.outsider, { name });
      assert.deepEqual([taken.status, taken.body.errors[0].message], [422, 'name already exists on this account']);
      assert.equal((await fork(cast.outsider)).body.full_name, `ova/${name}-1`);
    });

    test('an organization gets a fork from its owner', async () => {
      const org = `forkers${count}`;
      await must(cast.admin.api('POST', '/admin/organizations', { login: org, admin: 'dev' }));
      const { body } = await fork(cast.developer, { organization: org });
      assert.deepEqual([body.full_name, body.organization.login], [`${org}/${name}`, org]);
      await must(cast.owner.api('PUT', `/repos/${repository}/collaborators/ova`, { permission: 'pull' }));
      assert.equal((await fork(cast.outsider, { organization: org })).status, 403);
      assert.equal((await fork(cast.outsider, { organization: 'nowhere-at-all' })).status, 404);
      assert.equal((await fork(cast.outsider, { organization: 'dev' })).status, 404, 'a person is no organization');
    });

    test('what an organization keeps to itself is forked where that is switched on', async () => {
      const [, closed] = await newRepository({ private: true });
      assert.equal((await read(cast.owner, closed)).allow_forking, false);
      assert.equal((await fork(cast.developer, {}, closed)).status, 403);
      await must(cast.owner.api('PATCH', `/repos/${closed}`, { allow_forking: true }));
      assert.equal((await fork(cast.developer, {}, closed)).status, 202);
      const [, open] = await newRepository({});
      assert.equal((await read(cast.owner, open)).allow_forking, true);
      await must(cast.owner.api('PATCH', `/repos/${open}`, { private: true }));
      assert.equal((await read(cast.owner, open)).allow_forking, false, 'what was open to all is not open to forks when it closes');
      await must(cast.owner.api('PATCH', `/repos/${open}`, { private: false }));
      assert.equal((await fork(cast.developer, {}, open)).status, 202, 'what is public may be forked whatever the switch says');
    });

    test('reading is enough, and needed', async () => {
      assert.equal((await fork(cast.outsider)).status, 404);
      assert.equal((await apiOf(server.url, null)('POST', `/repos/${repository}/forks`, {})).status, 401);
      for (const scopes of [['public_repo'], ['read:org']])
        assert.equal((await apiOf(server.url, await mint(server, 'dev', scopes))('POST', `/repos/${repository}/forks`, {})).status, 404);
      for (const scopes of [['repo:status'], ['read_repository', 'write_repository'], ['read_api']])
        assert.equal((await apiOf(server.url, await mint(server, 'dev', scopes))('POST', `/repos/${repository}/forks`, {})).status, 403);
      assert.deepEqual((await must(cast.owner.api('GET', `/repos/${repository}/forks`))).length, 0);
    });

    test('a token for public repositories forks those', async () => {
      const [, open] = await newRepository({});
      const { login } = await createPersona(server, `pub${count}`);
      const narrow = apiOf(server.url, await mint(server, login, ['public_repo']));
      assert.equal((await narrow('POST', `/repos/${open}/forks`)).status, 202);
    });

    test('an app forks nothing to an account of its own', async () => {
      const app = await installApp(server, cast.owner, 'acme', `forker${count}`, { contents: 'write', administration: 'write' });
      const { api } = await app.token();
      const { status, body } = await api('POST', `/repos/${repository}/forks`, {});
      assert.deepEqual([status, body.message], [403, 'Resource not accessible by integration']);
      assert.equal((await read(cast.owner, repository)).forks_count, 0);
    });

    test('forks are listed in pages, newest first or oldest first', async () => {
      const [, open] = await newRepository({});
      for (const who of [cast.developer, cast.outsider, cast.attacker]) await must(fork(who, {}, open));
      const list = async (query: string) => {
        const { body, headers } = await cast.outsider.api('GET', `/repos/${open}/forks?${query}`);
        return { owners: body.map((one: { owner: { login: string } }) => one.owner.login), link: headers.get('link') };
      };
      for (const sort of ['', 'sort=newest', 'sort=stargazers', 'sort=watchers'])
        assert.deepEqual((await list(sort)).owners, ['mallory', 'ova', 'dev']);
      assert.deepEqual((await list('sort=oldest')).owners, ['dev', 'ova', 'mallory']);
      const second = await list('sort=oldest&per_page=1&page=2');
      assert.deepEqual(second.owners, ['ova']);
      assert.match(second.link!, /page=3>; rel="next"/);
      assert.equal((await cast.outsider.api('GET', `/repos/${open}/forks?sort=best`)).status, 422);
      const listed = await must(cast.owner.api('GET', '/orgs/acme/repos?per_page=100'));
      assert.equal(listed.find((one: { full_name: string }) => one.full_name === open).forks_count, 3);
    });

    test('what was made of a repository that is deleted is a fork of nothing, and the root of its own forks', async () => {
      const [gone, open] = await newRepository({});
      for (const who of [cast.developer, cast.outsider]) await must(fork(who, {}, open));
      await must(fork(cast.attacker, {}, `ova/${gone}`));
      await must(cast.owner.api('DELETE', `/repos/${open}`));
      const [alone, root] = [await read(cast.attacker, `dev/${gone}`), await read(cast.attacker, `ova/${gone}`)];
      assert.deepEqual([alone.fork, alone.forks_count, alone.network_count], [false, 0, 0]);
      assert.deepEqual([root.fork, root.forks_count, root.network_count], [false, 1, 1]);
      const last = await read(cast.attacker, `mallory/${gone}`);
      assert.deepEqual([last.parent.full_name, last.source.full_name], [`ova/${gone}`, `ova/${gone}`]);
      await must(cast.outsider.api('DELETE', `/repos/ova/${gone}`));
      const orphan = await read(cast.attacker, `mallory/${gone}`);
      assert.deepEqual([orphan.fork, orphan.parent], [false, undefined]);
    });

    test('a repository whose visibility changes leaves its network', async () => {
      const [closing, open] = await newRepository({});
      for (const who of [cast.developer, cast.outsider]) await must(fork(who, {}, open));
      await must(cast.owner.api('PATCH', `/repos/${open}`, { private: true }));
      assert.equal((await read(cast.owner, open)).forks_count, 0);
      for (const login of ['dev', 'ova']) {
        const left = await read(cast.outsider, `${login}/${closing}`);
        assert.deepEqual([left.fork, left.private, left.forks_count, left.parent], [false, false, 0, undefined]);
      }
    });

    test('a fork is on the record, with what it was made of', async () => {
      const { body } = await fork(cast.developer);
      const [entry] = await entries(server, `repo:dev/${name} action:repo.create`);
      assert.deepEqual(
        [entry.actor, entry.repo_id, entry.fork_parent, entry.refs, entry.visibility],
        ['dev', body.id, repository, 3, 'private'],
      );
    });

    for (const [what, body] of [
      ['a name that is none', { name: '../up' }],
      ['a name of 300 characters', { name: 'x'.repeat(300) }],
      ['a name with a line break', { name: 'a\nb' }],
      ['an empty name', { name: '' }],
      ['a name that is a number', { name: 7 }],
      ['a list for an organization', { organization: ['acme'] }],
      ['a word for a switch', { default_branch_only: 'yes' }],
    ] as const) {
      test(`nothing is made of ${what}`, async () => {
        const before = await entryCount(server);
        assert.equal((await fork(cast.developer, body)).status, 422);
        assert.equal(await entryCount(server), before);
        assert.deepEqual(await must(cast.owner.api('GET', `/repos/${repository}/forks`)), []);
      });
    }

    test('packed refs are written as git writes them, also for names that are not ASCII', async () => {
      const names = ['z', 'Ü', 'a/b', 'ａ', '😀', 'a-b'];
      await tree.must('push', '--quiet', cast.owner.remote(repository), ...names.map((one) => `main:refs/heads/${one}`));
      const { body } = await fork(cast.developer);
      const { id } = await read(cast.owner, repository);
      await mustGit(folderOf(id), ['pack-refs', '--all']);
      const [ours, gits] = await Promise.all([body.id, id].map((one) => readFile(join(folderOf(one), 'packed-refs'), 'utf8')));
      assert.equal(ours, gits);
      assert.equal(ours!.split('\n').length, 2 + names.length + 4);
    });
  });
}
