import { connect, createServer, type Socket } from 'node:net';
import { join } from 'node:path';
import { temporaryFolder } from '../support/folders.ts';

/** Stands between a server and its PostgreSQL, and can lose an answer on the way. */
export class PostgresProxy implements AsyncDisposable {
  /** The database's URL, through the proxy. */
  readonly url: string;
  readonly #parts: AsyncDisposableStack;
  #losing = false;

  private constructor(url: string, parts: AsyncDisposableStack) {
    this.url = url;
    this.#parts = parts;
  }

  static async open(database: string): Promise<PostgresProxy> {
    await using parts = new AsyncDisposableStack();
    const folder = parts.use(await temporaryFolder('proxy-'));
    const url = new URL(database);
    const target = join(url.searchParams.get('host')!, socketName);
    url.searchParams.set('host', folder.path);
    const sockets = new Set<Socket>();
    const listener = createServer((client) => {
      const upstream = connect(target);
      for (const socket of [client, upstream]) {
        sockets.add(socket);
        socket.on('error', () => socket.destroy());
        socket.on('close', () => sockets.delete(socket));
      }
      proxy.#join(client, upstream);
    });
    await new Promise<void>((resolve) => listener.listen(join(folder.path, socketName), resolve));
    parts.defer(() => {
      for (const socket of sockets) socket.destroy();
      return new Promise((resolve) => listener.close(() => resolve()));
    });
    const proxy: PostgresProxy = new PostgresProxy(url.href, parts.move());
    return proxy;
  }

  /** The next transaction is committed, and whoever committed it never hears of it. */
  loseNextCommit(): void {
    this.#losing = true;
  }

  #join(client: Socket, upstream: Socket): void {
    let isLost = false;
    client.on('data', (chunk) => {
      if (this.#losing && /\bcommit\0/.test(chunk.toString('latin1'))) {
        this.#losing = false;
        isLost = true;
      }
      upstream.write(chunk);
    });
    upstream.on('data', (chunk) => {
      if (isLost) client.destroy();
      else client.write(chunk);
    });
    client.on('close', () => upstream.destroy());
    upstream.on('close', () => client.destroy());
  }

  [Symbol.asyncDispose](): PromiseLike<void> {
    return this.#parts[Symbol.asyncDispose]();
  }
}

const socketName = '.s.PGSQL.5432';
