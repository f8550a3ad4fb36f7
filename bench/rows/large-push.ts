import { packOf } from '../../tests/support/push-request.ts';
import { type Bench, type Figure, medians, type Row, seeded } from '../bench.ts';
import { timeGit } from '../git-client.ts';
import { interleaved } from '../measure.ts';
import { readyPush, sendPush } from '../send-push.ts';
import type { Remote, Target } from '../target.ts';

const megabytes = 50;

/** One commit with 50 files of a megabyte, into a new repository each time. */
export const largePush: Row = {
  name: 'large-push',
  async measure(bench) {
    const { fixtures, client } = bench;
    const tip = await fixtures.large('large', megabytes);
    const pack = await packOf(fixtures.work.path, { wanted: [tip], without: [fixtures.base] });
    const push = readyPush([{ refName: 'refs/heads/main', oldId: fixtures.base, newId: tip }], pack);
    return [
      await measured(bench, '50 MB push: server time', { ratio: 0.25 }, (remote) => sendPush(client, remote, push)),
      await measured(bench, '50 MB push: `git push` from start to end', { ratio: 0.35 }, (remote) =>
        timeGit(fixtures.work, remote, 'push', '--quiet', remote.url, `${tip}:refs/heads/main`),
      ),
    ];
  },
};

async function measured(bench: Bench, title: string, goal: Figure['goal'], push: (remote: Remote) => Promise<number>): Promise<Figure> {
  const once = async (target: Target): Promise<number> => {
    const remote = await seeded(bench, target, 'main');
    const took = await push(remote);
    await target.removeRepository(remote);
    return took;
  };
  return { title, unit: 'ms', better: 'less', values: medians(await interleaved(bench.writers, bench.rounds, once)), goal };
}
