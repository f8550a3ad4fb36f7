import type { Config } from '#config.ts';
import type { PushStep } from '#gate/gate.ts';
import type { Seams } from '../../src/compose.ts';
import { startServer } from '../../src/start-server.ts';
import { fillDisk } from './full-disk.ts';

/** What happens to the process, and when. */
export interface Fault {
  readonly step: PushStep;
  /** `die`: as by `kill -9`. `freeze`: stopped until somebody lets it go on. `fill`: its disk is full from then on. */
  readonly action: 'die' | 'freeze' | 'fill';
  /** At which push that comes to the step; the first one is 1. */
  readonly nth?: number;
}

export interface Order {
  readonly config: Config;
  readonly fault: Fault | null;
  readonly silence: number | null;
  readonly hooks: Seams['hooks'] | null;
}

if (process.argv[1] === import.meta.filename) await serve(JSON.parse(process.argv[2] ?? '') as Order);

/** A server in a process of its own, with a fault in it. */
async function serve({ config, fault, silence, hooks }: Order): Promise<void> {
  let times = 0;
  const atStep = async (step: PushStep): Promise<void> => {
    if (fault === null || step !== fault.step || ++times !== (fault.nth ?? 1)) return;
    if (fault.action === 'die') process.kill(process.pid, 'SIGKILL');
    if (fault.action === 'freeze') process.kill(process.pid, 'SIGSTOP');
    if (fault.action === 'fill') fillDisk(process.pid);
    await Promise.resolve();
  };
  const server = await startServer(config, 'tester', { atStep, ...(silence !== null && { silence }), ...(hooks && { hooks }) });
  process.once('SIGTERM', () => void server.close().then(() => process.exit(0)));
  process.stdout.write(`${server.url}\n`);
}
