import type { Caller } from '#model/caller.ts';
import type { Context } from '#operations/context.ts';

/** What a command reads and writes; standard output carries results alone. */
export interface CommandIo {
  out(text: string): void;
  err(text: string): void;
}

type FlagType = 'string' | 'boolean' | 'list';

export interface CommandInput {
  readonly positionals: readonly string[];
  readonly text: (flag: string) => string | null;
  readonly list: (flag: string) => readonly string[];
  readonly has: (flag: string) => boolean;
  /** Standard input, or the files that flags named: read where the command was typed, because the server may not see them. */
  readonly attached: Readonly<Record<string, string>>;
}

/** One command. `run` answers the exit code: 0 done, 1 the answer is no, 2 the question was wrong. */
export interface Command {
  /** `token create` */
  readonly name: string;
  /** What stands behind the name in the first line of its help. */
  readonly usage: string;
  readonly summary: string;
  readonly help: readonly string[];
  readonly flags: Readonly<Record<string, FlagType>>;
  /** Flags whose value is a file to be read here; `stdin` for the flag that asks for standard input. */
  readonly attaches?: { readonly files?: readonly string[]; readonly stdin?: string };
  readonly positionals: { readonly least: number; readonly most: number };
  readonly run: (context: Context, operator: Caller, input: CommandInput, io: CommandIo) => Promise<number>;
}

/** What was typed makes no sense; said with a pointer to the help. */
export class UsageError extends Error {
  constructor(message: string) {
    super(message);
    this.name = 'UsageError';
  }
}

/** `30d`, `12h`, `45m` or a date, as milliseconds since 1970. */
export function readExpiry(text: string, now: number): number {
  const match = /^(\d{1,5})([dhm])$/.exec(text);
  if (match !== null) return now + Number(match[1]) * { d: 86_400_000, h: 3_600_000, m: 60_000 }[match[2] as 'd' | 'h' | 'm'];
  const at = Date.parse(text);
  if (Number.isNaN(at)) throw new UsageError(`--expires is like 30d, 12h or 2026-12-24, not ${JSON.stringify(text)}`);
  return at;
}
