import type { RefTable } from '#git/ref-table.ts';
import type { RefUpdate } from '#model/ref-update.ts';
import { decideUnread } from '#policy/decide.ts';
import type { RecordedUpdate } from './audit-entries.ts';
import { type EarlyReading, readEarly } from './early-reading.ts';
import type { Gate } from './gate.ts';
import { REFUSED_BY_RULES, REFUSED_WITH_OTHERS, withoutReceipt } from './landing.ts';
import type { PushRequest } from './push.ts';
import type { PushHead } from './push-head.ts';
import { readPushOptions } from './push-options.ts';
import { type PushReport, reportPush } from './push-report.ts';
import type { JudgedUpdate } from './words.ts';
import { recordRefused } from './write-record.ts';

/** What is known of a push before its content is read: that it is refused, or what the rules were when they left it open. */
type Unread = { readonly report: PushReport } | { readonly reading: EarlyReading };

/**
 * Refuses a push whose every ref is refused already by rules that need no objects. A dry run judges everything. A refusal needs no
 * lock: nothing is let through by it, and whoever pushes again is judged again.
 */
export async function refuseUnread(
  gate: Gate,
  request: PushRequest,
  head: PushHead,
  problems: readonly (string | null)[],
  table: RefTable,
): Promise<Unread> {
  const wishes = readPushOptions(head.options);
  const live = head.updates.filter((_, index) => problems[index] === null);
  const hopeless = live.length === 0 || (head.atomic && live.length < head.updates.length);
  const reading = hopeless ? null : await readEarly(gate, { ...request, ...wishes, updates: live }, table);
  const judged = reading === null ? [] : judgeUnread(request, live, reading);
  const refused = judged.filter((one) => one.verdict.result === 'fail');
  const isCertain = refused.length === judged.length || (head.atomic && refused.length > 0);
  if (reading !== null && (wishes.dryRun || !isCertain)) return { reading };

  const verdicts = new Map(judged.map(({ update, verdict }) => [update, verdict]));
  const fates = head.updates.map((update, index): RecordedUpdate => {
    const verdict = verdicts.get(update) ?? null;
    return { update, verdict, reason: problems[index] ?? (verdict?.result === 'fail' ? REFUSED_BY_RULES : REFUSED_WITH_OTHERS) };
  });
  await recordRefused(gate, request, wishes, fates);
  const contentUnread = refused.length > 0 && head.updates.some((update) => update.newId !== null);
  return { report: reportPush(gate, request, head, fates.map(withoutReceipt), { contentUnread, ...wishes }) };
}

function judgeUnread({ caller }: PushRequest, updates: readonly RefUpdate[], { rules, standing, now }: EarlyReading): JudgedUpdate[] {
  const verdict = decideUnread({ updates, means: 'push' }, standing, rules, caller.actor, now);
  return updates.map((update, index) => ({ update, verdict: verdict.refs[index]! }));
}
