import type { Actor, Means } from '#model/actor.ts';
import type { Standing } from '#model/facts.ts';
import { branchOf, isReservedRef, looksLikeObjectId } from '#model/ref-name.ts';
import { changeOf, type RefUpdate } from '#model/ref-update.ts';
import { WRITE } from '#model/rung.ts';
import type { Violation } from '#model/verdict.ts';
import { violation } from './violation.ts';

interface Asked {
  readonly actor: Actor;
  readonly standing: Standing;
  readonly means: Means;
  /** A GitHub protection or a ruleset covers the ref. */
  readonly boundBeyondGitlab: boolean;
}

/** What nobody may do and nothing waives: the source `repository` of spec/model.md section 1. */
export function repositoryViolations(update: RefUpdate, { actor, standing, means, boundBeyondGitlab }: Asked): Violation[] {
  const { repository } = standing;
  const change = changeOf(update);
  const branch = branchOf(update.refName);
  const found: [applies: boolean, code: string, values?: Record<string, string>][] = [
    [standing.actor.dead !== null, 'credential_dead', { why: standing.actor.dead ?? '' }],
    [!mayWrite(standing, boundBeyondGitlab), 'write_needed'],
    [repository.archived, 'archived'],
    [isReservedRef(update.refName) && actor.via !== 'server', 'reserved_ref'],
    // A rename moves the default branch along: the operation that renames asks for the right to do so.
    [change === 'delete' && update.refName === repository.defaultBranch && means !== 'rename', 'default_branch_deletion'],
    [change === 'create' && branch !== null && looksLikeObjectId(branch), 'branch_name_is_id'],
  ];
  return found
    .filter(([applies]) => applies)
    .map(([, code, values = {}]) =>
      violation([{ kind: 'repository' }], 'repository', { code, values }, { refuses: 'ref', waivable: false }),
    );
}

/**
 * Everybody needs write access. A site admin without a membership has it on unprotected refs alone, or by a GitLab row of
 * level 60, which the push list itself judges (decision 14).
 */
function mayWrite({ actor }: Standing, boundBeyondGitlab: boolean): boolean {
  if (!actor.keyMayWrite) return false;
  return actor.rung >= WRITE || (actor.siteAdmin && !boundBeyondGitlab);
}
