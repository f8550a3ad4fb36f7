// Pushes while the server is killed again and again, many more than the tests do; then the record, git's reflogs and what the clients
// were told are compared. What it came to is kept in docs/soak.json.
//
//   npm run soak [-- --database=sqlite|postgres] [--seed=N]
//
// How many pushes: SALLYPORT_TEST_RUNS, 1000 when it is not set. Ends with 1 when anything was lost, unrecorded or smuggled in.
import { execFileSync } from 'node:child_process';
import { existsSync, readFileSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { parseArgs } from 'node:util';
import { startPostgres } from './postgres.mjs';

const usage = `usage: npm run soak [-- --database=sqlite|postgres] [--seed=N]

Pushes while the server is killed at random instants and at random steps, on both databases or on one, and compares the record with
git's reflogs and with what the clients were told. SALLYPORT_TEST_RUNS says how many pushes (1000). Progress goes to standard error,
one line for each database to standard output, the figures to docs/soak.json.`;

const results = join(dirname(dirname(fileURLToPath(import.meta.url))), 'docs', 'soak.json');
const { database, seed, help } = readArguments();
if (help) {
  process.stdout.write(`${usage}\n`);
  process.exit(0);
}
const runs = Number(process.env.SALLYPORT_TEST_RUNS ?? 1000);
const databases = database === undefined ? ['sqlite', 'postgres'] : [database];
const postgres = databases.includes('postgres') ? await startPostgres() : null;
if (postgres !== null) process.env.SALLYPORT_TEST_POSTGRES = postgres.folder;
// Looks for the PostgreSQL as it is loaded.
const { pushWithRandomKills } = await import('../tests/faults/random-kills.ts');
let isProved = true;
try {
  for (const each of databases) await soak(each);
} finally {
  await postgres?.stop();
}
process.exit(isProved ? 0 : 1);

async function soak(each) {
  const started = Date.now();
  const ownSeed = Number(seed ?? started % 2 ** 32);
  const seconds = () => Math.round((Date.now() - started) / 1000);
  let shown = 0;
  const onLife = (made) => {
    if (made - shown < runs / 20) return;
    shown = made;
    process.stderr.write(`soak: ${each}: ${made} of ${runs} pushes, ${seconds()} s\n`);
  };
  try {
    const { lost, smuggled, kills, attempts, ...report } = await pushWithRandomKills(each, runs, ownSeed, onLife);
    // Anything unrecorded would have been thrown.
    const figures = {
      pushes: attempts,
      kills: Object.values(kills).reduce((sum, one) => sum + one, 0),
      killsAt: kills,
      accepted: report.accepted,
      moves: report.moves,
      bypasses: report.bypasses,
      lost: lost.length,
      unrecorded: 0,
      refusedButMoved: smuggled.length,
      seconds: seconds(),
      seed: ownSeed,
    };
    process.stdout.write(`soak: ${each}: ${JSON.stringify(figures)}\n`);
    if (lost.length + smuggled.length > 0) isProved = false;
    else keep(each, figures);
  } catch (error) {
    isProved = false;
    process.stdout.write(`soak: ${each}: failed after ${seconds()} s, seed ${ownSeed}: ${error instanceof Error ? error.stack : error}\n`);
  }
}

/** Beside the figures of the other database, if there are any. */
function keep(each, figures) {
  const kept = existsSync(results) ? JSON.parse(readFileSync(results, 'utf8')) : {};
  const git = execFileSync('git', ['--version'], { encoding: 'utf8' }).trim().replace('git version ', '');
  const date = new Date().toISOString().slice(0, 10);
  writeFileSync(results, `${JSON.stringify({ ...kept, [each]: { date, node: process.versions.node, git, ...figures } }, null, 2)}\n`);
}

function readArguments() {
  const options = { database: { type: 'string' }, seed: { type: 'string' }, help: { type: 'boolean' } };
  try {
    const { values } = parseArgs({ options });
    if (values.database !== undefined && !['sqlite', 'postgres'].includes(values.database))
      throw new Error(`no database ${values.database}`);
    if (values.seed !== undefined && !/^\d+$/.test(values.seed)) throw new Error('a seed is a number');
    return values;
  } catch (error) {
    process.stderr.write(`${error.message}\n${usage}\n`);
    process.exit(2);
  }
}
