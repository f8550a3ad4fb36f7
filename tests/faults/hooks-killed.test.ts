import assert from 'node:assert/strict';
import { after, before, describe, test } from 'node:test';
import { must } from '../support/api.ts';
import { databases } from '../support/databases.ts';
import { HookReceiver } from '../support/hook-receiver.ts';
import { ChildServer } from './child-server.ts';
import { childOf, repository, type Stage, setStage } from './stage.ts';

const hooks = { every: 20, timeout: 1000, claim: 1500 };

const webhookAllow = ['127.0.0.0/8'];

for (const database of databases) {
  describe(`a server killed before a hook has heard, on ${database}`, { timeout: 120_000 }, () => {
    let receiver: HookReceiver;
    before(async () => {
      receiver = await HookReceiver.open();
    });
    after(() => receiver[Symbol.asyncDispose]());

    /** A stage with a hook that has heard its ping, stopped. */
    const stageWithHook = async (path: string): Promise<Stage> => {
      const stage = await setStage(database);
      await stage.server.restart({ hooks }, { webhookAllow });
      const config = { url: receiver.url(path), content_type: 'json' };
      await must(stage.cast.owner.api('POST', `/repos/${repository}/hooks`, { config, events: ['push'] }));
      await receiver.until(path, 'ping');
      await stage.server.stop();
      return stage;
    };
    const push = async ({ tree, robot, base }: Stage): Promise<string> => {
      const next = await childOf(tree, base, 'next');
      await tree.push(robot.remote(repository), `${next}:refs/heads/open`);
      return next;
    };

    for (const [index, step] of (['refs moved', 'outcome recorded'] as const).entries())
      test(`at "${step}": the next server tells it, and who pushed`, async () => {
        const path = `/step-${index}`;
        await using stage = await stageWithHook(path);
        let pushed: string;
        {
          // It looks so rarely that it cannot have told anybody.
          const rarely = { hooks: { ...hooks, every: 60_000 } };
          await using child = await ChildServer.start(
            { ...stage.server.config, webhookAllow },
            { fault: { step, action: 'die' }, ...rarely },
          );
          pushed = await push(stage);
          await child.ended();
        }
        assert.deepEqual(
          receiver.at(path).map((one) => one.event),
          ['ping'],
        );
        await stage.server.restart({ silence: 1, hooks }, { webhookAllow });
        const [heard] = await receiver.until(path, 'push');
        assert.deepEqual([heard!.payload.after, heard!.payload.sender.login], [pushed, 'dev']);
      });

    test('while the hook is being told: it is told again, under the same id', async () => {
      const path = '/midway';
      await using stage = await stageWithHook(path);
      let pushed: string;
      {
        await using child = await ChildServer.start({ ...stage.server.config, webhookAllow }, { hooks });
        receiver.answer = () => child.signal('SIGKILL');
        pushed = await push(stage);
        await child.ended();
      }
      receiver.answer = (_request, response) => void response.writeHead(200).end();
      await stage.server.restart({ hooks }, { webhookAllow });
      const [first, again] = await receiver.until(path, 'push', 2);
      assert.deepEqual([first!.payload.after, again!.payload.after], [pushed, pushed]);
      assert.equal(first!.headers['x-github-delivery'], again!.headers['x-github-delivery']);
    });
  });
}
