import type { Actor, Means, Who } from '#model/actor.ts';
import type { BypassBounds } from '#model/bypass-bounds.ts';
import type { GranterStanding, RefFacts, Standing } from '#model/facts.ts';
import type { Protection, Ruleset } from '#model/protection.ts';
import type { ObjectId, RefUpdate } from '#model/ref-update.ts';
import type { RefVerdict, Verdict } from '#model/verdict.ts';
import type { RuleBook } from '#policy/combine.ts';
import { decide, type ProposedPush } from '#policy/decide.ts';

export const main = 'refs/heads/main';
export const oldTip: ObjectId = 'a'.repeat(40);
export const newTip: ObjectId = 'b'.repeat(40);

export const moving = (refName = main): RefUpdate => ({ refName, oldId: oldTip, newId: newTip });
export const creating = (refName = main): RefUpdate => ({ refName, oldId: null, newId: newTip });
export const deleting = (refName = main): RefUpdate => ({ refName, oldId: oldTip, newId: null });

export const noon = Date.UTC(2026, 0, 2, 12);

/** Somebody, and what the database says about them. */
export interface Persona {
  readonly who: Who;
  readonly via: Actor['via'];
  readonly as: Standing['actor'];
}

const plain: Standing['actor'] = {
  dead: null,
  rung: 30,
  siteAdmin: false,
  organizationOwner: false,
  directTeams: [],
  teams: [],
  keyMayWrite: true,
};

const person = (id: number): Who => ({ kind: 'user', id, siteAdmin: false, responsible: [id] });

export const developer: Persona = { who: person(11), via: 'git-http', as: plain };
export const admin: Persona = { who: person(12), via: 'git-http', as: { ...plain, rung: 40 } };
/** Site admin without a membership. */
export const siteAdmin: Persona = {
  who: { kind: 'user', id: 13, siteAdmin: true, responsible: [13] },
  via: 'git-http',
  as: { ...plain, rung: 0, siteAdmin: true },
};
export const robot: Persona = {
  who: { kind: 'robot', id: 14, siteAdmin: false, responsible: [12] },
  via: 'git-http',
  as: { ...plain, rung: 40 },
};
export const app: Persona = {
  who: { kind: 'app', id: 15, siteAdmin: false, responsible: [12] },
  via: 'git-http',
  as: { ...plain, rung: 40 },
};
/** An admin's key: its rung is what its creator may do. */
export const deployKey: Persona = { who: { kind: 'deploy-key', id: 16, creator: 12 }, via: 'git-ssh', as: { ...plain, rung: 40 } };

/** Who asks, how, and what the database says: what differs from a developer with write access who pushes over HTTP. */
export interface Setting {
  readonly by?: Persona;
  readonly via?: Actor['via'];
  readonly sudoBy?: number;
  readonly as?: Partial<Standing['actor']>;
  readonly standing?: Partial<Omit<Standing, 'actor' | 'repository'>>;
  readonly repository?: Partial<Standing['repository']>;
  readonly means?: Means;
}

/** A push; what is not said: of one plain, signed commit to `main`, which nothing protects. */
export interface Scene extends Setting {
  readonly updates?: readonly RefUpdate[];
  readonly facts?: RefFacts;
  readonly protections?: readonly Protection[];
  readonly rulesets?: readonly Ruleset[];
  readonly now?: number;
}

export const innocent: Required<RefFacts> = {
  fastForward: { known: true },
  commits: { known: [{ id: newTip, parents: [oldTip] }] },
  paths: { known: [{ commit: newTip, path: 'src/index.ts' }] },
  signatures: { known: [{ commit: newTip, verified: true, key: { kind: 'server' } }] },
  inProtectedBranch: { known: true },
};

export function actorIn({ by = developer, via = by.via, sudoBy }: Setting): Actor {
  const kinds = { web: 'cookie', api: 'token', 'git-http': 'token', 'git-ssh': 'ssh-key', server: 'job' } as const;
  return { who: by.who, via, credential: { kind: kinds[via], id: 1 }, ...(sudoBy !== undefined && { sudoBy }) };
}

export function standingIn({ by = developer, as = {}, standing = {}, repository = {} }: Setting): Standing {
  return {
    actor: { ...by.as, ...as },
    elevated: null,
    bypassReason: null,
    repository: { id: 1, archived: false, defaultBranch: main, isEmpty: false, ...repository },
    checks: new Map(),
    liveKeys: new Set(['server']),
    ...standing,
  };
}

export function bookIn({ protections = [], rulesets = [] }: Scene): RuleBook {
  return { protections, rulesets };
}

export function pushIn({ updates = [moving()], means = 'push' }: Scene): ProposedPush {
  return { updates, means };
}

export function judge(scene: Scene): Verdict {
  const push = pushIn(scene);
  const facts = { refs: push.updates.map(() => ({ ...innocent, ...scene.facts })), standing: standingIn(scene) };
  return decide(push, facts, bookIn(scene), actorIn(scene), scene.now ?? noon);
}

/** The verdict on the only ref of the scene. */
export function judgeOne(scene: Scene): RefVerdict {
  return judge(scene).refs[0]!;
}

export function codesOf({ violations }: RefVerdict): string[] {
  return violations.map((violation) => violation.code);
}

/** An elevated token with everything that one can name, granted by an admin of the repository. */
export function elevated(bounds: Partial<BypassBounds> = {}, granter: Partial<GranterStanding> = {}): NonNullable<Standing['elevated']> {
  return {
    bounds: {
      repositories: [1],
      refs: ['refs/heads/**/*'],
      operations: ['update', 'force-push', 'create', 'delete', 'merge'],
      ruleTypes: [
        'pull_request',
        'required_status_checks',
        'actor_restriction',
        'required_linear_history',
        'required_signatures',
        'push_access',
      ],
      paths: null,
      uses: null,
      expiresAt: noon + 1,
      grantedBy: 21,
      ...bounds,
    },
    granter: { active: true, siteAdmin: false, rung: 40, organizationOwner: false, userId: 21, directTeams: [], ...granter },
  };
}
