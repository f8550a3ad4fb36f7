import type { Static } from 'typebox';
import { invalid, ProblemError } from '#model/problem.ts';
import type { Grant, Protection, Rule } from '#model/protection.ts';
import { type ProtectionDraft, withRule } from '#operations/protections/draft.ts';
import type { ActorNames, CheckName, Resolver } from '#operations/protections/resolver.ts';
import { type PullRequestParameters, type RestrictionParameters, readRules, type StatusCheckParameters } from './rules.ts';
import type { protectionBody, reviewsBody, statusChecksBody } from './schema.ts';

type ProtectionBody = Static<typeof protectionBody>;
type ReviewsBody = Static<typeof reviewsBody>;
type StatusChecksBody = Static<typeof statusChecksBody>;
type Lists = {
  readonly users?: readonly string[] | undefined;
  readonly teams?: readonly string[] | undefined;
  readonly apps?: readonly string[] | undefined;
};

const defaultReview: PullRequestParameters = {
  approvals: 1,
  dismissStale: false,
  codeOwners: false,
  lastPush: false,
  dismissal: { mode: 'writers' },
  passes: [],
};

/** GitHub's PUT: everything the body can say is said anew; what it leaves out goes back to its default. */
export async function replaceProtection(body: ProtectionBody, present: Protection | null, resolve: Resolver): Promise<ProtectionDraft> {
  const before = present === null ? null : readRules(present);
  const reviews = body.required_pull_request_reviews;
  const rules: (Rule | null)[] = [
    rule('pull_request', reviews && (await review(reviews, defaultReview, before?.pullRequest ?? null, resolve))),
    rule('required_status_checks', body.required_status_checks && (await statusChecks(body.required_status_checks, null, resolve))),
    rule(
      'actor_restriction',
      body.restrictions && (await restriction(body.restrictions, body.block_creations === true, before?.restriction ?? null, resolve)),
    ),
    rule('non_fast_forward', { allowed: body.allow_force_pushes === true }),
    rule('deletion', { allowed: body.allow_deletions === true ? 'pushers' : 'nobody' }),
    rule('required_linear_history', flag(body.required_linear_history)),
    rule('conversation_resolution', flag(body.required_conversation_resolution)),
    rule('lock', body.lock_branch === true ? { forkSync: body.allow_fork_syncing === true } : null),
  ];
  return { rules: rules.filter((one) => one !== null), enforceAdmins: body.enforce_admins === true };
}

function rule(type: string, parameters: unknown | null): Rule | null {
  return parameters === null ? null : { type, parameters };
}

function flag(value: boolean | null | undefined): Record<string, never> | null {
  return value === true ? {} : null;
}

/** GitHub's PATCH of reviews: what is left out stays, an empty object of lists switches them off. It turns reviews on where they were off. */
export async function patchReviews(body: ReviewsBody, present: Protection, resolve: Resolver): Promise<ProtectionDraft> {
  const before = readRules(present).pullRequest;
  return withParameters(present, 'pull_request', await review(body, before ?? defaultReview, before, resolve));
}

async function review(
  body: ReviewsBody,
  base: PullRequestParameters,
  before: PullRequestParameters | null,
  resolve: Resolver,
): Promise<PullRequestParameters> {
  const listed = before?.dismissal.mode === 'listed' ? before.dismissal.actors : [];
  const { dismissal_restrictions: dismissal, bypass_pull_request_allowances: passes } = body;
  return {
    approvals: body.required_approving_review_count ?? base.approvals,
    dismissStale: body.dismiss_stale_reviews ?? base.dismissStale,
    codeOwners: body.require_code_owner_reviews ?? base.codeOwners,
    lastPush: body.require_last_push_approval ?? base.lastPush,
    dismissal:
      dismissal === undefined
        ? base.dismissal
        : isEmptyObject(dismissal)
          ? { mode: 'writers' }
          : {
              mode: 'listed',
              actors: [...(await resolve.actors('dismissal_restrictions', namesOf(dismissal), listed)), ...listed.filter(isUnsayable)],
            },
    passes:
      passes === undefined
        ? base.passes
        : [
            ...(await resolve.actors('bypass_pull_request_allowances', namesOf(passes), before?.passes ?? [])),
            ...(before?.passes ?? []).filter(isUnsayable),
          ],
  };
}

function isEmptyObject(lists: Lists): boolean {
  return lists.users === undefined && lists.teams === undefined && lists.apps === undefined;
}

/** Rows that GitHub has no word for, such as a role's: what a body cannot say, it does not take away (decision 12). */
export function isUnsayable({ kind }: Grant): boolean {
  return kind === 'role' || kind === 'deploy-key';
}

function namesOf({ users = [], teams = [], apps = [] }: Lists): ActorNames {
  return { users, teams, apps };
}

/** GitHub's PATCH of status checks; they must be on. */
export async function patchStatusChecks(body: StatusChecksBody, present: Protection, resolve: Resolver): Promise<ProtectionDraft> {
  const before = requireStatusChecks(present);
  const parameters = await statusChecks({ ...body, strict: body.strict ?? before.strict }, before, resolve);
  return withParameters(present, 'required_status_checks', parameters);
}

