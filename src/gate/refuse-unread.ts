import type { RefTable } from '#git/ref-table.ts';
import { decideUnread } from '#policy/decide.ts';
import { pushEntry, refusedEntry } from './audit-entries.ts';
import { hasBranches } from './check-commands.ts';
import type { Gate } from './gate.ts';
import type { PushRequest } from './push.ts';
import type { PushHead } from './push-head.ts';
import { readPushOptions } from './push-options.ts';
import { type PushReport, reportRefusedUnread } from './push-report.ts';
import { readRules } from './rule-book.ts';
import { readStanding } from './standing.ts';

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
  const { caller, repository, owner, pushId } = request;
  const wishes = readPushOptions(head.options);
  const live = head.updates.filter((_, index) => problems[index] === null);
  const hopeless = live.length === 0 || (head.atomic && live.length < head.updates.length);
  if (hopeless) return reportRefusedUnread(gate, request, head, problems, new Map());
  if (wishes.dryRun) return null;

  const now = Date.now();
  const push = { updates: live, means: 'push' as const };
  const rules = await readRules(gate.store.read, repository);
  const { bypassReason } = wishes;
  const standing = await readStanding(gate.store.read, {
    caller,
    repository,
    owner,
    bypassReason,
    isEmpty: !hasBranches(table),
    tips: live.flatMap((one) => one.newId ?? []),
    keys: [],
    now,
  });
  const verdict = decideUnread(push, standing, rules, caller.actor, now);
  const judged = live.map((update, index) => ({ update, verdict: verdict.refs[index]! }));
  const refused = judged.filter((one) => one.verdict.result === 'fail');
  const isCertain = refused.length === judged.length || (head.atomic && refused.length > 0);
  if (!isCertain) return null;
  const record = { caller, repository, owner, pushId, means: 'push' as const, bypassReason, describe: gate.words.describe };
  const asRefused = judged.map((one) => ({ ...one, verdict: { ...one.verdict, result: 'fail' as const } }));
  await gate.store.write((tx) => tx.audit.append(pushEntry(record, asRefused), ...refused.map((one) => refusedEntry(record, one))));
  return reportRefusedUnread(gate, request, head, problems, new Map(asRefused.map((one) => [one.update, one.verdict])));
}
