import type { Reads } from '#model/ports/store.ts';
import type { Repository } from '#model/repository.ts';
import type { RuleBook } from '#policy/combine.ts';

/** Every rule that may apply to a repository: its own and its organization's. */
export async function readRules(reads: Reads, repository: Repository): Promise<RuleBook> {
  const [protections, rulesets] = await Promise.all([
    reads.rules.listProtections(repository.id, repository.ownerId),
    reads.rules.listRulesets(repository.id, repository.ownerId),
  ]);
  return { protections, rulesets };
}
