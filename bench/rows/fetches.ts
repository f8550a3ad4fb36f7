import { flush, pktLine } from '#git/pkt-line.ts';
import { WorkTree } from '../../tests/support/history.ts';
import { packOf } from '../../tests/support/push-request.ts';
import { type Bench, type Figure, medians, onEach, type Row, seeded } from '../bench.ts';
import { timeGit } from '../git-client.ts';
import { interleaved } from '../measure.ts';
import { readyPush, sendPush } from '../send-push.ts';
import type { Remote, TargetName } from '../target.ts';

const version2 = { 'git-protocol': 'version=2' };
const megabytes = 30;

/** What a client asks before it gets objects, a fetch when there is nothing new, and a clone. */
export const fetches: Row = {
  name: 'fetches',
  measure: async (bench) => [await refs(bench), await nothingNew(bench), ...(await clone(bench))],
};

async function refs(bench: Bench): Promise<Figure> {
  const { readers, rounds } = bench;
  const branches = ['main', ...Array.from({ length: 20 }, (_, index) => `topic-${index}`)];
  const at = await onEach(readers, (target) => seeded(bench, target, ...branches));
  const samples = await interleaved(readers, rounds, (target) => listRefs(bench, at(target)));
  return { title: 'capabilities and ls-refs: server time', unit: 'ms', better: 'less', values: medians(samples), goal: { ratio: 0.2 } };
}

async function listRefs({ client }: Bench, { url, headers }: Remote): Promise<number> {
  const capabilities = await client.must(`${url}/info/refs?service=git-upload-pack`, { headers: { ...headers, ...version2 }, body: null });
  const question = [
    pktLine('command=ls-refs\n'),
    pktLine('object-format=sha1'),
    Buffer.from('0001'),
    pktLine('peel\n'),
    pktLine('symrefs\n'),
  ];
  const body = Buffer.concat([...question, pktLine('ref-prefix refs/heads/\n'), pktLine('ref-prefix refs/tags/\n'), flush]);
  const answer = await client.must(`${url}/git-upload-pack`, { headers: { ...headers, ...fetchType }, body });
  if (!answer.body.includes('refs/heads/main')) throw new Error(`${url} did not list its refs`);
  return capabilities.total + answer.total;
}

const fetchType = { ...version2, 'content-type': 'application/x-git-upload-pack-request' };

async function nothingNew(bench: Bench): Promise<Figure> {
  const { readers, rounds } = bench;
  await using clones = new AsyncDisposableStack();
  const works = new Map<string, WorkTree>();
  const at = await onEach(readers, async (target) => {
    const remote = await seeded(bench, target, 'main');
    const work = clones.use(await WorkTree.create());
    await timeGit(work, remote, 'fetch', '--quiet', remote.url, 'refs/heads/*:refs/remotes/origin/*');
    works.set(target.name, work);
    return remote;
  });
  const samples = await interleaved(readers, rounds, (target) =>
    timeGit(works.get(target.name)!, at(target), 'fetch', '--quiet', at(target).url, 'refs/heads/*:refs/remotes/origin/*'),
  );
  return {
    title: 'fetch with nothing new: `git fetch` from start to end',
    unit: 'ms',
    better: 'less',
    values: medians(samples),
    goal: { ratio: 0.8 },
  };
}

async function clone(bench: Bench): Promise<Figure[]> {
  const { readers, rounds, fixtures, client } = bench;
  const tip = await fixtures.large('cloned', megabytes);
  const push = readyPush([{ refName: 'refs/heads/main', oldId: null, newId: tip }], await packOf(fixtures.work.path, { wanted: [tip] }));
  const at = await onEach(readers, async (target) => {
    const remote = await target.createRepository();
    await sendPush(client, remote, push);
    return remote;
  });
  const lines = ['command=fetch', 'object-format=sha1'].map((line) => pktLine(line));
  const wish = ['thin-pack\n', 'ofs-delta\n', `want ${tip}\n`, 'done\n'].map((line) => pktLine(line));
  const body = Buffer.concat([...lines, Buffer.from('0001'), ...wish, flush]);
  const firstBytes = new Map<TargetName, number[]>(readers.map(({ name }) => [name, []]));
  const speeds = await interleaved(readers, rounds, async (target) => {
    const { url, headers } = at(target);
    const answer = await client.must(`${url}/git-upload-pack`, { headers: { ...headers, ...fetchType }, body });
    if (answer.body.length < megabytes * 1024 * 1024) throw new Error(`${url} did not send the whole clone`);
    firstBytes.get(target.name)!.push(answer.firstByte);
    return answer.body.length / 1e6 / (answer.total / 1000);
  });
  return [
    { title: 'clone of 30 MB: speed', unit: 'MB/s', better: 'more', values: medians(speeds), goal: { ratio: 0.95 } },
    { title: 'clone of 30 MB: first byte', unit: 'ms', better: 'less', values: medians(firstBytes), goal: { ratio: 1.2 } },
  ];
}
