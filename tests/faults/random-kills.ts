import { setTimeout as sleep } from 'node:timers/promises';
import type { PushStep } from '#gate/gate.ts';
import type { DatabaseKind } from '../support/databases.ts';
import { remoteRef } from '../support/history.ts';
import { ChildServer } from './child-server.ts';
import { type Proof, proveRecord } from './invariants.ts';
import type { Fault } from './server-process.ts';
import { childOf, repository, type Stage, setStage } from './stage.ts';

/** When a server was killed: at an instant of the clock, or as a push came to a step. */
type Moment = 'any instant' | PushStep;

/** What a run of pushes with random kills came to. */
export interface KillReport extends Proof {
  readonly attempts: number;
  readonly kills: Readonly<Record<Moment, number>>;
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
const steps: readonly PushStep[] = [
  'head read',
  'ingested',
  'judged early',
  'locked',
  'intent recorded',
  'objects migrated',
  'refs moved',
  'outcome recorded',
];

/**
 * Pushes by several people at once, some to be refused and some to pass by a bypass, while the server is killed again and again, at
 * random instants and at random steps, and started anew. In the end the record, git's reflogs and what the clients were told are
 * compared.
 */
export async function pushWithRandomKills(
  database: DatabaseKind,
  attempts: number,
  seed: number,
  onLife: (made: number) => void = () => undefined,
): Promise<KillReport> {
  await using stage = await setStage(database, { uses: attempts });
  const { server, tree, repositoryId, robotToken } = stage;
  const random = randomFrom(seed);
  const made: Attempt[] = [];
  const kills = { 'any instant': 0, ...(Object.fromEntries(steps.map((step) => [step, 0])) as Record<PushStep, number>) };
  await server.stop();
  while (made.length < attempts) {
    const fault = random() < 0.5 ? faultAt(random) : null;
    await using child = await ChildServer.start(server.config, { silence: 1, fault });
    const lives = new AbortController();
    const before = made.length;
    const work = Promise.all(Array.from({ length: pushers }, (_, index) => pushOn(stage, index, made, attempts, lives.signal)));
    const died = child.ended().then(() => 'died' as const);
    const ending = await Promise.race([died, work, lifeOf(random, fault, lives.signal, () => made.length - before)]);
    lives.abort();
    await child.kill();
    kills[ending === 'died' && fault !== null ? fault.step : 'any instant']++;
    await work;
    onLife(made.length);
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

function faultAt(random: () => number): Fault {
  return { step: steps[Math.floor(random() * steps.length)]!, action: 'die', nth: 1 + Math.floor(random() * pushers) };
}

/**
 * A life is measured in pushes, because a machine with much to do needs long for each; and a little longer, so that it ends inside one.
 * A fault may be at a step that few pushes come to: it is waited for, not for ever.
 */
async function lifeOf(random: () => number, fault: Fault | null, lives: AbortSignal, pushesMade: () => number): Promise<void> {
  const pushes = fault === null ? random() * pushers : 4 * pushers;
  while (pushesMade() < pushes && !lives.aborted) await sleep(5);
  await sleep(random() * 150);
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
