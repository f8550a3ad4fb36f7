import { mkdir } from 'node:fs/promises';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { type Bench, type Figure, medians, onEach, type Row, seeded, valuesOf } from '../bench.ts';
import { timeGit } from '../git-client.ts';
import { interleaved, timesFor } from '../measure.ts';
import { sendPush } from '../send-push.ts';
import type { Remote } from '../target.ts';
import { findGit, readStarted, writeTracingGit } from '../trace.ts';

/** One commit that changes one file, onto a protected branch: what most pushes are. */
export const smallPush: Row = {
  name: 'small-push',
  async measure(bench) {
    const line = await bench.fixtures.line('small', timesFor(bench.rounds));
    return [await wall(bench, line), await serverTime(bench, line), await processorTime(bench, line), await processes(bench, line)];
  },
};

async function wall(bench: Bench, line: readonly string[]): Promise<Figure> {
  const { writers, fixtures, rounds } = bench;
  const at = await onEach(writers, (target) => seeded(bench, target, 'main'));
  const samples = await interleaved(writers, rounds, (target, round) =>
    timeGit(fixtures.work, at(target), 'push', '--quiet', at(target).url, `${line[round]}:refs/heads/main`),
  );
  return { title: 'small push: `git push` from start to end', unit: 'ms', better: 'less', values: medians(samples), goal: { ratio: 1 } };
}

async function serverTime(bench: Bench, line: readonly string[]): Promise<Figure> {
  const { writers, fixtures, client, rounds } = bench;
  const pushes = await fixtures.pushesAlong(line, 'main');
  const at = await onEach(writers, (target) => seeded(bench, target, 'main'));
  const samples = await interleaved(writers, rounds, (target, round) => sendPush(client, at(target), pushes[round]!));
  return { title: 'small push: server time', unit: 'ms', better: 'less', values: medians(samples), goal: { ratio: 1 } };
}

/**
 * What all pushes together cost, divided by their number: /proc counts in hundredths of a second. Without the floor's second address,
 * which the same processes serve.
 */
async function processorTime(bench: Bench, line: readonly string[]): Promise<Figure> {
  const { readers, fixtures, client, rounds } = bench;
  const pushes = await fixtures.pushesAlong(line, 'main');
  const at = await onEach(readers, async (target) => target.forCpu(await seeded(bench, target, 'main')));
  const before = await Promise.all(readers.map((target) => target.cpuSeconds()));
  await interleaved(readers, rounds, (target, round) => sendPush(client, at(target), pushes[round]!));
  const after = await Promise.all(readers.map((target) => target.cpuSeconds()));
  const perPush = new Map(readers.map(({ name }, index) => [name, ((after[index]! - before[index]!) * 1000) / timesFor(rounds)]));
  return {
    title: 'small push: processor time',
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
  const file = join(tracing, 'ours.json');
  await writeTracingGit(join(tracing, 'git'), await findGit(), file);
  await using another = await bench.startAnother({ path: `${tracing}:${process.env['PATH'] ?? ''}` });
  const [seed, [first, ...rest]] = [await fixtures.seed('main'), await fixtures.pushesAlong(line.slice(0, countedPushes + 1), 'main')];
  const count = async (remote: Remote, traceFile: string): Promise<string[]> => {
    for (const push of [seed, first!]) await sendPush(client, remote, push);
    const before = (await settled(traceFile)).length;
    for (const push of rest) await sendPush(client, remote, push);
    return (await settled(traceFile)).slice(before);
  };
  const traced = await floor.createTraced();
  const there = await count(traced.remote, traced.file);
  const here = await count(await another.createRepository(), file);
  return {
    title: 'small push: git processes',
    unit: 'processes',
    better: 'less',
    values: { floor: there.length / rest.length, synced: null, ours: here.length / rest.length },
    goal: { amount: 2 },
    note: `floor: ${firstOf(there, rest.length)}; Sallyport: ${firstOf(here, rest.length)}`,
  };
}

/** Those of the first of so many pushes. */
function firstOf(processes: readonly string[], pushes: number): string {
  return processes.slice(0, Math.round(processes.length / pushes)).join(', ');
}

/** What is started after the answer is counted too. */
async function settled(file: string): Promise<string[]> {
  await sleep(500);
  return readStarted(file);
}
