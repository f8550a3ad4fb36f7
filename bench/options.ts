import { tmpdir } from 'node:os';
import { parseArgs } from 'node:util';
import type { DatabaseKind } from './target.ts';

export interface Options {
  /** Parts of row names; empty: all rows. */
  readonly rows: readonly string[];
  readonly rounds: number;
  readonly database: DatabaseKind;
  /** The file system to measure on. */
  readonly folder: string;
  readonly json: string | null;
  readonly writeDocs: boolean;
}

/** The question was wrong: said to whoever asked, as it is. */
export class UsageError extends Error {
  constructor(message: string) {
    super(message);
    this.name = 'UsageError';
  }
}

export function helpText(rowNames: readonly string[]): string {
  return [
    'usage: npm run bench -- [OPTIONS]',
    '',
    'Measures this server against nginx + fcgiwrap + git http-backend on the same machine. Nothing fails on time.',
    '',
    '  --rows A,B          only rows whose name contains one of these (default: all)',
    '  --rounds N          rounds of each row (default: 25)',
    '  --database NAME     sqlite or postgres (default: sqlite)',
    '  --folder DIR        where the data lies while it is measured (default: the folder for temporary files)',
    '  --json FILE         writes the figures to a file',
    '  --write-docs        writes the table into docs/performance.md and the figures to docs/performance.json',
    '',
    `rows: ${rowNames.join(', ')}`,
    '',
  ].join('\n');
}

/** Null: help was asked for. */
export function readOptions(argv: readonly string[]): Options | null {
  const { values } = parse(argv);
  if (values.help) return null;
  const rounds = Number(values.rounds);
  if (!Number.isInteger(rounds) || rounds < 1 || rounds > 1000) throw new UsageError('--rounds is a number from 1 to 1000');
  const { database } = values;
  if (database !== 'sqlite' && database !== 'postgres') throw new UsageError('--database is sqlite or postgres');
  return {
    rows: (values.rows ?? '').split(',').filter((name) => name !== ''),
    rounds,
    database,
    folder: values.folder ?? tmpdir(),
    json: values.json ?? null,
    writeDocs: values['write-docs'] ?? false,
  };
}

function parse(argv: readonly string[]) {
  try {
    return parseArgs({
      args: [...argv],
      options: {
        rows: { type: 'string' },
        rounds: { type: 'string', default: '25' },
        database: { type: 'string', default: 'sqlite' },
        folder: { type: 'string' },
        json: { type: 'string' },
        'write-docs': { type: 'boolean' },
        help: { type: 'boolean' },
      },
    });
  } catch (error) {
    throw new UsageError(error instanceof Error ? error.message : String(error));
  }
}
