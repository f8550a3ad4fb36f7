import type { Grant, Protection, Rule, Ruleset } from '#model/protection.ts';
import { branchOf, tagOf } from '#model/ref-name.ts';
import type { Source } from '#model/verdict.ts';
import type { Home } from './define-rule.ts';
import { isExactPattern, patternCovers } from './patterns/branch-pattern.ts';
import { fnmatch } from './patterns/fnmatch.ts';
import { mandatoryRules } from './rules/index.ts';

/** All rules that may apply to a repository: its own, its organization's. */
export interface RuleBook {
  readonly protections: readonly Protection[];
  readonly rulesets: readonly Ruleset[];
}

/** A rule as it is judged: after union, with every protection it came from. */
export interface EffectiveRule extends Rule {
  readonly sources: readonly [Source, ...Source[]];
}

/** What is judged as one: the selected GitHub protection, a united level of GitLab protections, or one ruleset. */
export interface EffectiveSource {
  readonly home: Home;
  readonly rules: readonly EffectiveRule[];
  readonly protections: readonly Protection[];
  readonly ruleset: Ruleset | null;
  /** Mandatory rules that a protection lacks: it is damaged and refuses (law 6 of spec/model.md). */
  readonly damage: readonly { readonly type: string; readonly source: Source }[];
}

/**
 * What applies to a ref, each element to be satisfied on its own (spec/model.md 3.2). GitHub origin: the exact name, else the
 * oldest matching pattern, one only. GitLab origin: every match, grants united within a level; the organization's level is
 * a floor beside the repository's. Rulesets: every one that matches.
 */
export function effectiveSources(book: RuleBook, refName: string, defaultBranch: string): EffectiveSource[] {
  const branch = branchOf(refName);
  const covering = branch === null ? [] : book.protections.filter((one) => patternCovers(one.origin, one.pattern, branch));
  const github = selectOne(covering.filter((one) => one.origin === 'github'));
  const gitlab = covering.filter((one) => one.origin === 'gitlab');
  const levels = [gitlab.filter((one) => 'repository' in one.owner), gitlab.filter((one) => 'organization' in one.owner)];
  return [
    ...(github ? [alone(github)] : []),
    ...levels.filter((level) => level.length > 0).map(united),
    ...book.rulesets.filter((ruleset) => rulesetCovers(ruleset, refName, defaultBranch)).map(ofRuleset),
  ];
}

/** Whether anything that refuses covers the branch. */
export function isProtectedBranch(book: RuleBook, branchName: string, defaultBranch: string): boolean {
  return effectiveSources(book, `refs/heads/${branchName}`, defaultBranch).some((source) => source.ruleset?.enforcement !== 'evaluate');
}

/** GitHub: exact names win over patterns, then the oldest rule (spec/github.md 2.1). Ids grow with age. */
export function selectOne(covering: readonly Protection[]): Protection | null {
  const oldestFirst = [...covering].sort((a, b) => a.id - b.id);
  return oldestFirst.find((one) => isExactPattern(one.origin, one.pattern)) ?? oldestFirst[0] ?? null;
}

function alone(protection: Protection): EffectiveSource {
  const source = sourceOf(protection);
  const rules = protection.rules.map((rule) => ({ ...rule, sources: [source] as const }));
  return { home: 'github', rules, protections: [protection], ruleset: null, damage: damageOf(protection) };
}

/** GitLab (spec/gitlab.md 2.2): grants and the force-push flag are united, every demand adds. */
function united(level: readonly Protection[]): EffectiveSource {
  const byType = Map.groupBy(
    level.flatMap((protection) => protection.rules.map((rule) => ({ ...rule, source: sourceOf(protection) }))),
    (rule) => rule.type,
  );
  const rules = [...byType].flatMap(([type, same]): EffectiveRule[] => {
    const sources = [same[0]!.source, ...same.slice(1).map((rule) => rule.source)] as const;
    const parameters = same.map((rule) => rule.parameters);
    switch (type) {
      case 'push_access':
      case 'merge_access':
        return [{ type, sources, parameters: { grants: parameters.flatMap((one) => (one as { grants: readonly Grant[] }).grants) } }];
      case 'non_fast_forward':
        return [{ type, sources, parameters: { allowed: parameters.some((one) => (one as { allowed?: boolean }).allowed === true) } }];
      case 'creation':
      case 'deletion':
      case 'code_owner_review':
        // Fixed by the product or without parameters: one judgement stands for all.
        return [{ type, sources, parameters: parameters[0] }];
      default:
        return same.map((rule) => ({ type, parameters: rule.parameters, sources: [rule.source] }));
    }
  });
  return { home: 'gitlab', rules, protections: level, ruleset: null, damage: level.flatMap(damageOf) };
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

function damageOf(protection: Protection): { type: string; source: Source }[] {
  return mandatoryRules(protection.origin)
    .filter((definition) => !protection.rules.some((rule) => rule.type === definition.type))
    .map((definition) => ({ type: definition.type, source: sourceOf(protection) }));
}

export function sourceOf({ id, version, origin, pattern }: Protection): Source {
  return { kind: 'protection', id, version, origin, pattern };
}
