import type { Grant, Protection, Rule, Ruleset } from '#model/protection.ts';
import { branchOf, branchRef, tagOf } from '#model/ref-name.ts';
import type { Source } from '#model/verdict.ts';
import type { Home } from './define-rule.ts';
import { isExactPattern, patternCovers } from './patterns/branch-pattern.ts';
import { fnmatch } from './patterns/fnmatch.ts';
import { mandatoryRules, parametersFit } from './rules/index.ts';

/** All rules that may apply to a repository: its own, its organization's. */
export interface RuleBook {
  readonly protections: readonly Protection[];
  readonly rulesets: readonly Ruleset[];
}

/** A rule as it is judged: after union, with every protection it came from. */
export interface EffectiveRule extends Rule {
  readonly sources: readonly [Source, ...Source[]];
}

/** What is judged as one: the selected GitHub protection of a level, a united level of GitLab protections, or one ruleset. */
export interface EffectiveSource {
  readonly home: Home;
  readonly rules: readonly EffectiveRule[];
  readonly protections: readonly Protection[];
  readonly ruleset: Ruleset | null;
  /** What a protection lacks, or has twice where one of them would be overlooked: it is damaged and refuses (law 6 of spec/model.md). */
  readonly damage: readonly Damage[];
}

interface Damage {
  readonly type: string;
  readonly code: 'rule_missing' | 'rule_damaged';
  readonly source: Source;
}

/**
 * What applies to a ref, each element to be satisfied on its own (spec/model.md 3.2). Within a level, of GitHub origin: the exact
 * name, else the oldest matching pattern, one only; of GitLab origin: every match, grants united. The organization's level is
 * a floor beside the repository's. Rulesets: every one that matches.
 */
export function effectiveSources(book: RuleBook, refName: string, defaultBranch: string): EffectiveSource[] {
  const branch = branchOf(refName);
  const covering = branch === null ? [] : book.protections.filter((one) => patternCovers(one.origin, one.pattern, branch));
  const levels = [covering.filter((one) => 'repository' in one.owner), covering.filter((one) => 'organization' in one.owner)];
  const selected = levels.map((level) => selectOne(level.filter((one) => one.origin === 'github'))).filter((one) => one !== null);
  const unions = levels.map((level) => level.filter((one) => one.origin === 'gitlab')).filter((level) => level.length > 0);
  return [
    ...selected.map(alone),
    ...unions.map(united),
    ...book.rulesets.filter((ruleset) => rulesetCovers(ruleset, refName, defaultBranch)).map(ofRuleset),
  ];
}

/** Whether anything that refuses covers the branch: what covers it is a source, alone or united. Asked of every branch of a repository. */
export function isProtectedBranch({ protections, rulesets }: RuleBook, branchName: string, defaultBranch: string): boolean {
  return (
    protections.some((one) => patternCovers(one.origin, one.pattern, branchName)) ||
    rulesets.some((one) => one.enforcement === 'active' && rulesetCovers(one, branchRef(branchName), defaultBranch))
  );
}

/** A ruleset that is being tried out: what it finds is recorded and refuses nothing. */
export function isObserving({ ruleset }: EffectiveSource): boolean {
  return ruleset?.enforcement === 'evaluate';
}

/** GitHub: exact names win over patterns, then the oldest rule (spec/github.md 2.1). Ids grow with age. */
export function selectOne(covering: readonly Protection[]): Protection | null {
  const oldestFirst = [...covering].sort((a, b) => a.id - b.id);
  return oldestFirst.find((one) => isExactPattern(one.origin, one.pattern)) ?? oldestFirst[0] ?? null;
}

function alone(protection: Protection): EffectiveSource {
  const source = sourceOf(protection);
  const rules = protection.rules.map((rule) => ({ ...rule, sources: [source] as const }));
  return { home: 'github', rules, protections: [protection], ruleset: null, damage: [...lacking(protection), ...repeated(protection)] };
}

/** GitLab (spec/gitlab.md 2.2): grants and the force-push flag are united, every demand adds. */
function united(level: readonly Protection[]): EffectiveSource {
  const all = level.flatMap((protection) => protection.rules.map((rule) => ({ ...rule, source: sourceOf(protection) })));
  // What cannot be read is not united with what can: it has to be seen, and to refuse.
  const unreadable = all.filter((rule) => !parametersFit(rule));
  const byType = Map.groupBy(
    all.filter((rule) => !unreadable.includes(rule)),
    (rule) => rule.type,
  );
  const rules = [...byType].flatMap(([type, same]): EffectiveRule[] => {
    const { sources } = asOne(same);
    const parameters = same.map((rule) => rule.parameters);
    switch (type) {
      case 'push_access':
      case 'merge_access':
        return [{ type, sources, parameters: { grants: parameters.flatMap((one) => (one as { grants: readonly Grant[] }).grants) } }];
      case 'non_fast_forward':
        return [{ type, sources, parameters: { allowed: parameters.some((one) => (one as { allowed?: boolean }).allowed === true) } }];
      default:
        // Demands add; those that say the same are judged once.
        return [...Map.groupBy(same, (rule) => JSON.stringify(rule.parameters)).values()].map(asOne);
    }
  });
  const damage = level.flatMap(lacking);
  return { home: 'gitlab', rules: [...rules, ...unreadable.map((rule) => asOne([rule]))], protections: level, ruleset: null, damage };
}

function asOne(same: readonly (Rule & { readonly source: Source })[]): EffectiveRule {
  const { type, parameters, source } = same[0]!;
  return { type, parameters, sources: [source, ...same.slice(1).map((rule) => rule.source)] };
}

function ofRuleset(ruleset: Ruleset): EffectiveSource {
  const source: Source = { kind: 'ruleset', id: ruleset.id, version: ruleset.version, name: ruleset.name };
  const rules = ruleset.rules.map((rule) => ({ ...rule, sources: [source] as const }));
  return { home: 'ruleset', rules, protections: [], ruleset, damage: [] };
}

function rulesetCovers({ enforcement, target, conditions }: Ruleset, refName: string, defaultBranch: string): boolean {
  if (enforcement === 'disabled') return false;
  const aimed = target === 'branch' ? branchOf(refName) !== null : target === 'tag' ? tagOf(refName) !== null : false;
  const matches = (pattern: string) =>
    pattern === '~ALL' || (pattern === '~DEFAULT_BRANCH' ? refName === defaultBranch : fnmatch(pattern, refName));
  return aimed && conditions.include.some(matches) && !conditions.exclude.some(matches);
}

function lacking(protection: Protection): Damage[] {
  return mandatoryRules(protection.origin)
    .filter((definition) => !protection.rules.some((rule) => rule.type === definition.type))
    .map((definition) => ({ type: definition.type, code: 'rule_missing', source: sourceOf(protection) }));
}

/** Of two rules of one type, those that look at it would see only one (`parametersIn`). */
function repeated(protection: Protection): Damage[] {
  return protection.rules
    .filter((rule, index) => protection.rules.findIndex((one) => one.type === rule.type) < index)
    .map((rule) => ({ type: rule.type, code: 'rule_damaged', source: sourceOf(protection) }));
}

/** What a rule beside the one that is judged says; null: there is none that can be read. */
export function parametersIn({ rules }: Pick<EffectiveSource, 'rules'>, type: string): unknown {
  return rules.find((rule) => rule.type === type && parametersFit(rule))?.parameters ?? null;
}

function sourceOf({ id, version, origin, pattern }: Protection): Source {
  return { kind: 'protection', id, version, origin, pattern };
}
