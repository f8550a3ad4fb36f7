import assert from 'node:assert/strict';
import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { test } from 'node:test';
import { setTimeout as sleep } from 'node:timers/promises';
import type { AuditEntry } from '#model/audit-entry.ts';
import { must } from '../support/api.ts';
import { databases } from '../support/databases.ts';
import { WorkTree } from '../support/history.ts';
import { castOf, type Persona } from '../support/personas.ts';
import { githubRules, protectPattern } from '../support/protections.ts';
import { startTestServer, type TestServer } from '../support/server.ts';
import { proveRecord } from './invariants.ts';
import { elevate, newScene, type Scene } from './scene.ts';
import { childOf } from './stage.ts';

const edits = 200;
const lanes = ['lane/push', 'lane/file', 'lane/bypass'];
const unlocked = githubRules();
const locked = githubRules({ type: 'lock', parameters: { forkSync: false } });

for (const database of databases) {
  test(`a branch is locked and unlocked ${edits} times during pushes: each is judged by the rules of its moment, on ${database}`, async () => {
    await using server = await startTestServer({ database });
    const cast = await castOf(server);
    await using tree = await WorkTree.create();
    const scene = await newScene(server, cast, tree);
    const { repository, base, repositoryId } = scene;
    const robot = await elevate(scene, cast.developer, { rules: ['lock'], uses: 1000 });
    await tree.must('push', '--quiet', cast.developer.remote(repository), ...lanes.map((lane) => `${base}:refs/heads/${lane}`));
    const protection = { origin: 'github', pattern: 'lane/*', enforce_admins: true } as const;
    const { id } = await protectPattern(cast.owner.api, repository, { ...protection, rules: unlocked });

    let isOver = false;
    const work = (attempt: (turn: number) => Promise<unknown>): Promise<void> =>
      (async () => {
        // With a pause, so that it is the edits that come close together.
        for (let turn = 0; !isOver; turn++) await Promise.all([attempt(turn), sleep(100)]);
      })();
    const push = (who: Persona, lane: string) => {
      let tip = base;
      return async (turn: number) => {
        const next = await childOf(tree, tip, `${lane} ${turn}`);
        const { code } = await tree.push(who.remote(repository), `${next}:refs/heads/${lane}`);
        if (code === 0) tip = next;
      };
    };
    const write = (lane: string) => (turn: number) => {
      const content = Buffer.from(`${turn}\n`).toString('base64');
      return cast.developer.api('PUT', `/repos/${repository}/contents/${turn}.txt`, { message: 'file', content, branch: lane });
    };
    const working = [work(push(cast.developer, 'lane/push')), work(write('lane/file')), work(push(robot, 'lane/bypass'))];

    for (let edit = 1; edit <= edits; edit++) {
      const isLock = edit % 2 === 1;
      const path = `/api/sallyport/v1/repos/${repository}/protections/${id}`;
      await must(cast.owner.api('PATCH', path, { rules: isLock ? locked : unlocked }));
      // Of those that the lock refuses none moves after its answer, until it is taken off.
      const tips = isLock ? await tipsOnDisk(scene) : null;
      await sleep(Math.random() * 20);
      if (tips !== null) assert.deepEqual(await tipsOnDisk(scene), tips);
    }
    isOver = true;
    await Promise.all(working);

    const seen = replay(await entriesOf(server), repositoryId);
    assert.equal(seen.edits, edits);
    for (const kind of ['pass', 'bypass', 'refused'] as const) assert.ok(seen[kind] >= 10, JSON.stringify(seen));
    await proveRecord(server, repositoryId, [robot.tokenId]);
  });
}

/** Goes through the record in its order, and asks of every push whether the rules that stood then are those it was judged by. */
function replay(entries: readonly AuditEntry[], repositoryId: number) {
  const seen = { edits: 0, pass: 0, bypass: 0, refused: 0 };
  const wasLocked = new Map<number, boolean>();
  let version = 0;
  for (const { action, data, repository, number } of entries) {
    if (repository?.id !== repositoryId) continue;
    if (action === 'protected_branch.create' && data['name'] === 'lane/*') {
      version = data['version'] as number;
      wasLocked.set(version, false);
    } else if (action === 'protected_branch.update_lock_branch_enforcement_level') {
      version = data['version'] as number;
      wasLocked.set(version, data['after'] !== null);
      seen.edits++;
    } else if (action === 'protected_branch.policy_override') {
      seen.bypass++;
      assert.deepEqual(versionsIn(data['bypassed_rules']), [version], `entry ${number}: bypassed by the rules of that moment`);
      assert.equal(wasLocked.get(version), true);
    } else if (action === 'protected_branch.rejected_ref_update') {
      seen.refused++;
      // It may have been refused before it came to the lock, by rules that were changed meanwhile: that lets nothing through.
      for (const judgedBy of versionsIn(data['reasons'])) assert.equal(wasLocked.get(judgedBy), true, `entry ${number}`);
    } else if (action === 'git.push') {
      for (const { ref, result } of data['updates'] as { ref: string; result: string }[]) {
        if (!lanes.some((lane) => ref === `refs/heads/${lane}`) || wasLocked.size === 0 || result !== 'pass') continue;
        seen.pass++;
        assert.equal(wasLocked.get(version), false, `entry ${number}: it passed while the branch was locked`);
      }
    }
  }
  return seen;
}

function versionsIn(judged: unknown): number[] {
  const rules = judged as readonly { readonly sources: readonly { readonly version: number }[] }[];
  return rules.flatMap(({ sources }) => sources.map((source) => source.version));
}

async function entriesOf({ running }: TestServer): Promise<AuditEntry[]> {
  const stored = await running.house.store.read.audit.listStored(0, 100_000);
  return stored.map(({ body }) => JSON.parse(body) as AuditEntry);
}

/** Of the branches that only the lock keeps where they are. */
function tipsOnDisk({ server, repositoryId }: Scene): Promise<string[]> {
  const folder = server.running.house.gate.repositories.pathOf(repositoryId);
  return Promise.all(['push', 'file'].map((lane) => readFile(join(folder, 'refs/heads/lane', lane), 'utf8')));
}
