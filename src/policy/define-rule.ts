import type { Static, TSchema } from 'typebox';
import type { Actor, Means } from '#model/actor.ts';
import type { CommitFact, FactKind, PathFact, SignatureFact, Standing } from '#model/facts.ts';
import type { Change, RefUpdate } from '#model/ref-update.ts';
import type { Place } from '#model/verdict.ts';

/** Where a rule may stand: in a protection of either origin, or in a ruleset. It decides small differences of meaning. */
export type Home = 'github' | 'gitlab' | 'ruleset';

/** What a rule may look at without asking for a fact. */
export interface Circumstances {
  readonly home: Home;
  readonly update: RefUpdate;
  readonly change: Change;
  readonly means: Means;
  readonly actor: Actor;
  readonly standing: Standing;
  /** The parameters of another rule of the same effective protection; null when it has none. */
  readonly parametersOf: (type: string) => unknown;
}

/** The facts as a rule receives them: found out, or the rule is not asked. */
export interface KnownFacts {
  readonly fastForward: boolean;
  readonly commits: readonly CommitFact[];
  readonly paths: readonly PathFact[];
  readonly signatures: readonly SignatureFact[];
  readonly inProtectedBranch: boolean;
}

/** What a rule found; `decide` adds whose rule it was. */
export interface RuleFinding {
  readonly code: string;
  readonly values?: Readonly<Record<string, string | number>>;
  readonly places?: readonly Place[];
}

export interface RuleDefinition<Parameters extends TSchema = TSchema, Needs extends FactKind = FactKind> {
  readonly type: string;
  readonly title: string;
  readonly homes: readonly Home[];
  /** Homes whose every protection must carry this rule: without it the protection is damaged and refuses (law 6). */
  readonly mandatoryIn: readonly Home[];
  readonly parameters: Parameters;
  /** Whether the rule says anything about this kind of change. Facts are gathered only where one does. */
  concerns(circumstances: Circumstances, parameters: Static<Parameters>): boolean;
  readonly needs: readonly Needs[];
  violations(circumstances: Circumstances & Pick<KnownFacts, Needs>, parameters: Static<Parameters>): readonly RuleFinding[];
  /** The grants that made the rule true, for the record. */
  letInBy?(circumstances: Circumstances, parameters: Static<Parameters>): readonly string[];
}

/** Checks a definition's types against each other; the list of rules holds them without their parameters' types. */
export function defineRule<Parameters extends TSchema, Needs extends FactKind>(
  definition: RuleDefinition<Parameters, Needs>,
): RuleDefinition {
  // Safe because `decide` hands every rule parameters that passed this very schema, and the facts it named.
  return definition as unknown as RuleDefinition;
}
