/** Reads and writes the strings and numbers of SSH's binary formats (RFC 4251 section 5). */
export class SshWireReader {
  readonly #data: Buffer;
  #at = 0;

  constructor(data: Buffer) {
    this.#data = data;
  }

  byte(): number {
    return this.#take(1)[0]!;
  }

  uint32(): number {
    return this.#take(4).readUInt32BE();
  }

  string(): Buffer {
    return this.#take(this.uint32());
  }

  bytes(count: number): Buffer {
    return this.#take(count);
  }

  get isAtEnd(): boolean {
    return this.#at === this.#data.length;
  }

  #take(count: number): Buffer {
    if (this.#at + count > this.#data.length) throw new RangeError('the SSH data ends early');
    const taken = this.#data.subarray(this.#at, this.#at + count);
    this.#at += count;
    return taken;
  }
}

export function sshString(value: string | Buffer): Buffer {
  const bytes = typeof value === 'string' ? Buffer.from(value) : value;
  const length = Buffer.alloc(4);
  length.writeUInt32BE(bytes.length);
  return Buffer.concat([length, bytes]);
}

export function sshUint32(value: number): Buffer {
  const bytes = Buffer.alloc(4);
  bytes.writeUInt32BE(value);
  return bytes;
}
