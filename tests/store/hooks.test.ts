import assert from 'node:assert/strict';
import { after, before, describe, test } from 'node:test';
import type { Delivery, DeliveryOutcome, Hook, HookOwner } from '#model/hook.ts';
import type { NewDelivery, NewHook } from '#model/ports/store-hooks.ts';
import type { Telling } from '#model/telling.ts';
import { databases } from '../support/databases.ts';
import { addOrganization, addRepository, fresh, openTestStore, type TestStore } from '../support/store.ts';

const outcome: DeliveryOutcome = {
  at: 5,
  milliseconds: 7,
  code: 200,
  status: 'OK',
  request: { a: 'b' },
  response: { headers: {}, body: 'ok' },
};
const everything = { limit: 100, offset: 0 };

for (const database of databases) {
  describe(`hooks on ${database}`, () => {
    let opened: TestStore;
    before(async () => {
      opened = await openTestStore(database);
    });
    after(() => opened[Symbol.asyncDispose]());

    const addHook = (owner: HookOwner, changes: Partial<NewHook> = {}): Promise<Hook> =>
      opened.store.write((tx) =>
        tx.hooks.insertHook({
          ...{ owner, url: 'https://example.com/hook', contentType: 'json', insecureSsl: false, sealedSecret: null },
          ...{ events: ['push'], active: true, ...changes },
        }),
      );
    const place = () =>
      opened.store.write(async (tx) => {
        const { id: organization } = await addOrganization(tx);
        const { id: repository } = await addRepository(tx, organization);
        return { organization, repository };
      });
    const deliver = async (hook: Hook, changes: Partial<NewDelivery> = {}): Promise<Delivery> => {
      const plain = {
        hookId: hook.id,
        guid: fresh('guid'),
        event: 'push',
        action: null,
        repositoryId: null,
        payload: '{}',
        isRedelivery: false,
      };
      const [made] = await opened.store.write((tx) => tx.deliveries.insertDeliveries([{ ...plain, ...changes }]));
      return made!;
    };
    const claim = (at: number, until: number, limit = 100) => opened.store.write((tx) => tx.deliveries.claim(at, until, limit));
    const { MAX_SAFE_INTEGER: never } = Number;

    test('one is read back as written, changed, and removed with its deliveries', async () => {
      const { repository } = await place();
      const made = await addHook({ repository }, { sealedSecret: 'sealed', insecureSsl: true, contentType: 'form', events: ['*', 'push'] });
      assert.deepEqual(await opened.store.read.hooks.findHook(made.id), made);
      assert.partialDeepStrictEqual(made, { sealedSecret: 'sealed', insecureSsl: true, contentType: 'form', events: ['*', 'push'] });
      await opened.store.write((tx) => tx.hooks.updateHook(made.id, { active: false, sealedSecret: null, url: 'http://other.example' }));
      const changed = await opened.store.read.hooks.findHook(made.id);
      assert.partialDeepStrictEqual(changed, {
        ...made,
        active: false,
        sealedSecret: null,
        url: 'http://other.example',
        updatedAt: changed!.updatedAt,
      });
      const { id } = await deliver(made);
      await opened.store.write((tx) => tx.hooks.removeHook(made.id));
      assert.equal(await opened.store.read.hooks.findHook(made.id), null);
      assert.equal(await opened.store.read.deliveries.findDelivery(made.id, id), null);
    });

    test('those of a repository and those of an organization are two lists', async () => {
      const { organization, repository } = await place();
      const [one, two] = [await addHook({ repository }), await addHook({ repository })];
      const three = await addHook({ organization });
      const { hooks } = opened.store.read;
      assert.deepEqual(await hooks.listHooks({ repository }, everything), { items: [one, two], total: 2 });
      assert.deepEqual(await hooks.listHooks({ repository }, { limit: 1, offset: 1 }), { items: [two], total: 2 });
      assert.deepEqual(await hooks.listHooks({ organization }, everything), { items: [three], total: 1 });
    });

    test('a repository is heard by its own and by its owner’s, unless they are switched off or younger', async () => {
      const { organization, repository } = await place();
      const other = await place();
      const hooks = [await addHook({ repository }), await addHook({ organization })];
      await addHook({ repository }, { active: false });
      await addHook({ repository: other.repository });
      await addHook({ organization: other.organization });
      const listening = (at: number) => opened.store.read.hooks.listListening({ repositoryId: repository, ownerId: organization }, at);
      assert.deepEqual(await listening(never), hooks);
      assert.deepEqual(await listening(hooks[0]!.createdAt - 1), []);
      assert.deepEqual(await opened.store.read.hooks.listListening({ repositoryId: null, ownerId: organization }, never), [hooks[1]]);
    });

    test('what happens is kept for whoever listens, and only if the transaction is', async () => {
      const { organization, repository } = await place();
      const telling: Telling = { repositoryId: repository, ownerId: organization, hookId: null, senderId: 3, tidings: { kind: 'ping' } };
      const told = async () => (await opened.store.read.outbox.listTold(100)).filter((one) => one.repositoryId === repository);
      const tell = (changes: Partial<Telling> = {}) => opened.store.write((tx) => tx.outbox.tell({ ...telling, ...changes }));
      await tell();
      await tell({ hookId: never });
      assert.deepEqual(await told(), [], 'nobody listens');
      const hook = await addHook({ organization });
      await assert.rejects(
        opened.store.write(async (tx) => {
          await tx.outbox.tell(telling);
          throw new Error('no');
        }),
        /no/,
      );
      assert.deepEqual(await told(), []);
      await tell();
      await tell({ hookId: hook.id, senderId: null });
      const [first, second] = await told();
      assert.deepEqual(first, { ...telling, id: first!.id, at: first!.at });
      assert.deepEqual([second!.hookId, second!.senderId], [hook.id, null]);
      const takeOut = () => opened.store.write((tx) => tx.outbox.takeOut(first!.id));
      assert.deepEqual([await takeOut(), await takeOut()], [true, false]);
      await opened.store.write((tx) => tx.outbox.takeOut(second!.id));
    });

    test('a delivery is claimed once, the oldest of its hook, and none while another of the hook is claimed', async () => {
      const { repository } = await place();
      const [one, two] = [await addHook({ repository }), await addHook({ repository })];
      const first = await deliver(one);
      const second = await deliver(one);
      const elsewhere = await deliver(two);
      const now = never - 10_000;
      assert.equal(await opened.store.read.deliveries.hasDue(now), true);
      assert.deepEqual(
        (await claim(now, now + 100)).map(({ id }) => id),
        [first.id, elsewhere.id],
      );
      assert.equal(await opened.store.read.deliveries.hasDue(now), false);
      assert.deepEqual(await claim(now, now + 100), []);
      await opened.store.write((tx) => tx.deliveries.settleAttempt(first.id, 'delivered', outcome, null));
      assert.deepEqual(
        (await claim(now, now + 100)).map(({ id }) => id),
        [second.id],
      );
      assert.deepEqual(
        (await claim(now + 100, now + 200)).map(({ id }) => id),
        [second.id, elsewhere.id],
        'a claim that ran out is none',
      );
      await opened.store.write((tx) => tx.deliveries.releaseClaims());
      assert.deepEqual(
        (await claim(now, now + 100, 1)).map(({ id }) => id),
        [second.id],
      );
      for (const { id } of [second, elsewhere])
        await opened.store.write((tx) => tx.deliveries.settleAttempt(id, 'delivered', outcome, null));
    });

    test('very many are written at once, in their order', async () => {
      const { repository } = await place();
      const { id: hookId } = await addHook({ repository }, { active: false });
      const many = Array.from({ length: 450 }, (_, index) => ({
        ...{ hookId, guid: String(index), event: 'push', action: null, repositoryId: null, payload: '{}', isRedelivery: false },
      }));
      const made = await opened.store.write((tx) => tx.deliveries.insertDeliveries(many));
      assert.deepEqual(
        made.map(({ guid }) => guid),
        many.map(({ guid }) => guid),
      );
      assert.deepEqual(await opened.store.write((tx) => tx.deliveries.insertDeliveries([])), []);
      await opened.store.write((tx) => tx.hooks.removeHook(hookId));
    });

    test('many that claim at once get each delivery once', async () => {
      const { repository } = await place();
      const hooks = await Promise.all(Array.from({ length: 8 }, () => addHook({ repository })));
      const made = await Promise.all(hooks.map((hook) => deliver(hook)));
      const now = Date.now() + 1000;
      const claimed = (await Promise.all(Array.from({ length: 8 }, () => claim(now, now + 1000, 3)))).flat();
      assert.deepEqual(claimed.map(({ id }) => id).sort(), made.map(({ id }) => id).sort());
      for (const { id } of made) await opened.store.write((tx) => tx.deliveries.settleAttempt(id, 'delivered', outcome, null));
    });

    test('an attempt is remembered, by the delivery and by the hook, and tried again when it is due', async () => {
      const { repository } = await place();
      const hook = await addHook({ repository });
      const made = await deliver(hook, { event: 'member', action: 'added', repositoryId: repository, payload: '{"a":1}' });
      const now = Date.now() + 1000;
      await claim(now, now + 100);
      const failed = { ...outcome, code: 500, status: 'Invalid HTTP Response: 500', response: null };
      await opened.store.write((tx) => tx.deliveries.settleAttempt(made.id, 'waiting', failed, now + 60_000));
      const found = await opened.store.read.deliveries.findDelivery(hook.id, made.id);
      assert.deepEqual(found, { ...made, attempts: 1, outcome: failed });
      assert.deepEqual((await opened.store.read.hooks.findHook(hook.id))!.lastResponse, {
        code: 500,
        status: failed.status,
        message: failed.status,
      });
      assert.deepEqual(await claim(now + 59_999, never), []);
      assert.deepEqual(
        (await claim(now + 60_000, now + 60_100)).map(({ id, attempts }) => [id, attempts]),
        [[made.id, 1]],
      );
      await opened.store.write((tx) => tx.deliveries.settleAttempt(made.id, 'failed', failed, null));
      assert.deepEqual(await claim(never - 1, never), [], 'nothing is tried for ever');
    });

    test('those that were attempted are listed, newest first, by their kind', async () => {
      const { repository } = await place();
      const hook = await addHook({ repository });
      const other = await addHook({ repository });
      const made = [await deliver(hook), await deliver(hook, { isRedelivery: true }), await deliver(hook), await deliver(hook)];
      await deliver(other);
      const ids = made.map(({ id }) => id);
      for (const [index, state] of (['delivered', 'failed', 'waiting'] as const).entries())
        await opened.store.write((tx) => tx.deliveries.settleAttempt(ids[index]!, state, outcome, null));
      const list = async (filter: object) =>
        (
          await opened.store.read.deliveries.listAttempted(hook.id, { before: null, isRedelivery: null, state: null, limit: 10, ...filter })
        ).map(({ id }) => ids.indexOf(id));
      assert.deepEqual(await list({}), [2, 1, 0]);
      assert.deepEqual(await list({ limit: 1 }), [2]);
      assert.deepEqual(await list({ before: ids[1] }), [0]);
      assert.deepEqual(await list({ isRedelivery: true }), [1]);
      assert.deepEqual(await list({ state: 'delivered' }), [0]);
      assert.deepEqual(await list({ state: 'failed' }), [2, 1]);
      assert.equal(await opened.store.read.deliveries.findDelivery(other.id, ids[0]!), null);
    });

    test('old ones are removed, and what nobody was told of', async () => {
      const { organization, repository } = await place();
      const hook = await addHook({ repository });
      const made = await deliver(hook);
      await opened.store.write((tx) =>
        tx.outbox.tell({ repositoryId: repository, ownerId: organization, hookId: null, senderId: null, tidings: { kind: 'ping' } }),
      );
      await opened.store.write((tx) => tx.deliveries.removeOld(hook.createdAt));
      assert.notEqual(await opened.store.read.deliveries.findDelivery(hook.id, made.id), null);
      assert.ok((await opened.store.write((tx) => tx.deliveries.removeOld(Date.now() + 10_000))) >= 1);
      assert.equal(await opened.store.read.deliveries.findDelivery(hook.id, made.id), null);
      assert.deepEqual(await opened.store.read.outbox.listTold(10), []);
    });
  });
}
