import { randomBytes } from 'node:crypto';
import { hostname } from 'node:os';

/** A name for this server process among those that share a store: where it runs, and which run of which process it is. */
export function newNodeId(): string {
  return `${hostname()
    .replace(/[^A-Za-z0-9]/g, '')
    .slice(0, 32)}.${process.pid}.${randomBytes(6).toString('hex')}`;
}

/** The one server of a store that is not shared; the same at every start, so that it finds what it left behind. */
export const SOLE_NODE = 'sole';

/** Whether a process is known not to run any more: on this machine, and its number is free. Of another machine nothing is known. */
export function isProvedGone(nodeId: string): boolean {
  const [host, pid] = nodeId.split('.');
  const [ownHost] = newNodeId().split('.');
  if (host !== ownHost || !/^\d+$/.test(pid ?? '')) return false;
  try {
    process.kill(Number(pid), 0);
    return false;
  } catch (error) {
    return (error as NodeJS.ErrnoException).code === 'ESRCH';
  }
}
