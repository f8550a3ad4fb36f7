import { spawn } from 'node:child_process';
import { chmod, mkdir, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import type { Duplex } from 'node:stream';
import { type GitFolders, gitEnvironment } from '../environment.ts';
import { collect, collectSome } from '../git.ts';

/** Whether the objects in this quarantine may come in; null: the push brings none, it only deletes. */
type Admit = (quarantinePath: string | null) => Promise<boolean>;

interface ReceivePackAnswer {
  /** Anything but 0: git could not make sense of the request. */
  readonly code: number | null;
  /** As it goes to the client. */
  readonly response: Buffer;
  readonly stderr: string;
}

/** Runs one push, given as the body of a client's request, against a bare repository. */
export type ReceivePack = (repository: string, body: Buffer, admit: Admit) => Promise<ReceivePackAnswer>;

const descriptor = 3;

/** Only the line `ok` lets a push through: an end of file, a closed descriptor and every other word refuse. */
const hook = `#!/bin/sh
printf '%s\\n' "$GIT_QUARANTINE_PATH" >&${descriptor} || exit 1
IFS= read -r verdict <&${descriptor} || exit 1
[ "$verdict" = ok ]
`;

/**
 * Pushes by git's own `receive-pack`, which asks `admit` before its quarantine is opened (spec/push-path.md section 5). An oracle for
 * tests: what our pipeline does is compared with what this does. The server never starts it; its verdict is one for the whole push,
 * and it records nothing.
 */
export async function receivePackWithGit(folders: GitFolders): Promise<ReceivePack> {
  const hooks = join(folders.hooks, 'compat');
  await mkdir(hooks, { recursive: true });
  await writeFile(join(hooks, 'pre-receive'), hook);
  await chmod(join(hooks, 'pre-receive'), 0o755);
  const env = gitEnvironment({ ...folders, hooks });
  return async (repository, body, admit) => {
    // The fourth is a socket, which the hook inherits under the same number.
    const child = spawn('git', ['receive-pack', '--stateless-rpc', repository], { stdio: ['pipe', 'pipe', 'pipe', 'pipe'], env });
    const ended = new Promise<number | null>((resolve, reject) => {
      child.once('error', reject);
      child.once('close', resolve);
    });
    const asked = answerHook(child.stdio[descriptor] as Duplex, admit).then(
      () => null,
      (error: unknown) => ({ error }),
    );
    // git stops reading where it refuses; its exit code says the rest.
    child.stdin.on('error', () => child.stdin.destroy());
    child.stdin.end(body);
    const [response, stderr, code, failed] = await Promise.all([collect(child.stdout), collectSome(child.stderr), ended, asked]);
    if (failed !== null) throw failed.error;
    return { code, response, stderr };
  };
}

/** Reads the hook's one line and writes the verdict. Whatever goes wrong closes the socket, which refuses. */
async function answerHook(socket: Duplex, admit: Admit): Promise<void> {
  let line = '';
  try {
    for await (const chunk of socket) {
      line += (chunk as Buffer).toString('utf8');
      if (!line.endsWith('\n')) continue;
      const path = line.slice(0, -1);
      socket.write((await admit(path === '' ? null : path)) ? 'ok\n' : 'no\n');
      line = '';
    }
  } finally {
    socket.destroy();
  }
}
