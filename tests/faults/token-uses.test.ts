import assert from 'node:assert/strict';
import { test } from 'node:test';
import { databases } from '../support/databases.ts';
import { WorkTree } from '../support/history.ts';
import { castOf } from '../support/personas.ts';
import { githubRules, protectPattern } from '../support/protections.ts';
import { startTestServer } from '../support/server.ts';
import { proveRecord } from './invariants.ts';
import { elevate, newScene } from './scene.ts';
import { childOf } from './stage.ts';

const uses = 5;
/** How many at once try to bypass, by which door. */
const [pushes, rivals, refWrites, fileWrites] = [25, 15, 30, 30];

for (const database of databases) {
  test(`100 bypasses at once, by every door, with a token of ${uses} uses: ${uses} pass and none is lost or kept, on ${database}`, async () => {
    await using server = await startTestServer({ database });
    const cast = await castOf(server);
    await using tree = await WorkTree.create();
    const scene = await newScene(server, cast, tree);
    const { repository, base } = scene;
    const robot = await elevate(scene, cast.developer, { uses });
    const lanes = Array.from({ length: pushes + refWrites + fileWrites }, (_, index) => `lane/${index}`);
    const parked = await childOf(tree, base, 'parked');
    const refs = [...[...lanes, 'lane/last'].map((lane) => `${base}:refs/heads/${lane}`), `${parked}:refs/heads/parked`];
    await tree.must('push', '--quiet', cast.developer.remote(repository), ...refs);
    const rules = githubRules({ type: 'actor_restriction', parameters: { grants: [], coversCreation: false } });
    await protectPattern(cast.owner.api, repository, { origin: 'github', pattern: 'lane/*', rules, enforce_admins: true });

    const push = async (branch: string, id: string): Promise<string | null> => {
      const { code, stderr } = await tree.push(robot.remote(repository), `${id}:refs/heads/${branch}`);
      return code === 0 ? null : stderr;
    };
    const ask = async (method: string, path: string, body: object): Promise<string | null> => {
      const answer = await robot.api(method, `/repos/${repository}/${path}`, body);
      return answer.status < 300 ? null : JSON.stringify(answer.body);
    };
    const content = Buffer.from('file\n').toString('base64');
    const ids = await Promise.all(Array.from({ length: rivals }, (_, index) => childOf(tree, base, `rival ${index}`)));
    const attempts = [
      ...lanes.slice(0, pushes).map((lane) => () => push(lane, parked)),
      ...ids.map((id) => () => push('main', id)),
      ...lanes.slice(pushes, pushes + refWrites).map((lane) => () => ask('PATCH', `git/refs/heads/${lane}`, { sha: parked })),
      ...lanes.slice(pushes + refWrites).map((branch) => () => ask('PUT', 'contents/a.txt', { message: 'file', content, branch })),
    ];
    assert.equal(attempts.length, 100);
    const results = await Promise.all(inEveryOrder(attempts).map((attempt) => attempt()));

    assert.equal(results.filter((told) => told === null).length, uses);
    // Who asks after a rival has won is told by their own git already that they are behind.
    for (const told of results) if (told !== null) assert.match(told, /uses are used up|fetch first|non-fast-forward/);
    const proof = await proveRecord(server, scene.repositoryId, [robot.tokenId]);
    assert.equal(proof.bypasses, uses);
    assert.match((await push('lane/last', parked)) ?? 'it passed', /uses are used up/);
  });
}

/** Doors by turns, so that none of them is served first. */
function inEveryOrder<T>(all: readonly T[]): T[] {
  const steps = 37;
  return all.map((_, index) => all[(index * steps) % all.length]!);
}
