import fc, { type Arbitrary } from 'fast-check';
import type { BypassActor, Grant, Origin, Protection, Rule, RuleOwner, Ruleset } from '#model/protection.ts';
import type { RuleBook } from '#policy/combine.ts';

const small = fc.integer({ min: 1, max: 3 });

const grant: Arbitrary<Grant> = fc.oneof(
  { weight: 3, arbitrary: fc.constantFrom<0 | 30 | 40 | 60>(0, 30, 40, 60).map((level): Grant => ({ kind: 'role', level })) },
  { weight: 3, arbitrary: fc.tuple(fc.constantFrom('user', 'app', 'deploy-key'), small).map(([kind, id]): Grant => ({ kind, id })) },
  { weight: 1, arbitrary: fc.tuple(small, fc.boolean()).map(([id, childTeams]): Grant => ({ kind: 'team', id, childTeams })) },
);
const grants = fc.array(grant, { maxLength: 3 });

const rule = (type: string, parameters: Arbitrary<unknown>): Arbitrary<Rule> => parameters.map((value) => ({ type, parameters: value }));
const bare = (type: string): Arbitrary<Rule> => rule(type, fc.constant({}));

const pullRequest = rule(
  'pull_request',
  grants.map((passes) => ({
    approvals: 1,
    dismissStale: false,
    codeOwners: false,
    lastPush: false,
    dismissal: { mode: 'writers' },
    passes,
  })),
);
const checks = rule(
  'required_status_checks',
  fc.record({
    strict: fc.boolean(),
    checks: fc.uniqueArray(fc.record({ context: fc.constantFrom('ci', 'lint'), app: fc.constantFrom(null, null, 1) }), { maxLength: 2 }),
  }),
);
const restriction = rule('actor_restriction', fc.record({ grants, coversCreation: fc.boolean() }));
const lock = rule('lock', fc.record({ forkSync: fc.boolean() }));
const broken = fc.constantFrom<Rule>(
  { type: 'quantum_review', parameters: {} },
  { type: 'push_access', parameters: null },
  { type: 'pull_request', parameters: { passes: [] } },
  { type: 'deletion', parameters: { allowed: 'friends' } },
);

const optionalRules: Readonly<Record<Origin | 'ruleset', Arbitrary<Rule>>> = {
  github: fc.oneof(
    { weight: 3, arbitrary: pullRequest },
    { weight: 2, arbitrary: restriction },
    { weight: 2, arbitrary: checks },
    { weight: 2, arbitrary: fc.oneof(bare('required_linear_history'), bare('required_signatures')) },
    { weight: 1, arbitrary: fc.oneof(lock, bare('conversation_resolution')) },
  ),
  gitlab: bare('code_owner_review'),
  ruleset: fc.oneof(
    pullRequest,
    checks,
    ...['update', 'creation', 'deletion', 'non_fast_forward', 'required_linear_history', 'required_signatures'].map(bare),
  ),
};

const mandatoryRules: Readonly<Record<Origin, Arbitrary<Rule>[]>> = {
  github: [
    rule('non_fast_forward', fc.record({ allowed: fc.boolean() })),
    rule('deletion', fc.record({ allowed: fc.constantFrom('nobody', 'pushers') })),
  ],
  gitlab: [
    rule('push_access', fc.record({ grants })),
    rule('merge_access', fc.record({ grants })),
    rule('non_fast_forward', fc.record({ allowed: fc.boolean() })),
    bare('creation'),
    rule('deletion', fc.record({ allowed: fc.constantFrom('maintainers-by-api', 'maintainers-by-api', 'pushers', 'nobody') })),
  ],
};

const patterns: Readonly<Record<Origin, readonly string[]>> = {
  github: ['main', 'main', '**/*', '**/*', '*', 'm[a-z]*', 'release/*'],
  gitlab: ['main', 'main', '*', '*', 'm*', 'release/*'],
};

export const repositoryLevel: RuleOwner = { repository: 1 };
export const organizationLevel: RuleOwner = { organization: 9 };
const owner = fc.oneof({ weight: 3, arbitrary: fc.constant(repositoryLevel) }, { weight: 1, arbitrary: fc.constant(organizationLevel) });

