import { medians, onEach, type Row, seeded } from '../bench.ts';
import { interleaved, timesFor } from '../measure.ts';
import { sendPush } from '../send-push.ts';

const commits = 100;

/**
 * A hundred commits onto a branch that takes changes through pull requests alone, with an elevated token that is bounded to paths: every path of every
 * commit has to be known, and the push ends as a bypass on the record.
 */
export const hundredCommits: Row = {
  name: 'hundred-commits',
  async measure(bench) {
    const { writers, fixtures, client, rounds } = bench;
    const line = await fixtures.line('hundred', timesFor(rounds) * commits);
    const pushes = await fixtures.pushesAlong(line, 'release/1', commits);
    const at = await onEach(writers, async (target) => target.boundToPaths(await seeded(bench, target, 'main', 'release/1')));
    const samples = await interleaved(writers, rounds, (target, round) => sendPush(client, at(target), pushes[round]!));
    const title = 'push of 100 commits whose paths are judged: server time';
    return [{ title, unit: 'ms', better: 'less', values: medians(samples), goal: { ratio: 1 } }];
  },
};
