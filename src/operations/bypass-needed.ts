import { defaultOperations, defaultRuleTypes, type Operation, ruleTypesOfOperation } from '#model/bypass-bounds.ts';

/**
 * What an elevated token must name at minting, beside its repository and ref, to pass a violation of this type by this operation; empty when the
 * defaults cover it (decision 7).
 */
export function bypassNeeded(ruleType: string, operation: Operation | null): string[] {
  const needsOperation = operation !== null && !defaultOperations.includes(operation);
  const comesWithOperation = operation !== null && ruleTypesOfOperation[operation].includes(ruleType);
  const needsRule = !defaultRuleTypes.includes(ruleType) && !comesWithOperation;
  return [...(needsOperation ? [`operation ${operation}`] : []), ...(needsRule ? [`rule ${ruleType}`] : [])];
}
