import { setTimeout as sleep } from 'node:timers/promises';
import type { DatabaseKind } from '../support/databases.ts';
import { remoteRef } from '../support/history.ts';
import { ChildServer } from './child-server.ts';
import { type Proof, proveRecord } from './invariants.ts';
import { childOf, repository, type Stage, setStage } from './stage.ts';

/** What a run of pushes with random kills came to. */
export interface KillReport extends Proof {
  readonly attempts: number;
  readonly kills: number;
  /** Pushes whose client was told of success. */
  readonly accepted: number;
  /** Accepted and not in the refs' history: lost. */
  readonly lost: readonly string[];
  /** Refused by rules and in the refs' history all the same. */
  readonly smuggled: readonly string[];
  readonly seed: number;
}

interface Attempt {
  readonly id: string;
  readonly accepted: boolean;
  readonly mustBeRefused: boolean;
}

const pushers = 5;
const longestLife = 1500;

/**
 * Pushes by several people at once, some to be refused and some to pass by a bypass, while the server is killed again and again at
 * random instants and started anew. In the end the record, git's reflogs and what the clients were told are compared.
 */
export async function pushWithRandomKills(database: DatabaseKind, attempts: number, seed: number): Promise<KillReport> {
  await using stage = await setStage(database, { uses: attempts });
  const { server, tree, repositoryId, robotToken } = stage;
  const random = randomFrom(seed);
  const made: Attempt[] = [];
  let kills = 0;
  await server.stop();
  while (made.length < attempts) {
    await using child = await ChildServer.start(server.config, { silence: 1 });
    const lives = new AbortController();
    const work = Array.from({ length: pushers }, (_, index) => pushOn(stage, index, made, attempts, lives.signal));
    await sleep(random() * longestLife);
    lives.abort();
    await child.kill();
    kills++;
    await Promise.all(work);
  }
  await server.restart({ silence: 1 });
  const proof = await proveRecord(server, repositoryId, [robotToken]);
  const refs = [...Array.from({ length: pushers }, (_, index) => `open-${index}`), 'open', 'main', 'frozen'];
  const reached = new Set<string>();
  for (const ref of refs) {
    if ((await remoteRef(stage.robot.remote(repository), `refs/heads/${ref}`)) === null) continue;
    await tree.must('fetch', '--quiet', stage.robot.remote(repository), `refs/heads/${ref}`);
    for (const id of (await tree.must('rev-list', 'FETCH_HEAD')).split('\n')) reached.add(id);
  }
  return {
    ...proof,
    ...{ attempts: made.length, kills, seed },
    accepted: made.filter((one) => one.accepted).length,
    lost: made.filter((one) => one.accepted && !reached.has(one.id)).map((one) => one.id),
    smuggled: made.filter((one) => one.mustBeRefused && reached.has(one.id)).map((one) => one.id),
  };
}

/** One person pushes until the server is gone. Every branch only grows, so what was accepted stays reachable. */
async function pushOn(
  { tree, robot, cast, base }: Stage,
  index: number,
  made: Attempt[],
  attempts: number,
  lives: AbortSignal,
): Promise<void> {
  for (let turn = 0; made.length < attempts && !lives.aborted; turn++) {
    const kind = (index + turn) % 4;
    const [who, branch, mustBeRefused] = (
      [
        [cast.developer, `open-${index}`, false],
        [robot, 'main', false],
        [cast.developer, 'main', true],
        [robot, 'frozen', true],
      ] as const
    )[kind]!;
    const tip = await remoteRef(who.remote(repository), `refs/heads/${branch}`).catch(() => null);
    const id = await childOf(tree, tip ?? base, `${index} ${turn} ${made.length} ${process.hrtime.bigint()}`);
    const { code } = await tree.push(who.remote(repository), `${id}:refs/heads/${branch}`);
    made.push({ id, accepted: code === 0, mustBeRefused });
  }
}

/** Numbers between 0 and 1, the same for the same seed. */
function randomFrom(seed: number): () => number {
  let state = seed >>> 0;
  return () => {
    state = (Math.imul(state, 1664525) + 1013904223) >>> 0;
    return state / 2 ** 32;
  };
}
