import { readFile } from 'node:fs/promises';
import { userInfo } from 'node:os';
import { text } from 'node:stream/consumers';
import { parseArgs } from 'node:util';
import type { Command } from '#cli/command.ts';
import { type Attached, commands, findCommand, runCommand } from '#cli/run-command.ts';
import { ConfigError, type Flags, readConfig } from '#config.ts';
import { askServer } from '#transport/admin-socket.ts';
import { openHouse, VERSION } from './compose.ts';
import { demoText, firstStartText } from './greeting.ts';
import { environmentName, serveFlags, serveOptions } from './serve-options.ts';
import { startServer } from './start-server.ts';

const io = { out: (line: string) => void process.stdout.write(line), err: (line: string) => void process.stderr.write(line) };

process.exitCode = await main(process.argv.slice(2));

async function main(argv: readonly string[]): Promise<number> {
  const [first] = argv;
  if (first === undefined || first === '--help' || first === 'help') return say(overview(), first === undefined ? 2 : 0);
  if (first === '--version') return say(`sallyport ${VERSION}\n`, 0);
  try {
    if (first === 'serve') return argv.includes('--help') ? say(serveHelp(), 0) : await serve(argv.slice(1));
    const found = findCommand(argv);
    if (found === null) return fail(`there is no command ${JSON.stringify(argv.slice(0, 2).join(' '))}`, 2);
    if (argv.includes('--help')) return say(commandHelp(found.command), 0);
    return await run(found.command, argv);
  } catch (error) {
    if (error instanceof ConfigError) return fail(error.message, 2);
    return fail(error instanceof Error ? error.message : String(error), 1);
  }
}

function say(message: string, code: number): number {
  (code === 0 ? io.out : io.err)(message);
  return code;
}

function fail(message: string, code: number): number {
  io.err(`sallyport: ${message}\n`);
  return code;
}

/** Serves until it is asked to stop, then lets what is running end. */
async function serve(argv: readonly string[]): Promise<number> {
  const config = readConfig(parseFlags(argv));
  const stopped = new Promise<void>((resolve) => {
    for (const signal of ['SIGINT', 'SIGTERM'] as const) process.once(signal, () => resolve());
  });
  const server = await startServer(config, osUser());
  if (server.first !== null) io.out(firstStartText(server.first));
  if (server.demo !== null) io.out(demoText(server.url, server.demo));
  io.out(`listening on ${server.url}\n`);
  await stopped;
  io.err('stopping: waiting for what is under way\n');
  await server.close();
  return 0;
}

function parseFlags(argv: readonly string[]): Flags {
  const options = Object.fromEntries(
    serveFlags.map(({ name, argument }) => [name, { type: argument === '' ? ('boolean' as const) : ('string' as const) }]),
  );
  try {
    return parseArgs({ args: [...argv], options, strict: true }).values;
  } catch (error) {
    throw new ConfigError(`${error instanceof Error ? error.message.split('.')[0] : String(error)}; see sallyport serve --help`);
  }
}

/** By the running server if there is one, else on the store itself, under its lock. */
async function run(command: Command, argv: readonly string[]): Promise<number> {
  const { flags, rest } = splitStoreFlags(argv);
  const config = readConfig(flags);
  const attached = await attach(command, rest);
  const user = osUser();
  const code = await askServer(config.data, { argv: rest, osUser: user, attached }, io);
  if (code !== null) return code;
  const house = await openHouse({ ...config, logLevel: 'error' });
  try {
    return await runCommand(house.context, rest, user, attached, io);
  } finally {
    await house.close();
  }
}

/** For the record. In a container the user is often a number that the machine has no name for. */
function osUser(): string {
  try {
    return userInfo().username;
  } catch {
    return String(process.getuid?.() ?? 'unknown');
  }
}

/** `--data` and `--database` say where; they are not the command's business. */
function splitStoreFlags(argv: readonly string[]): { flags: Flags; rest: readonly string[] } {
  const flags: Record<string, string> = {};
  const rest: string[] = [];
  for (let at = 0; at < argv.length; at++) {
    const match = /^--(data|database)(?:=(.*))?$/.exec(argv[at]!);
    if (match === null) rest.push(argv[at]!);
    else flags[match[1]!] = match[2] ?? argv[++at] ?? '';
  }
  return { flags, rest };
}

/** Files and standard input are read here: the server may run elsewhere, and as somebody else. */
async function attach({ attaches }: Command, argv: readonly string[]): Promise<Attached> {
  const attached: Record<string, string> = {};
  for (const flag of attaches?.files ?? []) {
    const at = argv.findIndex((word) => word === `--${flag}` || word.startsWith(`--${flag}=`));
    const path = at < 0 ? undefined : argv[at]!.includes('=') ? argv[at]!.split('=').slice(1).join('=') : argv[at + 1];
    if (path !== undefined) attached[flag] = await readFile(path, 'utf8');
  }
  if (attaches?.stdin !== undefined && argv.includes(`--${attaches.stdin}`)) attached['stdin'] = await text(process.stdin);
  return attached;
}

function overview(): string {
  const width = 16;
  const lines = [['serve', 'run the server'], ...commands.map(({ name, summary }) => [name, summary])].map(
    ([name, summary]) => `  ${name!.padEnd(width)}${summary}`,
  );
  return [
    'Sallyport: a Git server whose branch protection never has to be switched off.',
    '',
    'usage: sallyport COMMAND [ARGUMENTS]',
    '',
    ...lines,
    '',
    'Every command takes --data DIR (or SALLYPORT_DATA) and --database URL, and --help.',
    'Exit codes: 0 done, 1 the answer is no or something failed, 2 the question was wrong.',
    '',
  ].join('\n');
}

function serveHelp(): string {
  const flags = serveFlags.map(({ name, argument, help }) => `  ${`--${name} ${argument}`.padEnd(26)}${help}`);
  const others = Object.entries(serveOptions)
    .filter(([name]) => !serveFlags.some((flag) => flag.name === name))
    .map(([name, { argument, help }]) => `  ${`${environmentName(name)}=${argument}`}\n      ${help}`);
  return [
    'usage: sallyport serve [FLAGS]',
    '',
    'Runs the server. Every flag may be given as SALLYPORT_NAME in the environment instead.',
    '',
    ...flags,
    '',
    'In the environment alone:',
    '',
    ...others,
    '',
    'SIGTERM lets what is under way end, then exits with 0.',
    '',
  ].join('\n');
}

function commandHelp({ name, usage, summary, help }: Command): string {
  return [
    `usage: sallyport ${name} ${usage}`.trimEnd(),
    '',
    `  ${summary}`,
    '',
    ...help.map((line) => `  ${line}`),
    '  --data DIR          where the server keeps everything (default: ./data)',
    '',
  ].join('\n');
}
