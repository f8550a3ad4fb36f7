import type { PushHead } from '#gate/push-head.ts';
import type { PushReport } from '#gate/push-report.ts';
import { flush, pktLine, sideband } from '#git/pkt-line.ts';

/** An empty packet on the band for messages: tells the client, and every proxy in between, that we are still at it. */
export const keepAlive = Buffer.from('0005\x02', 'latin1');

/** Text for people, as it is: it may end in the carriage return by which git overwrites a line. */
export function progressPacket(text: string): Buffer {
  return sideband(2, Buffer.from(text));
}

/** The report of a push on the wire: messages for people on band 2, the status of each ref on band 1. */
export function pushResponse({ head, unpack, refs, lines }: PushReport): Buffer {
  const status = head.wantsReport ? reportStatus(unpack, refs) : Buffer.alloc(0);
  if (!head.sideband) return status;
  const messages = lines.map((line) => sideband(2, Buffer.from(`${printable(line)}\n`)));
  const banded = status.length > 0 ? [sideband(1, status)] : [];
  return Buffer.concat([...messages, ...banded, flush]);
}

/** A push that failed by our own fault is refused ref by ref like any other, with what can be said about it. */
export function failureResponse(head: PushHead, reason: string): Buffer {
  return pushResponse({ head, unpack: 'ok', refs: head.updates.map(({ refName }) => ({ refName, reason })), lines: [`error: ${reason}`] });
}

function reportStatus(unpack: string, refs: PushReport['refs']): Buffer {
  const lines = refs.map(({ refName, reason }) => pktLine(reason === null ? `ok ${refName}\n` : `ng ${refName} ${oneLine(reason)}\n`));
  return Buffer.concat([pktLine(`unpack ${oneLine(unpack)}\n`), ...lines, flush]);
}

function oneLine(text: string): string {
  return printable(text.replace(/\s*\n\s*/g, ' ')).slice(0, 1000);
}

/** Names of checks and of files are written by others: they must not command the terminal that shows them, or turn around what it says. */
function printable(text: string): string {
  return text.replace(/[\p{Cc}\p{Zl}\p{Zp}\u202a-\u202e\u2066-\u2069]/gu, '\ufffd');
}
