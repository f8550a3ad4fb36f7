import { readFileSync } from 'node:fs';
import { chmod, rm } from 'node:fs/promises';
import http, { type IncomingMessage, type RequestListener, type ServerResponse } from 'node:http';
import https from 'node:https';
import type { AddressInfo } from 'node:net';
import Fastify, { type FastifyInstance, type FastifyReply, type FastifyRequest } from 'fastify';
import type { Dialect } from '#api/route.ts';
import { Api, type ApiParts } from './api.ts';
import { originOf } from './authenticate.ts';
import { type GitHttp, parseGitUrl } from './git-http.ts';

export interface HttpSettings {
  readonly listen: { readonly host: string; readonly port: number } | { readonly unixSocket: string };
  readonly tls: { readonly cert: string; readonly key: string } | null;
  readonly publicUrl: string | null;
  readonly trustedProxies: readonly string[];
  /** Whether this listener also answers /metrics. */
  readonly servesMetrics: boolean;
}

export interface HttpParts extends ApiParts {
  readonly git: GitHttp;
  readonly dialects: readonly Dialect[];
  /** Whether everything that a request needs answers. */
  readonly isReady: () => Promise<boolean>;
}

const idleMilliseconds = 5 * 60_000;
const millisecondsBetweenSweeps = 50;

/** One listener for everything: git, the dialects, health. Closed with `await using` or `close`. */
export class HttpServer {
  readonly #app: FastifyInstance;
  readonly #settings: HttpSettings;
  /** Requests that have not been answered to the end. */
  #running = 0;

  constructor(settings: HttpSettings, parts: HttpParts) {
    this.#settings = settings;
    this.#app = build(settings, parts);
    this.#app.server.on('request', (_request, response: ServerResponse) => {
      this.#running++;
      response.once('close', () => this.#running--);
    });
  }

  /** Starts to listen. The URL under which clients reach it. */
  async listen(): Promise<string> {
    const { listen, tls } = this.#settings;
    if ('unixSocket' in listen) {
      await rm(listen.unixSocket, { force: true });
      await this.#app.listen({ path: listen.unixSocket });
      await chmod(listen.unixSocket, 0o660);
      return `unix:${listen.unixSocket}`;
    }
    await this.#app.listen(listen);
    const { port } = this.#app.server.address() as AddressInfo;
    const host = listen.host.includes(':') ? `[${listen.host}]` : listen.host;
    return `${tls === null ? 'http' : 'https'}://${host}:${port}`;
  }

  /** Takes no new connections and waits for the requests that are under way. */
  async close(): Promise<void> {
    // Connections that are kept for a next request, or never sent one, must not keep us; Node itself waits for the latter.
    const sweep = setInterval(() => {
      if (this.#running === 0) this.#app.server.closeAllConnections();
      else this.#app.server.closeIdleConnections();
    }, millisecondsBetweenSweeps);
    try {
      await this.#app.close();
    } finally {
      clearInterval(sweep);
    }
  }

  [Symbol.asyncDispose](): Promise<void> {
    return this.close();
  }
}

function build(settings: HttpSettings, parts: HttpParts): FastifyInstance {
  const app = Fastify({
    forceCloseConnections: 'idle',
    serverFactory: (handler) => createServer(settings, parts, handler),
    routerOptions: { ignoreTrailingSlash: true },
    // The framework refuses what it cannot decode before any route is asked; to a dialect that is an address where nothing is.
    frameworkErrors: (_error, request, reply) => {
      const asked = apis.find(({ prefix }) => (request.raw.url ?? '').startsWith(`${prefix}/`));
      void (asked ? answer(asked.api, request, reply) : badAddress(reply));
    },
  });
  const apis = parts.dialects.map((dialect) => ({ prefix: dialect.prefix, api: new Api(dialect, parts) }));
  const answer = async (api: Api, { raw }: FastifyRequest, reply: FastifyReply): Promise<FastifyReply> => {
    const { status, headers, body } = await api.answer(raw, originOf(raw, settings.trustedProxies), baseUrl(settings, raw));
    return reply
      .code(status)
      .headers(headers)
      .send(body ?? undefined);
  };
  // Bodies are read by whoever knows how large they may be.
  app.removeAllContentTypeParsers();
  app.addContentTypeParser('*', (_request, payload, done) => done(null, payload));
  for (const { prefix, api } of apis)
    for (const url of [prefix, `${prefix}/*`]) app.all(url, (request, reply) => answer(api, request, reply));
  app.get('/healthz', (_request, reply) => reply.send({ status: 'ok' }));
  app.get('/readyz', async (_request, reply) =>
    (await parts.isReady()) ? reply.send({ status: 'ready' }) : reply.code(503).send({ status: 'not ready' }),
  );
  if (settings.servesMetrics)
    app.get('/metrics', async (_request, reply) => reply.type(parts.metrics.contentType).send(await parts.metrics.text()));
  app.get('/', (_request, reply) =>
    reply
      .type('text/plain; charset=utf-8')
      .send(`Sallyport ${parts.context.server.version}. The API is at /api/v3 and /api/sallyport/v1.\n`),
  );
  app.setNotFoundHandler((_request, reply) =>
    reply.code(404).send({ message: 'Not Found', documentation_url: 'https://docs.github.com/rest', status: '404' }),
  );
  app.setErrorHandler((error, _request, reply) => {
    const status = (error as { statusCode?: number }).statusCode;
    if (status !== undefined && status < 500)
      return reply.code(status).send({ message: 'Bad Request', documentation_url: 'https://docs.github.com/rest', status: String(status) });
    parts.log.error({ error }, 'a request failed by our own fault');
    return reply.code(500).send({ message: 'Server Error', documentation_url: 'https://docs.github.com/rest', status: '500' });
  });
  return app;
}

function badAddress(reply: FastifyReply): FastifyReply {
  return reply.code(400).type('text/plain; charset=utf-8').send('Bad Request\n');
}

/** Git's paths go past the framework. Node's own limit on the time of a request would cut long uploads off; idle ones end. */
function createServer(settings: HttpSettings, parts: HttpParts, handler: RequestListener): http.Server {
  const listener = (request: IncomingMessage, response: ServerResponse): void => {
    const asked = parseGitUrl(request.url ?? '');
    if (asked === null) handler(request, response);
    else void parts.git.handle(asked, request, response, originOf(request, settings.trustedProxies));
  };
  const { tls } = settings;
  const server =
    tls === null
      ? http.createServer(listener)
      : https.createServer({ cert: readFileSync(tls.cert), key: readFileSync(tls.key), minVersion: 'TLSv1.2' }, listener);
  server.requestTimeout = 0;
  server.setTimeout(idleMilliseconds);
  return server;
}

/** As configured, or as this client calls us. A Host that is none is not repeated into answers. */
function baseUrl({ publicUrl, tls }: HttpSettings, request: IncomingMessage): string {
  if (publicUrl !== null) return publicUrl;
  const host = request.headers.host ?? '';
  const isPossible = /^[A-Za-z0-9.-]+(:\d{1,5})?$|^\[[0-9A-Fa-f:.]+\](:\d{1,5})?$/.test(host);
  return `${tls === null ? 'http' : 'https'}://${isPossible ? host : 'localhost'}`;
}
