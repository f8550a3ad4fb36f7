// Everything a change has to pass: types, lint, unused code, then every suite, on both databases.
//
//   node scripts/test.mjs             all of it
//   node scripts/test.mjs --fast      what needs only git: no PostgreSQL, no other clients
//   node scripts/test.mjs --check     types, lint and unused code alone
//   node scripts/test.mjs [--fast] FILE…   these test files alone
import { spawn } from 'node:child_process';
import { globSync } from 'node:fs';
import { dirname } from 'node:path';
import { fileURLToPath } from 'node:url';
import { startPostgres } from './postgres.mjs';

const root = dirname(dirname(fileURLToPath(import.meta.url)));
const flags = process.argv.slice(2).filter((argument) => argument.startsWith('--'));
const files = process.argv.slice(2).filter((argument) => !argument.startsWith('--'));
const fast = flags.includes('--fast');

/** Suites that need more than git, or more patience than a fast run has. */
const slow = ['tests/table/', 'tests/conformance/', 'tests/faults/', 'tests/differential/'];

if (files.length === 0) {
  for (const [name, ...command] of [
    ['types', 'tsc'],
    ['lint', 'biome', 'check', '--error-on-warnings'],
    ['unused code', 'knip', '--no-progress'],
  ]) {
    say(name);
    const code = await run(command, process.env);
    if (code !== 0) process.exit(code);
  }
}
if (flags.includes('--check')) process.exit(0);

const suites =
  files.length > 0
    ? files
    : globSync(['src/**/*.test.ts', 'tests/**/*.test.ts'], { cwd: root }).filter(
        (file) => !fast || !slow.some((folder) => file.startsWith(folder)),
      );
const postgres = fast ? null : await startPostgres();
say(`${suites.length} test files${postgres === null ? '' : ', on SQLite and PostgreSQL'}`);
const environment = { ...process.env, NODE_NO_WARNINGS: '1', ...(postgres && { SALLYPORT_TEST_POSTGRES: postgres.folder }) };
const code = await run(
  [process.execPath, '--test', '--test-concurrency=2', '--test-timeout=300000', '--test-reporter=spec', ...suites.sort()],
  environment,
);
await postgres?.stop();
process.exit(code);

/** Progress goes to standard error, so that what ends the output is the runner's own closing line. */
function say(text) {
  process.stderr.write(`test: ${text}\n`);
}

function run([program, ...programArguments], env) {
  const child = spawn(program, programArguments, { cwd: root, stdio: 'inherit', env });
  return new Promise((resolve, reject) => {
    child.once('error', reject);
    child.once('exit', (exitCode) => resolve(exitCode ?? 1));
  });
}
