import type { UnpackFailure } from '#git/ingest.ts';
import type { RefVerdict } from '#model/verdict.ts';
import { takesUse } from '#policy/decide.ts';
import type { Gate } from './gate.ts';
import { type Landed, REFUSED_WITH_OTHERS } from './landing.ts';
import type { PushRequest } from './push.ts';
import type { PushHead } from './push-head.ts';
import type { JudgedUpdate } from './words.ts';

/** What the client is told; transports put it on the wire. */
export interface PushReport {
  readonly head: PushHead;
  /** `ok`, or why the objects were not taken in. */
  readonly unpack: string;
  /** In the client's order. Null: the ref moved. */
  readonly refs: readonly { readonly refName: string; readonly reason: string | null }[];
  /** For people, shown line by line. */
  readonly lines: readonly string[];
}

const ATOMIC_FAILURE = 'atomic push failure';
export const UNPACKER_ERROR = 'unpacker error';

export function reportFailedUnpack(head: PushHead, { message }: UnpackFailure): PushReport {
  return { head, unpack: message, refs: head.updates.map(({ refName }) => ({ refName, reason: UNPACKER_ERROR })), lines: [] };
}

export interface ReportedHow {
  /** The pushed objects were not looked at. */
  readonly contentUnread: boolean;
  readonly dryRun: boolean;
}

/** `fates` in the client's order. */
export function reportPush(
  gate: Gate,
  request: PushRequest,
  head: PushHead,
  fates: readonly Landed[],
  { contentUnread, dryRun }: ReportedHow,
): PushReport {
  const context = { repository: `${request.owner.login}/${request.repository.name}`, contentUnread };
  const judged = fates.filter((one): one is Landed & JudgedUpdate => one.verdict !== null);
  if (dryRun) {
    const refs = fates.map(({ update, verdict, reason }) => ({ refName: update.refName, reason: dryRunReason(verdict, reason) }));
    return { head, unpack: 'ok', refs, lines: gate.words.dryRun(judged, context) };
  }
  const refused = judged.filter((one) => one.verdict.result === 'fail');
  const bypassed = judged.filter((one) => one.verdict.result === 'bypass' && one.reason === null);
  const { lines, reasons } = gate.words.refusal(refused, context);
  const words = new Map(refused.map((one, index) => [one.update, reasons[index]!]));
  const token = request.caller.token;
  const receipts = bypassed.flatMap((one) =>
    gate.words.receipt([one], { auditNumber: one.auditNumber!, token: takesUse(one.verdict) ? token : null }),
  );
  const refs = fates.map(({ update, reason }) => ({
    refName: update.refName,
    reason: words.get(update) ?? (head.atomic && reason === REFUSED_WITH_OTHERS ? ATOMIC_FAILURE : reason),
  }));
  return { head, unpack: 'ok', refs, lines: [...lines, ...receipts] };
}

/** Always a refusal, so that no client believes that the ref has moved (decision 23). */
function dryRunReason(verdict: RefVerdict | null, reason: string | null): string {
  if (verdict === null) return `dry run: refused (${reason ?? 'unknown'})`;
  return verdict.result === 'fail' ? 'dry run: refused' : 'dry run: would be accepted';
}
