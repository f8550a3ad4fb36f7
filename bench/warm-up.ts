import { type Bench, seeded } from './bench.ts';
import { sendPush } from './send-push.ts';

const pushes = 200;

/** Every server first does for a while what it is for, as one in service has: what was never run is not compiled yet, or not in memory. */
export async function warmUp(bench: Bench): Promise<void> {
  const { fixtures, writers, client } = bench;
  const ready = await fixtures.pushesAlong(await fixtures.line('warm-up', pushes), 'main');
  for (const target of writers) {
    const remote = await seeded(bench, target, 'main');
    for (const push of ready) await sendPush(client, remote, push);
    await target.removeRepository(remote);
  }
}
