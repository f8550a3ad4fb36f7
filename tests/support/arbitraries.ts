import fc, { type Arbitrary } from 'fast-check';
import type { Actor, Means, Via, Who } from '#model/actor.ts';
import { type BypassBounds, operations } from '#model/bypass-bounds.ts';
import type { CheckResult, Fact, GranterStanding, RefFacts, SignatureFact, Standing } from '#model/facts.ts';
import type { RefUpdate } from '#model/ref-update.ts';
import type { Rung } from '#model/rung.ts';
import type { Verdict } from '#model/verdict.ts';
import type { RuleBook } from '#policy/combine.ts';
import { decide, type ProposedPush } from '#policy/decide.ts';
import { ruleBook } from './arbitrary-rules.ts';
import { main, newTip, noon, oldTip } from './scene.ts';

/** All that a decision is made of. */
export interface Case {
  readonly push: ProposedPush;
  readonly facts: { readonly refs: readonly RefFacts[]; readonly standing: Standing };
  readonly rules: RuleBook;
  readonly actor: Actor;
  readonly now: number;
}

export const decideCase = ({ push, facts, rules, actor, now }: Case): Verdict => decide(push, facts, rules, actor, now);

/** `usual` in most cases, one of the others now and then: so that many things may be wrong at once, and seldom all. */
function mostly<T>(usual: T, weight: number, ...others: readonly T[]): Arbitrary<T> {
  return fc.oneof({ weight, arbitrary: fc.constant(usual) }, { weight: 1, arbitrary: fc.constantFrom(...others) });
}

const small = fc.integer({ min: 1, max: 3 });
const smalls = fc.uniqueArray(small, { maxLength: 3 });

const refName = fc.oneof(
  { weight: 5, arbitrary: fc.constant(main) },
  { weight: 5, arbitrary: fc.constantFrom('refs/heads/dev', 'refs/heads/master', 'refs/heads/release/1') },
  { weight: 1, arbitrary: fc.constantFrom('refs/heads/free', 'refs/tags/v1', 'refs/notes/x', 'refs/pull/1/head') },
);
const change = fc.oneof(
  { weight: 12, arbitrary: fc.constant({ oldId: oldTip, newId: newTip }) },
  { weight: 3, arbitrary: fc.constant({ oldId: null, newId: newTip }) },
  { weight: 2, arbitrary: fc.constant({ oldId: oldTip, newId: null }) },
);
const update: Arbitrary<RefUpdate> = fc.tuple(refName, change).map(([name, ids]) => ({ refName: name, ...ids }));

function fact<T>(known: Arbitrary<T>): Arbitrary<Fact<T>> {
  return fc.oneof(
    { weight: 30, arbitrary: known.map((value) => ({ known: value })) },
    { weight: 1, arbitrary: fc.constant({ unknown: 'no disk' }) },
  );
}

const commitIds = fc.uniqueArray(fc.constantFrom('c1', 'c2', 'c3'), { minLength: 1 });
const signature = (commit: string): Arbitrary<SignatureFact> =>
  fc.oneof(
    { weight: 4, arbitrary: fc.constant<SignatureFact>({ commit, verified: true, key: { kind: 'server' } }) },
    { weight: 1, arbitrary: small.map((id): SignatureFact => ({ commit, verified: true, key: { kind: 'gpg', id } })) },
    { weight: 1, arbitrary: fc.constant<SignatureFact>({ commit, verified: false, reason: 'unsigned' }) },
  );

const refFacts: Arbitrary<Required<RefFacts>> = commitIds.chain((ids) =>
  fc.record({
    fastForward: fact(mostly(true, 4, false)),
    commits: fact(fc.tuple(...ids.map((id) => mostly(['p'], 5, ['p', 'q']).map((parents) => ({ id, parents }))))),
    paths: fact(fc.tuple(...ids.map((commit) => fc.constantFrom('docs/a', 'docs/a', 'src/a').map((path) => ({ commit, path }))))),
    signatures: fact(fc.tuple(...ids.map(signature))),
    inProtectedBranch: fact(fc.boolean()),
  }),
);

const checkResult: Arbitrary<CheckResult> = fc.record({
  context: fc.constantFrom('ci', 'CI', 'lint'),
  app: fc.constantFrom(null, 1),
  kind: fc.constantFrom('status', 'check-run'),
  order: small,
  state: mostly<CheckResult['state']>('passing', 4, 'failing', 'pending'),
});

const who: Arbitrary<Who> = fc.oneof(
  { weight: 5, arbitrary: small.map((id): Who => ({ kind: 'user', id, siteAdmin: false, responsible: [id] })) },
  { weight: 2, arbitrary: small.map((id): Who => ({ kind: 'robot', id, siteAdmin: false, responsible: [1] })) },
  { weight: 1, arbitrary: small.map((id): Who => ({ kind: 'app', id, siteAdmin: false, responsible: [1] })) },
  { weight: 1, arbitrary: small.map((id): Who => ({ kind: 'deploy-key', id, creator: 1 })) },
);

const vias: readonly Via[] = ['web', 'api', 'git-http', 'git-ssh', 'server'];
const via = fc.oneof(
  { weight: 12, arbitrary: fc.constantFrom<Via>('api', 'git-http') },
  { weight: 4, arbitrary: fc.constantFrom<Via>('git-ssh') },
  { weight: 2, arbitrary: fc.constantFrom(...vias) },
);

const actor: Arbitrary<Actor> = fc
  .record({ who, via, sudoBy: mostly<number | null>(null, 40, 9) })
  .map(({ who: somebody, via: door, sudoBy }) => ({
    who: somebody,
    via: door,
    credential: { kind: 'token', id: 1 },
    ...(sudoBy !== null && { sudoBy }),
  }));