/** A rule that somebody could add where it is; now and then one that nobody knows, or cannot read. */
export function anyRule(home: Origin | 'ruleset'): Arbitrary<Rule> {
  return fc.oneof({ weight: 20, arbitrary: optionalRules[home] }, { weight: 1, arbitrary: broken });
}

export function anyProtection(origin: Origin): Arbitrary<Protection> {
  return fc
    .record({
      id: fc.integer({ min: 1, max: 1_000_000 }),
      version: fc.constant(1),
      owner,
      origin: fc.constant(origin),
      pattern: fc.constantFrom(...patterns[origin]),
      mandatory: fc.tuple(...mandatoryRules[origin]),
      optional: fc.uniqueArray(fc.oneof({ weight: 40, arbitrary: optionalRules[origin] }, { weight: 1, arbitrary: broken }), {
        maxLength: 3,
        selector: (one) => one.type,
      }),
      isWhole: fc.integer({ min: 0, max: 40 }).map((roll) => roll > 0),
      enforceAdmins: origin === 'gitlab' ? fc.constant(true) : fc.boolean(),
      manage: origin === 'github' ? fc.constant([]) : fc.oneof({ weight: 3, arbitrary: fc.constant([]) }, { weight: 1, arbitrary: grants }),
      native: fc.record({
        demandsReason: fc.integer({ min: 0, max: 5 }).map((roll) => roll === 0),
        acceptsElevated: fc.integer({ min: 0, max: 8 }).map((roll) => roll > 0),
      }),
    })
    .map(({ mandatory, optional, isWhole, ...rest }) => ({ ...rest, rules: [...optional, ...(isWhole ? mandatory : mandatory.slice(1))] }));
}

const bypassActor: Arbitrary<BypassActor> = fc.oneof(
  fc.constantFrom<BypassActor>(
    { type: 'role', id: 30 },
    { type: 'role', id: 40 },
    { type: 'organization-admin', id: null },
    { type: 'deploy-key', id: null },
  ),
  fc.tuple(fc.constantFrom('team', 'app'), small).map(([type, id]): BypassActor => ({ type, id })),
);

export function anyRuleset(enforcement: Arbitrary<Ruleset['enforcement']> = fc.constant('active')): Arbitrary<Ruleset> {
  return fc.record({
    id: fc.integer({ min: 1, max: 1_000_000 }),
    version: fc.constant(1),
    owner,
    name: fc.constant('rules'),
    target: fc.constantFrom('branch', 'branch', 'branch', 'tag'),
    enforcement,
    conditions: fc.record({
      include: fc.constantFrom(['~ALL'], ['~DEFAULT_BRANCH'], ['refs/heads/m*'], ['refs/heads/**/*']),
      exclude: fc.constantFrom([], [], [], ['refs/heads/main']),
    }),
    rules: fc.uniqueArray(fc.oneof({ weight: 40, arbitrary: optionalRules.ruleset }, { weight: 1, arbitrary: broken }), {
      maxLength: 2,
      selector: (one) => one.type,
    }),
    bypass: fc.array(fc.record({ actor: bypassActor, mode: fc.constantFrom('always', 'always', 'pull_request', 'exempt') }), {
      maxLength: 2,
    }),
  });
}

/** Rules that overlap: of both origins, of the repository and its organization, and rulesets. Ids are unique. */
export const ruleBook: Arbitrary<RuleBook> = fc.record({
  protections: fc.tuple(some(anyProtection('github'), 5), some(anyProtection('gitlab'), 1)).map((both) => withIds(both.flat())),
  rulesets: some(anyRuleset(fc.constantFrom('active', 'active', 'evaluate', 'disabled')), 2).map(withIds),
});

/** One or two of them with this weight, against none with weight 2. */
function some<T>(one: Arbitrary<T>, weight: number): Arbitrary<T[]> {
  return fc.oneof({ weight, arbitrary: fc.array(one, { minLength: 1, maxLength: 2 }) }, { weight: 2, arbitrary: fc.constant<T[]>([]) });
}

function withIds<T extends { readonly id: number }>(all: readonly T[]): T[] {
  return all.map((one, index) => ({ ...one, id: one.id * 10 + index }));
}
