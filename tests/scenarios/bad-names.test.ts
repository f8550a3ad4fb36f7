import assert from 'node:assert/strict';
import { after, before, describe, test } from 'node:test';
import { must } from '../support/api.ts';
import { nasty } from '../support/bad-names.ts';
import { git, mustGit } from '../support/git.ts';
import { WorkTree } from '../support/history.ts';
import { castOf, type Persona, type Personas } from '../support/personas.ts';
import { allOff, githubRules } from '../support/protections.ts';
import { snapshot } from '../support/record.ts';
import { startTestServer, type TestServer } from '../support/server.ts';

const repository = 'acme/app';
const native = '/api/sallyport/v1';

describe('a name that is none', () => {
  let server: TestServer;
  let cast: Personas;
  let base: string;
  let untouched: unknown;

  before(async () => {
    server = await startTestServer();
    cast = await castOf(server);
    await using work = await WorkTree.create();
    await work.commit('begin', { 'a.txt': 'a\n' });
    base = await work.commit('second', { 'a.txt': 'b\n' });
    await work.must('push', '--quiet', cast.developer.remote(repository), 'HEAD:refs/heads/main', 'HEAD:refs/heads/topic');
    untouched = await snapshot(server, repository);
  });
  after(async () => {
    try {
      assert.deepEqual(
        server.logged.filter((line) => /by our own fault/.test(line)),
        [],
      );
    } finally {
      await server[Symbol.asyncDispose]();
    }
  });

  describe('where a name goes to git', () => {
    type Call = (name: string, persona: Persona) => [method: string, path: string, body?: unknown];
    const encoded = (name: string): string => encodeURIComponent(name);
    const file = { message: 'x', content: 'eA==' };
    const calls: Readonly<Record<string, Call>> = {
      'the name of a new ref': (name) => ['POST', `/repos/${repository}/git/refs`, { ref: name, sha: base }],
      'the name of a new branch': (name) => ['POST', `/repos/${repository}/git/refs`, { ref: `refs/heads/x/../${name}`, sha: base }],
      'the id of a new ref': (name) => ['POST', `/repos/${repository}/git/refs`, { ref: 'refs/heads/new', sha: name }],
      'the id that a ref moves to': (name) => ['PATCH', `/repos/${repository}/git/refs/heads/topic`, { sha: name, force: true }],
      'the ref that is deleted': (name) => ['DELETE', `/repos/${repository}/git/refs/${encoded(name)}`],
      'the branch of a file': (name) => ['PUT', `/repos/${repository}/contents/n.txt`, { ...file, branch: name }],
      'the blob that a file is': (name) => ['PUT', `/repos/${repository}/contents/a.txt`, { ...file, branch: 'topic', sha: name }],
      'the base of a merge': (name) => ['POST', `/repos/${repository}/merges`, { base: name, head: 'topic' }],
      'the head of a merge': (name) => ['POST', `/repos/${repository}/merges`, { base: 'topic', head: name }],
      'the new name of a branch': (name) => ['POST', `/repos/${repository}/branches/topic/rename`, { new_name: `${name}/..` }],
      'the tree of a commit': (name) => ['POST', `/repos/${repository}/git/commits`, { message: 'x', tree: name }],
      'the base of a tree': (name) => ['POST', `/repos/${repository}/git/trees`, { base_tree: name, tree: [] }],
      'an object of a tree': (name) => ['POST', `/repos/${repository}/git/trees`, { tree: [{ path: 'x', mode: '100644', sha: name }] }],
      'the object of a tag': (name) => ['POST', `/repos/${repository}/git/tags`, { tag: 'v1', message: 'x', object: name, type: 'commit' }],
      'the commit of a status': (name) => ['POST', `/repos/${repository}/statuses/${encoded(name)}`, { state: 'success' }],
      'the commit of a check': (name) => ['POST', `/repos/${repository}/check-runs`, { name: 'x', head_sha: name }],
      'the branch that is protected': (name) => ['PUT', `/repos/${repository}/branches/${encoded(name)}/protection`, allOff],
      'the default branch': (name) => ['PATCH', `/repos/${repository}`, { default_branch: name }],
      'an update to explain': (name) => [
        'POST',
        `${native}/repos/${repository}/explain`,
        { updates: [{ ref: 'refs/heads/topic', new: name }] },
      ],
    };
    for (const [what, call] of Object.entries(calls)) {
      test(`${what} is a name and nothing more`, async () => {
        for (const name of nasty) {
          const [method, path, body] = call(name, cast.owner);
          const answer = await cast.owner.api(method, path, body);
          assert.ok(
            [400, 404, 409, 422].includes(answer.status),
            `${JSON.stringify(name.slice(0, 60))}: ${answer.status} ${JSON.stringify(answer.body)}`,
          );
          assert.doesNotMatch(JSON.stringify(answer.body), /fatal:|usage: git|\/repositories\/|tmp_objdir/, name);
        }
      });
    }

    test('a commit whose parent, author or date is none is not made', async () => {
      const { tree } = await must(cast.owner.api('GET', `/repos/${repository}/git/commits/${base}`));
      const bodies = [
        { parents: ['main'] },
        { parents: ['--all'] },
        { parents: [tree.sha] },
        { author: { name: 'x', email: 'x', date: 'yesterday' } },
        { author: { name: 'x' } },
        { author: 'dev' },
        { parents: base },
      ];
      for (const body of bodies) {
        const answer = await cast.owner.api('POST', `/repos/${repository}/git/commits`, { message: 'x', tree: tree.sha, ...body });
        assert.ok([400, 422].includes(answer.status), `${JSON.stringify(body)}: ${answer.status}`);
      }
    });

    test('a tree with a path that leaves it, hides, or is git’s own is not made', async () => {
      for (const path of [
        '..',
        '../x',
        'a/../x',
        '/etc/passwd',
        '.git/config',
        '.GIT/config',
        'a/.git/hooks/x',
        '.git',
        'a//b',
        '',
        'a\u0000b',
        'git~1/config',
        '.g\u200cit/config',
      ]) {
        const tree = [{ path, mode: '100644', content: 'x' }];
        const made = await cast.owner.api('POST', `/repos/${repository}/git/trees`, { tree });
        assert.equal(made.status, 422, `${path}: ${JSON.stringify(made.body)}`);
        const written = await cast.owner.api('PUT', `/repos/${repository}/contents/${encoded(path)}`, { ...file, branch: 'topic' });
        assert.ok([404, 409, 422].includes(written.status), `${path}: ${written.status}`);
      }
    });
  });

  describe('in names of accounts, repositories and tokens', () => {
    const callsByKind: Readonly<Record<string, (name: string) => [path: string, body: unknown, persona: 'admin' | 'owner']>> = {
      user: (login) => ['/admin/users', { login, email: 'x@example.com' }, 'admin'],
      organization: (login) => ['/admin/organizations', { login, admin: 'olga' }, 'admin'],
      repository: (name) => ['/orgs/acme/repos', { name }, 'owner'],
      app: (slug) => [`${native}/apps`, { slug, name: slug, owner: 'acme', permissions: {} }, 'owner'],
      pattern: (pattern) => [
        `${native}/repos/${repository}/protections`,
        { origin: 'github', pattern: `${pattern}\u0007`, rules: githubRules() },
        'owner',
      ],
    };
    for (const [kind, call] of Object.entries(callsByKind)) {
      test(`none of them names a new ${kind}`, async () => {
        for (const name of [...nasty.filter((one) => one !== '@{-1}'), '', 'a/b', 'API', 'api', 'x'.repeat(101), 'ü'].filter(
          (one) => kind !== 'repository' || !/^(api|a\.\.b)$/i.test(one),
        )) {
          const [path, body, persona] = call(name);
          const answer = await cast[persona].api('POST', path, body);
          assert.equal(answer.status, 422, `${JSON.stringify(name.slice(0, 60))}: ${JSON.stringify(answer.body)}`);
        }
      });
    }

    test('a taken name is taken in any case, and a taken address too', async () => {
      for (const [path, body] of [
        ['/admin/users', { login: 'DEV', email: 'other@example.com' }],
        ['/admin/users', { login: 'acme', email: 'other@example.com' }],
        ['/admin/organizations', { login: 'Olga', admin: 'olga' }],
        ['/admin/users', { login: 'fresh', email: 'DEV@example.com' }],
      ] as const)
        assert.equal((await cast.admin.api('POST', path, body)).status, 422, JSON.stringify(body));
      assert.equal((await cast.owner.api('POST', '/orgs/acme/repos', { name: 'APP' })).status, 422);
    });
  });

  test('nothing of all this has changed anything', async () => {
    assert.deepEqual(await snapshot(server, repository), untouched);
  });

  test('a file whose name is no text keeps it, byte for byte, when the API changes something beside it', async () => {
    await must(cast.owner.api('POST', '/orgs/acme/repos', { name: 'bytes', private: true }));
    const remote = cast.owner.remote('acme/bytes');
    await using work = await WorkTree.create();
    await work.commit('begin', { 'a.txt': 'a\n' });
    const blob = await work.must('rev-parse', 'HEAD:a.txt');
    const names = [Buffer.from('caf\u00e9', 'latin1'), Buffer.from([0xff, 0xfe]), Buffer.from('folder/\u00fc.txt', 'latin1')];
    const input = Buffer.concat(names.flatMap((name) => [Buffer.from(`100644 ${blob} 0\t`), name, Buffer.from('\0')]));
    assert.equal((await git(work.path, ['update-index', '-z', '--index-info'], { input })).code, 0);
    await work.must('commit', '--quiet', '-m', 'names in latin 1');
    await work.must('push', '--quiet', remote, 'HEAD:refs/heads/main');
    const written = await must(cast.owner.api('PUT', '/repos/acme/bytes/contents/folder/new.txt', { message: 'beside', content: 'eA==' }));
    const { tree } = written.commit;
    await must(
      cast.owner.api('POST', '/repos/acme/bytes/git/trees', { base_tree: tree.sha, tree: [{ path: 'b', mode: '100644', content: 'b' }] }),
    );
    await work.must('fetch', '--quiet', remote, 'main');
    const listed = await mustGit(work.path, ['ls-tree', '-r', '--name-only', 'FETCH_HEAD']);
    assert.deepEqual(listed.split('\n'), ['"caf\\351"', 'a.txt', 'folder/new.txt', '"folder/\\374.txt"', '"\\377\\376"'].sort(byGit));
    assert.equal(await work.must('diff', '--name-status', 'HEAD', 'FETCH_HEAD'), 'A\tfolder/new.txt');
  });
});

/** In the order of the bytes behind git's quotes. */
function byGit(a: string, b: string): number {
  const bytes = (text: string): Buffer =>
    Buffer.from(
      text.replace(/^"|"$/g, '').replace(/\\(\d{3})/g, (_, octal: string) => String.fromCharCode(Number.parseInt(octal, 8))),
      'latin1',
    );
  return Buffer.compare(bytes(a), bytes(b));
}