async function statusChecks(
  body: {
    readonly strict: boolean;
    readonly contexts?: readonly string[];
    readonly checks?: readonly { context: string; app_id?: number | null }[];
  },
  before: StatusCheckParameters | null,
  resolve: Resolver,
): Promise<StatusCheckParameters> {
  const { strict, contexts, checks } = body;
  if (checks !== undefined) return { strict, checks: await resolve.checks(checks.map(toCheckName)) };
  if (contexts !== undefined) return { strict, checks: await resolve.checks(contexts.map((context) => ({ context, app: undefined }))) };
  if (before !== null) return { strict, checks: before.checks };
  throw neitherList();
}

/** -1 lets any app report; left out, the app that reported last is the one. */
function toCheckName({ context, app_id }: { context: string; app_id?: number | null }): CheckName {
  return { context, app: app_id === -1 ? null : app_id };
}

/** What GitHub says of a body with neither list, word for word: clients show it. */
function neitherList(): ProblemError {
  return invalid(
    'required_status_checks',
    'No subschema in "oneOf" matched.\n"contexts" wasn\'t supplied.\n"checks" wasn\'t supplied.',
    'missing_field',
  );
}

/** Adds, replaces or removes contexts, keeping the order and what is known about the apps of those that stay. */
export async function changeContexts(
  present: Protection,
  change: 'add' | 'replace' | 'remove',
  contexts: readonly string[],
  resolve: Resolver,
): Promise<ProtectionDraft> {
  const { strict, checks } = requireStatusChecks(present);
  const named = await resolve.checks(contexts.map((context) => ({ context, app: checks.find((check) => check.context === context)?.app })));
  const added = named.filter((check) => !checks.some((one) => one.context === check.context));
  const next = { add: [...checks, ...added], replace: named, remove: checks.filter((check) => !contexts.includes(check.context)) }[change];
  return withParameters(present, 'required_status_checks', { strict, checks: next });
}

async function restriction(
  lists: Lists,
  coversCreation: boolean,
  before: RestrictionParameters | null,
  resolve: Resolver,
): Promise<RestrictionParameters> {
  const present = before?.grants ?? [];
  return { grants: [...(await resolve.actors('restrictions', namesOf(lists), present)), ...present.filter(isUnsayable)], coversCreation };
}

export type RestrictionList = 'users' | 'teams' | 'apps';
const kinds = { users: 'user', teams: 'team', apps: 'app' } as const;

/** Changes one of the three lists of a restriction; the others, and the order of what stays, are left alone. */
export async function changeRestriction(
  present: Protection,
  change: 'add' | 'replace' | 'remove',
  list: RestrictionList,
  names: readonly string[],
  resolve: Resolver,
): Promise<ProtectionDraft> {
  const before = requireRestriction(present);
  const isOfList = (grant: Grant): boolean => grant.kind === kinds[list];
  const named = await resolve.actors(list, namesOf({ [list]: names }), change === 'remove' ? 'anybody' : before.grants.filter(isOfList));
  const [own, others] = [before.grants.filter(isOfList), before.grants.filter((grant) => !isOfList(grant))];
  const isNamed = (grant: Grant): boolean => named.some((one) => JSON.stringify(one) === JSON.stringify(grant));
  const next = {
    add: [...own, ...named.filter((grant) => !own.some((one) => JSON.stringify(one) === JSON.stringify(grant)))],
    replace: named,
    remove: own.filter((grant) => !isNamed(grant)),
  }[change];
  const inOrder = [...next, ...others].sort((a, b) => order(a) - order(b));
  if (inOrder.length > 100)
    throw new ProblemError({
      kind: 'invalid',
      errors: [{ field: list, code: 'custom', message: 'Only 100 users and teams can be specified.' }],
    });
  return withParameters(present, 'actor_restriction', { ...before, grants: inOrder });
}

function order({ kind }: Grant): number {
  return ['user', 'team', 'app'].indexOf(kind);
}

/** Switches a rule without parameters, and such like, on (with parameters) or off (null). */
export function withParameters(present: Protection, type: string, parameters: unknown | null): ProtectionDraft {
  return { rules: withRule(present.rules, type, parameters), enforceAdmins: present.enforceAdmins };
}

/** Turns a rule off that must be on. */
export function withoutRule(present: Protection, type: 'pull_request' | 'required_status_checks' | 'actor_restriction'): ProtectionDraft {
  requireOn(present, type);
  return withParameters(present, type, null);
}

export function requireStatusChecks(present: Pick<Protection, 'rules'>): StatusCheckParameters {
  requireOn(present, 'required_status_checks');
  return readRules(present).statusChecks!;
}

export function requireRestriction(present: Pick<Protection, 'rules'>): RestrictionParameters {
  requireOn(present, 'actor_restriction');
  return readRules(present).restriction!;
}

export function requireReviews(present: Pick<Protection, 'rules'>): PullRequestParameters {
  requireOn(present, 'pull_request');
  return readRules(present).pullRequest!;
}

function requireOn({ rules }: Pick<Protection, 'rules'>, type: string): void {
  if (!rules.some((one) => one.type === type)) throw new ProblemError({ kind: 'not-enabled', what: type });
}
