import { randomUUID } from 'node:crypto';
import { type ParseArgsConfig, parseArgs } from 'node:util';
import type { Caller } from '#model/caller.ts';
import { ProblemError } from '#model/problem.ts';
import type { Context } from '#operations/context.ts';
import { type Command, type CommandInput, type CommandIo, UsageError } from './command.ts';
import { appCreate } from './commands/app-create.ts';
import { auditHead, auditVerify } from './commands/audit.ts';
import { explain } from './commands/explain.ts';
import { tokenCreate, tokenList, tokenRevoke } from './commands/token.ts';
import { userCreate } from './commands/user-create.ts';

export const commands: readonly Command[] = [userCreate, tokenCreate, tokenList, tokenRevoke, appCreate, auditVerify, auditHead, explain];

/** The command that arguments name, and what stands behind its name; null: there is none. */
export function findCommand(argv: readonly string[]): { command: Command; rest: readonly string[] } | null {
  const command = commands.find(({ name }) => name.split(' ').every((word, index) => argv[index] === word));
  return command === undefined ? null : { command, rest: argv.slice(command.name.split(' ').length) };
}

/** What was read where the command was typed. */
export type Attached = Readonly<Record<string, string>>;

/** Runs one command on the house it is given, as the operator. The exit code; whatever it throws has been said. */
export async function runCommand(
  context: Context,
  argv: readonly string[],
  osUser: string,
  attached: Attached,
  io: CommandIo,
): Promise<number> {
  const found = findCommand(argv);
  if (found === null) {
    io.err(`sallyport: there is no command ${JSON.stringify(argv.join(' '))}; see sallyport --help\n`);
    return 2;
  }
  const { command, rest } = found;
  const operator: Caller = { kind: 'operator', osUser, request: { id: randomUUID(), address: null, userAgent: null } };
  try {
    return await command.run(context, operator, parseInput(command, rest, attached), io);
  } catch (error) {
    io.err(`sallyport ${command.name}: ${explainError(error)}\n`);
    if (error instanceof UsageError) io.err(`see: sallyport ${command.name} --help\n`);
    return error instanceof UsageError ? 2 : 1;
  }
}

/** Checks flags and arguments against what the command takes. */
function parseInput(command: Command, argv: readonly string[], attached: Attached): CommandInput {
  const options: NonNullable<ParseArgsConfig['options']> = Object.fromEntries(
    Object.entries(command.flags).map(([name, type]) => [
      name,
      type === 'boolean' ? { type: 'boolean' } : { type: 'string', ...(type === 'list' && { multiple: true }) },
    ]),
  );
  let parsed: ReturnType<typeof parseArgs>;
  try {
    parsed = parseArgs({ args: [...argv], options, allowPositionals: true, strict: true });
  } catch (error) {
    throw new UsageError(error instanceof Error ? error.message.split('.')[0]! : String(error));
  }
  const { least, most } = command.positionals;
  if (parsed.positionals.length < least || parsed.positionals.length > most)
    throw new UsageError(`usage: sallyport ${command.name} ${command.usage}`);
  const { values } = parsed;
  return {
    positionals: parsed.positionals,
    attached,
    text: (flag) => (typeof values[flag] === 'string' ? values[flag] : null),
    list: (flag) => (Array.isArray(values[flag]) ? values[flag].map(String) : []),
    has: (flag) => values[flag] !== undefined,
  };
}

function explainError(error: unknown): string {
  if (!(error instanceof ProblemError)) return error instanceof Error ? error.message : String(error);
  const { problem } = error;
  switch (problem.kind) {
    case 'not-found':
      return `there is no such ${problem.what}`;
    case 'forbidden':
      return `this needs ${problem.needs}`;
    case 'invalid':
      return problem.errors.map((one) => one.message).join('; ');
    case 'conflict':
    case 'unavailable':
      return problem.why;
    default:
      return problem.kind;
  }
}
