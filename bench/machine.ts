import { execFile } from 'node:child_process';
import { statfs } from 'node:fs/promises';
import os from 'node:os';
import { promisify } from 'node:util';

/** What the figures depend on, in general terms. */
export interface Machine {
  readonly processors: number;
  readonly model: string;
  readonly memoryGigabytes: number;
  readonly system: string;
  readonly fileSystem: string;
  readonly node: string;
  readonly git: string;
  readonly nginx: string;
}

/** From linux/magic.h. */
const fileSystems: Readonly<Record<number, string>> = {
  61267: 'ext4',
  16914836: 'tmpfs',
  1481003842: 'xfs',
  2435016766: 'btrfs',
  2035054128: 'overlay',
  801189825: 'zfs',
};

export async function describeMachine(folder: string): Promise<Machine> {
  const { type } = await statfs(folder);
  return {
    processors: os.availableParallelism(),
    model: os.cpus()[0]?.model.trim() ?? 'unknown',
    memoryGigabytes: Math.round(os.totalmem() / 1024 ** 3),
    system: `${os.type()} ${os.release().split('-')[0]}`,
    fileSystem: fileSystems[type] ?? `0x${type.toString(16)}`,
    node: process.versions.node,
    git: versionIn(await output('git', 'version')),
    nginx: versionIn(await output('/usr/sbin/nginx', '-v')),
  };
}

async function output(program: string, argument: string): Promise<string> {
  const { stdout, stderr } = await promisify(execFile)(program, [argument]);
  return stdout + stderr;
}

function versionIn(text: string): string {
  return /\d+(\.\d+)+/.exec(text)?.[0] ?? text.trim();
}
