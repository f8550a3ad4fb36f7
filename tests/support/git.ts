import { spawn } from 'node:child_process';

export interface GitResult {
  readonly code: number;
  readonly stdout: string;
  readonly stderr: string;
}

export interface GitOptions {
  readonly input?: string | Buffer;
  readonly env?: Readonly<Record<string, string>>;
}

const when = '2026-01-02T03:04:05Z';

/** The environment of a developer's git in tests: nothing of the machine's configuration, nobody to ask, fixed times. */
export function gitEnv(folder: string, extra: Readonly<Record<string, string>> = {}): Record<string, string> {
  return {
    PATH: process.env['PATH'] ?? '',
    HOME: folder,
    LC_ALL: 'C',
    GIT_CONFIG_NOSYSTEM: '1',
    GIT_CONFIG_GLOBAL: '/dev/null',
    GIT_TERMINAL_PROMPT: '0',
    GIT_AUTHOR_NAME: 'Dev',
    GIT_AUTHOR_EMAIL: 'dev@example.com',
    GIT_AUTHOR_DATE: when,
    GIT_COMMITTER_NAME: 'Dev',
    GIT_COMMITTER_EMAIL: 'dev@example.com',
    GIT_COMMITTER_DATE: when,
    ...extra,
  };
}

/** Runs the real git; its exit code is part of the answer. */
export function git(folder: string, args: readonly string[], options: GitOptions = {}): Promise<GitResult> {
  const child = spawn('git', [...args], { cwd: folder, env: gitEnv(folder, options.env) });
  const stdout: Buffer[] = [];
  const stderr: Buffer[] = [];
  child.stdout.on('data', (chunk: Buffer) => stdout.push(chunk));
  child.stderr.on('data', (chunk: Buffer) => stderr.push(chunk));
  child.stdin.on('error', (error: NodeJS.ErrnoException) => {
    if (error.code !== 'EPIPE') throw error;
  });
  child.stdin.end(options.input ?? '');
  return new Promise((resolve, reject) => {
    child.once('error', reject);
    child.once('close', (code) =>
      resolve({ code: code ?? -1, stdout: Buffer.concat(stdout).toString('utf8'), stderr: Buffer.concat(stderr).toString('utf8') }),
    );
  });
}

/** As `git`, for what has to work. Standard output, trimmed. */
export async function mustGit(folder: string, args: readonly string[], options: GitOptions = {}): Promise<string> {
  const result = await git(folder, args, options);
  if (result.code !== 0) throw new Error(`git ${args.join(' ')} ended with ${result.code}: ${result.stderr}`);
  return result.stdout.trim();
}

/** What a client showed of the server's messages, without the prefix and the padding it adds. */
export function remoteLines({ stderr }: GitResult): string[] {
  return stderr
    .split('\n')
    .filter((line) => line.startsWith('remote: ') || line === 'remote:')
    .map((line) => line.slice('remote: '.length).trimEnd());
}
