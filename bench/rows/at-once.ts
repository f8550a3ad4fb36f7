import { type Bench, type Figure, medians, type Row, seeded, valuesOf } from '../bench.ts';
import { range } from '../fixtures.ts';
import { HttpClient } from '../http-client.ts';
import { interleaved, percentile, timesFor } from '../measure.ts';
import { type ReadyPush, sendPush } from '../send-push.ts';
import type { Remote, Target, TargetName } from '../target.ts';

const clients = 8;
const pushesPerRound = 4;

/** Eight clients that push at the same time, each to a branch of its own: in repositories of their own, and all in one. */
export const atOnce: Row = {
  name: 'at-once',
  async measure(bench) {
    const branches = range(clients).map((client) => `client-${client}`);
    const lines: ReadyPush[][] = [];
    for (const branch of branches) {
      const line = await bench.fixtures.line(branch, timesFor(bench.rounds) * pushesPerRound);
      lines.push(await bench.fixtures.pushesAlong(line, branch));
    }
    const inOwn = async (target: Target): Promise<Remote[]> => {
      const remotes: Remote[] = [];
      for (const branch of branches) remotes.push(await seeded(bench, target, branch));
      return remotes;
    };
    const inOne = async (target: Target): Promise<Remote[]> => {
      const remote = await seeded(bench, target, ...branches);
      return branches.map(() => remote);
    };
    return [
      ...(await measured(bench, 'in many repositories', lines, inOwn)),
      ...(await measured(bench, 'in one repository', lines, inOne)),
    ];
  },
};

async function measured(
  bench: Bench,
  where: string,
  lines: readonly ReadyPush[][],
  open: (target: Target) => Promise<Remote[]>,
): Promise<Figure[]> {
  const { writers, rounds } = bench;
  const remotes = new Map<TargetName, Remote[]>();
  for (const target of writers) remotes.set(target.name, await open(target));
  using connections = new DisposableStack();
  const http = lines.map(() => connections.use(new HttpClient()));
  const each = new Map<TargetName, number[]>(writers.map(({ name }) => [name, []]));
  const perSecond = await interleaved(writers, rounds, async ({ name }, round) => {
    const started = performance.now();
    await Promise.all(
      lines.map(async (pushes, index) => {
        for (const push of pushes.slice(round * pushesPerRound, (round + 1) * pushesPerRound))
          each.get(name)!.push(await sendPush(http[index]!, remotes.get(name)![index]!, push));
      }),
    );
    return (lines.length * pushesPerRound * 1000) / (performance.now() - started);
  });
  const slow = valuesOf((name) => (each.has(name) ? percentile(each.get(name)!, 95) : undefined));
  return [
    { title: `8 clients ${where}: throughput`, unit: 'pushes/s', better: 'more', values: medians(perSecond), goal: { ratio: 1 } },
    { title: `8 clients ${where}: server time`, unit: 'ms', better: 'less', values: slow, goal: null, note: '95th percentile' },
  ];
}
