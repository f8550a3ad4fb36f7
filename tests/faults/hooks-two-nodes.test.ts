import assert from 'node:assert/strict';
import { test } from 'node:test';
import { setTimeout as sleep } from 'node:timers/promises';
import { apiOf, must } from '../support/api.ts';
import { databases } from '../support/databases.ts';
import { HookReceiver } from '../support/hook-receiver.ts';
import { freePort } from '../support/ports.ts';
import { ChildServer } from './child-server.ts';
import { repository, setStage } from './stage.ts';

if (databases.includes('postgres')) {
  test('several servers that share a store tell everything, and nothing twice', { timeout: 60_000 }, async () => {
    await using receiver = await HookReceiver.open();
    await using stage = await setStage('postgres');
    const { config } = stage.server;
    await stage.server.stop();
    const start = async (): Promise<ChildServer> => {
      const listen = { host: '127.0.0.1', port: await freePort() };
      return ChildServer.start({ ...config, listen, webhookAllow: ['127.0.0.0/8'] }, { hooks: { every: 5 } });
    };
    await using one = await start();
    await using two = await start();
    await using three = await start();
    const nodes = [one, two, three].map(({ url }) => apiOf(url, stage.cast.owner.token));
    for (const path of ['/a', '/b']) {
      const hook = { config: { url: receiver.url(path), content_type: 'json' }, events: ['status'] };
      await must(nodes[0]!('POST', `/repos/${repository}/hooks`, hook));
      await receiver.until(path, 'ping');
    }
    const contexts = Array.from({ length: 30 }, (_, index) => `ci/${index}`);
    await Promise.all(
      contexts.map((context, index) =>
        must(nodes[index % 3]!('POST', `/repos/${repository}/statuses/${stage.base}`, { state: 'success', context })),
      ),
    );
    await receiver.until('/a', 'status', 30);
    await receiver.until('/b', 'status', 30);
    await sleep(300);
    for (const path of ['/a', '/b']) {
      const heard = receiver.at(path).filter(({ event }) => event === 'status');
      assert.deepEqual(heard.map(({ payload }) => payload.context).sort(), [...contexts].sort());
    }
  });
}
