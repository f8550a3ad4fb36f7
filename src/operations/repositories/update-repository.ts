import { moveDefaultBranch } from '#gate/move-default-branch.ts';
import { readRules } from '#gate/rule-book.ts';
import { type Caller, repositorySubject } from '#model/caller.ts';
import { repositoryNameProblem } from '#model/names.ts';
import type { Reads, Transaction } from '#model/ports/store.ts';
import { forbidden, invalid } from '#model/problem.ts';
import { branchRef } from '#model/ref-name.ts';
import type { Repository, RepositorySettings } from '#model/repository.ts';
import { ADMIN, OWNER } from '#model/rung.ts';
import { inRepository, type Tidings } from '#model/telling.ts';
import { effectiveSources } from '#policy/combine.ts';
import { type Reached, type RepositoryKey, reachRepository, refuseArchived, requireActor, requireInRepository } from '../access.ts';
import { change, type Recorder, refreshed, Unchanged } from '../change.ts';
import type { Context } from '../context.ts';
import { forksByDefault } from './create-repository.ts';

export type RepositoryChanges = Partial<
  Pick<Repository, 'name' | 'description' | 'homepage' | 'visibility' | 'archived' | 'defaultBranch'>
> & {
  readonly settings?: Partial<RepositorySettings>;
};

/**
 * Changes a repository. Settings, its name and archiving need rung 40, its visibility 50 (decision 14). Writing back what is there
 * changes nothing. An archived repository takes one change: being un-archived.
 */
export async function updateRepository(
  context: Context,
  caller: Caller,
  key: RepositoryKey,
  { defaultBranch, ...changes }: RepositoryChanges,
): Promise<Repository> {
  const updated = await change(
    context,
    caller,
    (tx, record, as) => updateRow(tx, record, as, key, changes),
    // A fork that is being brought up to it reads it because it was visible.
    (repository) => (changes.visibility === undefined ? { repositories: [repository.id] } : 'everywhere'),
  );
  if (defaultBranch === undefined || defaultBranch === updated.defaultBranch) return updated;
  const reached = await reachRepository(context.store.read, caller, { id: updated.id }, Date.now());
  const authorize = async (tx: Transaction): Promise<void> =>
    authorizeDefaultBranch(tx, await refreshed(tx, caller), updated.id, defaultBranch);
  await moveDefaultBranch(context.gate, {
    caller: requireActor(caller),
    repository: updated,
    owner: reached.owner,
    branch: defaultBranch,
    authorize,
  });
  return (await context.store.read.repositories.findById(updated.id)) ?? updated;
}

async function updateRow(
  tx: Transaction,
  record: Recorder,
  as: Caller,
  key: RepositoryKey,
  changes: Omit<RepositoryChanges, 'defaultBranch'>,
): Promise<Repository | Unchanged<Repository>> {
  const reached = await reachRepository(tx, as, key, tx.now);
  requireInRepository(as, reached, { rung: ADMIN, capability: 'repository:administer', siteAdminMay: true });
  const { repository, owner } = reached;
  const { settings, ...fields } = withoutOpenForks(reached, changes);
  const changedFields = Object.entries(fields).filter(([field, value]) => repository[field as keyof typeof fields] !== value);
  const changedSettings = Object.entries(settings ?? {}).filter(
    ([field, value]) => repository.settings[field as keyof RepositorySettings] !== value,
  );
  const changed = [...changedFields, ...changedSettings];
  if (changed.length === 0) return new Unchanged(repository);
  const isOnlyUnarchiving = changed.length === 1 && fields.archived === false;
  if (!isOnlyUnarchiving) refuseArchived(reached);
  if (fields.visibility !== undefined && fields.visibility !== repository.visibility) {
    requireOwner(as, reached);
    await moveApart(tx, repository, fields.visibility);
  }
  if (fields.name !== undefined && fields.name !== repository.name) await rename(tx, repository, fields.name);
  const written: Repository = { ...repository, ...fields, settings: { ...repository.settings, ...settings } };
  if (changedSettings.length > 0) await refuseBreakingLinearHistory(tx, written);
  await tx.repositories.update(repository.id, { ...fields, settings: written.settings });
  const after = (await tx.repositories.findById(repository.id)) ?? written;
  const subject = repositorySubject(after, owner);
  const before: Readonly<Record<string, unknown>> = { ...repository, ...repository.settings };
  for (const [field, value] of changed) {
    const event = eventOf(field, value);
    const tells =
      event === null
        ? []
        : [inRepository({ repository: after, owner }, { kind: 'repository', action: event, before: { [field]: before[field] } })];
    record({
      action: actionOf(field, value),
      operation: 'modify',
      ...subject,
      data: { [field]: value, [`old_${field}`]: before[field] },
      tells,
    });
  }
  return after;
}

