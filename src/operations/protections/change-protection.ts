import type { Caller } from '#model/caller.ts';
import type { GranterStanding } from '#model/facts.ts';
import type { Transaction } from '#model/ports/store.ts';
import { forbidden, invalid } from '#model/problem.ts';
import type { Grant, Origin, Protection, Rule } from '#model/protection.ts';
import { isBranchName } from '#model/ref-name.ts';
import { isExactPattern } from '#policy/patterns/branch-pattern.ts';
import { wildcardsIntersect } from '#policy/patterns/wildcard.ts';
import { mayEditProtection } from '#policy/permissions.ts';
import { change, Unchanged } from '../change.ts';
import type { Context } from '../context.ts';
import { grantsIn, refuseUnfit } from './draft.ts';
import { editorStanding } from './editor.ts';
import { refuseIneligible } from './eligible.ts';
import { protectionHappenings } from './happenings.ts';
import { ownProtection, ownProtections, type RuleOwnerKey, type RuleOwnerReached, reachRuleOwner } from './rule-owner.ts';
import { telling } from './tell-protection.ts';

/** A protection as the native API writes it: every field of the model, in one origin's terms. */
export interface ProtectionInput {
  readonly origin: Origin;
  readonly pattern: string;
  readonly rules: readonly Rule[];
  readonly enforceAdmins: boolean;
  readonly manage: readonly Grant[];
  readonly demandsReason: boolean;
  readonly acceptsElevated: boolean;
}

export async function listProtections({ store }: Context, caller: Caller, key: RuleOwnerKey): Promise<Protection[]> {
  return ownProtections(store.read, await reachRuleOwner(store.read, caller, key, 'read', Date.now()));
}

export async function readProtection({ store }: Context, caller: Caller, key: RuleOwnerKey, id: number): Promise<Protection> {
  return ownProtection(store.read, await reachRuleOwner(store.read, caller, key, 'read', Date.now()), id);
}

export async function createProtection(context: Context, caller: Caller, key: RuleOwnerKey, input: ProtectionInput): Promise<Protection> {
  const { protection } = await change(
    context,
    caller,
    async (tx, record, as) => {
      const reached = await reachRuleOwner(tx, as, key, 'change', tx.now);
      const own = await ownProtections(tx, reached);
      refuseImpossible(reached, input);
      if (own.some((one) => one.origin === input.origin && one.pattern === input.pattern)) {
        throw invalid('pattern', `${input.pattern} is protected already`, 'already_exists', 'Protection');
      }
      await refuseIneligible(tx, reached, [], grantsIn(input), tx.now);
      await refuseWidening(tx, as, reached, own, null, input);
      const created = await tx.rules.insertProtection({ owner: reached.ruleOwner, ...toStored(input) });
      record(...telling(protectionHappenings(reached.subject, null, created), reached.reached, null, created));
      return { protection: created, reach: reached.reach };
    },
    ({ reach }) => reach,
  );
  return protection;
}

export async function updateProtection(
  context: Context,
  caller: Caller,
  key: RuleOwnerKey,
  id: number,
  changes: Partial<Omit<ProtectionInput, 'origin'>>,
): Promise<Protection> {
  const { protection } = await change(
    context,
    caller,
    async (tx, record, as) => {
      const reached = await reachRuleOwner(tx, as, key, 'change', tx.now);
      const before = await ownProtection(tx, reached, id);
      await refuseUnlessEditor(tx, as, reached, [before]);
      const own = await ownProtections(tx, reached);
      const input: ProtectionInput = { ...fromStored(before), ...changes };
      refuseImpossible(reached, input);
      if (own.some((one) => one.id !== id && one.origin === input.origin && one.pattern === input.pattern)) {
        throw invalid('pattern', `${input.pattern} is protected already`, 'already_exists', 'Protection');
      }
      await refuseIneligible(tx, reached, grantsIn(before), grantsIn(input), tx.now);
      await refuseWidening(tx, as, reached, own, before, input);
      const happened = protectionHappenings(reached.subject, before, { ...before, ...toStored(input) });
      if (happened.length === 0) return new Unchanged({ protection: before, reach: reached.reach });
      const after = await tx.rules.updateProtection(id, toStored(input));
      record(...telling(protectionHappenings(reached.subject, before, after), reached.reached, before, after));
      return { protection: after, reach: reached.reach };
    },
    ({ reach }) => reach,
  );
  return protection;
}

