import type { Actor, Means } from '#model/actor.ts';
import { type Operation, ruleTypesOfOperation } from '#model/bypass-bounds.ts';
import type { RefFacts, Standing } from '#model/facts.ts';
import type { BypassActor, Grant } from '#model/protection.ts';
import type { RefUpdate } from '#model/ref-update.ts';
import { ADMIN } from '#model/rung.ts';
import type { Shortfall, Violation, Waiver } from '#model/verdict.ts';
import { type EffectiveSource, parametersIn } from './combine.ts';
import { anyGrantMatches } from './grants.ts';
import { fnmatch } from './patterns/fnmatch.ts';
import { mayEditProtection, mayEditRuleset } from './permissions.ts';

/** Everything a waiver depends on, for one ref update. */
export interface WaiverCase {
  readonly actor: Actor;
  readonly standing: Standing;
  readonly update: RefUpdate;
  readonly means: Means;
  readonly operation: Operation | null;
  readonly facts: RefFacts;
  readonly now: number;
}

/**
 * What excuses this violation without being used up: the table of spec/model.md section 4, from standing to consumable. Null: nothing
 * but, perhaps, an elevated token does. On `web` and `server`, and for somebody acting as somebody else, there is nothing.
 */
export function standingWaiver(violation: Violation, source: EffectiveSource, at: WaiverCase): Waiver | null {
  if (!violation.waivable || !mayWaive(at.actor)) return null;
  if (source.home === 'github') return githubWaiver(violation, source, at);
  if (source.ruleset !== null) return rulesetWaiver(source.ruleset.bypass, at);
  return null;
}

function mayWaive({ via, sudoBy }: Actor): boolean {
  return via !== 'web' && via !== 'server' && sudoBy === undefined;
}

function githubWaiver(violation: Violation, source: EffectiveSource, at: WaiverCase): Waiver | null {
  const { actor, standing } = at;
  const adminsAreBound = source.protections.some((protection) => protection.enforceAdmins);
  // Persons only: robots and apps never count as admins (decision 6). Force-push and deletion blocks bind everybody (decision 17).
  const isAdmin = actor.who.kind === 'user' && standing.actor.rung >= ADMIN;
  if (isAdmin && !adminsAreBound && !bindsAdmins.includes(violation.type)) return { kind: 'admin' };
  const passes = (parametersIn(source, 'pull_request') as { passes: readonly Grant[] } | null)?.passes ?? [];
  if (violation.type === 'pull_request' && anyGrantMatches(passes, actor, standing)) return { kind: 'allow_list' };
  const isDeployKey = actor.who.kind === 'deploy-key' && actor.via === 'git-ssh' && standing.actor.keyMayWrite;
  if (isDeployKey && !adminsAreBound && deployKeysPass.includes(violation.type)) return { kind: 'deploy_key' };
  return null;
}

const bindsAdmins = ['non_fast_forward', 'deletion'];
const deployKeysPass = ['pull_request', 'required_status_checks', 'actor_restriction', 'required_linear_history', 'required_signatures'];

function rulesetWaiver(bypass: readonly { actor: BypassActor; mode: string }[], at: WaiverCase): Waiver | null {
  const mine = bypass.filter((entry) => isBypassActor(entry.actor, at));
  if (mine.some((entry) => entry.mode === 'always')) return { kind: 'ruleset_actor', mode: 'always' };
  const byMerge = at.actor.via === 'api' && at.means === 'merge' && mine.some((entry) => entry.mode === 'pull_request');
  return byMerge ? { kind: 'ruleset_actor', mode: 'pull_request' } : null;
}

/** Whether the actor is exempt from a ruleset: it is then not judged at all, and the record names it. */
export function isExempt(source: EffectiveSource, at: Pick<WaiverCase, 'actor' | 'standing'>): boolean {
  if (source.ruleset === null || !mayWaive(at.actor)) return false;
  return source.ruleset.bypass.some((entry) => entry.mode === 'exempt' && isBypassActor(entry.actor, at));
}

function isBypassActor({ type, id }: BypassActor, { actor, standing }: Pick<WaiverCase, 'actor' | 'standing'>): boolean {
  switch (type) {
    case 'organization-admin':
      return actor.who.kind === 'user' && standing.actor.organizationOwner;
    case 'role':
      return actor.who.kind === 'user' && id !== null && standing.actor.rung >= id;
    case 'team':
      return actor.who.kind !== 'deploy-key' && id !== null && standing.actor.teams.includes(id);
    case 'app':
      return actor.who.kind === 'app' && actor.who.id === id;
    case 'deploy-key':
      return actor.who.kind === 'deploy-key' && actor.via === 'git-ssh' && standing.actor.keyMayWrite;
    default:
      return type satisfies never;
  }
}

/**
 * Every reason why the elevated token of this request does not waive the violation; empty: it does (decisions 6 to 8,
 * "Elevated token, exactly" in spec/model.md section 4). Its uses are counted over the whole push, by `decide`.
 */
export function tokenShortfalls(violation: Violation, source: EffectiveSource, at: WaiverCase): Shortfall[] {
  const { actor, standing, update } = at;
  if (standing.elevated === null) return [];
  const { bounds, granter } = standing.elevated;
  const native = source.protections.map((protection) => protection.native);
  const byOperator = bounds.grantedBy === 'operator';
  const mayEdit =
    byOperator ||
    (source.protections.every((protection) => mayEditProtection(protection, granter)) &&
      (source.ruleset === null || mayEditRuleset(source.ruleset, granter)));
  const conditions: [holds: boolean, otherwise: Shortfall][] = [
    [actor.via === 'api' || actor.via === 'git-http', 'via'],
    [actor.sudoBy === undefined, 'sudo'],
    [bounds.expiresAt > at.now, 'expired'],
    [bounds.repositories === 'all' || bounds.repositories.includes(standing.repository.id), 'repository'],
    [bounds.refs.some((pattern) => fnmatch(pattern, update.refName)), 'ref'],
    [at.operation !== null && bounds.operations.includes(at.operation), 'operation'],
    [waivesType(violation.type, at), 'rule_type'],
    [withinPaths(bounds.paths, at), 'paths'],
    [native.every((one) => one.acceptsElevated), 'not_accepted'],
    [!native.some((one) => one.demandsReason) || standing.bypassReason !== null, 'reason_demanded'],
    [mayEdit, 'granter'],
  ];
  return conditions.filter(([holds]) => !holds).map(([, otherwise]) => otherwise);
}

/** Naming an operation waives its own rule types; naming a rule type adds no operation. */
function waivesType(type: string, { standing, operation }: WaiverCase): boolean {
  const { bounds } = standing.elevated!;
  if (bounds.ruleTypes.includes(type)) return true;
  return operation !== null && bounds.operations.includes(operation) && ruleTypesOfOperation[operation].includes(type);
}

/** A path bound covers every path of every commit, deletions and both sides of renames; a deletion of the ref has none to show. */
function withinPaths(paths: readonly string[] | null, { facts, update }: WaiverCase): boolean {
  if (paths === null) return true;
  if (update.newId === null || facts.paths === undefined || !('known' in facts.paths)) return false;
  return facts.paths.known.every(({ path }) => paths.some((glob) => fnmatch(glob, path)));
}
