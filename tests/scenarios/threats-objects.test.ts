/**
 * Family D, odd input, as far as it is content: what stands in a repository is let out of it, or let in where it does not belong. The attacker, who may
 * write,
 * 1. pushes trees with names that a checkout would take for git's own, submodules that run a program, links that lead out of the repository;
 * 2. looks at files of the repository's folder, plants hooks and alternates, and asks git for what it was told not to give;
 * 3. uses what lies in the quarantine of somebody else's push.
 * Packs that are broken or too large are in broken-packs.test.ts, requests that are not the protocol in protocol.test.ts, objects that were refused in
 * repositories-of-clients.test.ts, names in requests that git would take for options in bad-input.test.ts and bad-names.test.ts.
 */
import assert from 'node:assert/strict';
import { chmod, mkdir, readdir, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { after, before, describe, test } from 'node:test';
import { pktLine } from '#git/pkt-line.ts';
import { Pause } from '../faults/pause.ts';
import { must } from '../support/api.ts';
import { mustGit } from '../support/git.ts';
import { remoteRef, WorkTree } from '../support/history.ts';
import { castOf, type Persona, type Personas } from '../support/personas.ts';
import { packOfObjects, pushRequest } from '../support/push-request.ts';
import { entries } from '../support/record.ts';
import { readReportStatus } from '../support/report-status.ts';
import { startTestServer, type TestServer } from '../support/server.ts';

const main = 'refs/heads/main';
const refusedByFsck = /^fsck error in pack(ed)? objects?: object [0-9a-f]{40}: [A-Za-z]+: /;

describe('content', { timeout: 120_000 }, () => {
  const pause = new Pause();
  let server: TestServer;
  let cast: Personas;
  let mallory: Persona;
  let work: WorkTree;
  let base: string;
  let blob: string;
  let folder: string;
  before(async () => {
    server = await startTestServer({ seams: { atStep: pause.atStep } });
    cast = await castOf(server);
    mallory = cast.attacker;
    work = await WorkTree.create();
    base = await work.commit('one', { 'a.txt': 'a\n' });
    blob = await work.head('HEAD:a.txt');
    await work.must('push', '--quiet', cast.owner.remote('acme/app'), `HEAD:${main}`);
    const { id } = await must(cast.owner.api('GET', '/repos/acme/app'));
    folder = server.running.house.gate.repositories.open(id, 'sha1').path;
  });
  after(async () => {
    await work[Symbol.asyncDispose]();
    await server[Symbol.asyncDispose]();
  });

  /** Everything that was written and is not on the server. */
  const written = new Set<string>();

  /** An object with these exact bytes, whatever git thinks of it. */
  async function write(type: string, bytes: Buffer | string): Promise<string> {
    const id = await mustGit(work.path, ['hash-object', '-w', '--literally', '-t', type, '--stdin'], { input: bytes });
    written.add(id);
    return id;
  }

  const entry = (mode: string, name: string | Buffer, id: string): Buffer =>
    Buffer.concat([Buffer.from(`${mode} `), Buffer.from(name), Buffer.from([0]), Buffer.from(id, 'hex')]);
  const commitOf = async (tree: string): Promise<string> =>
    write('commit', `tree ${tree}\nparent ${base}\nauthor M <m@example.com> 1 +0000\ncommitter M <m@example.com> 1 +0000\n\nodd\n`);

  /** Pushes a commit with the tree, and answers the reason for which nothing was taken in; null: it landed. */
  async function push(tree: string): Promise<string | null> {
    const commit = await commitOf(tree);
    const pack = await packOfObjects(work.path, [...written]);
    written.clear();
    const body = new Uint8Array(pushRequest({ commands: [{ refName: 'refs/heads/odd', oldId: null, newId: commit }], pack }));
    const authorization = `Bearer ${mallory.token}`;
    const response = await fetch(`${server.url}/acme/app.git/git-receive-pack`, { method: 'POST', headers: { authorization }, body });
    const { unpack, refs } = readReportStatus(Buffer.from(await response.arrayBuffer()));
    if (refs.get('refs/heads/odd') === null) {
      await must(mallory.api('DELETE', '/repos/acme/app/git/refs/heads/odd'));
      return null;
    }
    assert.equal(await remoteRef(mallory.remote('acme/app'), 'refs/heads/odd'), null);
    return unpack;
  }

  const names: Record<string, string | Buffer> = {
    'of git’s own folder': '.git',
    'of git’s own folder in capitals': '.GiT',
    'of git’s own folder on Windows': 'git~1',
    'of git’s own folder, with what a Mac ignores': '.g\u200cit',
    'with a backslash into it': '.git\\hooks',
    'of the folder itself': '.',
    'of the folder above': '..',
    'with a slash': 'a/../../b',
    'that is none': '',
  };
  for (const [what, name] of Object.entries(names)) {
    test(`a tree with a name ${what} is not taken in`, async () => {
      for (const [mode, id] of [
        ['100644', blob],
        ['40000', await write('tree', entry('100644', 'config', blob))],
        ['120000', blob],
      ] as const)
        assert.match((await push(await write('tree', entry(mode, name, id)))) ?? 'landed', refusedByFsck, mode);
    });
  }

  test('a tree that is none is not taken in: twice the same name, out of order, an id of nothing, a mode that is none of git’s', async () => {
    const a = entry('100644', 'a', blob);
    const bad: Record<string, Buffer> = {
      twice: Buffer.concat([a, entry('40000', 'a', await write('tree', ''))]),
      'out of order': Buffer.concat([entry('100644', 'b', blob), a]),
      'an id of nothing': entry('100644', 'a', '0'.repeat(40)),
      'a mode with a nought before': entry('0100644', 'a', blob),
      'cut off': a.subarray(0, -3),
    };
    for (const [what, bytes] of Object.entries(bad)) assert.notEqual(await push(await write('tree', bytes)), null, what);
    assert.equal(await push(await write('tree', a)), null, 'and one that is fine lands');
  });

  const submodules: Record<string, string> = {
    'whose address is an option': '[submodule "x"]\n\tpath = x\n\turl = -u./payload\n',
    'whose address runs a program': '[submodule "x"]\n\tpath = x\n\turl = --upload-pack=touch /tmp/sallyport-owned\n',
    'whose name leads out of the folder': '[submodule "../../hooks"]\n\tpath = x\n\turl = https://example.com/x\n',
    'whose path is an option': '[submodule "x"]\n\tpath = -x\n\turl = https://example.com/x\n',
    'that is updated by a command': '[submodule "x"]\n\tpath = x\n\turl = https://example.com/x\n\tupdate = !touch /tmp/sallyport-owned\n',
    'whose address has a line break': '[submodule "x"]\n\tpath = x\n\turl = "https://example.com/\\nhost=evil"\n',
  };
  for (const [what, text] of Object.entries(submodules)) {
    test(`a submodule ${what} is not taken in`, async () => {
      assert.match((await push(await write('tree', entry('100644', '.gitmodules', await write('blob', text))))) ?? 'landed', refusedByFsck);
    });
  }

  test('a list of submodules that is a link is not taken in, an honest one is', async () => {
    const link = await write('blob', '../../.git/config');
    assert.match((await push(await write('tree', entry('120000', '.gitmodules', link)))) ?? 'landed', refusedByFsck);
    const honest = await write('blob', '[submodule "x"]\n\tpath = x\n\turl = https://example.com/x.git\n');
    const tree = Buffer.concat([entry('100644', '.gitmodules', honest), entry('160000', 'x', base)]);
    assert.equal(await push(await write('tree', tree)), null);
  });

  test('links are content: nothing that they lead to is read, or written through them', async () => {
    const targets = ['/etc/passwd', '../../../../etc/passwd', '../objects', '/proc/self/environ', 'sub'];
    const links = await Promise.all(targets.map(async (target, index) => entry('120000', `link${index}`, await write('blob', target))));
    const readme = entry('120000', 'README.md', await write('blob', '/etc/passwd'));
    const sub = entry('40000', 'sub', await write('tree', entry('100644', 'f', blob)));
    const commit = await commitOf(await write('tree', Buffer.concat([readme, ...links, sub])));
    await work.must('push', '--quiet', mallory.remote('acme/app'), `${commit}:refs/heads/links`);
    for (const [index, target] of targets.entries()) {
      const path = `/repos/acme/app/contents/link${index}`;
      const raw = { accept: 'application/vnd.github.raw' };
      for (const answer of [await mallory.api('GET', `${path}?ref=links`), await mallory.api('GET', `${path}?ref=links`, undefined, raw)])
        assert.doesNotMatch(JSON.stringify(answer.body), /root:|PATH=/, target);
      for (const below of ['f', 'passwd', 'x/y']) {
        const body = { message: 'through', content: '', branch: 'links' };
        const answer = await mallory.api('PUT', `${path}/${below}`, body);
        assert.equal(answer.status, 422, `${target}/${below}: ${JSON.stringify(answer.body)}`);
        assert.equal((await mallory.api('GET', `${path}/${below}?ref=links`)).status, 404);
      }
    }
    assert.doesNotMatch(JSON.stringify((await mallory.api('GET', '/repos/acme/app/readme?ref=links')).body), /root:/);
    assert.equal(await remoteRef(mallory.remote('acme/app'), 'refs/heads/links'), commit);
  });

  test('no file of the repository’s folder, nor of any other, is to be had by its path', async () => {
    const own = [
      'HEAD',
      'config',
      'description',
      'packed-refs',
      'objects/info/packs',
      'objects/info/alternates',
      'objects/info/http-alternates',
    ];
    const more = [`objects/${blob.slice(0, 2)}/${blob.slice(2)}`, 'hooks/pre-receive', 'refs/heads/main', 'logs/HEAD', 'info/exclude'];
    const out = [
      '../../master.key',
      '..%2f..%2fmaster.key',
      '%2e%2e/%2e%2e/sallyport.db',
      '....//config',
      '.%00/config',
      'info/refs/../../config',
    ];
    const services = [
      'info/refs',
      'info/refs?service=git-upload-archive',
      'info/refs?service=../config',
      'info/refs?service=git-receive-pack%00',
    ];
    for (const path of [...own, ...more, ...out, ...services]) {
      for (const repository of ['acme/app.git', 'acme/app', 'acme/..%2f..%2f', 'acme%2fapp.git']) {
        const headers = { authorization: `Bearer ${cast.owner.token}` };
        const response = await fetch(`${server.url}/${repository}/${path}`, { headers });
        const said = await response.text();
        assert.ok([400, 403, 404].includes(response.status), `${repository}/${path}: ${response.status}`);
        assert.doesNotMatch(said, /ref: refs|repositoryformatversion|[0-9a-f]{40}|SQLite/, path);
      }
    }
  });

  test('what is planted in the folder is not run, and no client plants anything there', async () => {
    const mark = join(server.data, 'planted-hook-ran');
    await mkdir(join(folder, 'hooks'), { recursive: true });
    const hooks = [
      'pre-receive',
      'update',
      'post-receive',
      'post-update',
      'reference-transaction',
      'proc-receive',
      'push-to-checkout',
      'pre-auto-gc',
    ];
    for (const hook of hooks) {
      await writeFile(join(folder, 'hooks', hook), `#!/bin/sh\necho ${hook} >> ${mark}\n`);
      await chmod(join(folder, 'hooks', hook), 0o755);
    }
    await work.must('push', '--quiet', mallory.remote('acme/app'), `${base}:refs/heads/hooked`);
    await must(mallory.api('PUT', '/repos/acme/app/contents/hooked.txt', { message: 'm', content: '', branch: 'hooked' }));
    await must(mallory.api('DELETE', '/repos/acme/app/git/refs/heads/hooked'));
    assert.ok(!(await readdir(server.data)).includes('planted-hook-ran'));
    const info = await readdir(join(folder, 'objects', 'info'));
    assert.ok(!info.includes('alternates') && !info.includes('http-alternates'));
    const config = await mustGit(folder, ['config', '--list', '--local']);
    assert.deepEqual(
      config
        .split('\n')
        .map((line) => line.split('=')[0])
        .sort(),
      ['core.bare', 'core.filemode', 'core.hookspath', 'core.repositoryformatversion'],
    );
    assert.match(config, /^core\.hookspath=\.\.\/\.\.\/git\/hooks$/m);
  });

  test('git is asked for nothing but refs and objects that may be had', async () => {
    const ask = async (lines: readonly string[], headers: Record<string, string> = {}): Promise<string> => {
      const body = Buffer.concat([...lines.map((line) => (line === '0001' || line === '0000' ? Buffer.from(line) : pktLine(line)))]);
      const response = await fetch(`${server.url}/acme/app.git/git-upload-pack`, {
        method: 'POST',
        headers: { authorization: `Bearer ${mallory.token}`, 'git-protocol': 'version=2', ...headers },
        body: new Uint8Array(body),
      });
      return response.text();
    };
    assert.match(await ask(['command=fetch', '0001', `want ${'1'.repeat(40)}`, 'done', '0000']), /ERR upload-pack: not our ref/);
    for (const filter of ['sparse:path=/etc/passwd', 'sparse:oid=HEAD:a.txt', 'combine:sparse:path=/etc/passwd+blob:none'])
      assert.doesNotMatch(await ask(['command=fetch', '0001', `want ${base}`, `filter ${filter}`, 'done', '0000']), /packfile/, filter);
    assert.match(await ask(['command=fetch', '0001', `want ${base}`, 'filter blob:none', 'done', '0000']), /packfile/);
    for (const protocol of ['version=2; touch x', 'version=2:../../x', `version=2${'x'.repeat(500)}`, '$(id)', 'version=-1'])
      assert.doesNotMatch(await ask(['command=ls-refs', '0001', 'ref-prefix refs/', '0000'], { 'git-protocol': protocol }), /root|uid=/);
  });

  test('what lies in the quarantine of one push is not there for another', async () => {
    const next = await work.commit('in the quarantine', { 'q.txt': 'q\n' });
    const held = pause.arm('ingested');
    const first = work.push(cast.developer.remote('acme/app'), `${next}:refs/heads/held`);
    await held.arrived;
    const steal = pushRequest({
      commands: [{ refName: 'refs/heads/stolen', oldId: null, newId: next }],
      pack: await packOfObjects(work.path, []),
    });
    const headers = { authorization: `Bearer ${mallory.token}` };
    const response = await fetch(`${server.url}/acme/app.git/git-receive-pack`, { method: 'POST', headers, body: new Uint8Array(steal) });
    const { refs } = readReportStatus(Buffer.from(await response.arrayBuffer()));
    assert.match(refs.get('refs/heads/stolen')!, /missing necessary objects/);
    assert.equal((await mallory.api('GET', `/repos/acme/app/git/commits/${next}`)).status, 404);
    assert.equal((await mallory.api('POST', '/repos/acme/app/git/refs', { ref: 'refs/heads/stolen', sha: next })).status, 422);
    held.release();
    assert.equal((await first).code, 0);
    assert.equal(await remoteRef(mallory.remote('acme/app'), 'refs/heads/stolen'), null);
    const [push] = await entries(server, 'action:git.push actor:mallory');
    assert.equal(push.updates[0].reason, 'missing necessary objects');
  });
});