export async function deleteProtection(context: Context, caller: Caller, key: RuleOwnerKey, id: number): Promise<void> {
  await change(
    context,
    caller,
    async (tx, record, as) => {
      const reached = await reachRuleOwner(tx, as, key, 'change', tx.now);
      const protection = await ownProtection(tx, reached, id);
      await refuseUnlessEditor(tx, as, reached, [protection]);
      await tx.rules.removeProtection(id);
      record(...telling(protectionHappenings(reached.subject, protection, null), reached.reached, protection, null));
      return reached.reach;
    },
    (reach) => reach,
  );
}

function refuseImpossible({ repository }: RuleOwnerReached, { origin, pattern, rules, enforceAdmins, manage }: ProtectionInput): void {
  const isPossible = pattern !== '' && Buffer.byteLength(pattern) <= 1000 && !/\p{Cc}/u.test(pattern);
  if (!isPossible || (isExactPattern(origin, pattern) && !isBranchName(pattern)))
    throw invalid('pattern', `${pattern.slice(0, 100)} is no possible branch name or pattern`, 'invalid', 'Protection');
  if (repository === null && origin === 'github')
    throw invalid('origin', 'an organization has protections of GitLab origin only', 'invalid', 'Protection');
  if (origin === 'gitlab' && !enforceAdmins) throw invalid('enforce_admins', 'GitLab origin binds admins always', 'invalid', 'Protection');
  if (origin === 'github' && manage.length > 0)
    throw invalid('manage', 'GitHub origin has no list of who may edit', 'invalid', 'Protection');
  refuseUnfit(origin, rules);
}

async function refuseUnlessEditor(
  tx: Transaction,
  caller: Caller,
  reached: RuleOwnerReached,
  protections: readonly Protection[],
): Promise<void> {
  const editor = await standingOf(tx, caller, reached);
  if (!protections.every((protection) => mayEditProtection(protection, editor))) throw forbidden('the right to edit the protection');
}

async function standingOf(tx: Transaction, caller: Caller, { reached, owner }: RuleOwnerReached): Promise<GranterStanding> {
  if (reached !== null) return editorStanding(tx, caller, reached, tx.now);
  // Only owners, site admins and the operator come this far for an organization.
  const siteAdmin = caller.kind === 'operator' || (caller.kind === 'actor' && caller.user.siteAdmin);
  const teams = caller.kind === 'actor' ? await tx.standings.readTeams(caller.user.id, owner.id) : { direct: [] };
  return {
    active: true,
    siteAdmin,
    rung: 50,
    organizationOwner: true,
    userId: caller.kind === 'actor' ? caller.user.id : null,
    directTeams: teams.direct,
  };
}

/**
 * Widening by overlap is an edit (spec/model.md 3.2): a GitLab protection whose pattern can meet another's adds its grants to it, so whoever
 * gives more than that one does needs the right to edit it.
 */
async function refuseWidening(
  tx: Transaction,
  caller: Caller,
  reached: RuleOwnerReached,
  own: readonly Protection[],
  before: Protection | null,
  input: ProtectionInput,
): Promise<void> {
  if (input.origin !== 'gitlab') return;
  const met = own.filter(
    (one) => one.id !== before?.id && one.origin === 'gitlab' && one.manage.length > 0 && wildcardsIntersect(one.pattern, input.pattern),
  );
  const widened = met.filter((one) => givesMore(input.rules, one.rules));
  await refuseUnlessEditor(tx, caller, reached, widened);
}

/** Whether one set of rules lets somebody through, or allows a force push, that another does not. */
function givesMore(wanted: readonly Rule[], present: readonly Rule[]): boolean {
  const grantsOf = (rules: readonly Rule[], type: string): string[] => {
    const parameters = rules.find((rule) => rule.type === type)?.parameters as { grants: readonly Grant[] } | undefined;
    return (parameters?.grants ?? [])
      .filter((grant) => !(grant.kind === 'role' && grant.level === 0))
      .map((grant) => JSON.stringify(grant));
  };
  const allowsForce = (rules: readonly Rule[]): boolean =>
    (rules.find((rule) => rule.type === 'non_fast_forward')?.parameters as { allowed?: boolean } | undefined)?.allowed === true;
  const more = ['push_access', 'merge_access'].some((type) =>
    grantsOf(wanted, type).some((grant) => !grantsOf(present, type).includes(grant)),
  );
  return more || (allowsForce(wanted) && !allowsForce(present));
}

function toStored({ origin, pattern, rules, enforceAdmins, manage, demandsReason, acceptsElevated }: ProtectionInput) {
  return { origin, pattern, rules, enforceAdmins, manage, native: { demandsReason, acceptsElevated } };
}

function fromStored({ origin, pattern, rules, enforceAdmins, manage, native }: Protection): ProtectionInput {
  return { origin, pattern, rules, enforceAdmins, manage, demandsReason: native.demandsReason, acceptsElevated: native.acceptsElevated };
}
