import { writeFile } from 'node:fs/promises';
import type { Figure, Row } from './bench.ts';
import { writeDocuments } from './documents.ts';
import { FloorMissing } from './floor.ts';
import { describeMachine } from './machine.ts';
import { openBench } from './open-bench.ts';
import { helpText, type Options, readOptions, UsageError } from './options.ts';
import { jsonOf, type Report, tableOf } from './report.ts';
import { allRows } from './rows.ts';
import { warmUp } from './warm-up.ts';

// Whoever stops the benchmark stops its servers too: they end with this process.
for (const [signal, code] of [
  ['SIGINT', 130],
  ['SIGTERM', 143],
] as const)
  process.once(signal, () => process.exit(code));

process.exitCode = await main(process.argv.slice(2));

async function main(argv: readonly string[]): Promise<number> {
  try {
    const options = readOptions(argv);
    if (options === null) {
      process.stdout.write(helpText(allRows.map(({ name }) => name)));
      return 0;
    }
    const report = await measure(options, chosen(options));
    process.stdout.write(`${tableOf(report.figures)}\n`);
    if (options.json !== null) await writeFile(options.json, jsonOf(report));
    if (options.writeDocs) await writeDocuments(report);
    return 0;
  } catch (error) {
    if (error instanceof UsageError || error instanceof FloorMissing) {
      process.stderr.write(`bench: ${error.message}\n`);
      return error instanceof UsageError ? 2 : 1;
    }
    throw error;
  }
}

function chosen({ rows }: Options): Row[] {
  const found = allRows.filter(({ name }) => rows.length === 0 || rows.some((part) => name.includes(part)));
  if (found.length === 0) throw new UsageError(`no row is named like that; there are ${allRows.map(({ name }) => name).join(', ')}`);
  return found;
}

async function measure(options: Options, rows: readonly Row[]): Promise<Report> {
  say('starting nginx, fcgiwrap and the server');
  await using bench = await openBench(options);
  say('warming up');
  await warmUp(bench);
  const figures: Figure[] = [];
  for (const [index, row] of rows.entries()) {
    say(`${row.name} (${index + 1} of ${rows.length})`);
    figures.push(...(await row.measure(bench)));
  }
  return { machine: await describeMachine(bench.folder), database: options.database, rounds: options.rounds, figures };
}

/** Progress; standard output is the table's. */
function say(text: string): void {
  process.stderr.write(`bench: ${text}\n`);
}
