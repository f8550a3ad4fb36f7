import { packOf } from '../../tests/support/push-request.ts';
import { type Bench, type Figure, type Row, seeded } from '../bench.ts';
import { range } from '../fixtures.ts';
import { HttpClient } from '../http-client.ts';
import { type ReadyPush, readyPush, sendPush } from '../send-push.ts';

const clients = 8;
const pushesEach = 20;
const largeMegabytes = 50;

/** For how long this server's one thread stands still, and everybody else waits, while it is busy with pushes. */
export const eventLoop: Row = {
  name: 'event-loop',
  measure: async (bench) => [
    await stops(bench, `event loop stands still: ${clients} clients with small pushes`, await smallPushes(bench)),
    await stops(bench, 'event loop stands still: a 50 MB push', await aLargePush(bench)),
  ],
};

async function stops({ ours }: Bench, title: string, work: () => Promise<unknown>): Promise<Figure> {
  const { p999, longest } = await ours.eventLoopStops(work);
  return {
    title,
    unit: 'ms',
    better: 'less',
    values: { floor: null, synced: null, ours: p999 },
    goal: { amount: 10 },
    note: `99.9th percentile; longest ${longest.toFixed(1)} ms`,
  };
}

async function smallPushes(bench: Bench): Promise<() => Promise<unknown>> {
  const { fixtures, ours } = bench;
  const branches = range(clients).map((client) => `client-${client}`);
  const remote = await seeded(bench, ours, ...branches);
  const lines: ReadyPush[][] = [];
  for (const branch of branches) lines.push(await fixtures.pushesAlong(await fixtures.line(`stops-${branch}`, pushesEach), branch));
  return () =>
    Promise.all(
      lines.map(async (pushes) => {
        using client = new HttpClient();
        for (const push of pushes) await sendPush(client, remote, push);
      }),
    );
}

async function aLargePush(bench: Bench): Promise<() => Promise<unknown>> {
  const { fixtures, ours, client } = bench;
  const remote = await seeded(bench, ours, 'main');
  const tip = await fixtures.large('stops', largeMegabytes);
  const pack = await packOf(fixtures.work.path, { wanted: [tip], without: [fixtures.base] });
  const push = readyPush([{ refName: 'refs/heads/main', oldId: fixtures.base, newId: tip }], pack);
  return () => sendPush(client, remote, push);
}
