import http from 'node:http';
import type { AddressInfo } from 'node:net';
import { github } from '#api/github/dialect.ts';
import { deliveryHeaders } from '#api/github/hooks/headers.ts';
import { messagesOf } from '#api/github/hooks/payloads.ts';
import { native } from '#api/native/dialect.ts';
import { runCommand } from '#cli/run-command.ts';
import type { Config } from '#config.ts';
import { Slots } from '#gate/slots.ts';
import { gateJobs } from '#jobs/gate-jobs.ts';
import { hookJobs } from '#jobs/hook-jobs.ts';
import { Scheduler } from '#jobs/scheduler.ts';
import type { Caller } from '#model/caller.ts';
import { type DemoCredentials, prepareDemo } from '#operations/server/demo.ts';
import { type FirstCredentials, prepareFirstStart } from '#operations/server/first-start.ts';
import { AddressGuard } from '#outbound/address-guard.ts';
import { HookCourier } from '#outbound/hook-courier.ts';
import { AdminSocket } from '#transport/admin-socket.ts';
import { FailedLogins } from '#transport/http/failed-logins.ts';
import { FetchDoor } from '#transport/http/fetch.ts';
import { GitHttp } from '#transport/http/git-http.ts';
import { RateLimit } from '#transport/http/rate-limit.ts';
import { HttpServer } from '#transport/http/server.ts';
import { Metrics } from '#transport/metrics.ts';
import { type House, openHouse, type Seams, VERSION } from './compose.ts';

export interface RunningServer {
  /** As clients reach it. */
  readonly url: string;
  readonly house: House;
  /** Of the very first start; null on every other. */
  readonly first: FirstCredentials | null;
  readonly demo: DemoCredentials | null;
  /** Takes no new requests, lets the running ones end, closes everything. */
  close(): Promise<void>;
}

/** Each fetch that gets objects is a git process, for as long as the client takes to receive them. */
const fetchLimits = { total: 128, perAccount: 32, patienceMilliseconds: 60_000 };

/** Opens the house and starts to listen. `osUser` stands in the record for what the start itself does. */
export async function startServer(config: Config, osUser: string, seams: Seams = {}): Promise<RunningServer> {
  const house = await openHouse(config, seams);
  const { context, gate, git, log } = house;
  const closers: (() => Promise<void>)[] = [() => house.close()];
  const closeAll = async (): Promise<void> => {
    for (const close of closers.toReversed()) await close();
  };
  try {
    const operator: Caller = { kind: 'operator', osUser, request: { id: 'start', address: null, userAgent: null } };
    const demo = config.demo ? await prepareDemo(context, operator) : null;
    const first = demo === null ? await prepareFirstStart(context, operator) : null;
    const metrics = new Metrics(() => git.started);
    const parts = { context, failedLogins: new FailedLogins(), rateLimit: new RateLimit(config.requestsPerHour), metrics, log };
    const gitHttp = new GitHttp(parts, new FetchDoor(git, gate, new Slots(fetchLimits), log), `sallyport/${VERSION}`);
    const settings = {
      listen: config.listen,
      tls: config.tls,
      publicUrl: config.publicUrl,
      trustedProxies: config.trustedProxies,
      servesMetrics: config.metricsHost === null,
    };
    const isReady = (): Promise<boolean> =>
      context.store.read.audit.readHead().then(
        () => true,
        () => false,
      );
    const server = new HttpServer(settings, { ...parts, git: gitHttp, dialects: [github, native], isReady });
    const bound = await server.listen();
    closers.push(() => server.close());
    house.setPublicUrl(bound);
    const socket = await AdminSocket.open(config.data, (argv, user, input, io) => runCommand(context, argv, user, input, io), log);
    closers.push(() => socket.close());
    const scheduler = new Scheduler([...gateJobs(gate), ...hookJobs(context.store)], log);
    closers.push(() => scheduler.close());
    const courier = new HookCourier(courierParts(house, config), seams.hooks);
    closers.push(() => courier[Symbol.asyncDispose]());
    if (config.metricsHost !== null) closers.push(await serveMetrics(config.metricsHost, metrics));
    return { url: config.publicUrl ?? bound, house, first, demo, close: closeAll };
  } catch (error) {
    await closeAll();
    throw error;
  }
}

function courierParts({ context, log }: House, { webhookAllow }: Config): ConstructorParameters<typeof HookCourier>[0] {
  return {
    store: context.store,
    voice: {
      messagesOf: (told) => messagesOf(context, told),
      headersOf: (hook, delivery, signatures) => deliveryHeaders(context.server, hook, delivery, signatures),
    },
    guard: new AddressGuard(webhookAllow),
    unseal: context.unseal,
    log,
  };
}

const defaultMetricsPort = 7421;

/** Metrics on an address of their own: `host` or `host:port`. */
async function serveMetrics(address: string, metrics: Metrics): Promise<() => Promise<void>> {
  const { hostname, port } = new URL(`http://${address}`);
  const server = http.createServer((request, response) => {
    if (request.url !== '/metrics') return void response.writeHead(404).end();
    void metrics.text().then((text) => response.writeHead(200, { 'content-type': metrics.contentType }).end(text));
  });
  await new Promise<void>((resolve, reject) => {
    server.once('error', reject);
    server.listen(port === '' ? defaultMetricsPort : Number(port), hostname.replace(/^\[|\]$/g, ''), resolve);
  });
  void (server.address() as AddressInfo);
  return () => new Promise((resolve) => server.close(() => resolve()));
}
