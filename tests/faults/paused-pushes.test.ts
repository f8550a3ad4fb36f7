import assert from 'node:assert/strict';
import { after, before, describe, test } from 'node:test';
import { must } from '../support/api.ts';
import { databases } from '../support/databases.ts';
import { WorkTree } from '../support/history.ts';
import { castOf, type Personas } from '../support/personas.ts';
import { protect } from '../support/protections.ts';
import { startTestServer, type TestServer } from '../support/server.ts';
import { meanwhiles } from './changed-meanwhile.ts';
import { Pause } from './pause.ts';
import { elevate, newScene, newWriter, pushNext, type Scene } from './scene.ts';

for (const database of databases) {
  describe(`a push that is paused, on ${database}`, () => {
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

    for (const { what, prepare, says } of meanwhiles) {
      test(`after it was judged for the first time is refused when meanwhile ${what}`, async () => {
        const scene = await newScene(server, cast, tree);
        const { push, change } = await prepare(scene);
        const { arrived, release } = pause.arm('judged early');
        const pushing = push();
        await Promise.race([arrived, pushing.then(({ stderr }) => assert.fail(`it never came to the pause: ${stderr}`))]);
        const expected = await change()
          .then(() => tipsOf(scene))
          .finally(release);
        const { code, stderr } = await pushing;
        assert.notEqual(code, 0, stderr);
        assert.match(stderr, says);
        assert.deepEqual(await tipsOf(scene), expected, 'no ref moved after the change');
      });
    }

    const changes: readonly { what: string; change: (scene: Scene, robot: { tokenId: number; login: string }) => Promise<unknown> }[] = [
      {
        what: 'the revocation of its token',
        change: (_, { tokenId }) => must(cast.admin.api('DELETE', `/api/sallyport/v1/tokens/${tokenId}`)),
      },
      { what: 'the suspension of its owner', change: (_, { login }) => must(cast.admin.api('PUT', `/users/${login}/suspended`, {})) },
      {
        what: 'the removal of its owner from the repository',
        change: ({ repository }, { login }) => must(cast.owner.api('DELETE', `/repos/${repository}/collaborators/${login}`)),
      },
      { what: 'a new rule for its branch', change: ({ repository }) => protect(cast.owner.api, repository, 'main', { lock_branch: true }) },
      {
        what: 'the archiving of the repository',
        change: ({ repository }) => must(cast.owner.api('PATCH', `/repos/${repository}`, { archived: true })),
      },
    ];

    for (const { what, change } of changes) {
      test(`after its intent was recorded lands, and ${what} is answered only then`, async () => {
        const scene = await newScene(server, cast, tree);
        const robot = await elevate(scene, await newWriter(scene));
        const { arrived, release } = pause.arm('intent recorded');
        const pushing = pushNext(scene, robot, 'main');
        await arrived;
        let answered = false;
        const changing = change(scene, robot).then(() => {
          answered = true;
        });
        await untilRecorded(server, scene.repositoryId);
        assert.equal(answered, false, 'the change waits for the push that was let through before it');
        assert.equal(await tipOnDisk(scene), scene.base, 'the ref has not moved yet');
        release();
        const { code, stderr } = await pushing;
        await changing;
        assert.equal(code, 0, stderr);
        assert.equal(await tipOnDisk(scene), scene.next);
      });
    }
  });
}

/** Where the branches stand on disk; null once the repository is gone. */
async function tipsOf({ server, repositoryId }: Scene): Promise<Record<string, string> | null> {
  const { gate, store } = server.running.house;
  if ((await store.read.repositories.findById(repositoryId)) === null) return null;
  const { refs } = await gate.repositories.open(repositoryId, 'sha1').refs.reread();
  return Object.fromEntries([...refs].map((ref) => [ref.name, ref.id]));
}

async function tipOnDisk(scene: Scene): Promise<string | undefined> {
  return (await tipsOf(scene))?.['refs/heads/main'];
}

/** Until the change that was asked for is in the record, behind the push: from then on only its answer is held back. */
async function untilRecorded({ running }: TestServer, repositoryId: number): Promise<void> {
  const { store } = running.house;
  const [intent] = await store.read.intents.listOpen({ repositoryId });
  assert.ok(intent, 'the push is on its way');
  for (;;) {
    const later = await store.read.audit.listStored(intent.auditNumber, 100);
    if (later.some(({ body }) => !/"action":"(git\.push|protected_branch\.policy_override)"/.test(body))) return;
    await new Promise((resolve) => setTimeout(resolve, 5));
  }
}
