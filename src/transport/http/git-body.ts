import type { IncomingMessage } from 'node:http';
import { Readable } from 'node:stream';
import { createGunzip } from 'node:zlib';
import { ProtocolError } from '#git/pkt-line.ts';

const maximumUnread = 64 * 1024 * 1024;

/** How a request's bytes are compressed; null: in a way that we cannot undo. */
export function compressionOf({ headers }: IncomingMessage): 'none' | 'gzip' | null {
  const encoding = (headers['content-encoding'] ?? 'identity').trim().toLowerCase();
  if (encoding === 'identity' || encoding === '') return 'none';
  return encoding === 'gzip' || encoding === 'x-gzip' ? 'gzip' : null;
}

/** The request's bytes as they were before compression. */
export function gitBody(request: IncomingMessage): Readable {
  return compressionOf(request) === 'gzip' ? Readable.from(inflate(request), { objectMode: false }) : request;
}

/** The same, cut off where it is longer than what it is for: kilobytes on the wire can be gigabytes when they are unfolded. */
export function boundedGitBody(request: IncomingMessage, maximumBytes: number): Readable {
  return Readable.from(bounded(gitBody(request), maximumBytes), { objectMode: false });
}

async function* bounded(body: Readable, maximumBytes: number): AsyncGenerator<Buffer> {
  let bytes = 0;
  // A body that is left is not hung up on: the client has still to be told.
  for await (const chunk of body.iterator({ destroyOnReturn: false })) {
    bytes += (chunk as Buffer).length;
    if (bytes > maximumBytes) throw new ProtocolError(`the request is longer than ${maximumBytes} bytes`);
    yield chunk as Buffer;
  }
}

/** Piped by hand, because `pipeline` would hang up on a client that has still to be told what was wrong. */
async function* inflate(request: IncomingMessage): AsyncGenerator<Buffer> {
  const plain = request.pipe(createGunzip());
  const leave = (): void => {
    if (!request.complete) plain.destroy(new Error('the client has left'));
  };
  request.once('close', leave);
  try {
    yield* plain as AsyncIterable<Buffer>;
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code?.startsWith('Z_')) throw new ProtocolError('the compressed body cannot be read');
    throw error;
  } finally {
    request.off('close', leave);
  }
}

/**
 * Reads and drops what the client is still sending: it reads the answer only when it has sent everything, and its connection is used
 * again. Whoever sends more than that is cut off.
 */
export function dropRest(request: IncomingMessage, maximumBytes = maximumUnread): void {
  let bytes = 0;
  request.unpipe();
  // A stream that somebody reads piece by piece does not flow.
  request.removeAllListeners('readable');
  request.on('data', (chunk: Buffer) => {
    bytes += chunk.length;
    if (bytes > maximumBytes) request.socket.destroy();
  });
}
