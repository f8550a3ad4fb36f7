import { readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { jsonOf, type Report, tableOf } from './report.ts';

const folder = join(import.meta.dirname, '..', 'docs');
const begin = '<!-- figures: written by npm run bench -- --write-docs -->';
const end = '<!-- end of figures -->';

/** Puts the table between its two marks in docs/performance.md; everything around it is written by people. */
export async function writeDocuments(report: Report): Promise<void> {
  const path = join(folder, 'performance.md');
  const text = await readFile(path, 'utf8');
  const [from, to] = [text.indexOf(begin), text.indexOf(end)];
  if (from < 0 || to < from) throw new Error(`${path} has no place for the figures between "${begin}" and "${end}"`);
  await writeFile(path, `${text.slice(0, from + begin.length)}\n\n${describe(report)}\n\n${tableOf(report.figures)}\n\n${text.slice(to)}`);
  await writeFile(join(folder, 'performance.json'), jsonOf(report));
}

function describe({ machine, database, rounds }: Report): string {
  const { processors, memoryGigabytes, system, fileSystem, node, git, nginx } = machine;
  const kept = { sqlite: 'SQLite', postgres: 'PostgreSQL' }[database] ?? database;
  return [
    `Measured on ${processors} cores with ${memoryGigabytes} GB of memory, ${system}, ${fileSystem};`,
    `git ${git}, nginx ${nginx}, Node ${node}, ${kept}; ${rounds} rounds of each row.`,
  ].join('\n');
}
