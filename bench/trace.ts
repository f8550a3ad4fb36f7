import { access, constants, readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';

/** git appends to the file it names one line for everything that happens, beginning with the start of each process. */
export const traceVariable = 'GIT_TRACE2_EVENT';

/** A `git` that writes itself and its children down before it is the real one: the same process, so it adds none. */
export async function writeTracingGit(script: string, git: string, file: string): Promise<void> {
  await writeFile(script, `#!/bin/sh\n${traceVariable}='${file}' exec '${git}' "$@"\n`, { mode: 0o755 });
}

/** The git processes that have started so far, by what they did. */
export async function readStarted(file: string): Promise<string[]> {
  const text = await readFile(file, 'utf8').catch(() => '');
  return text.split('\n').flatMap((line) => {
    if (!line.includes('"event":"start"')) return [];
    const { argv } = JSON.parse(line) as { argv: string[] };
    return [nameOf(argv)];
  });
}

/** `git --git-dir=… -c key=value index-pack --stdin` and `/usr/lib/git-core/git-http-backend`: the verb. */
function nameOf([program = '', ...args]: readonly string[]): string {
  const own = /git-([a-z-]+)$/.exec(program)?.[1];
  return own ?? args.find((argument, index) => !argument.startsWith('-') && args[index - 1] !== '-c') ?? program;
}

export async function findGit(): Promise<string> {
  for (const folder of (process.env['PATH'] ?? '').split(':')) {
    const program = join(folder, 'git');
    const isThere = await access(program, constants.X_OK).then(
      () => true,
      () => false,
    );
    if (isThere) return program;
  }
  throw new Error('there is no git on the PATH');
}
