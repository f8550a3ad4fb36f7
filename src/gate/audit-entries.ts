import type { Account } from '#model/account.ts';
import type { Means } from '#model/actor.ts';
import type { NewAuditEntry } from '#model/audit-entry.ts';
import { type AuthenticatedCaller, askedBy, repositorySubject } from '#model/caller.ts';
import { idOrZero, type RefUpdate } from '#model/ref-update.ts';
import type { Repository } from '#model/repository.ts';
import type { JudgedViolation, RefVerdict, Source, Violation, Waiver } from '#model/verdict.ts';
import type { JudgedUpdate } from './words.ts';

/** What all entries of one push share. */
export interface PushRecord {
  readonly caller: AuthenticatedCaller;
  readonly repository: Repository;
  readonly owner: Account;
  readonly pushId: string;
  readonly means: Means;
  readonly bypassReason: string | null;
  readonly describe: (violation: Violation) => string;
}

/** One ref of a push, as far as it came. */
export interface RecordedUpdate {
  readonly update: RefUpdate;
  /** Null: refused by git's own rules, before it was judged. */
  readonly verdict: RefVerdict | null;
  /** Null: it is let through, or, in a dry run, would be. */
  readonly reason: string | null;
}

/** The push itself, with what is about to become of each ref (`git.push`, spec/github.md 5.5). */
export function pushEntry(
  push: PushRecord,
  updates: readonly RecordedUpdate[],
  action: 'git.push' | 'git.push_dry_run' = 'git.push',
): NewAuditEntry {
  return {
    ...common(push),
    action,
    operation: 'modify',
    category: 'git',
    bypass: updates.some(({ verdict, reason }) => reason === null && verdict?.result === 'bypass'),
    data: {
      ...transport(push),
      updates: updates.map(({ update, verdict, reason }) => ({
        ...ends(update, push.repository),
        result: reason === null ? verdict?.result : 'fail',
        ...(reason !== null && { reason }),
        ...(verdict !== null && judgement(push, verdict)),
      })),
    },
  };
}

function judgement(push: PushRecord, verdict: RefVerdict) {
  return {
    operation: verdict.operation,
    ...(verdict.letInBy.length > 0 && { let_in_by: verdict.letInBy }),
    ...(verdict.exemptRulesets.length > 0 && { exempt_rulesets: verdict.exemptRulesets }),
    ...observed(push, verdict),
  };
}

/** What became of it in the end (`git.push_outcome`, ours). */
export function outcomeEntry(
  push: Omit<PushRecord, 'bypassReason' | 'describe'>,
  intentNumber: number,
  outcome: string,
  refs: readonly OutcomeOfRef[],
): NewAuditEntry {
  return {
    ...common(push),
    action: 'git.push_outcome',
    operation: 'modify',
    category: 'git',
    bypass: false,
    data: { push_id: push.pushId, intent: intentNumber, outcome, refs },
  };
}

export interface OutcomeOfRef {
  readonly ref: string;
  readonly moved: boolean;
  readonly reason?: string;
}

/** Those that have an entry of their own, with every reason. */
export function refusedByRules(fates: readonly RecordedUpdate[]): JudgedUpdate[] {
  return fates.flatMap(({ update, verdict }) => (verdict?.result === 'fail' ? [{ update, verdict }] : []));
}

/** One ref that was refused (spec/github.md 5.4). */
export function refusedEntry(push: PushRecord, { update, verdict }: JudgedUpdate): NewAuditEntry {
  return {
    ...common(push),
    action: 'protected_branch.rejected_ref_update',
    operation: 'modify',
    category: 'web',
    bypass: false,
    data: { ...transport(push), ...ends(update, push.repository), ...reasons(push, verdict.violations), operation: verdict.operation },
  };
}

