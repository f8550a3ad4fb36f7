import { after, before, describe, test } from 'node:test';
import { startTestServer, type TestServer } from '../support/server.ts';
import { compareHandMade } from './compare-push.ts';
import { firstSeed, Random, runsAsked } from './random.ts';
import { RandomHistory } from './random-history.ts';
import { type RandomPush, randomPush } from './random-push.ts';
import { Twins } from './twins.ts';

const pushesEach = 12;
const firstOfAll = firstSeed();
const seeds = Array.from({ length: Math.max(1, Math.ceil(runsAsked(60) / pushesEach)) }, (_, index) => firstOfAll + index);

/** Whatever git allows is allowed where no rule says otherwise, and nothing else is (spec/push-path.md section 9). */
describe('pushes made by hand end as with git receive-pack', () => {
  let server: TestServer;
  before(async () => {
    server = await startTestServer();
  });
  after(() => server[Symbol.asyncDispose]());

  for (const seed of seeds) {
    test(`${pushesEach} pushes in a row (seed ${seed})`, async () => {
      const random = new Random(seed);
      const format = random.chance(0.2) ? 'sha256' : 'sha1';
      await using history = await RandomHistory.create(random, format);
      await using twins = await Twins.create(server, `r${seed}`, format);
      for (let count = 1; count <= pushesEach; count++) {
        const push = await randomPush(random, history, await twins.refs());
        await compareHandMade(twins, push, format).catch((error: unknown) => {
          throw new Error(`push ${count} of seed ${seed} (SALLYPORT_TEST_SEED): ${describePush(push)}`, { cause: error });
        });
      }
    });
  }
});

function describePush({ commands, capabilities, packKind }: RandomPush): string {
  const lines = commands
    .slice(0, 20)
    .map(({ oldId, newId, refName }) => `${oldId ?? 'absent'} ${newId ?? 'absent'} ${JSON.stringify(refName)}`);
  return [`pack: ${packKind}`, capabilities.join(' '), ...lines].join('\n  ');
}
