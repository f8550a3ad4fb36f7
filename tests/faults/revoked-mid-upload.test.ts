import assert from 'node:assert/strict';
import { randomBytes } from 'node:crypto';
import { once } from 'node:events';
import { type ClientRequest, type IncomingMessage, request } from 'node:http';
import { after, before, describe, test } from 'node:test';
import { setTimeout as sleep } from 'node:timers/promises';
import { must } from '../support/api.ts';
import { databases } from '../support/databases.ts';
import { mustGit } from '../support/git.ts';
import { remoteRef, WorkTree } from '../support/history.ts';
import { castOf, type Persona, type Personas } from '../support/personas.ts';
import { packOf, pushRequest } from '../support/push-request.ts';
import { readReportStatus } from '../support/report-status.ts';
import { startTestServer, type TestServer } from '../support/server.ts';
import { proveRecord } from './invariants.ts';
import { Pause } from './pause.ts';
import { elevate, newScene } from './scene.ts';

const content = randomBytes(400_000);

for (const database of databases) {
  describe(`a token that is revoked while its client is still sending, on ${database}`, () => {
    const pause = new Pause();
    let server: TestServer;
    let cast: Personas;
    let tree: WorkTree;

    before(async () => {
      server = await startTestServer({ database, seams: { atStep: pause.atStep } });
      cast = await castOf(server);
      tree = await WorkTree.create();
    });
    after(async () => {
      await tree[Symbol.asyncDispose]();
      await server[Symbol.asyncDispose]();
    });

    /** Half of a body, the token's revocation, the other half; what was answered. */
    const sendAround = async (asked: ClientRequest, body: Buffer, untilHalf: () => Promise<unknown>, tokenId: number) => {
      const answered = once(asked, 'response') as Promise<[IncomingMessage]>;
      const half = body.length >> 1;
      asked.write(body.subarray(0, half));
      await untilHalf();
      await must(cast.admin.api('DELETE', `/api/sallyport/v1/tokens/${tokenId}`));
      asked.end(body.subarray(half));
      const [answer] = await answered;
      const chunks: Buffer[] = [];
      for await (const chunk of answer) chunks.push(chunk as Buffer);
      return { status: answer.statusCode, body: Buffer.concat(chunks) };
    };
    const ask = (method: string, path: string, { login, token }: Persona, type: string): ClientRequest => {
      const authorization = `Basic ${Buffer.from(`${login}:${token}`).toString('base64')}`;
      return request(`${server.url}${path}`, { method, headers: { authorization, 'content-type': type } });
    };

    for (const branch of ['main', 'open']) {
      test(`opens nothing to a push, ${branch === 'main' ? 'where it would have bypassed' : 'where no bypass is needed'}`, async () => {
        const scene = await newScene(server, cast, tree);
        const { repository, base } = scene;
        const robot = await elevate(scene, cast.developer, { uses: 1 });
        const blob = await mustGit(tree.path, ['hash-object', '-w', '--stdin'], { input: content });
        const top = await mustGit(tree.path, ['mktree'], { input: `100644 blob ${blob}\tlarge.bin\n` });
        const next = await tree.must('commit-tree', top, '-p', base, '-m', 'large');
        const pack = await packOf(tree.path, { wanted: [next], without: [base] });
        const refName = `refs/heads/${branch}`;
        const body = pushRequest({ commands: [{ refName, oldId: base, newId: next }], pack });

        const { arrived, release } = pause.arm('head read');
        const path = `/${repository}.git/git-receive-pack`;
        const asked = ask('POST', path, robot, 'application/x-git-receive-pack-request');
        const answer = await sendAround(asked, body, () => arrived.then(release), robot.tokenId);
        assert.equal(answer.status, 200);
        const { refs, messages } = readReportStatus(answer.body);
        assert.match(`${refs.get(refName)} ${messages.join('\n')}`, /the token was revoked/);
        assert.equal(await remoteRef(cast.owner.remote(repository), refName), base);
        const proof = await proveRecord(server, scene.repositoryId, [robot.tokenId]);
        // The scene's own, and this one.
        assert.equal(proof.pushes, 2);
      });
    }

    test('writes no file by the API', async () => {
      const scene = await newScene(server, cast, tree);
      const robot = await elevate(scene, cast.developer, { uses: 1 });
      const body = Buffer.from(JSON.stringify({ message: 'large', branch: 'main', content: content.toString('base64') }));
      const asked = ask('PUT', `/api/v3/repos/${scene.repository}/contents/large.bin`, robot, 'application/json');
      // The request has come as far as its body by then.
      const untilHalf = () => Promise.all([once(asked, 'socket'), sleep(100)]);
      const answer = await sendAround(asked, body, untilHalf, robot.tokenId);
      assert.equal(answer.status, 409);
      assert.match(answer.body.toString('utf8'), /the token was revoked/);
      assert.equal(await remoteRef(cast.owner.remote(scene.repository), 'refs/heads/main'), scene.base);
      await proveRecord(server, scene.repositoryId, [robot.tokenId]);
    });
  });
}