/** One ref that passed in spite of violations: everything decision 10 wants to know about a bypass. */
export function bypassEntry(push: PushRecord, { update, verdict }: JudgedUpdate): NewAuditEntry {
  const counting = verdict.violations.filter((one) => !one.observedOnly);
  const kinds = [...new Set(counting.flatMap((one) => (one.waivedBy ? [one.waivedBy.kind] : [])))];
  const ofProtection = counting.some((one) => one.sources.some((source) => source.kind === 'protection'));
  const { token } = push.caller;
  const usedToken = kinds.includes('elevated_token') ? token : null;
  return {
    ...common(push),
    action: ofProtection ? 'protected_branch.policy_override' : 'repository_ruleset.bypass',
    operation: 'modify',
    category: 'web',
    bypass: true,
    data: {
      ...transport(push),
      ...ends(update, push.repository),
      ...reasons(push, counting),
      overridden_codes: [...new Set(counting.map(codeOf))],
      operation: verdict.operation,
      bypass: true,
      bypass_kind: kinds.sort((a, b) => weight.indexOf(a) - weight.indexOf(b))[0],
      bypass_kinds: kinds,
      bypassed_rules: counting.map((one) => ({
        type: one.type,
        code: one.code,
        waived_by: one.waivedBy?.kind,
        sources: one.sources.map(describeSource),
      })),
      ...(push.bypassReason !== null && { reason: push.bypassReason }),
      ...(usedToken && {
        token_id: usedToken.id,
        token_name: usedToken.name,
        token_owner: push.caller.user.login,
        token_granted_by: usedToken.bounds?.grantedBy,
      }),
    },
  };
}

/** The most particular waiver first: it is what a reader of the log wants to know. */
const weight: readonly Waiver['kind'][] = ['elevated_token', 'ruleset_actor', 'allow_list', 'deploy_key', 'admin'];

function common(push: Omit<PushRecord, 'bypassReason' | 'describe'>) {
  return { ...askedBy(push.caller), ...repositorySubject(push.repository, push.owner) };
}

function transport({ pushId, means, caller }: PushRecord) {
  const { via } = caller.actor;
  const protocol = { 'git-http': [1, 'http'], 'git-ssh': [2, 'ssh'], api: null, web: null, server: null }[via];
  return {
    push_id: pushId,
    means,
    channel: via,
    ...(protocol && { transport_protocol: protocol[0], transport_protocol_name: protocol[1] }),
  };
}

function ends({ refName, oldId, newId }: RefUpdate, { objectFormat }: Repository) {
  return { branch: refName, ref: refName, before: idOrZero(oldId, objectFormat), after: idOrZero(newId, objectFormat) };
}

function reasons({ describe }: PushRecord, violations: readonly JudgedViolation[]) {
  const counting = violations.filter((one) => !one.observedOnly);
  return {
    reasons: counting.map((one) => ({
      code: codeOf(one),
      message: describe(one),
      rule: one.type,
      sources: one.sources.map(describeSource),
      ...(one.places.length > 0 && { places: one.places.slice(0, 20), places_total: one.places.length }),
      ...(one.tokenFellShort.length > 0 && { token_fell_short: one.tokenFellShort }),
    })),
  };
}

/** What rulesets in `evaluate` would have refused. */
function observed({ describe }: PushRecord, { violations }: RefVerdict) {
  const seen = violations.filter((one) => one.observedOnly);
  return seen.length === 0
    ? {}
    : { evaluated: seen.map((one) => ({ rule: one.type, message: describe(one), sources: one.sources.map(describeSource) })) };
}

function describeSource(source: Source) {
  return source.kind === 'repository' ? { kind: source.kind } : source;
}

/** GitHub documents that there are codes and not which; these are ours (spec/github.md 5.4). */
const codes: Readonly<Record<string, string>> = {
  pull_request: 'review_policy_not_satisfied',
  code_owner_review: 'review_policy_not_satisfied',
  required_status_checks: 'required_status_checks',
  actor_restriction: 'unauthorized',
  push_access: 'unauthorized',
  merge_access: 'unauthorized',
  non_fast_forward: 'force_push',
  deletion: 'deletion',
  required_linear_history: 'merge_commit',
  required_signatures: 'invalid_signature',
  conversation_resolution: 'unresolved_conversation',
  lock: 'locked',
  creation: 'creation',
  update: 'unauthorized',
};

function codeOf({ type, code }: Violation): string {
  if (code === 'creation_not_listed') return 'creation';
  return type === 'repository' ? code : (codes[type] ?? type);
}
