import { type Packet, type PktReader, ProtocolError } from '#git/pkt-line.ts';
import { isObjectId, isZeroId, type ObjectFormat, type RefUpdate } from '#model/ref-update.ts';
import type { GateLimits } from './gate.ts';

/** Everything a push says before its objects. */
export interface PushHead {
  readonly updates: readonly RefUpdate[];
  readonly atomic: boolean;
  /** The client reads messages beside the report. */
  readonly sideband: boolean;
  readonly wantsReport: boolean;
  /** The client wants no progress. */
  readonly quiet: boolean;
  readonly options: readonly string[];
  /** The client's history is cut off; its completeness is proved like everybody's. */
  readonly shallow: boolean;
}

const maximumOptions = 64;
const maximumOptionBytes = 4096;

/**
 * Reads the commands, capabilities and options of a push (spec/push-path.md, HEAD). Everything is bounded before it is kept. Null:
 * the client's probe before a chunked upload, or a client with nothing to push.
 */
export async function readPushHead(reader: PktReader, format: ObjectFormat, limits: GateLimits): Promise<PushHead | null> {
  const updates: RefUpdate[] = [];
  let capabilities: ReadonlySet<string> = new Set();
  let shallow = false;
  for await (const data of dataLines(reader, limits)) {
    const text = withoutNewline(data);
    if (text.startsWith('shallow ')) {
      shallow = true;
      continue;
    }
    if (text === 'push-cert' || text.startsWith('push-cert\0')) throw new ProtocolError('signed pushes are not supported by this server');
    const [line, list] = text.split('\0', 2) as [string, string | undefined];
    if (updates.length === 0) capabilities = new Set((list ?? '').split(' ').filter((one) => one !== ''));
    if (updates.length >= limits.maximumUpdates) throw new ProtocolError(`a push updates at most ${limits.maximumUpdates} refs`);
    updates.push(parseCommand(line, format));
  }
  if (updates.length === 0) return null;
  const asked = [...capabilities].find((one) => one.startsWith('object-format='))?.slice('object-format='.length) ?? 'sha1';
  if (asked !== format) throw new ProtocolError(`this repository uses ${format} object ids, the client offers ${asked}`);
  const options = capabilities.has('push-options') ? await readOptions(reader, limits) : [];
  return {
    updates,
    options,
    shallow,
    atomic: capabilities.has('atomic'),
    sideband: capabilities.has('side-band-64k'),
    quiet: capabilities.has('quiet'),
    wantsReport: capabilities.has('report-status') || capabilities.has('report-status-v2'),
  };
}

/** Whether any command brings objects; then a pack follows, an empty one perhaps. */
export function bringsPack(head: PushHead): boolean {
  return head.updates.some((update) => update.newId !== null);
}

async function readOptions(reader: PktReader, limits: GateLimits): Promise<string[]> {
  const options: string[] = [];
  for await (const data of dataLines(reader, limits)) {
    if (data.length > maximumOptionBytes) throw new ProtocolError(`a push option has at most ${maximumOptionBytes} bytes`);
    if (options.length >= maximumOptions) throw new ProtocolError(`a push has at most ${maximumOptions} options`);
    options.push(withoutNewline(data));
  }
  return options;
}

/** The data lines up to the next flush. */
async function* dataLines(reader: PktReader, limits: GateLimits): AsyncGenerator<Buffer> {
  for (let packet: Packet | null = await reader.next(); packet !== null; packet = await reader.next()) {
    if (packet.kind === 'flush') return;
    if (packet.kind !== 'data') throw new ProtocolError('an unexpected packet before the pack');
    if (reader.bytesRead > limits.maximumHeadBytes) throw new ProtocolError(`more than ${limits.maximumHeadBytes} bytes before the pack`);
    yield packet.data;
  }
  if (reader.bytesRead > 0) throw new ProtocolError('the stream ends before the commands do');
}

function parseCommand(line: string, format: ObjectFormat): RefUpdate {
  const [oldId, newId, ...rest] = line.split(' ');
  const refName = rest.join(' ');
  if (!oldId || !newId || refName === '' || !isObjectId(oldId, format) || !isObjectId(newId, format)) {
    throw new ProtocolError('a command is not "old-id new-id ref-name"');
  }
  return { refName, oldId: isZeroId(oldId) ? null : oldId, newId: isZeroId(newId) ? null : newId };
}

function withoutNewline(data: Buffer): string {
  const text = data.toString('utf8');
  return text.endsWith('\n') ? text.slice(0, -1) : text;
}
