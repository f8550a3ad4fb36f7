import type { RefTable } from '#git/ref-table.ts';
import { branchOf, branchRef } from '#model/ref-name.ts';
import type { ObjectId } from '#model/ref-update.ts';
import type { Repository } from '#model/repository.ts';
import { isProtectedBranch, type RuleBook } from '#policy/combine.ts';

/** Where the protected branches and the default branch stand; a new branch is measured against them. */
export interface ProtectedTips {
  readonly ofProtected: readonly ObjectId[];
  /** The same and the default branch's. */
  readonly all: readonly ObjectId[];
  /** Names and values in one text: two of them are equal when nothing moved and the same branches are protected. */
  readonly witness: string;
}

/** From the table as it is: nothing is kept that could change later. */
export function protectedTips(table: RefTable, rules: RuleBook, { defaultBranch }: Repository): ProtectedTips {
  const fullDefault = branchRef(defaultBranch);
  const tips = [...table.refs.startingWith('refs/heads/')].map((ref) => ({
    ...ref,
    isProtected: isProtectedBranch(rules, branchOf(ref.name)!, fullDefault),
  }));
  const measured = tips.filter((tip) => tip.isProtected || tip.name === fullDefault);
  const unique = (some: typeof tips): ObjectId[] => [...new Set(some.map((tip) => tip.id))];
  return {
    ofProtected: unique(measured.filter((tip) => tip.isProtected)),
    all: unique(measured),
    witness: measured.map((tip) => `${tip.name} ${tip.id} ${tip.isProtected}`).join('\n'),
  };
}
