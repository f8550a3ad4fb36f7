import { appendFile } from 'node:fs/promises';
import { join } from 'node:path';
import { type Figure, medians, onEach, type Row, seeded, valuesOf } from '../bench.ts';
import { commitsAfter } from '../fast-import.ts';
import { range } from '../fixtures.ts';
import { interleaved, median, timesFor } from '../measure.ts';
import { askPushAdvertisement, readyPush, sendPush } from '../send-push.ts';
import type { TargetName } from '../target.ts';

const refsThere = 100_000;
const refsPushed = 10_000;
const mostRounds = 5;

/** A repository with 100,000 refs. They are written where git keeps packed ones: pushing them would be another benchmark. */
export const manyRefs: Row = {
  name: 'many-refs',
  async measure(bench) {
    const { writers, fixtures, client, rounds } = bench;
    const commits = (await fixtures.work.must('rev-list', 'base')).split('\n');
    const lines = range(refsThere).map((index) => `${commits[index % commits.length]} refs/heads/many/${String(index).padStart(6, '0')}\n`);
    const packed = `# pack-refs with: peeled fully-peeled sorted \n${lines.join('')}`;
    const at = await onEach(writers, async (target) => {
      const remote = await seeded(bench, target, 'main');
      await appendFile(join(remote.path, 'packed-refs'), packed);
      return remote;
    });
    const advertisements = await interleaved(writers, rounds, (target) => askPushAdvertisement(client, at(target)));
    const pushes = await fixtures.pushesAlong(await fixtures.line('among-many', timesFor(rounds)), 'main');
    const after = new Map<TargetName, number[]>(writers.map(({ name }) => [name, []]));
    const pushTimes = await interleaved(writers, rounds, async (target, round) => {
      const took = await sendPush(client, at(target), pushes[round]!);
      after.get(target.name)!.push(await askPushAdvertisement(client, at(target)));
      return took;
    });
    const figure = (title: string, values: Figure['values'], goal: Figure['goal']): Figure => ({
      title,
      unit: 'ms',
      better: 'less',
      values,
      goal,
    });
    return [
      figure('100,000 refs: advertisement', medians(advertisements), { ratio: 0.15 }),
      figure('100,000 refs: small push, server time', medians(pushTimes), null),
      figure(
        '100,000 refs: advertisement after a push',
        valuesOf((name) => median(after.get(name)!)),
        { amount: 10 },
      ),
    ];
  },
};

/** 10,000 new branches in one push, into a new repository each time. */
export const manyRefsPushed: Row = {
  name: 'many-refs-pushed',
  async measure(bench) {
    const { writers, fixtures, client } = bench;
    // A file is synced for each ref: on a slow disk one push takes half a minute.
    const rounds = Math.min(bench.rounds, mostRounds);
    const commits = await commitsAfter(fixtures.work, `${fixtures.base}~100`, fixtures.base);
    const updates = range(refsPushed).map((index) => ({
      refName: `refs/heads/new/${String(index).padStart(5, '0')}`,
      oldId: null,
      newId: commits[index % commits.length]!,
    }));
    const push = readyPush(updates, emptyPack);
    const note = `${rounds} rounds`;
    const samples = await interleaved(writers, rounds, async (target) => {
      const remote = await seeded(bench, target, 'main');
      const took = await sendPush(client, remote, push);
      await target.removeRepository(remote);
      return took;
    });
    return [{ title: 'push of 10,000 refs: server time', unit: 'ms', better: 'less', values: medians(samples), goal: { ratio: 1 }, note }];
  },
};

/** What a client sends when the server has everything: a header that says 0 objects, and its checksum. */
const emptyPack = Buffer.from('5041434b0000000200000000029d08823bd8a8eab510ad6ac75c823cfd3ed31e', 'hex');
