import type { Account } from '#model/account.ts';
import type { Reads } from '#model/ports/store.ts';
import { type FieldError, ProblemError } from '#model/problem.ts';
import type { Grant } from '#model/protection.ts';
import type { Repository } from '#model/repository.ts';
import { WRITE } from '#model/rung.ts';
import { effectiveRung } from '#policy/effective-rung.ts';
import { isSameGrant } from './draft.ts';
import { grantOfTeam } from './resolver.ts';

/**
 * Refuses rows that are being added and name nobody, or somebody who may not write (decision 20). Rows that stood there before stay, dead or
 * alive: otherwise no list could be saved again. `repository` null: an organization's protection, whose rows need members.
 */
export async function refuseIneligible(
  reads: Reads,
  { owner, repository }: { readonly owner: Account; readonly repository: Repository | null },
  present: readonly Grant[],
  wanted: readonly Grant[],
  now: number,
): Promise<void> {
  const added = wanted.filter((grant) => !present.some((one) => isSameGrant(one, grant)));
  const problems = (await Promise.all(added.map((grant) => problemOf(reads, owner, repository, grant, now)))).filter((one) => one !== null);
  if (problems.length === 0) return;
  throw new ProblemError({ kind: 'invalid', errors: problems.map((message): FieldError => ({ field: 'rules', code: 'custom', message })) });
}

async function problemOf(reads: Reads, owner: Account, repository: Repository | null, grant: Grant, now: number): Promise<string | null> {
  switch (grant.kind) {
    case 'role':
      return null;
    case 'user': {
      const account = await reads.accounts.findById(grant.id);
      if (account === null || account.kind === 'organization') return `there is no user ${grant.id}`;
      if (repository === null)
        return (await reads.organizations.findMembership(owner.id, grant.id)) ? null : `user ${account.login} is no member`;
      const rung = effectiveRung(await reads.standings.readRungSources(grant.id, repository.id, now));
      return rung >= WRITE ? null : `user ${account.login} has no write access to the repository`;
    }
    case 'team': {
      const team = await reads.teams.findById(grant.id);
      if (team === null || team.organizationId !== owner.id) return `there is no team ${grant.id} in the organization`;
      if (repository === null) return null;
      return (await grantOfTeam(reads, team.id, repository.id)) >= WRITE ? null : `team ${team.slug} has no write access to the repository`;
    }
    case 'app': {
      const app = await reads.apps.findById(grant.id);
      const installation = app && (await reads.apps.findInstallationOn(app.id, owner.id));
      return installation?.permissions['contents'] === 'write'
        ? null
        : `app ${app?.slug ?? grant.id} is not installed with write access to contents`;
    }
    case 'deploy-key':
      return `there is no deploy key ${grant.id}`;
    default:
      return grant satisfies never;
  }
}
