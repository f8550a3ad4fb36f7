import { type Account, liveLevel, type Organization } from '#model/account.ts';
import { type AuthenticatedCaller, type Caller, repositorySubject } from '#model/caller.ts';
import { isCapable } from '#model/capability.ts';
import { repositoryNameProblem } from '#model/names.ts';
import type { Reads } from '#model/ports/store.ts';
import { forbidden, invalid } from '#model/problem.ts';
import { branchRef, isBranchName } from '#model/ref-name.ts';
import type { ObjectFormat } from '#model/ref-update.ts';
import { defaultSettings, type Repository, type RepositorySettings } from '#model/repository.ts';
import { OWNER } from '#model/rung.ts';
import { inRepository } from '#model/telling.ts';
import { findOrganization, requireActor } from '../access.ts';
import { change } from '../change.ts';
import { writeContents } from '../content/write-contents.ts';
import type { Context } from '../context.ts';

export interface NewRepositoryInput {
  readonly name: string;
  readonly description: string | null;
  readonly homepage: string | null;
  readonly visibility: Repository['visibility'];
  readonly settings: Partial<RepositorySettings>;
  readonly objectFormat: ObjectFormat;
  readonly defaultBranch: string;
  /** Begin with a README on the default branch. */
  readonly autoInit: boolean;
  /** A team of the organization that gets its default grant; organizations only. */
  readonly teamId: number | null;
}

/**
 * Creates a repository for the caller, or for an organization that the caller owns. The row comes first, because it gives the folder
 * its name; a folder that a crash prevented is made at the next start.
 */
export async function createRepository(
  context: Context,
  caller: Caller,
  org: string | null,
  input: NewRepositoryInput,
): Promise<Repository> {
  refuseBadInput(input);
  const repository = await change(context, caller, async (tx, record, as) => {
    const actor = requireActor(as);
    if (!isCapable(actor.capabilities, 'repository:administer', input.visibility)) throw forbidden('a token with the scope repo');
    const account = await findNewOwner(tx, actor, org, tx.now);
    await refuseTakenName(tx, account, input.name);
    const { name, description, homepage, visibility, objectFormat, defaultBranch } = input;
    const settings = { ...defaultSettings, allowForking: forksByDefault(account, visibility), ...input.settings };
    const created = await tx.repositories.insert({
      ownerId: account.id,
      name,
      description,
      homepage,
      visibility,
      defaultBranch,
      archived: false,
      objectFormat,
      settings,
    });
    const subject = repositorySubject(created, account);
    record({
      action: 'repo.create',
      operation: 'create',
      ...subject,
      data: { visibility, default_branch: defaultBranch },
      tells: [inRepository({ repository: created, owner: account }, { kind: 'repository', action: 'created', before: {} })],
    });
    if (input.teamId !== null) {
      const team = await tx.teams.findById(input.teamId);
      if (team === null || team.organizationId !== account.id)
        throw invalid('team_id', 'there is no such team in this organization', 'invalid', 'Repository');
      await tx.teams.setGrant(team.id, created.id, team.defaultRung);
      const data = { level: team.defaultRung, old_level: null };
      record({ action: 'team.add_repository', operation: 'create', ...subject, team: { id: team.id, slug: team.slug }, data });
    }
    return created;
  });
  await context.gate.repositories.create(repository.id, repository.objectFormat, repository.defaultBranch);
  if (input.autoInit) {
    const content = Buffer.from(`# ${repository.name}\n${repository.description ? `${repository.description}\n` : ''}`);
    const file = { path: 'README.md', message: 'Initial commit', branch: repository.defaultBranch, content, expected: null };
    await writeContents(context, { caller: requireActor(caller), bypassReason: null }, { id: repository.id }, file);
  }
  return (await context.store.read.repositories.findById(repository.id)) ?? repository;
}

/** Where a new repository goes: to the caller, or to an organization, which decides by its owners what repositories it has. */
export async function findNewOwner(reads: Reads, actor: AuthenticatedCaller, org: string | null, now: number): Promise<Account> {
  if (org === null) return actor.user;
  const organization = await findOrganization(reads, org);
  await refuseUnlessOwner(reads, actor, organization, now);
  return organization;
}

async function refuseUnlessOwner(reads: Reads, { user }: AuthenticatedCaller, organization: Organization, now: number): Promise<void> {
  const membership = await reads.organizations.findMembership(organization.id, user.id);
  if (liveLevel(membership, now) < OWNER) throw forbidden('an owner of the organization');
}

export async function refuseTakenName(reads: Reads, { id }: Account, name: string): Promise<void> {
  if ((await reads.repositories.findByName(id, name)) !== null)
    throw invalid('name', 'name already exists on this account', 'custom', 'Repository');
}

/** GitHub: what an organization keeps to itself is forked only where that was switched on. */
export function forksByDefault({ kind }: Account, visibility: Repository['visibility']): boolean {
  return visibility === 'public' || kind !== 'organization';
}

export function refuseBadName(name: string): void {
  const problem = repositoryNameProblem(name);
  if (problem !== null) throw invalid('name', `name ${problem}`, 'custom', 'Repository');
}

function refuseBadInput({ name, defaultBranch, description }: NewRepositoryInput): void {
  refuseBadName(name);
  if (!isBranchName(defaultBranch))
    throw invalid('default_branch', `${branchRef(defaultBranch)} is not a possible name`, 'invalid', 'Repository');
  if (description !== null && /\p{Cc}/u.test(description))
    throw invalid('description', 'description control characters are not allowed', 'custom', 'Repository');
}
