import type { FieldError } from '#model/problem.ts';
import { ProblemError } from '#model/problem.ts';
import type { Grant, Origin, Protection, Rule } from '#model/protection.ts';
import { mandatoryRules, parametersFit, ruleDefinition } from '#policy/rules/index.ts';

/** What an edit makes of a protection's rules; the rest of it stays. */
export interface ProtectionDraft {
  readonly rules: readonly Rule[];
  readonly enforceAdmins: boolean;
}

export function findRule<P>({ rules }: Pick<ProtectionDraft, 'rules'>, type: string): P | null {
  const rule = rules.find((one) => one.type === type);
  return rule === undefined ? null : (rule.parameters as P);
}

/** The rules with one of them replaced, added, or (null) gone. Its place is kept, so that what is read back is stable. */
export function withRule(rules: readonly Rule[], type: string, parameters: unknown | null): Rule[] {
  const others = rules.filter((rule) => rule.type !== type);
  if (parameters === null) return others;
  const rule = { type, parameters };
  return rules.some((one) => one.type === type) ? rules.map((one) => (one.type === type ? rule : one)) : [...others, rule];
}

/**
 * Refuses rules that could not be judged: unknown types, parameters that do not fit, a type twice, a mandatory one missing. Nothing is stored
 * that the gate would have to refuse everything for.
 */
export function refuseUnfit(origin: Origin, rules: readonly Rule[]): void {
  const errors = rules.flatMap((rule, index): FieldError[] => {
    const definition = ruleDefinition(rule.type);
    if (definition === null || !definition.homes.includes(origin))
      return [problem(`Invalid rule '${rule.type}': there is no such rule here`)];
    if (!parametersFit(rule)) return [problem(`Invalid rule '${rule.type}': its parameters do not fit`)];
    return rules.findIndex((one) => one.type === rule.type) < index ? [problem(`Invalid rule '${rule.type}': it stands there twice`)] : [];
  });
  const missing = mandatoryRules(origin).filter((definition) => !rules.some((rule) => rule.type === definition.type));
  const all = [...errors, ...missing.map((definition) => problem(`Rule '${definition.type}' is missing`))];
  if (all.length > 0) throw new ProblemError({ kind: 'invalid', errors: all });
}

function problem(message: string): FieldError {
  return { field: 'rules', code: 'custom', message };
}

/** Every row of every list in a protection's rules. */
export function grantsIn({ rules, manage }: Pick<Protection, 'rules' | 'manage'>): Grant[] {
  const found: Grant[] = [...manage];
  const walk = (value: unknown): void => {
    if (Array.isArray(value)) for (const item of value) walk(item);
    else if (typeof value === 'object' && value !== null) {
      if ('kind' in value && ('id' in value || 'level' in value)) found.push(value as Grant);
      else for (const inner of Object.values(value)) walk(inner);
    }
  };
  for (const rule of rules) walk(rule.parameters);
  return found;
}

export function isSameGrant(a: Grant, b: Grant): boolean {
  if (a.kind === 'role' || b.kind === 'role') return a.kind === b.kind && (a as { level: number }).level === (b as { level: number }).level;
  return a.kind === b.kind && a.id === b.id;
}
