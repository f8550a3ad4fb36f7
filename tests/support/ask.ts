import assert from 'node:assert/strict';
import type { FactKind } from '#model/facts.ts';
import type { Rule } from '#model/protection.ts';
import { changeOf } from '#model/ref-update.ts';
import type { Circumstances, Home, KnownFacts, RuleDefinition, RuleFinding } from '#policy/define-rule.ts';
import { parametersFit } from '#policy/rules/index.ts';
import { actorIn, innocent, moving, type Setting, standingIn } from './scene.ts';

/** One rule on its own; what is not said is as in a `Scene`. */
export interface Question extends Setting {
  readonly home?: Home;
  readonly update?: ReturnType<typeof moving>;
  /** Rules of the same protection. */
  readonly beside?: readonly Rule[];
  readonly facts?: Partial<KnownFacts>;
}

/** What the rule finds, asked as the gate asks it: only where it is concerned, with the facts that it named and no others. */
export function ask(rule: RuleDefinition, parameters: unknown, question: Question = {}): readonly RuleFinding[] | 'not concerned' {
  assert.ok(parametersFit({ type: rule.type, parameters }), 'the parameters do not fit the rule');
  const about = circumstances(rule, question);
  if (!rule.concerns(factsLockedAway(about, []), parameters)) return 'not concerned';
  return rule.violations(factsLockedAway({ ...about, ...knownFacts(question.facts) }, rule.needs), parameters);
}

/** The codes of what it finds. */
export function codes(rule: RuleDefinition, parameters: unknown, question: Question = {}): string[] | 'not concerned' {
  const found = ask(rule, parameters, question);
  return found === 'not concerned' ? found : found.map((finding) => finding.code);
}

export function circumstances(rule: RuleDefinition, question: Question): Circumstances {
  const { home = rule.homes[0]!, update = moving(), means = 'push', beside = [] } = question;
  return {
    home,
    update,
    change: changeOf(update),
    means,
    actor: actorIn(question),
    standing: standingIn(question),
    parametersOf: (type) => beside.find((one) => one.type === type)?.parameters ?? null,
  };
}

export function knownFacts(changes: Partial<KnownFacts> = {}): KnownFacts {
  const known = Object.fromEntries(Object.entries(innocent).map(([kind, fact]) => [kind, 'known' in fact ? fact.known : null]));
  return { ...(known as unknown as KnownFacts), ...changes };
}

/** Throws when a fact is looked at that was not named. */
export function factsLockedAway<T extends object>(
  input: T,
  allowed: readonly FactKind[],
  onRead?: (kind: FactKind) => void,
): T & KnownFacts {
  return new Proxy(input, {
    get(target, key, receiver) {
      if (typeof key === 'string' && key in innocent) {
        if (!allowed.includes(key as FactKind)) throw new Error(`the rule looked at ${key}, which it does not need`);
        onRead?.(key as FactKind);
      }
      return Reflect.get(target, key, receiver);
    },
  }) as T & KnownFacts;
}

/** The rows that the rule names for the record. */
export function letInBy(rule: RuleDefinition, parameters: unknown, question: Question = {}): readonly string[] {
  return rule.letInBy?.(circumstances(rule, question), parameters) ?? [];
}
