/** What a client reads out of the answer to a push. */
export interface ReportStatus {
  /** `ok`, or why the objects were not taken in; null: there was no report. */
  readonly unpack: string | null;
  /** Ref name -> null where it moved, else why not. */
  readonly refs: ReadonlyMap<string, string | null>;
  /** The lines for people. */
  readonly messages: readonly string[];
}

/** Reads a report with or without side bands. Throws where the packets are none. */
export function readReportStatus(answer: Buffer): ReportStatus {
  const packets = split(answer);
  const banded = packets.length > 0 && packets.every((packet) => packet.length === 0 || packet[0]! <= 3);
  const band = (number: number): Buffer =>
    Buffer.concat(packets.filter((packet) => packet[0] === number).map((packet) => packet.subarray(1)));
  const lines = (banded ? split(band(1)) : packets).map((packet) => packet.toString('utf8').replace(/\n$/, ''));
  const messages = banded ? band(2).toString('utf8').split('\n') : [];
  const refs = lines.flatMap((line): [string, string | null][] => {
    if (line.startsWith('ok ')) return [[line.slice(3), null]];
    // A name without a space, then the reason.
    const refused = /^ng (\S+) (.*)$/s.exec(line);
    return refused === null ? [] : [[refused[1]!, refused[2]!]];
  });
  const unpack = lines.find((line) => line.startsWith('unpack '))?.slice('unpack '.length) ?? null;
  return { unpack, refs: new Map(refs), messages: messages.filter((line) => line !== '') };
}

/** The data of pkt-lines; flushes are left out. */
function split(bytes: Buffer): Buffer[] {
  const packets: Buffer[] = [];
  for (let at = 0; at < bytes.length; ) {
    const digits = bytes.toString('latin1', at, at + 4);
    const length = Number.parseInt(digits, 16);
    if (!/^[0-9a-f]{4}$/.test(digits) || at + length > bytes.length) throw new Error(`no pkt-line at ${at}: ${JSON.stringify(digits)}`);
    if (length > 4) packets.push(bytes.subarray(at + 4, at + length));
    at += Math.max(4, length);
  }
  return packets;
}
