import { readdir, readFile } from 'node:fs/promises';

/** What /proc counts in: hundredths of a second on every Linux that Node runs on. */
const ticksPerSecond = 100;

interface Times {
  readonly pid: number;
  readonly parent: number;
  /** Its own ticks and those of the children it has waited for. */
  readonly ticks: number;
}

/**
 * Processor time of some processes and all that descends from them: what each has used itself, and what children that have ended left to the parent
 * that waited for them. Good to a hundredth of a second for each living process, so it is read before and after many pushes.
 */
export async function cpuSecondsOf(roots: readonly number[]): Promise<number> {
  const pids = (await readdir('/proc')).filter((name) => /^\d+$/.test(name));
  const all = (await Promise.all(pids.map(readTimes))).filter((one) => one !== null);
  const family = new Set(roots);
  for (let before = -1; before !== family.size; ) {
    before = family.size;
    for (const { pid, parent } of all) if (family.has(parent)) family.add(pid);
  }
  const ticks = all.filter(({ pid }) => family.has(pid)).reduce((sum, one) => sum + one.ticks, 0);
  return ticks / ticksPerSecond;
}

async function readTimes(pid: string): Promise<Times | null> {
  const text = await readFile(`/proc/${pid}/stat`, 'latin1').catch(() => null);
  if (text === null) return null;
  // The name before it may hold anything, spaces and parentheses too.
  const fields = text.slice(text.lastIndexOf(')') + 2).split(' ');
  const [user, system, childrenUser, childrenSystem] = fields.slice(11, 15).map(Number);
  return { pid: Number(pid), parent: Number(fields[1]), ticks: user! + system! + childrenUser! + childrenSystem! };
}
