import assert from 'node:assert/strict';
import { readdir } from 'node:fs/promises';
import { join } from 'node:path';
import { after, before, describe, test } from 'node:test';
import { type Receipt, writeRefs } from '#gate/write-refs.ts';
import type { ProblemError } from '#model/problem.ts';
import type { ObjectId } from '#model/ref-update.ts';
import { reachRepository } from '#operations/access.ts';
import { authenticateToken } from '#operations/authenticate.ts';
import { personOf } from '#operations/content/identity.ts';
import { must } from '../support/api.ts';
import { mustGit } from '../support/git.ts';
import { WorkTree } from '../support/history.ts';
import { castOf, type Personas } from '../support/personas.ts';
import { protect } from '../support/protections.ts';
import { startTestServer, type TestServer } from '../support/server.ts';

for (const format of ['sha1', 'sha256'] as const) {
  describe(`a rebase that goes through the gate (${format})`, () => {
    let server: TestServer;
    let cast: Personas;
    let work: WorkTree;
    const path = `acme/rebased-${format}`;
    before(async () => {
      server = await startTestServer();
      cast = await castOf(server);
      await must(cast.owner.api('POST', '/orgs/acme/repos', { name: `rebased-${format}`, private: true, object_format: format }));
      await must(cast.owner.api('PUT', `/repos/${path}/collaborators/dev`, { permission: 'push' }));
      work = await WorkTree.create(format);
      await work.commit('base', { a: '1\n2\n3\n4\n5\n6\n7\n8\n', b: 'b\n' });
      await work.must('branch', 'topic');
      await work.commit('main goes on', { a: 'one\n2\n3\n4\n5\n6\n7\n8\n' });
      await work.must('checkout', '--quiet', 'topic');
      await work.commit('first', { a: '1\n2\n3\n4\n5\n6\n7\neight\n' });
      await work.commit('second', { b: 'changed\n', c: 'new\n' });
      await work.must('push', '--quiet', cast.owner.remote(path), 'main', 'topic');
    });
    after(async () => {
      await work[Symbol.asyncDispose]();
      await server[Symbol.asyncDispose]();
    });

    /** As whoever merges a pull request will do it. */
    async function rebaseAs(token: string): Promise<{ receipt: Receipt | null; tip: ObjectId }> {
      const { context, gate, store } = server.running.house;
      const caller = await authenticateToken(store.read, token, 'api', { id: 'test', address: null, userAgent: null });
      const { repository, owner } = await reachRepository(store.read, caller, { owner: 'acme', name: `rebased-${format}` }, Date.now());
      const [base, head] = [await work.head('main'), await work.head('topic')];
      let tip = '';
      const receipt = await writeRefs(gate, {
        ...{ caller, repository, owner, bypassReason: null, means: 'merge' },
        prepare: async (workshop) => {
          const rebased = await workshop.rebase(base, head, personOf(caller.user, context.server, Date.now()));
          assert.ok(rebased.kind === 'rebased', rebased.kind);
          tip = rebased.tip;
          return { objects: rebased.commits, updates: [{ refName: 'refs/heads/main', oldId: base, newId: tip }] };
        },
      });
      return { receipt, tip };
    }

    async function inTheStore(): Promise<string[]> {
      const { id } = await must(cast.owner.api('GET', `/repos/${path}`));
      const folder = server.running.house.gate.repositories.open(id, format).path;
      assert.deepEqual(
        (await readdir(join(folder, 'objects'))).filter((name) => name.startsWith('tmp_objdir')),
        [],
      );
      await mustGit(folder, ['fsck', '--strict', '--full']);
      return (await mustGit(folder, ['cat-file', '--batch-all-objects', '--batch-check=%(objectname) %(objecttype)'])).split('\n');
    }

    test('is refused like any push where a rule says so, and leaves nothing behind', async () => {
      await protect(cast.owner.api, path, 'main', { lock_branch: true });
      const before = await inTheStore();
      await assert.rejects(rebaseAs(cast.developer.token), (error: ProblemError) => error.problem.kind === 'refused');
      assert.deepEqual(await inTheStore(), before);
      await must(cast.owner.api('DELETE', `/repos/${path}/branches/main/protection`));
    });

    test('lands with its trees and blobs, and with nothing that was only made on the way', async () => {
      const before = await inTheStore();
      const { receipt, tip } = await rebaseAs(cast.developer.token);
      assert.equal(receipt, null);
      await using clone = await WorkTree.clone(cast.developer.remote(path));
      assert.equal(await clone.head(), tip);
      const log = await clone.must('log', '--reverse', '--format=%an|%cn|%s|%T', '-2');
      await work.must('checkout', '--quiet', '-B', 'rebased', 'topic');
      await work.must('rebase', '--quiet', 'main');
      const [first, second] = [await work.head('rebased~1^{tree}'), await work.head('rebased^{tree}')];
      assert.equal(log, `Dev|dev|first|${first}\nDev|dev|second|${second}`);
      const brought = (await inTheStore()).filter((line) => !before.includes(line)).map((line) => line.split(' ')[1]);
      // Two commits, a tree for each, and the file that both sides had changed.
      assert.deepEqual(brought.sort(), ['blob', 'commit', 'commit', 'tree', 'tree']);
    });
  });
}
