import { createHash } from 'node:crypto';
import { deflateSync } from 'node:zlib';

export interface RawEntry {
  /** 1 commit, 2 tree, 3 blob, 4 tag, 7 delta on an object named by its id. */
  readonly type: 1 | 2 | 3 | 4 | 7;
  readonly data: Buffer;
  /** Of a delta: what it is made from. */
  readonly base?: string;
  /** Said instead of the truth. */
  readonly declaredSize?: number;
}

export interface RawPackLies {
  readonly count?: number;
  readonly version?: number;
  readonly checksum?: Buffer;
}

/** A pack put together entry by entry, which may lie about everything. */
export function rawPack(entries: readonly RawEntry[], { count = entries.length, version = 2, checksum }: RawPackLies = {}): Buffer {
  const header = Buffer.alloc(12);
  header.write('PACK');
  header.writeUInt32BE(version, 4);
  header.writeUInt32BE(count, 8);
  const bytes = Buffer.concat([header, ...entries.flatMap(entryParts)]);
  return Buffer.concat([bytes, checksum ?? createHash('sha1').update(bytes).digest()]);
}

/** With a checksum that is right, whatever was done to the pack before it. */
export function resealed(pack: Buffer): Buffer {
  const bytes = pack.subarray(0, -20);
  return Buffer.concat([bytes, createHash('sha1').update(bytes).digest()]);
}

/** A delta that copies its whole base, again and again. */
export function repeatingDelta(baseBytes: number, times: number): Buffer {
  const copy = Buffer.from([0x80 | 0x10 | 0x20 | 0x40, baseBytes & 0xff, (baseBytes >> 8) & 0xff, (baseBytes >> 16) & 0xff]);
  return Buffer.concat([sizeOf(baseBytes), sizeOf(baseBytes * times), ...Array.from({ length: times }, () => copy)]);
}

export function objectId(type: string, data: Buffer): string {
  return createHash('sha1').update(`${type} ${data.length}\0`).update(data).digest('hex');
}

function entryParts({ type, data, base, declaredSize = data.length }: RawEntry): Buffer[] {
  const head: number[] = [(type << 4) | (declaredSize % 16)];
  for (let rest = Math.floor(declaredSize / 16); rest > 0; rest = Math.floor(rest / 128)) {
    head[head.length - 1]! |= 0x80;
    head.push(rest % 128);
  }
  return [Buffer.from(head), Buffer.from(base ?? '', 'hex'), deflateSync(data)];
}

function sizeOf(value: number): Buffer {
  const bytes: number[] = [];
  let rest = value;
  for (; rest >= 128; rest = Math.floor(rest / 128)) bytes.push((rest % 128) | 0x80);
  return Buffer.from([...bytes, rest]);
}
