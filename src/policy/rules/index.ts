import { Compile } from 'typebox/compile';
import type { Rule } from '#model/protection.ts';
import type { Home, RuleDefinition } from '../define-rule.ts';
import { actorRestriction } from './actor-restriction.ts';
import { codeOwnerReview } from './code-owner-review.ts';
import { conversationResolution } from './conversation-resolution.ts';
import { creation } from './creation.ts';
import { deletion } from './deletion.ts';
import { lock } from './lock.ts';
import { mergeAccess } from './merge-access.ts';
import { nonFastForward } from './non-fast-forward.ts';
import { pullRequest } from './pull-request.ts';
import { pushAccess } from './push-access.ts';
import { requiredLinearHistory } from './required-linear-history.ts';
import { requiredSignatures } from './required-signatures.ts';
import { requiredStatusChecks } from './required-status-checks.ts';
import { update } from './update.ts';

/** Every rule type, in the order in which a refusal lists its reasons (spec/github.md 2.9). */
export const allRules: readonly RuleDefinition[] = [
  lock,
  actorRestriction,
  pushAccess,
  mergeAccess,
  creation,
  update,
  nonFastForward,
  deletion,
  pullRequest,
  codeOwnerReview,
  requiredStatusChecks,
  conversationResolution,
  requiredLinearHistory,
  requiredSignatures,
];

const byType = new Map(allRules.map((rule) => [rule.type, rule]));

export function ruleDefinition(type: string): RuleDefinition | null {
  return byType.get(type) ?? null;
}

const checks = new Map(allRules.map((rule) => [rule.type, Compile(rule.parameters)]));

/** Whether a rule's parameters are what its type asks for. */
export function parametersFit({ type, parameters }: Rule): boolean {
  return checks.get(type)?.Check(parameters) ?? false;
}

export function mandatoryRules(home: Home): readonly RuleDefinition[] {
  return allRules.filter((rule) => rule.mandatoryIn.includes(home));
}

/** Where a rule type stands in a list of reasons; unknown types come first, because they stop everything. */
export function rankOf(type: string): number {
  return allRules.findIndex((rule) => rule.type === type);
}
