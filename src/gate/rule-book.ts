import type { Reads } from '#model/ports/store.ts';
import type { Repository } from '#model/repository.ts';
import type { RuleBook } from '#policy/combine.ts';

/** Every rule that may apply to a repository: its own and its organization's. */
export async function readRules(reads: Reads, repository: Repository): Promise<RuleBook> {
  return {
    protections: await reads.rules.listProtections(repository.id, repository.ownerId),
    rulesets: await reads.rules.listRulesets(repository.id, repository.ownerId),
  };
}
