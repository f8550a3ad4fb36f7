import type { Readable } from 'node:stream';

/** The longest pkt-line: four digits of length, and data. */
const maximumLine = 65520;
export const flush = Buffer.from('0000');

/** The client's bytes are not the protocol. */
export class ProtocolError extends Error {
  constructor(message: string) {
    super(message);
    this.name = 'ProtocolError';
  }
}

export type Packet = { readonly kind: 'data'; readonly data: Buffer } | { readonly kind: 'flush' | 'delimiter' | 'response-end' };

export function pktLine(data: string | Buffer): Buffer {
  const bytes = typeof data === 'string' ? Buffer.from(data) : data;
  if (bytes.length + 4 > maximumLine) throw new RangeError('a pkt-line holds at most 65516 bytes');
  return Buffer.concat([Buffer.from((bytes.length + 4).toString(16).padStart(4, '0')), bytes]);
}

/** Data for one band of a multiplexed stream, split into as many lines as it needs. */
export function sideband(band: 1 | 2 | 3, data: Buffer): Buffer {
  const chunk = maximumLine - 5;
  const lines: Buffer[] = [];
  for (let at = 0; at < data.length; at += chunk) lines.push(pktLine(Buffer.concat([Buffer.from([band]), data.subarray(at, at + chunk)])));
  return Buffer.concat(lines);
}

/** Reads pkt-lines from a stream and, after them, whatever follows as raw bytes. Counts what it read. */
export class PktReader {
  readonly #source: AsyncIterator<Buffer>;
  #buffer: Buffer = Buffer.alloc(0);
  bytesRead = 0;

  constructor(source: Readable) {
    this.#source = source[Symbol.asyncIterator]() as AsyncIterator<Buffer>;
  }

  /** Null at the clean end of the stream. */
  async next(): Promise<Packet | null> {
    if (!(await this.#fill(4))) {
      if (this.#buffer.length > 0) throw new ProtocolError('the stream ends within a pkt-line length');
      return null;
    }
    const digits = this.#take(4).toString('latin1');
    if (!/^[0-9a-fA-F]{4}$/.test(digits)) throw new ProtocolError('a pkt-line does not begin with its length');
    const length = Number.parseInt(digits, 16);
    if (length === 0) return { kind: 'flush' };
    if (length === 1) return { kind: 'delimiter' };
    if (length === 2) return { kind: 'response-end' };
    if (length < 4 || length > maximumLine) throw new ProtocolError(`a pkt-line of impossible length ${length}`);
    if (!(await this.#fill(length - 4))) throw new ProtocolError('the stream ends within a pkt-line');
    return { kind: 'data', data: this.#take(length - 4) };
  }

  /** Everything after the lines read so far. */
  async *rest(): AsyncGenerator<Buffer> {
    if (this.#buffer.length > 0) yield this.#take(this.#buffer.length);
    for (let chunk = await this.#source.next(); !chunk.done; chunk = await this.#source.next()) {
      this.bytesRead += chunk.value.length;
      yield chunk.value;
    }
  }

  async #fill(bytes: number): Promise<boolean> {
    const chunks: Buffer[] = [this.#buffer];
    let size = this.#buffer.length;
    while (size < bytes) {
      const chunk = await this.#source.next();
      if (chunk.done) break;
      chunks.push(chunk.value);
      size += chunk.value.length;
    }
    if (chunks.length > 1) this.#buffer = Buffer.concat(chunks);
    return this.#buffer.length >= bytes;
  }

  #take(bytes: number): Buffer {
    const taken = this.#buffer.subarray(0, bytes);
    this.#buffer = this.#buffer.subarray(bytes);
    this.bytesRead += bytes;
    return taken;
  }
}
