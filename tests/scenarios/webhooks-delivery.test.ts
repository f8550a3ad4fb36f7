import assert from 'node:assert/strict';
import { after, before, describe, test } from 'node:test';
import { setTimeout as sleep } from 'node:timers/promises';
import { type ApiAnswer, apiOf, must } from '../support/api.ts';
import { selfSigned } from '../support/certificate.ts';
import { HookReceiver } from '../support/hook-receiver.ts';
import { castOf, type Personas } from '../support/personas.ts';
import { startTestServer, type TestServer } from '../support/server.ts';

describe('a delivery', { timeout: 60_000 }, () => {
  let server: TestServer;
  let cast: Personas;
  let receiver: HookReceiver;
  const hooks = '/repos/acme/app/hooks';

  before(async () => {
    receiver = await HookReceiver.open();
    const pace = { every: 10, timeout: 1000, retries: [20, 40, 60] };
    server = await startTestServer({ config: { webhookAllow: ['127.0.0.0/8'] }, seams: { hooks: pace } });
    cast = await castOf(server);
  });
  after(async () => {
    await server[Symbol.asyncDispose]();
    await receiver[Symbol.asyncDispose]();
  });

  const api = (method: string, path: string, body?: unknown): Promise<ApiAnswer> => cast.owner.api(method, hooks + path, body);
  const addHook = async (path: string, config: object = {}): Promise<number> =>
    (await must(api('POST', '', { config: { url: receiver.url(path), content_type: 'json', ...config }, events: ['push'] }))).id;

  /** Waits until the newest delivery of a hook has ended so. */
  const ended = async (hook: number, done: (delivery: ApiAnswer['body']) => boolean): Promise<ApiAnswer['body']> => {
    for (let waited = 0; ; waited += 20) {
      const [newest] = await must(api('GET', `/${hook}/deliveries`));
      if (newest !== undefined) {
        const delivery = await must(api('GET', `/${hook}/deliveries/${newest.id}`));
        if (done(delivery)) return delivery;
      }
      assert.ok(waited < 10_000, `it has not ended: ${JSON.stringify(newest)}`);
      await sleep(20);
    }
  };

  test('is kept with its request and the answer', async () => {
    receiver.answer = (_request, response) => void response.writeHead(202, { 'x-mine': 'yes', 'set-cookie': ['a=1', 'b=2'] }).end('taken');
    const hook = await addHook('/kept', { secret: 's' });
    const delivery = await ended(hook, () => true);
    assert.partialDeepStrictEqual(delivery, {
      event: 'ping',
      action: null,
      redelivery: false,
      status: 'OK',
      status_code: 202,
      url: receiver.url('/kept'),
    });
    const [heard] = receiver.at('/kept');
    assert.deepEqual(delivery.request.payload, heard!.payload);
    assert.equal(delivery.request.headers['X-Hub-Signature-256'], heard!.headers['x-hub-signature-256']);
    assert.equal(delivery.guid, heard!.headers['x-github-delivery']);
    assert.equal(delivery.response.payload, 'taken');
    assert.partialDeepStrictEqual(delivery.response.headers, { 'x-mine': 'yes', 'set-cookie': 'a=1, b=2' });
    assert.deepEqual((await must(api('GET', `/${hook}`))).last_response, { code: 202, status: 'active', message: 'OK' });
  });

  test('that cannot be signed is not sent, and ends', async () => {
    receiver.answer = (_request, response) => void response.writeHead(200).end();
    const hook = await addHook('/unsigned', { secret: 's' });
    await ended(hook, ({ status }) => status === 'OK');
    await server.running.house.store.write((tx) => tx.hooks.updateHook(hook, { sealedSecret: 'sealed by nobody' }));
    await must(api('POST', `/${hook}/pings`));
    await ended(hook, ({ status }) => status === 'refused: the secret cannot be read');
    assert.equal(receiver.at('/unsigned').length, 1);
  });

  test('that the receiver could not take is tried again until it does', async () => {
    let failures = 2;
    receiver.answer = (_request, response) => void response.writeHead(failures-- > 0 ? 503 : 200).end();
    const hook = await addHook('/retried');
    await ended(hook, ({ status }) => status === 'OK');
    const guids = receiver.at('/retried').map((one) => one.headers['x-github-delivery']);
    assert.equal(guids.length, 3);
    assert.equal(new Set(guids).size, 1, 'a receiver can tell that it is the same');
  });

  test('that nobody ever takes is given up', async () => {
    receiver.answer = (_request, response) => void response.destroy();
    const hook = await addHook('/never');
    for (let waited = 0; receiver.at('/never').length < 4; waited += 20) {
      assert.ok(waited < 10_000);
      await sleep(20);
    }
    await sleep(300);
    assert.equal(receiver.at('/never').length, 4, 'once, and three times more');
    const delivery = await ended(hook, () => true);
    assert.partialDeepStrictEqual(delivery, {
      status_code: 0,
      status: 'the connection was closed before the answer',
      response: { headers: null, payload: null },
    });
    assert.equal((await must(api('GET', `/${hook}`))).last_response.status, 'failed');
    assert.equal((await must(api('GET', `/${hook}/deliveries?status=failure`))).length, 1);
    assert.deepEqual(await must(api('GET', `/${hook}/deliveries?status=success`)), []);
  });

  test('that the receiver refuses is not tried again, and no redirect is followed', async () => {
    await using landing = await HookReceiver.open();
    receiver.answer = ({ path }, response) =>
      void (path === '/moved' ? response.writeHead(307, { location: landing.url('/landing') }) : response.writeHead(410)).end();
    const moved = await ended(await addHook('/moved'), () => true);
    const gone = await ended(await addHook('/gone'), () => true);
    assert.deepEqual([moved.status, gone.status], ['Invalid HTTP Response: 307', 'Invalid HTTP Response: 410']);
    await sleep(300);
    assert.deepEqual([receiver.at('/moved').length, receiver.at('/gone').length, landing.received.length], [1, 1, 0]);
  });

  test('to somebody who never answers ends', async () => {
    receiver.answer = () => undefined;
    const started = Date.now();
    const delivery = await ended(await addHook('/silent'), () => true);
    assert.equal(delivery.status, 'timed out');
    assert.ok(Date.now() - started < 8000);
    receiver.answer = (_request, response) => void response.writeHead(200).write('on and ');
    assert.equal((await ended(await addHook('/endless'), () => true)).status, 'timed out');
  });

  test('keeps no more of an answer than 64 kilobytes', async () => {
    // It would go on for ever: who still listened would find no end.
    receiver.answer = (_request, response) => void response.writeHead(200).write('x'.repeat(1024 * 1024));
    const delivery = await ended(await addHook('/long'), () => true);
    assert.equal(delivery.status, 'OK');
    assert.equal(delivery.response.payload.length, 64 * 1024);
  });

  test('keeps what is no text without harm', async () => {
    receiver.answer = (_request, response) => void response.writeHead(200).end(Buffer.from([0, 255, 254, 65, 10, 0xed, 0xa0, 0x80]));
    const delivery = await ended(await addHook('/bytes'), () => true);
    assert.match(delivery.response.payload, /^\0\ufffd+A\n\ufffd+$/);
  });

  test('is sent again by hand, the same, as another delivery', async () => {
    receiver.answer = (_request, response) => void response.writeHead(404).end();
    const hook = await addHook('/again', { secret: 's' });
    const first = await ended(hook, () => true);
    receiver.answer = (_request, response) => void response.writeHead(200).end();
    const answer = await api('POST', `/${hook}/deliveries/${first.id}/attempts`);
    assert.deepEqual([answer.status, answer.body], [202, {}]);
    const second = await ended(hook, ({ redelivery }) => redelivery === true);
    assert.notEqual(second.id, first.id);
    assert.deepEqual([second.guid, second.request.payload, second.status], [first.guid, first.request.payload, 'OK']);
    const [one, two] = receiver.at('/again');
    assert.deepEqual(one!.body, two!.body);
    assert.deepEqual(
      (await must(api('GET', `/${hook}/deliveries?redelivery=true`))).map(({ id }: { id: number }) => id),
      [second.id],
    );
    assert.equal((await api('POST', `/${hook}/deliveries/${first.id + 1000}/attempts`)).status, 404);
    const other = await addHook('/other');
    assert.equal((await api('POST', `/${other}/deliveries/${first.id}/attempts`)).status, 404, 'another hook’s');
    assert.equal((await api('GET', `/${other}/deliveries/${first.id}`)).status, 404);
  });

  test('is listed page by page', async () => {
    const hook = await addHook('/paged');
    for (let count = 2; count <= 5; count++) {
      await must(api('POST', `/${hook}/pings`));
      await receiver.until('/paged', 'ping', count);
    }
    let all: readonly { id: number }[] = [];
    for (let waited = 0; all.length < 5; waited += 20) {
      all = await must(api('GET', `/${hook}/deliveries`));
      assert.ok(waited < 5000);
      await sleep(20);
    }
    const seen: number[] = [];
    let next: string | null = `/${hook}/deliveries?per_page=2`;
    for (let pages = 1; next !== null; pages++) {
      assert.ok(pages <= 3);
      const { body, headers }: ApiAnswer = await api('GET', next);
      seen.push(...body.map(({ id }: { id: number }) => id));
      next = /hooks(\/[^>]+)>; rel="next"/.exec(headers.get('link') ?? '')?.[1] ?? null;
    }
    assert.deepEqual(
      seen,
      all.map(({ id }) => id),
    );
    assert.deepEqual(
      seen,
      seen.toSorted((a, b) => b - a),
    );
    assert.equal((await api('GET', `/${hook}/deliveries?cursor=nonsense`)).status, 422);
  });

  test('reaches a hook in the order of what happened', async () => {
    receiver.answer = (_request, response) => void setTimeout(() => response.writeHead(200).end(), Math.random() * 20);
    await addHook('/order');
    await receiver.until('/order', 'ping');
    for (let at = 0; at < 10; at++) {
      const body = { message: `commit ${at}`, content: Buffer.from(String(at)).toString('base64') };
      await must(cast.owner.api('PUT', `/repos/acme/app/contents/${at}.txt`, body));
    }
    const pushes = await receiver.until('/order', 'push', 10);
    assert.deepEqual(
      pushes.map((one) => one.payload.head_commit.message),
      Array.from({ length: 10 }, (_, at) => `commit ${at}`),
    );
  });

  test('of a hook that is switched off or removed meanwhile is not sent any more', async () => {
    let calls = 0;
    receiver.answer = (_request, response) => void response.writeHead(calls++ === 0 ? 200 : 503).end();
    const hook = await addHook('/off-meanwhile');
    await receiver.until('/off-meanwhile', 'ping');
    await server.restart({ hooks: { every: 10, retries: [1500] } }, { webhookAllow: ['127.0.0.0/8'] });
    cast = { ...cast, owner: { ...cast.owner, api: apiOf(server.url, cast.owner.token) } };
    await must(api('POST', `/${hook}/tests`));
    await receiver.until('/off-meanwhile', 'push');
    await must(api('PATCH', `/${hook}`, { active: false }));
    const delivery = await ended(hook, ({ event, status }) => event === 'push' && /switched off/.test(status));
    assert.equal(delivery.status, 'refused: the hook was switched off');
    assert.equal(receiver.at('/off-meanwhile').length, 2);
    assert.equal((await api('DELETE', `/${hook}`)).status, 204);
    assert.equal((await api('GET', `/${hook}/deliveries`)).status, 404);
  });

  test('goes over HTTPS to whom the certificate names, or to anybody where the hook says so', async () => {
    await using secure = await HookReceiver.open(selfSigned());
    const mistrusted = await ended(await addHook('', { url: secure.url('/secure') }), () => true);
    assert.match(mistrusted.status, /not trusted/);
    assert.equal(secure.received.length, 0);
    const trusted = await ended(await addHook('', { url: secure.url('/insecure'), insecure_ssl: '1' }), () => true);
    assert.equal(trusted.status, 'OK');
    assert.equal(secure.at('/insecure').length, 1);
  });

  test('is waited for when the server stops', async () => {
    const { promise: asked, resolve } = Promise.withResolvers<void>();
    receiver.answer = (_request, response) => {
      resolve();
      setTimeout(() => response.writeHead(200).end(), 300);
    };
    const hook = await addHook('/stopping');
    await asked;
    await server.restart({ hooks: { every: 10 } }, { webhookAllow: ['127.0.0.0/8'] });
    const { read } = server.running.house.store;
    const [delivery] = await read.deliveries.listAttempted(hook, { before: null, isRedelivery: null, state: null, limit: 1 });
    assert.deepEqual([delivery?.state, receiver.at('/stopping').length], ['delivered', 1]);
  });
});
