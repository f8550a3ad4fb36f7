import { createHmac } from 'node:crypto';
import http from 'node:http';
import https from 'node:https';
import type { AddressInfo } from 'node:net';
import { buffer } from 'node:stream/consumers';
import { setTimeout as sleep } from 'node:timers/promises';

/** One request that came in. */
export interface Received {
  readonly path: string;
  readonly headers: http.IncomingHttpHeaders;
  readonly body: Buffer;
  readonly event: string;
  // biome-ignore lint/suspicious/noExplicitAny: tests look at payloads of every shape
  readonly payload: any;
}

interface TlsOptions {
  readonly cert: string;
  readonly key: string;
}

type Answer = (request: Received, response: http.ServerResponse) => void;

/** Somebody's server that hooks tell things, on loopback. */
export class HookReceiver implements AsyncDisposable {
  readonly received: Received[] = [];
  /** What it does with a request; 200 unless a test says otherwise. */
  answer: Answer = (_request, response) => void response.writeHead(200).end('thanks');
  readonly #server: http.Server | https.Server;
  readonly #scheme: 'http' | 'https';

  private constructor(tls: TlsOptions | null) {
    const take = (request: http.IncomingMessage, response: http.ServerResponse): void => void this.#take(request, response);
    this.#server = tls === null ? http.createServer(take) : https.createServer(tls, take);
    this.#scheme = tls === null ? 'http' : 'https';
  }

  static async open(tls: TlsOptions | null = null): Promise<HookReceiver> {
    const receiver = new HookReceiver(tls);
    await new Promise<void>((resolve) => receiver.#server.listen(0, '127.0.0.1', resolve));
    return receiver;
  }

  get port(): number {
    return (this.#server.address() as AddressInfo).port;
  }

  url(path = '/hook'): string {
    return `${this.#scheme}://127.0.0.1:${this.port}${path}`;
  }

  async #take(request: http.IncomingMessage, response: http.ServerResponse): Promise<void> {
    const body = await buffer(request);
    const isForm = request.headers['content-type'] === 'application/x-www-form-urlencoded';
    const text = isForm ? (new URLSearchParams(body.toString()).get('payload') ?? '') : body.toString();
    const one = {
      path: request.url ?? '',
      headers: request.headers,
      body,
      event: String(request.headers['x-github-event']),
      payload: JSON.parse(text),
    };
    this.received.push(one);
    this.answer(one, response);
  }

  /** Events at a path, in the order they came. */
  at(path: string): Received[] {
    return this.received.filter((one) => one.path === path);
  }

  /** Waits until so many of an event have come to a path. */
  async until(path: string, event: string, count = 1): Promise<Received[]> {
    const found = (): Received[] => this.at(path).filter((one) => one.event === event);
    for (let waited = 0; found().length < count; waited += 20) {
      if (waited > 15_000) throw new Error(`${path} has heard ${this.at(path).map((one) => one.event)} and not ${count} of ${event}`);
      await sleep(20);
    }
    return found();
  }

  async [Symbol.asyncDispose](): Promise<void> {
    this.#server.closeAllConnections();
    await new Promise((resolve) => this.#server.close(resolve));
  }
}

export function signature(algorithm: 'sha1' | 'sha256', secret: string, body: Buffer): string {
  return `${algorithm}=${createHmac(algorithm, secret).update(body).digest('hex')}`;
}
