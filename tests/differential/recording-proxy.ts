import http from 'node:http';
import type { AddressInfo } from 'node:net';

export interface RecordedPush {
  readonly body: Buffer;
  readonly status: number;
  readonly response: Buffer;
}

/** Stands between a real client and a server and keeps the bytes of every push. Carries the client's credentials. */
export class RecordingProxy implements AsyncDisposable {
  readonly url: string;
  readonly pushes: RecordedPush[] = [];
  readonly #server: http.Server;

  private constructor(url: string, server: http.Server) {
    this.url = url;
    this.#server = server;
  }

  static async open(target: string, authorization: string): Promise<RecordingProxy> {
    const server = http.createServer();
    await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
    const proxy = new RecordingProxy(`http://127.0.0.1:${(server.address() as AddressInfo).port}/r.git`, server);
    server.on('request', (request: http.IncomingMessage, response: http.ServerResponse) => {
      proxy.#forward(target, authorization, request, response).catch((error: unknown) => response.destroy(error as Error));
    });
    return proxy;
  }

  async #forward(target: string, authorization: string, request: http.IncomingMessage, response: http.ServerResponse): Promise<void> {
    const path = request.url!.slice('/r.git'.length);
    const chunks: Buffer[] = [];
    for await (const chunk of request) chunks.push(chunk as Buffer);
    const body = Buffer.concat(chunks);
    const headers = new Headers({ authorization });
    for (const name of ['content-type', 'content-encoding', 'git-protocol']) {
      const value = request.headers[name];
      if (typeof value === 'string') headers.set(name, value);
    }
    const answer = await fetch(target + path, { method: request.method!, headers, ...(body.length > 0 && { body: new Uint8Array(body) }) });
    const answered = Buffer.from(await answer.arrayBuffer());
    if (path === '/git-receive-pack') this.pushes.push({ body, status: answer.status, response: answered });
    response.writeHead(answer.status, { 'content-type': answer.headers.get('content-type') ?? 'text/plain' });
    response.end(answered);
  }

  async [Symbol.asyncDispose](): Promise<void> {
    this.#server.closeAllConnections();
    await new Promise((resolve) => this.#server.close(resolve));
  }
}
