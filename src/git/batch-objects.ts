import type { Readable } from 'node:stream';
import type { ObjectId } from '#model/ref-update.ts';
import { giveBack } from './give-back.ts';

type ObjectType = 'commit' | 'tree' | 'blob' | 'tag';

export interface GitObject {
  readonly id: ObjectId;
  readonly type: ObjectType;
  readonly data: Buffer;
}

export interface ObjectInfo {
  readonly id: ObjectId;
  readonly type: ObjectType;
  readonly bytes: number;
}

interface Expected {
  readonly withData: boolean;
  resolve(object: (ObjectInfo & { readonly data: Buffer | null }) | null): void;
  reject(error: Error): void;
}

/** Reads the answers of `git cat-file --batch-command`, in the order of the questions. Frames by length, never by content. */
export class BatchAnswers {
  readonly #expected: Expected[] = [];
  #chunks: Buffer[] = [];
  #have = 0;
  #header: ObjectInfo | null = null;

  constructor(stdout: Readable) {
    stdout.on('data', (chunk: Buffer) => {
      this.#chunks.push(chunk);
      this.#have += chunk.length;
      this.#read();
    });
    stdout.on('close', () => this.fail(new Error('git cat-file ended')));
  }

  expect(withData: boolean): Promise<(ObjectInfo & { readonly data: Buffer | null }) | null> {
    return new Promise((resolve, reject) => this.#expected.push({ withData, resolve, reject }));
  }

  get waiting(): number {
    return this.#expected.length;
  }

  fail(error: Error): void {
    for (const expected of this.#expected.splice(0)) expected.reject(error);
  }

  #read(): void {
    for (let next = this.#expected[0]; next !== undefined; next = this.#expected[0]) {
      if (this.#header === null && !this.#readHeader(next)) return;
      const header = this.#header as ObjectInfo | null;
      if (header === null) continue;
      // The data is followed by a newline.
      if (this.#have < header.bytes + 1) return;
      const bytes = this.#joined();
      const data = Buffer.from(bytes.subarray(0, header.bytes));
      this.#keep(bytes, header.bytes + 1);
      this.#header = null;
      this.#expected.shift();
      next.resolve({ ...header, data });
    }
  }

  /** False: more bytes are needed. A question that is answered by its header alone is settled here. */
  #readHeader(next: Expected): boolean {
    const bytes = this.#joined();
    const end = bytes.indexOf(10);
    if (end < 0) {
      this.#keep(bytes, 0);
      return false;
    }
    const line = bytes.toString('latin1', 0, end);
    this.#keep(bytes, end + 1);
    const match = /^([0-9a-f]{40,64}) (commit|tree|blob|tag) (\d+)$/.exec(line);
    const info = match === null ? null : { id: match[1]!, type: match[2] as ObjectType, bytes: Number(match[3]) };
    if (info !== null && next.withData) {
      this.#header = info;
      return true;
    }
    this.#expected.shift();
    next.resolve(info === null ? null : { ...info, data: null });
    return true;
  }

  #joined(): Buffer {
    if (this.#chunks.length !== 1) {
      const parts = this.#chunks;
      this.#chunks = [Buffer.concat(parts)];
      for (const part of parts) giveBack(part);
    }
    return this.#chunks[0]!;
  }

  #keep(bytes: Buffer, from: number): void {
    const rest = bytes.subarray(from);
    if (rest.length === 0) giveBack(bytes);
    this.#chunks = rest.length > 0 ? [rest] : [];
    this.#have = rest.length;
  }
}
