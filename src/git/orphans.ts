import { readdir, readFile } from 'node:fs/promises';
import { setTimeout as sleep } from 'node:timers/promises';

/** Names, in a git process's environment, what it works for: a data folder, or one of the servers that share one. */
export const ownerVariable = 'SALLYPORT_OWNER';

const patience = 10_000;

/**
 * Waits for git processes that an earlier server left behind when it was killed: one of them may be about to commit its refs. Those that
 * do not end in time are killed. Returns how many there were.
 */
export async function endOrphans(owner: string): Promise<number> {
  const first = await findOrphans(owner);
  const giveUp = Date.now() + patience;
  for (let left = first; left.length > 0; left = await findOrphans(owner)) {
    if (Date.now() > giveUp) for (const pid of left) kill(pid);
    await sleep(50);
  }
  return first.length;
}

async function findOrphans(owner: string): Promise<number[]> {
  const mark = `${ownerVariable}=${owner}`;
  const names = await readdir('/proc').catch(() => []);
  const found = await Promise.all(
    names
      .filter((name) => /^\d+$/.test(name) && Number(name) !== process.pid)
      .map(async (name) => {
        const environment = await readFile(`/proc/${name}/environ`, 'latin1').catch(() => '');
        return environment.split('\0').includes(mark) ? [Number(name)] : [];
      }),
  );
  return found.flat();
}

/** It may have ended in between. */
function kill(pid: number): void {
  try {
    process.kill(pid, 'SIGKILL');
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== 'ESRCH') throw error;
  }
}
