/**
 * A hook makes the server send requests to where somebody else says. The attacker, who has a repository of their own,
 * 1. makes hooks that lead to the server's own machine, its network, its cloud's metadata: by address, in every notation that URLs know, and by a
 *    name that stands for such an address;
 * 2. makes one that leads to a machine of theirs, which redirects to such a place;
 * 3. reads in the deliveries what answered, or at least whether something did.
 */
import assert from 'node:assert/strict';
import { after, before, describe, test } from 'node:test';
import { setTimeout as sleep } from 'node:timers/promises';
import { apiOf, must } from '../support/api.ts';
import { HookReceiver } from '../support/hook-receiver.ts';
import { createPersona, type Persona } from '../support/personas.ts';
import { startTestServer, type TestServer } from '../support/server.ts';

const notPublic = 'refused: the address is not a public one';

describe('a hook that leads inside', { timeout: 60_000 }, () => {
  let server: TestServer;
  let attacker: Persona;
  let inside: HookReceiver;
  const hooks = '/repos/mallory/own/hooks';

  before(async () => {
    inside = await HookReceiver.open();
    server = await startTestServer({ seams: { hooks: { every: 10, retries: [10, 10] } } });
    attacker = await createPersona(server, 'mallory');
    await must(attacker.api('POST', '/user/repos', { name: 'own' }));
  });
  after(async () => {
    await server[Symbol.asyncDispose]();
    await inside[Symbol.asyncDispose]();
  });

  const api = (): Persona['api'] => apiOf(server.url, attacker.token);
  /** Makes the hook and waits until its ping has been tried. */
  const tried = async (url: string) => {
    const { id } = await must(api()('POST', hooks, { config: { url }, events: ['push'] }));
    for (let waited = 0; ; waited += 10) {
      const [delivery] = await must(api()('GET', `${hooks}/${id}/deliveries`));
      if (delivery !== undefined) {
        const shown = await must(api()('GET', `${hooks}/${id}/deliveries/${delivery.id}`));
        // A repository has a limited number of hooks for one event.
        await must(api()('DELETE', `${hooks}/${id}`));
        return shown;
      }
      assert.ok(waited < 5000, 'nothing was tried');
      await sleep(10);
    }
  };

  const port = (): number => inside.port;
  const places: readonly (readonly [what: string, url: () => string])[] = [
    ['loopback', () => `http://127.0.0.1:${port()}/`],
    ['another address of loopback', () => `http://127.9.9.9:${port()}/`],
    ['loopback, shortened', () => `http://127.1:${port()}/`],
    ['loopback as a number', () => `http://2130706433:${port()}/`],
    ['loopback in hexadecimal', () => `http://0x7f.0.0.1:${port()}/`],
    ['loopback in octal', () => `http://0177.0.0.1:${port()}/`],
    ['loopback in wide digits', () => `http://１２７.０.０.１:${port()}/`],
    ['loopback of IPv6', () => `http://[::1]:${port()}/`],
    ['loopback as an IPv6 address', () => `http://[::ffff:127.0.0.1]:${port()}/`],
    ['loopback as an IPv6 address, in hexadecimal', () => `http://[::ffff:7f00:1]:${port()}/`],
    ['no address in particular', () => `http://0.0.0.0:${port()}/`],
    ['no address in particular of IPv6', () => `http://[::]:${port()}/`],
    ['a name of this machine', () => `http://localhost:${port()}/`],
    ['the same over TLS', () => `https://localhost:${port()}/`],
    ['a private network', () => 'http://10.0.0.1/'],
    ['another', () => 'http://172.20.1.1:8080/'],
    ['a third', () => 'http://192.168.0.1/'],
    ['a private network of IPv6', () => 'http://[fd00::1]/'],
    ['link-local', () => 'http://169.254.10.10/'],
    ['link-local of IPv6', () => 'http://[fe80::1]/'],
    ['a cloud’s metadata', () => 'http://169.254.169.254/latest/meta-data/'],
    ['a cloud’s metadata over IPv6', () => 'http://[fd00:ec2::254]/'],
    ['carrier-grade NAT', () => 'http://100.64.1.1/'],
    ['multicast', () => 'http://224.0.0.1/'],
    ['multicast of IPv6', () => 'http://[ff02::1]/'],
    ['broadcast', () => 'http://255.255.255.255/'],
    ['an address translated to IPv6', () => 'http://[64:ff9b::7f00:1]/'],
    ['an address in a tunnel', () => 'http://[2002:7f00:1::]/'],
  ];
  for (const [what, url] of places)
    test(`to ${what} is told nothing, once`, async () => {
      const delivery = await tried(url());
      assert.deepEqual([delivery.status, delivery.status_code, delivery.response], [notPublic, 0, { headers: null, payload: null }]);
      assert.equal(inside.received.length, 0);
    });

  test('is refused alike whether somebody listens there or not', async () => {
    const [open, closed] = [await tried(`http://127.0.0.1:${port()}/x`), await tried('http://127.0.0.1:1/')];
    assert.deepEqual([open.status, closed.status], [notPublic, notPublic]);
    await sleep(100);
    assert.equal(inside.received.length, 0, 'nor later');
  });

  test('is told when the operator opens that network, and only that one', async () => {
    await server.restart({ hooks: { every: 10 } }, { webhookAllow: ['127.0.0.0/16'] });
    for (const host of ['127.0.0.1', 'localhost', '127.1', '[::ffff:127.0.0.1]']) {
      const delivery = await tried(`http://${host}:${port()}/open/${encodeURIComponent(host)}`);
      assert.equal(delivery.status, 'OK', host);
    }
    assert.equal(inside.received.length, 4);
    for (const host of ['127.1.0.1', '10.0.0.1', '[::1]']) assert.equal((await tried(`http://${host}:${port()}/closed`)).status, notPublic);
    assert.equal(inside.received.length, 4);
  });

  test('by a redirect is told nothing', async () => {
    await using outside = await HookReceiver.open();
    outside.answer = (_request, response) => void response.writeHead(302, { location: `http://127.9.9.9:${port()}/redirected` }).end();
    const before = inside.received.length;
    const delivery = await tried(outside.url());
    assert.deepEqual([delivery.status_code, delivery.status], [302, 'Invalid HTTP Response: 302']);
    await sleep(100);
    assert.equal(inside.received.length, before);
  });
});