const granter: Arbitrary<GranterStanding> = fc.record({
  active: mostly(true, 12, false),
  siteAdmin: mostly(false, 8, true),
  rung: mostly<Rung>(40, 6, 0, 35, 50),
  organizationOwner: mostly(true, 4, false),
  userId: small,
  directTeams: smalls,
});

/** Mostly wide: a token that is out of bounds in every way shows nothing about any one bound. */
export const bounds: Arbitrary<BypassBounds> = fc.record({
  repositories: mostly<BypassBounds['repositories']>([1], 12, [2], 'all', []),
  refs: mostly<readonly string[]>(['refs/**/*'], 6, ['refs/heads/*'], ['refs/heads/release/*'], [main], []),
  operations: fc.oneof({ weight: 6, arbitrary: fc.constant(operations) }, { weight: 2, arbitrary: fc.subarray([...operations]) }),
  ruleTypes: fc.oneof({ weight: 6, arbitrary: fc.constant(tokenTypes()) }, { weight: 2, arbitrary: fc.subarray(tokenTypes()) }),
  paths: mostly<readonly string[] | null>(null, 8, ['docs/*'], ['docs/*', 'src/*'], []),
  uses: fc.oneof(
    { weight: 4, arbitrary: fc.constant(null) },
    {
      weight: 3,
      arbitrary: fc.record({ max: fc.integer({ min: 0, max: 5 }), reserved: fc.constantFrom(0, 1), spent: fc.constantFrom(0, 0, 1) }),
    },
  ),
  expiresAt: mostly(noon + 1000, 15, noon, noon - 1000),
  grantedBy: mostly<number | 'operator'>(1, 6, 'operator'),
});

function tokenTypes(): string[] {
  return [
    ...['pull_request', 'required_status_checks', 'actor_restriction', 'required_linear_history', 'required_signatures', 'lock'],
    ...['push_access', 'merge_access', 'creation', 'deletion', 'non_fast_forward', 'update', 'quantum_review', 'repository'],
  ];
}

const elevated: Arbitrary<Standing['elevated']> = fc.option(fc.record({ bounds, granter }), { freq: 2 });

const standing: Arbitrary<Standing> = fc.record({
  actor: fc.record({
    dead: mostly<string | null>(null, 80, 'the token was revoked'),
    rung: fc.oneof(
      { weight: 20, arbitrary: fc.constantFrom<Rung>(30, 40) },
      { weight: 3, arbitrary: fc.constantFrom<Rung>(0, 20, 35, 50) },
    ),
    siteAdmin: mostly(false, 15, true),
    organizationOwner: mostly(false, 8, true),
    directTeams: smalls,
    teams: smalls,
    keyMayWrite: mostly(true, 20, false),
  }),
  elevated,
  bypassReason: fc.constantFrom(null, 'because'),
  repository: fc.record({
    id: fc.constant(1),
    archived: mostly(false, 80, true),
    defaultBranch: mostly('refs/heads/trunk', 2, main),
    isEmpty: mostly(false, 6, true),
  }),
  checks: fc.array(checkResult, { maxLength: 3 }).map((results) => new Map([[newTip, results]])),
  liveKeys: smalls.map((ids) => new Set(['server', ...ids.map((id) => `gpg:${id}`)])),
});

const means = fc.oneof(
  { weight: 6, arbitrary: fc.constant<Means>('push') },
  { weight: 4, arbitrary: fc.constantFrom<Means>('ref-api', 'contents', 'merge', 'auto-merge', 'fork-sync', 'rename', 'landing') },
);

interface Wishes {
  /** Refs in one push, at most. */
  readonly refs?: number;
}

/** A push of up to three refs, with everything it is judged by: people, tokens, rules of every origin and level, facts. */
export function anyCase(wishes: Wishes = {}): Arbitrary<Case> {
  return fc.oneof(caseOfAnybody(wishes), caseWithToken(wishes));
}

function caseOfAnybody({ refs = 3 }: Wishes): Arbitrary<Case> {
  return fc.uniqueArray(update, { minLength: 1, maxLength: refs, selector: (one) => one.refName }).chain((updates) =>
    fc.record({
      push: means.map((door) => ({ updates, means: door })),
      facts: fc.record({ refs: fc.tuple(...updates.map(() => refFacts)), standing }),
      rules: ruleBook,
      actor,
      now: fc.constant(noon),
    }),
  );
}

/** A case of somebody whose elevated token is good for nearly everything in reach. */
export function caseWithToken(wishes: Wishes = {}): Arbitrary<Case> {
  return fc.tuple(caseOfAnybody(wishes), fc.constantFrom<Via>('api', 'git-http')).map(([one, door]) => {
    const { sudoBy: _, ...asOneself } = one.actor;
    const { standing: given } = one.facts;
    const able = { ...given.actor, dead: null, keyMayWrite: true, rung: given.actor.rung < 30 ? (30 as const) : given.actor.rung };
    return {
      ...one,
      actor: { ...asOneself, via: door },
      facts: { ...one.facts, standing: { ...given, actor: able, elevated: wideToken, bypassReason: 'because' } },
    };
  });
}

const wideToken: NonNullable<Standing['elevated']> = {
  bounds: {
    repositories: [1],
    refs: ['refs/**/*'],
    operations,
    ruleTypes: tokenTypes(),
    paths: ['**/*'],
    uses: { max: 9, reserved: 0, spent: 0 },
    expiresAt: noon + 1,
    grantedBy: 1,
  },
  granter: { active: true, siteAdmin: false, rung: 50, organizationOwner: true, userId: 1, directTeams: [] },
};
