import assert from 'node:assert/strict';
import { after, before, describe, test } from 'node:test';
import { must } from '../support/api.ts';
import type { DatabaseKind } from '../support/databases.ts';
import { WorkTree } from '../support/history.ts';
import { castOf, type Persona } from '../support/personas.ts';
import { startTestServer, type TestServer } from '../support/server.ts';
import { buildColumns, type TableCast } from './actors.ts';
import { type Cell, cellsOf, prepareCells } from './cells.ts';
import { type Answer, attempt, type History, prepareHistory } from './doors.ts';
import { headNumber, problemsOf, readOutcome } from './outcome.ts';
import { settings } from './settings.ts';

const repository = 'acme/app';
const attemptsAtOnce = 4;

/** The whole table on one database. Each database has a file of its own, so that both run at once. */
export function describeTable(database: DatabaseKind): void {
  describe(`every setting, at every door, for every actor, on ${database}`, () => {
    let server: TestServer;
    let tree: WorkTree;
    let cast: TableCast;
    let history: History;

    before(async () => {
      server = await startTestServer({ database });
      tree = await WorkTree.create();
      const people = await castOf(server);
      history = await prepareHistory(tree, people.owner.remote(repository));
      await protectSpend(people.owner, tree, history);
      cast = await buildColumns(server, people, repository);
    });

    after(async () => {
      await tree[Symbol.asyncDispose]();
      await server[Symbol.asyncDispose]();
    });

    for (const setting of settings) {
      test(`${setting.name}: ${setting.operation} against ${setting.type}`, async () => {
        const cells = cellsOf(setting, cast.columns);
        await prepareCells(cells, cast, { repository, tree, history });
        const since = await headNumber(server);
        const answers = new Map<Cell, Answer>();
        await eachOf(cells, attemptsAtOnce, async (cell) => {
          const who = await cell.column.who(setting, cell.door);
          answers.set(cell, await attempt({ ...cell, who, repository }, tree, history));
        });
        const outcome = await readOutcome(server, repository, since, answers);
        assert.deepEqual(
          cells.flatMap((cell) => problemsOf(cell, outcome, history)),
          [],
        );
      });
    }
  });
}

/** The branch on which a token's only use is used up. */
async function protectSpend(owner: Persona, tree: WorkTree, { base }: History): Promise<void> {
  await tree.must('push', '--quiet', owner.remote(repository), `${base}:refs/heads/spend`);
  const protection = { required_status_checks: null, enforce_admins: true, required_pull_request_reviews: {}, restrictions: null };
  await must(owner.api('PUT', `/repos/${repository}/branches/spend/protection`, protection));
}

async function eachOf<T>(items: readonly T[], atOnce: number, work: (item: T) => Promise<void>): Promise<void> {
  const left = items.values();
  const worker = async (): Promise<void> => {
    for (const item of left) await work(item);
  };
  await Promise.all(Array.from({ length: atOnce }, worker));
}
