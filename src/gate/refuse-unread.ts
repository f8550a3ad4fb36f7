import type { RefTable } from '#git/ref-table.ts';
import type { RefUpdate } from '#model/ref-update.ts';
import { decideUnread } from '#policy/decide.ts';
import type { RecordedUpdate } from './audit-entries.ts';
import { hasBranches } from './check-commands.ts';
import type { Gate } from './gate.ts';
import { REFUSED_BY_RULES, REFUSED_WITH_OTHERS, withoutReceipt } from './landing.ts';
import type { PushRequest } from './push.ts';
import type { PushHead } from './push-head.ts';
import { type PushWishes, readPushOptions } from './push-options.ts';
import { type PushReport, reportPush } from './push-report.ts';
import { readRules } from './rule-book.ts';
import { readStanding } from './standing.ts';
import type { JudgedUpdate } from './words.ts';
import { recordRefused } from './write-record.ts';

/**
 * Refuses a push whose every ref is refused already by rules that need no objects; null: its content has to be read. A dry run judges
 * everything. A refusal needs no lock: nothing is let through by it, and whoever pushes again is judged again.
 */
export async function refuseUnread(
  gate: Gate,
  request: PushRequest,
  head: PushHead,
  problems: readonly (string | null)[],
  table: RefTable,
): Promise<PushReport | null> {
  const wishes = readPushOptions(head.options);
  const live = head.updates.filter((_, index) => problems[index] === null);
  const hopeless = live.length === 0 || (head.atomic && live.length < head.updates.length);
  const judged = hopeless ? [] : await judgeUnread(gate, request, live, wishes, table);
  const refused = judged.filter((one) => one.verdict.result === 'fail');
  const isCertain = refused.length === judged.length || (head.atomic && refused.length > 0);
  if (!hopeless && (wishes.dryRun || !isCertain)) return null;

  const verdicts = new Map(judged.map(({ update, verdict }) => [update, verdict]));
  const fates = head.updates.map((update, index): RecordedUpdate => {
    const verdict = verdicts.get(update) ?? null;
    return { update, verdict, reason: problems[index] ?? (verdict?.result === 'fail' ? REFUSED_BY_RULES : REFUSED_WITH_OTHERS) };
  });
  await recordRefused(gate, request, wishes, fates);
  const contentUnread = refused.length > 0 && head.updates.some((update) => update.newId !== null);
  return reportPush(gate, request, head, fates.map(withoutReceipt), { contentUnread, ...wishes });
}

async function judgeUnread(
  gate: Gate,
  { caller, repository, owner }: PushRequest,
  updates: readonly RefUpdate[],
  { bypassReason }: PushWishes,
  table: RefTable,
): Promise<JudgedUpdate[]> {
  const now = Date.now();
  const rules = await readRules(gate.store.read, repository);
  const tips = updates.flatMap((one) => one.newId ?? []);
  const about = { caller, repository, owner, bypassReason, isEmpty: !hasBranches(table), tips, keys: [], now };
  const standing = await readStanding(gate.store.read, about);
  const verdict = decideUnread({ updates, means: 'push' }, standing, rules, caller.actor, now);
  return updates.map((update, index) => ({ update, verdict: verdict.refs[index]! }));
}
