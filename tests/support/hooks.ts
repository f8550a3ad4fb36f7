import { setTimeout as sleep } from 'node:timers/promises';
import { type Api, must } from './api.ts';

/** A hook that leads where nothing may be sent, and the delivery that ended for that. `place`: `/repos/acme/app` or `/orgs/acme`. */
export async function settledHook(api: Api, place: string): Promise<readonly [hook: number, delivery: number]> {
  const { id } = await must(api('POST', `${place}/hooks`, { name: 'web', config: { url: 'http://127.0.0.1:1/hook' } }));
  for (let waited = 0; ; waited += 20) {
    const [delivery] = await must(api('GET', `${place}/hooks/${id}/deliveries`));
    if (delivery !== undefined) return [id, delivery.id];
    if (waited > 10_000) throw new Error(`the ping of hook ${id} was never tried`);
    await sleep(20);
  }
}
