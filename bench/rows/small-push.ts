import { mkdir } from 'node:fs/promises';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { type Bench, type Figure, onEach, type Row, valuesOf } from '../bench.ts';
import { range } from '../fixtures.ts';
import { timeGit } from '../git-client.ts';
import { interleaved, median, timesFor } from '../measure.ts';
import { sendPush } from '../send-push.ts';
import { findGit, readStarted, writeTracingGit } from '../trace.ts';

/** One commit that changes one file, onto a protected branch: what most pushes are. */
export const smallPush: Row = {
  name: 'small-push',
  async measure(bench) {
    const line = await bench.fixtures.line('small', timesFor(bench.rounds));
    return [await wall(bench, line), await serverTime(bench, line), await processorTime(bench, line), await processes(bench, line)];
  },
};

async function wall({ writers, fixtures, client, rounds }: Bench, line: readonly string[]): Promise<Figure> {
  const seed = await fixtures.seed('main');
  const at = await onEach(writers, async (target) => {
    const remote = await target.createRepository();
    await sendPush(client, remote, seed);
    return remote;
  });
  const samples = await interleaved(writers, rounds, (target, round) =>
    timeGit(fixtures.work, at(target), 'push', '--quiet', at(target).url, `${line[round]}:refs/heads/main`),
  );
  return {
    title: 'small push, `git push` from start to end',
    unit: 'ms',
    better: 'less',
    values: valuesOf((name) => median(samples.get(name)!)),
    goal: { ratio: 1 },
  };
}

async function serverTime({ writers, fixtures, client, rounds }: Bench, line: readonly string[]): Promise<Figure> {
  const seed = await fixtures.seed('main');
  const pushes = await fixtures.pushesAlong(line, 'main');
  const at = await onEach(writers, async (target) => {
    const remote = await target.createRepository();
    await sendPush(client, remote, seed);
    return remote;
  });
  const samples = await interleaved(writers, rounds, (target, round) => sendPush(client, at(target), pushes[round]!));
  return {
    title: 'small push, server time',
    unit: 'ms',
    better: 'less',
    values: valuesOf((name) => median(samples.get(name)!)),
    goal: { ratio: 1 },
  };
}

/**
 * What all pushes together cost, divided by their number: /proc counts in hundredths of a second. Without the floor's second address, which the same
 * processes serve.
 */
async function processorTime({ readers, fixtures, client, rounds }: Bench, line: readonly string[]): Promise<Figure> {
  const seed = await fixtures.seed('main');
  const pushes = await fixtures.pushesAlong(line, 'main');
  const at = await onEach(readers, async (target) => {
    const remote = target.forCpu(await target.createRepository());
    await sendPush(client, remote, seed);
    return remote;
  });
  const before = await Promise.all(readers.map((target) => target.cpuSeconds()));
  await interleaved(readers, rounds, (target, round) => sendPush(client, at(target), pushes[round]!));
  const after = await Promise.all(readers.map((target) => target.cpuSeconds()));
  const perPush = new Map(readers.map(({ name }, index) => [name, ((after[index]! - before[index]!) * 1000) / timesFor(rounds)]));
  return {
    title: 'small push, processor time of the server and its git processes',
    unit: 'ms',
    better: 'less',
    values: valuesOf((name) => perPush.get(name)),
    goal: { ratio: 0.8 },
    note: 'mean',
  };
}

const countedPushes = 5;

/** Counted, not sampled: git itself writes down every process that it starts. */
async function processes(bench: Bench, line: readonly string[]): Promise<Figure> {
  const { fixtures, client, floor, folder } = bench;
  const tracing = join(folder, 'tracing');
  await mkdir(tracing, { recursive: true });
  const ourFile = join(tracing, 'ours.json');
  await writeTracingGit(join(tracing, 'git'), await findGit(), ourFile);
  await using another = await bench.startAnother({ path: `${tracing}:${process.env['PATH'] ?? ''}` });
  const traced = await floor.createTraced();
  const pushes = await fixtures.pushesAlong(line.slice(0, countedPushes + 1), 'main');
  const [seed, first, ...rest] = [await fixtures.seed('main'), ...pushes];
  const counted = new Map<string, string[]>();
  for (const [name, remote, file] of [
    ['floor', traced.remote, traced.file] as const,
    ['ours', await another.createRepository(), ourFile] as const,
  ]) {
    for (const push of [seed, first!]) await sendPush(client, remote, push);
    const before = (await settled(file)).length;
    for (const push of rest) await sendPush(client, remote, push);
    counted.set(name, (await settled(file)).slice(before));
  }
  const inOne = (name: string): string => {
    const all = counted.get(name)!;
    return range(all.length / countedPushes)
      .map((index) => all[index])
      .join(', ');
  };
  return {
    title: 'small push, git processes',
    unit: 'processes',
    better: 'less',
    values: valuesOf((name) => (counted.has(name) ? counted.get(name)!.length / countedPushes : undefined)),
    goal: { amount: 2 },
    note: `there ${inOne('floor')}; here ${inOne('ours')}`,
  };
}

/** What is started after the answer is counted too. */
async function settled(file: string): Promise<string[]> {
  await sleep(500);
  return readStarted(file);
}
