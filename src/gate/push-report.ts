import type { UnpackFailure } from '#git/ingest.ts';
import type { RefUpdate } from '#model/ref-update.ts';
import type { RefVerdict } from '#model/verdict.ts';
import type { Gate } from './gate.ts';
import { type Landed, REFUSED_WITH_OTHERS } from './land.ts';
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

export function reportFailedUnpack(head: PushHead, { message }: UnpackFailure): PushReport {
  return { head, unpack: message, refs: head.updates.map(({ refName }) => ({ refName, reason: 'unpacker error' })), lines: [] };
}

/** Nothing was read but the commands. */
export function reportRefusedUnread(
  gate: Gate,
  request: PushRequest,
  head: PushHead,
  problems: readonly (string | null)[],
  verdicts: ReadonlyMap<RefUpdate, RefVerdict>,
): PushReport {
  const landed = head.updates.map((update, index): Landed => {
    const verdict = verdicts.get(update) ?? null;
    const reason = problems[index] ?? (verdict === null ? ATOMIC_FAILURE : REFUSED_WITH_OTHERS);
    return { update, verdict, reason, auditNumber: null };
  });
  return report(gate, request, head, landed, { contentUnread: verdicts.size > 0 && bringsContent(head), dryRun: false });
}

function bringsContent(head: PushHead): boolean {
  return head.updates.some((update) => update.newId !== null);
}

export function reportLanded(
  gate: Gate,
  request: PushRequest,
  head: PushHead,
  landed: readonly Landed[],
  { dryRun }: { readonly dryRun: boolean },
): PushReport {
  return report(gate, request, head, landed, { contentUnread: false, dryRun });
}

function report(
  gate: Gate,
  request: PushRequest,
  head: PushHead,
  landed: readonly Landed[],
  { contentUnread, dryRun }: { contentUnread: boolean; dryRun: boolean },
): PushReport {
  const context = { repository: `${request.owner.login}/${request.repository.name}`, contentUnread };
  const judged = landed.filter((one): one is Landed & JudgedUpdate => one.verdict !== null);
  if (dryRun) {
    const refs = landed.map(({ update, verdict, reason }) => ({ refName: update.refName, reason: dryRunReason(verdict, reason) }));
    return { head, unpack: 'ok', refs, lines: gate.words.dryRun(judged, context) };
  }
  const refused = judged.filter((one) => one.verdict.result === 'fail');
  const bypassed = judged.filter((one) => one.verdict.result === 'bypass' && one.reason === null);
  const { lines, reasons } = gate.words.refusal(refused, context);
  const words = new Map(refused.map((one, index) => [one.update, reasons[index]!]));
  const token = request.caller.token;
  const receipts = bypassed.flatMap((one) =>
    gate.words.receipt([one], { auditNumber: one.auditNumber!, token: usedToken(one) ? token : null }),
  );
  const refs = landed.map(({ update, verdict, reason }) => ({
    refName: update.refName,
    reason: words.get(update) ?? (head.atomic && verdict !== null && reason === REFUSED_WITH_OTHERS ? ATOMIC_FAILURE : reason),
  }));
  return { head, unpack: 'ok', refs, lines: [...lines, ...receipts] };
}

function usedToken({ verdict }: JudgedUpdate): boolean {
  return verdict.violations.some((one) => one.waivedBy?.kind === 'elevated_token');
}

/** Always a refusal, so that no client believes that the ref has moved (decision 23). */
function dryRunReason(verdict: RefVerdict | null, reason: string | null): string {
  if (verdict === null) return `dry run: refused (${reason ?? 'unknown'})`;
  return verdict.result === 'fail' ? 'dry run: refused' : 'dry run: would be accepted';
}
