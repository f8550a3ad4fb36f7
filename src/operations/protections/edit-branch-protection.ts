import { type Caller, repositorySubject } from '#model/caller.ts';
import type { Transaction } from '#model/ports/store.ts';
import { invalid, notFound } from '#model/problem.ts';
import type { Protection } from '#model/protection.ts';
import { type Reached, type RepositoryKey, reachRepository, refuseArchived } from '../access.ts';
import { change, Unchanged } from '../change.ts';
import type { Context } from '../context.ts';
import {
  type BranchProtection,
  findBranchProtection,
  isExact,
  protectorsBeside,
  requireAdministrator,
  requireBranch,
} from './branch-protection.ts';
import { findRule, type ProtectionDraft, refuseUnfit, withRule } from './draft.ts';
import { requireEditor } from './editor.ts';
import { protectionHappenings } from './happenings.ts';
import { type Resolver, resolver } from './resolver.ts';
import { telling } from './tell-protection.ts';

/** Makes a new state of the present one (null: there is none yet). Pure but for what it has resolved. */
export type ProtectionEdit = (present: Protection | null, resolve: Resolver) => Promise<ProtectionDraft>;

/**
 * `replace` is GitHub's PUT: it makes or replaces the protection of exactly this branch. `edit` changes what is in force, a pattern's
 * protection too, and needs one to be there (spec/model.md 3.3).
 */
export async function editBranchProtection(
  context: Context,
  caller: Caller,
  key: RepositoryKey,
  branch: string,
  mode: 'replace' | 'edit',
  edit: ProtectionEdit,
): Promise<BranchProtection> {
  const early = await reachRepository(context.store.read, caller, key, Date.now());
  requireAdministrator(caller, early);
  await requireBranch(context, early, branch);
  return change(
    context,
    caller,
    async (tx, record, as) => {
      const reached = await reachRepository(tx, as, { id: early.repository.id }, tx.now);
      requireAdministrator(as, reached);
      refuseArchived(reached);
      const inForce = await findBranchProtection(tx, reached, branch);
      const target = mode === 'edit' ? inForce : inForce && isExact(inForce) ? inForce : null;
      if (mode === 'edit' && target === null) throw notFound('branch protection');
      if (target !== null) await requireEditor(tx, as, reached, target);
      const { repository, owner } = reached;
      const edited = await edit(target, resolver(tx, repository, owner, tx.now));
      const draft = mode === 'replace' ? keepWhatBodyCannotSay(edited, inForce) : edited;
      refuseUnfit('github', draft.rules);
      refuseUnworkable(reached, draft);
      const saved = await save(tx, reached, branch, target, inForce, draft);
      const beside = await protectorsBeside(tx, reached, branch, saved);
      const shown = { ...reached, branch, protection: saved, isExact: isExact(saved), beside };
      const happened = protectionHappenings(repositorySubject(repository, owner), target, saved);
      if (happened.length === 0) return new Unchanged(shown);
      record(...telling(happened, reached, target, saved));
      return shown;
    },
    (result) => ({ repositories: [result.repository.id] }),
  );
}

/** Signatures are no part of the body, and an exact name must not lose them by winning over the pattern that had them. */
function keepWhatBodyCannotSay(draft: ProtectionDraft, inForce: Protection | null): ProtectionDraft {
  const kept = inForce === null ? null : findRule(inForce, 'required_signatures');
  return kept === null ? draft : { ...draft, rules: withRule(draft.rules, 'required_signatures', kept) };
}

async function save(
  tx: Transaction,
  { repository }: Reached,
  branch: string,
  target: Protection | null,
  inForce: Protection | null,
  draft: ProtectionDraft,
): Promise<Protection> {
  if (target === null) {
    const native = inForce?.native ?? { demandsReason: false, acceptsElevated: true };
    return tx.rules.insertProtection({
      owner: { repository: repository.id },
      origin: 'github',
      pattern: branch,
      manage: [],
      native,
      ...draft,
    });
  }
  // Rules in another order say the same. What is not worth an entry is no change, and no new version.
  const isSame = protectionHappenings({}, target, { ...target, ...draft }).length === 0;
  return isSame ? target : tx.rules.updateProtection(target.id, draft);
}

/** Settings that this repository could never live with. */
function refuseUnworkable({ repository, owner }: Reached, draft: ProtectionDraft): void {
  const { allowSquashMerge, allowRebaseMerge } = repository.settings;
  if (findRule(draft, 'required_linear_history') !== null && !allowSquashMerge && !allowRebaseMerge) {
    throw invalid('required_linear_history', 'Linear history needs squash or rebase merging to be allowed in the repository');
  }
  if (owner.kind === 'organization') return;
  const review = findRule<{ dismissal: { mode: string }; passes: unknown[] }>(draft, 'pull_request');
  const lists = {
    dismissal_restrictions: review?.dismissal.mode === 'listed',
    restrictions: findRule(draft, 'actor_restriction') !== null,
    bypass_pull_request_allowances: (review?.passes.length ?? 0) > 0,
  };
  const [list] = Object.entries(lists).find(([, isUsed]) => isUsed) ?? [];
  if (list !== undefined)
    throw invalid(list, 'Only organization repositories can have users and team restrictions', 'unprocessable', 'ProtectedBranch');
}

/** Removes the protection of exactly this branch. A pattern's would open other branches too, so that is refused by its name. */
export async function removeBranchProtection(context: Context, caller: Caller, key: RepositoryKey, branch: string): Promise<void> {
  const early = await reachRepository(context.store.read, caller, key, Date.now());
  requireAdministrator(caller, early);
  await requireBranch(context, early, branch);
  await change(
    context,
    caller,
    async (tx, record, as) => {
      const reached = await reachRepository(tx, as, { id: early.repository.id }, tx.now);
      requireAdministrator(as, reached);
      refuseArchived(reached);
      const inForce = await findBranchProtection(tx, reached, branch);
      if (inForce === null) throw notFound('branch protection');
      if (!isExact(inForce))
        throw invalid(
          'branch',
          `The branch is protected by the pattern ${JSON.stringify(inForce.pattern)}, which covers other branches too`,
        );
      await requireEditor(tx, as, reached, inForce);
      await tx.rules.removeProtection(inForce.id);
      const happened = protectionHappenings(repositorySubject(reached.repository, reached.owner), inForce, null);
      record(...telling(happened, reached, inForce, null));
    },
    () => ({ repositories: [early.repository.id] }),
  );
}
