import { chmod, rm } from 'node:fs/promises';
import net, { type Server, type Socket } from 'node:net';
import { join } from 'node:path';

/** A command on its way to a running server. */
export interface AdminRequest {
  readonly argv: readonly string[];
  readonly osUser: string;
  readonly attached: Readonly<Record<string, string>>;
}

/** What comes back, line by line; the last one is the exit code. */
type AdminAnswer = { readonly out: string } | { readonly err: string } | { readonly code: number };

type Run = (
  argv: readonly string[],
  osUser: string,
  attached: Readonly<Record<string, string>>,
  io: { out(text: string): void; err(text: string): void },
) => Promise<number>;

interface Log {
  error(fields: Record<string, unknown>, message: string): void;
}

const maximumRequest = 4 * 1024 * 1024;

function adminSocketPath(data: string): string {
  return join(data, 'admin.sock');
}

/**
 * Where the command line reaches the running server: a socket that only the server's own user may open (0600). Who can write there could as well read
 * the store, so what it says about itself is believed, and recorded.
 */
export class AdminSocket {
  readonly #server: Server;
  readonly #path: string;
  /** Connections that have not said what they want. Stopping does not wait for those. */
  readonly #silent: ReadonlySet<Socket>;

  private constructor(server: Server, path: string, silent: ReadonlySet<Socket>) {
    this.#server = server;
    this.#path = path;
    this.#silent = silent;
  }

  static async open(data: string, run: Run, log: Log): Promise<AdminSocket> {
    const path = adminSocketPath(data);
    await rm(path, { force: true });
    const silent = new Set<Socket>();
    const server = net.createServer((socket) => {
      silent.add(socket);
      // Whoever leaves in the middle of a command ends the connection, not the server; the command ends by itself.
      socket.on('error', () => socket.destroy());
      serve(socket, run, () => silent.delete(socket)).catch((error: unknown) => {
        silent.delete(socket);
        log.error({ error }, 'a command on the admin socket failed');
        socket.destroy();
      });
    });
    const listening = new Promise<void>((resolve, reject) => {
      server.once('error', reject);
      server.once('listening', resolve);
    });
    // Nobody may open it in the moment before its mode is set. The socket is made in this very call, and nothing else under this mask.
    const mask = process.umask(0o177);
    try {
      server.listen(path);
    } finally {
      process.umask(mask);
    }
    await listening;
    await chmod(path, 0o600);
    return new AdminSocket(server, path, silent);
  }

  /** Lets commands that are under way end. */
  async close(): Promise<void> {
    const closed = new Promise<void>((resolve) => this.#server.close(() => resolve()));
    for (const socket of this.#silent) socket.destroy();
    await closed;
    await rm(this.#path, { force: true });
  }
}

async function serve(socket: Socket, run: Run, onRequest: () => void): Promise<void> {
  const request = await readRequest(socket);
  onRequest();
  const answer = (one: AdminAnswer): void => {
    if (!socket.destroyed) socket.write(`${JSON.stringify(one)}\n`);
  };
  const code = await run(request.argv, request.osUser, request.attached, { out: (out) => answer({ out }), err: (err) => answer({ err }) });
  answer({ code });
  socket.end();
}

async function readRequest(socket: Socket): Promise<AdminRequest> {
  const chunks: Buffer[] = [];
  let size = 0;
  for await (const chunk of socket.iterator({ destroyOnReturn: false })) {
    chunks.push(chunk as Buffer);
    size += (chunk as Buffer).length;
    if (size > maximumRequest) throw new Error('the request is too large');
    if ((chunk as Buffer).includes(10)) break;
  }
  try {
    return JSON.parse(Buffer.concat(chunks).toString('utf8')) as AdminRequest;
  } catch {
    // The parser's own words repeat what it read, which may be a password, and would go into the log.
    throw new Error('the request is not JSON');
  }
}

/** Sends a command to a running server. Null: none is running. */
export async function askServer(
  data: string,
  request: AdminRequest,
  io: { out(text: string): void; err(text: string): void },
): Promise<number | null> {
  const socket = net.createConnection(adminSocketPath(data));
  const isRunning = await new Promise<boolean>((resolve, reject) => {
    socket.once('connect', () => resolve(true));
    socket.once('error', (error: NodeJS.ErrnoException) =>
      error.code === 'ENOENT' || error.code === 'ECONNREFUSED' ? resolve(false) : reject(error),
    );
  });
  if (!isRunning) return null;
  socket.write(`${JSON.stringify(request)}\n`);
  let rest = '';
  for await (const chunk of socket.setEncoding('utf8')) {
    const lines = (rest + (chunk as string)).split('\n');
    rest = lines.pop() ?? '';
    for (const line of lines) {
      const answer = JSON.parse(line) as AdminAnswer;
      if ('code' in answer) return answer.code;
      if ('out' in answer) io.out(answer.out);
      else io.err(answer.err);
    }
  }
  throw new Error('the server closed the connection before the command had ended');
}
