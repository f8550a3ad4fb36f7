import { readdir, readFile } from 'node:fs/promises';
import { setTimeout as sleep } from 'node:timers/promises';

export interface GitProcessSeen {
  readonly pid: number;
  readonly command: string;
  /** The most memory it has had, in bytes. */
  readonly peak: number;
}

/** Kept for a repository in use, on purpose: they hold nothing of any push. */
const longLived = /cat-file --batch-command|update-ref --stdin/;

/** The git processes that work for a server's data folder now, the long-lived ones apart. */
export async function gitProcesses(data: string): Promise<GitProcessSeen[]> {
  const mark = `SALLYPORT_OWNER=${data}`;
  const pids = (await readdir('/proc')).filter((name) => /^\d+$/.test(name) && Number(name) !== process.pid);
  const found = await Promise.all(
    pids.map(async (pid) => {
      const read = (file: string): Promise<string> => readFile(`/proc/${pid}/${file}`, 'latin1').catch(() => '');
      const [environment, arguments_, status] = await Promise.all([read('environ'), read('cmdline'), read('status')]);
      const command = arguments_.replaceAll('\0', ' ').trim();
      if (!environment.split('\0').includes(mark) || command === '' || longLived.test(command)) return [];
      return [{ pid: Number(pid), command, peak: Number(/^VmHWM:\s+(\d+) kB/m.exec(status)?.[1] ?? 0) * 1024 }];
    }),
  );
  return found.flat();
}

/** The most memory that any git process of a server had while something was done. */
export async function peakMemory(data: string, work: () => Promise<unknown>): Promise<number> {
  let peak = 0;
  let done = false;
  const watch = async (): Promise<void> => {
    while (!done) {
      for (const seen of await gitProcesses(data)) peak = Math.max(peak, seen.peak);
      await sleep(5);
    }
  };
  const watching = watch();
  try {
    await work();
  } finally {
    done = true;
    await watching;
  }
  return peak;
}
