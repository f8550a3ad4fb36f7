import { execFileSync } from 'node:child_process';
import { readdirSync, readFileSync } from 'node:fs';
import { chmod, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { temporaryFolder } from '../support/folders.ts';

/*
 * A disk that is full, for one process and what it has started. A small disk of its own would need the right to mount, which a container
 * often lacks; a limit of the operating system on the size of files needs none. At zero every write to a file fails (EFBIG instead of
 * ENOSPC) while folders, empty files and renames still work: what a full disk does.
 */

/** No process of these takes another byte to a file, until there is room again. */
export function fillDisk(pid: number): void {
  limitFiles(pid, '0:unlimited');
}

export function makeRoom(pid: number): void {
  limitFiles(pid, 'unlimited:unlimited');
}

function limitFiles(pid: number, size: string): void {
  for (const each of [pid, ...descendants(pid)]) execFileSync('prlimit', ['--pid', String(each), `--fsize=${size}`]);
}

function descendants(pid: number): number[] {
  const children = readdirSync('/proc').filter((name) => /^\d+$/.test(name) && parentOf(name) === pid);
  return children.flatMap((child) => [Number(child), ...descendants(Number(child))]);
}

/** The fourth field; the second, a name in brackets, may hold anything. */
function parentOf(pid: string): number | null {
  try {
    const stat = readFileSync(`/proc/${pid}/stat`, 'latin1');
    return Number(stat.slice(stat.lastIndexOf(')') + 2).split(' ')[1]);
  } catch {
    return null;
  }
}

/** A search path whose git is told that it cannot write, as by a full disk; by itself the limit ends a process with a signal. */
export async function pathOfPatientGit(): Promise<{ path: string } & AsyncDisposable> {
  const folder = await temporaryFolder('bin-');
  const program = join(folder.path, 'git');
  await writeFile(program, `#!/bin/sh\ntrap '' XFSZ\nPATH='${process.env['PATH']}' exec git "$@"\n`);
  await chmod(program, 0o755);
  return folder;
}