const openness: readonly Repository['visibility'][] = ['private', 'internal', 'public'];

/**
 * A network is of one visibility: who leaves that leaves the network. And what was made of something private stays so, whatever became of its
 * origin: else whoever may read could publish.
 */
async function moveApart(tx: Transaction, { id, visibilityLimit }: Repository, visibility: Repository['visibility']): Promise<void> {
  if (visibilityLimit !== null && openness.indexOf(visibility) > openness.indexOf(visibilityLimit))
    throw invalid('visibility', `A fork of a ${visibilityLimit} repository cannot become ${visibility}`, 'invalid', 'Repository');
  await tx.repositories.leaveNetwork(id);
}

/** An organization's repository that is to be less than public is forked only where the same request says so (decision 4). */
function withoutOpenForks<T extends Omit<RepositoryChanges, 'defaultBranch'>>({ repository, owner }: Reached, changes: T): T {
  const { visibility = repository.visibility, settings } = changes;
  const isClosing = repository.visibility === 'public' && !forksByDefault(owner, visibility);
  return isClosing ? { ...changes, settings: { allowForking: false, ...settings } } : changes;
}

function actionOf(field: string, value: unknown): string {
  if (field === 'name') return 'repo.rename';
  if (field === 'visibility') return 'repo.access';
  if (field === 'archived') return value === true ? 'repo.archived' : 'repo.unarchived';
  return /Merge|Commit/.test(field) ? 'repo.change_merge_setting' : 'repo.update';
}

/** What hooks hear of it; of settings they hear nothing. */
function eventOf(field: string, value: unknown): Extract<Tidings, { kind: 'repository' }>['action'] | null {
  if (field === 'name') return 'renamed';
  if (field === 'visibility') return value === 'public' ? 'publicized' : 'privatized';
  if (field === 'archived') return value === true ? 'archived' : 'unarchived';
  return field === 'description' || field === 'homepage' ? 'edited' : null;
}

async function rename(tx: Transaction, repository: Repository, name: string): Promise<void> {
  const problem = repositoryNameProblem(name);
  if (problem !== null) throw invalid('name', `name ${problem}`, 'custom', 'Repository');
  const taken = await tx.repositories.findByName(repository.ownerId, name);
  if (taken !== null && taken.id !== repository.id) throw invalid('name', 'name already exists on this account', 'custom', 'Repository');
  await tx.repositories.recordRename(repository.ownerId, repository.name, repository.id);
}

/** With neither squash nor rebase, nothing could be merged into a branch that wants a line of commits (spec/github.md 2.11). */
async function refuseBreakingLinearHistory(reads: Reads, { id, ownerId, settings }: Repository): Promise<void> {
  if (settings.allowSquashMerge || settings.allowRebaseMerge) return;
  const protections = await reads.rules.listProtections(id, ownerId);
  if (protections.some((one) => one.rules.some((rule) => rule.type === 'required_linear_history'))) {
    throw invalid(
      'allow_squash_merge',
      'Squash or rebase merging must stay allowed while a branch requires linear history',
      'invalid',
      'Repository',
    );
  }
}

function requireOwner(caller: Caller, { rung }: Reached): void {
  const bySiteAdmin = caller.kind === 'actor' && caller.user.siteAdmin;
  if (rung < OWNER && !bySiteAdmin) throw forbidden('an owner of the repository');
}

/**
 * Rung 40; but rules of the organization that follow the default branch must not be left behind: that needs 50, or a new default that the same
 * rules cover by name (spec/model.md section 6).
 */
async function authorizeDefaultBranch(tx: Transaction, caller: Caller, repositoryId: number, branch: string): Promise<void> {
  const reached = await reachRepository(tx, caller, { id: repositoryId }, tx.now);
  requireInRepository(caller, reached, { rung: ADMIN, capability: 'repository:administer', siteAdminMay: true });
  refuseArchived(reached);
  const rules = await readRules(tx, reached.repository);
  const old = branchRef(reached.repository.defaultBranch);
  const ofOrganization = (refName: string, defaultBranch: string): number[] =>
    effectiveSources(rules, refName, defaultBranch).flatMap(({ ruleset }) =>
      ruleset && 'organization' in ruleset.owner ? [ruleset.id] : [],
    );
  const after = new Set(ofOrganization(old, branchRef(branch)));
  if (ofOrganization(old, old).some((id) => !after.has(id))) requireOwner(caller, reached);
}
