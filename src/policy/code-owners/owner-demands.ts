import type { CodeOwner, OwnedSection } from '#model/code-owners.ts';
import type { OwnerDemand } from '#model/review.ts';

/**
 * Whose approvals the sections ask for; optional ones ask for none. `accountsOf` says who an owner is, now and in this repository. A line
 * whose owners are nobody stays a demand that nobody can satisfy: paths do not become free because their owner has left (decision 4).
 */
export function ownerDemands(sections: readonly OwnedSection[], accountsOf: (owner: CodeOwner) => readonly number[]): OwnerDemand[] {
  return sections
    .filter(({ optional }) => !optional)
    .flatMap(({ approvals, owned }) =>
      owned.map(({ line, owners }) => ({
        line,
        owners: owners.map(({ name }) => name),
        accounts: [...new Set(owners.flatMap((owner) => accountsOf(owner)))],
        approvals,
      })),
    );
}
