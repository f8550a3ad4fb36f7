import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';

const root = dirname(dirname(dirname(fileURLToPath(import.meta.url))));
const main = join(root, 'src', 'main.ts');

/** What a command said and how it ended. */
export interface Ran {
  readonly code: number | null;
  readonly stdout: string;
  readonly stderr: string;
}

export interface RunOptions {
  readonly input?: string;
  readonly env?: Readonly<Record<string, string>>;
  readonly uid?: number;
}

/** The real command line as a child process, with nothing of this one's environment but the PATH. */
function start(args: readonly string[], { env = {}, uid }: RunOptions): ChildProcess {
  return spawn(process.execPath, [main, ...args], {
    env: { PATH: process.env['PATH'] ?? '', ...env },
    cwd: root,
    ...(uid !== undefined && { uid }),
  });
}

/** `sallyport ARGS`, to its end. */
export async function sallyport(args: readonly string[], options: RunOptions = {}): Promise<Ran> {
  const child = start(args, options);
  const output = collect(child);
  child.stdin!.on('error', () => undefined);
  child.stdin!.end(options.input ?? '');
  const [code] = (await once(child, 'close')) as [number | null];
  return { code, ...output() };
}

/** `sallyport serve ARGS`, once it listens. Whoever forgets to stop it has it killed at the end. */
export interface Serving extends AsyncDisposable {
  readonly url: string;
  readonly pid: number;
  /** All that was printed so far. */
  output(): { stdout: string; stderr: string };
  /** Sends a signal and waits for the end. */
  stop(signal?: NodeJS.Signals): Promise<Ran>;
}

export async function serve(args: readonly string[], options: RunOptions = {}): Promise<Serving> {
  const child = start(['serve', ...args], options);
  const output = collect(child);
  const closed = once(child, 'close') as Promise<[number | null]>;
  const listening = new Promise<string>((resolve) => {
    child.stdout!.on('data', () => {
      const line = /^listening on (.+)$/m.exec(output().stdout);
      if (line !== null) resolve(line[1]!);
    });
  });
  const ended = closed.then(([code]) => {
    const { stdout, stderr } = output();
    throw new Error(`the server ended with ${code}: ${stdout}${stderr}`);
  });
  // Whoever stops it asks for the end in another way.
  ended.catch(() => undefined);
  const stop = async (signal: NodeJS.Signals = 'SIGTERM'): Promise<Ran> => {
    child.kill(signal);
    const [code] = await closed;
    return { code, ...output() };
  };
  return {
    url: await Promise.race([listening, ended]),
    pid: child.pid!,
    output,
    stop,
    async [Symbol.asyncDispose]() {
      if (child.exitCode === null && child.signalCode === null) await stop('SIGKILL');
    },
  };
}

function collect(child: ChildProcess): () => { stdout: string; stderr: string } {
  const said = { stdout: '', stderr: '' };
  child.stdout!.setEncoding('utf8').on('data', (text: string) => {
    said.stdout += text;
  });
  child.stderr!.setEncoding('utf8').on('data', (text: string) => {
    said.stderr += text;
  });
  return () => ({ ...said });
}
