import { createHash } from 'node:crypto';
import { promisify } from 'node:util';
import { deflate } from 'node:zlib';
import type { NewObject } from '#model/git-object.ts';
import type { ObjectFormat } from '#model/ref-update.ts';

const compress = promisify(deflate);
const typeNumbers: Record<NewObject['type'], number> = { commit: 1, tree: 2, blob: 3, tag: 4 };

/** Objects as a pack, so that what the server writes comes in by the same way as what is pushed to it. */
export async function* packOf(objects: readonly NewObject[], format: ObjectFormat): AsyncGenerator<Buffer> {
  const unique = [...new Map(objects.map((object) => [object.id, object])).values()];
  const hash = createHash(format);
  const header = Buffer.alloc(12);
  header.write('PACK');
  header.writeUInt32BE(2, 4);
  header.writeUInt32BE(unique.length, 8);
  hash.update(header);
  yield header;
  for (const { type, data } of unique) {
    const entry = Buffer.concat([entryHeader(typeNumbers[type], data.length), await compress(data)]);
    hash.update(entry);
    yield entry;
  }
  yield hash.digest();
}

/** Type in bits 4 to 6 of the first byte, size in what is left of it and seven bits a byte after. */
function entryHeader(type: number, size: number): Buffer {
  const bytes: number[] = [];
  let byte = (type << 4) | (size & 0x0f);
  for (let rest = Math.floor(size / 16); rest > 0; rest = Math.floor(rest / 128)) {
    bytes.push(byte | 0x80);
    byte = rest & 0x7f;
  }
  return Buffer.from([...bytes, byte]);
}
