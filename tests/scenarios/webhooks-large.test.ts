import assert from 'node:assert/strict';
import { after, before, describe, test } from 'node:test';
import { setTimeout as sleep } from 'node:timers/promises';
import { must } from '../support/api.ts';
import { mustGit } from '../support/git.ts';
import { WorkTree } from '../support/history.ts';
import { HookReceiver } from '../support/hook-receiver.ts';
import { castOf, type Personas } from '../support/personas.ts';
import { startTestServer, type TestServer } from '../support/server.ts';

/** Commits one on top of the other, as git's own format for bulk has them. */
function history(branch: string, messages: readonly string[]): string {
  const commits = messages.map((message, at) => {
    const who = `Bulk <bulk@example.com> ${1_700_000_000 + at} +0000`;
    return `commit refs/heads/${branch}\ncommitter ${who}\ndata ${message.length}\n${message}\nM 100644 inline f${at % 10}.txt\ndata 2\n${at % 10}\n`;
  });
  return `${commits.join('\n')}\ndone\n`;
}

describe('a push that is too large to tell of as a whole', { timeout: 120_000 }, () => {
  let server: TestServer;
  let cast: Personas;
  let receiver: HookReceiver;
  let work: WorkTree;
  before(async () => {
    receiver = await HookReceiver.open();
    server = await startTestServer({ config: { webhookAllow: ['127.0.0.0/8'] }, seams: { hooks: { every: 10 } } });
    cast = await castOf(server);
    work = await WorkTree.create();
    const config = { url: receiver.url(), content_type: 'json' };
    await must(cast.owner.api('POST', '/repos/acme/app/hooks', { config, events: ['push'] }));
  });
  after(async () => {
    await work[Symbol.asyncDispose]();
    await server[Symbol.asyncDispose]();
    await receiver[Symbol.asyncDispose]();
  });

  const pushed = async (branch: string, messages: readonly string[]) => {
    await mustGit(work.path, ['fast-import', '--quiet', '--done'], { input: history(branch, messages) });
    await work.must('push', '--quiet', cast.developer.remote('acme/app'), branch);
    for (let count = 1; ; count++) {
      const found = (await receiver.until('/hook', 'push', count)).find((one) => one.payload.ref === `refs/heads/${branch}`);
      if (found !== undefined) return found.payload;
    }
  };

  test('of many commits names the newest 2048, and how many there are', async () => {
    const payload = await pushed(
      'many',
      Array.from({ length: 2100 }, (_, at) => `commit ${at}`),
    );
    assert.deepEqual([payload.commits.length, payload.size, payload.distinct_size], [2048, 2100, 2100]);
    assert.deepEqual([payload.commits[0].message, payload.commits.at(-1).message], ['commit 52', 'commit 2099']);
    assert.equal(payload.head_commit.message, 'commit 2099');
  });

  test('of endless messages names only the newest commit, and how many there are', async () => {
    const payload = await pushed(
      'wordy',
      Array.from({ length: 20 }, (_, at) => `${at} ${'x'.repeat(1024 * 1024)}`),
    );
    assert.deepEqual([payload.commits, payload.size], [[], 20]);
    assert.match(payload.head_commit.message, /^19 x+$/);
  });

  // Attack: what one small push brings is told once for each of the branches that it moves, and all of it is in memory at once.
  test('of many branches names the commits of the first ones, and all together are no larger than one may be', async () => {
    const base = await work.head('wordy~19');
    const branches = Array.from({ length: 30 }, (_, at) => `refs/heads/same-${at}`);
    await work.must('push', '--quiet', cast.developer.remote('acme/app'), ...branches.map((name) => `${base}:${name}`));
    await work.must('push', '--quiet', cast.developer.remote('acme/app'), ...branches.map((name) => `wordy~9:${name}`));
    const moved = async () =>
      (await receiver.until('/hook', 'push', 1)).filter(({ payload }) => /same-/.test(payload.ref) && !payload.created);
    for (let told = 0; told < branches.length; told = (await moved()).length)
      await receiver.until('/hook', 'push', 3 + branches.length + told);
    const payloads = (await moved()).map(({ payload }) => payload);
    assert.deepEqual(new Set(payloads.map(({ size }) => size)), new Set([10]));
    assert.equal(payloads.filter(({ commits }) => commits.length === 10).length, 1);
    const characters = payloads.reduce((sum, payload) => sum + JSON.stringify(payload).length, 0);
    assert.ok(characters < 40 * 1024 * 1024, `${characters} characters`);
  });

  test('is sent again so often, and no more: each is kept', async () => {
    const [hook] = await must(cast.owner.api('GET', '/repos/acme/app/hooks'));
    const deliveries = `/repos/acme/app/hooks/${hook.id}/deliveries`;
    await pushed(
      'again',
      Array.from({ length: 12 }, (_, at) => `${at} ${'y'.repeat(1024 * 1024)}`),
    );
    const newest = async () => (await must(cast.owner.api('GET', `${deliveries}?per_page=1`)))[0].id;
    const sent = async (id: number) => (await must(cast.owner.api('GET', `${deliveries}/${id}`))).request.payload.ref;
    while ((await sent(await newest())) !== 'refs/heads/again') await sleep(20);
    const large = { id: await newest() };
    const statuses: number[] = [];
    for (let count = 0; count < 6; count++) statuses.push((await cast.owner.api('POST', `${deliveries}/${large.id}/attempts`)).status);
    assert.deepEqual(statuses, [202, 202, 202, 422, 422, 422]);
  });
});
