import { createCheckRun, createStatus, updateCheckRun } from '#operations/checks/report-checks.ts';
import { createProtection, deleteProtection, updateProtection } from '#operations/protections/change-protection.ts';
import { editBranchProtection, removeBranchProtection } from '#operations/protections/edit-branch-protection.ts';
import { createFork } from '#operations/repositories/create-fork.ts';
import { createRepository } from '#operations/repositories/create-repository.ts';
import { deleteRepository } from '#operations/repositories/delete-repository.ts';
import { removeCollaborator } from '#operations/repositories/remove-collaborator.ts';
import { setCollaborator } from '#operations/repositories/set-collaborator.ts';
import { updateRepository } from '#operations/repositories/update-repository.ts';
import { githubRules } from '../../support/protections.ts';
import { teamId } from './organizations.ts';
import type { AuditStage, Expected, Row } from './stage.ts';

const newRepository = {
  ...{ description: null, homepage: null, visibility: 'private' as const, settings: {}, objectFormat: 'sha1' as const },
  ...{ defaultBranch: 'main', autoInit: false, teamId: null },
};

type Changes = Parameters<typeof updateRepository>[3];

const repositoryChange = (what: string, changes: Changes, entries: readonly Expected[]): Row => ({
  operation: 'repositories/update-repository.ts updateRepository',
  what,
  async ready(stage) {
    const [by, { key }] = [await stage.by(stage.cast.owner), await stage.repository()];
    return { by, ask: (context) => updateRepository(context, by, key, changes), entries };
  },
});

export const repositoryRows: readonly Row[] = [
  {
    operation: 'repositories/create-repository.ts createRepository',
    what: 'a repository is created for a team',
    async ready(stage) {
      const by = await stage.by(stage.cast.owner);
      const input = { ...newRepository, name: stage.name('made'), teamId: await teamId(stage) };
      const entries = [
        { action: 'repo.create', data: { visibility: 'private', default_branch: 'main' } },
        { action: 'team.add_repository', data: { level: 20, old_level: null } },
      ];
      return { by, ask: (context) => createRepository(context, by, 'acme', input), entries };
    },
  },
  {
    operation: 'repositories/create-fork.ts createFork',
    what: 'a repository is forked',
    async ready(stage) {
      const { key, id, fullName } = await stage.repository();
      await updateRepository(stage.context, await stage.by(stage.cast.owner), key, { settings: { allowForking: true } });
      const by = await stage.by(stage.cast.owner);
      const input = { organization: null, name: null, onlyDefaultBranch: false };
      const data = { visibility: 'private', fork_parent: fullName, fork_parent_id: id, fork_source_id: id, refs: 2 };
      return { by, ask: (context) => createFork(context, by, key, input), entries: [{ action: 'repo.create', data }] };
    },
  },
  {
    operation: 'repositories/delete-repository.ts deleteRepository',
    what: 'a repository is deleted',
    async ready(stage) {
      const [by, { key }] = [await stage.by(stage.cast.owner), await stage.repository()];
      const entries = [{ action: 'repo.destroy', data: { visibility: 'private' } }];
      return { by, ask: (context) => deleteRepository(context, by, key), entries };
    },
  },
  repositoryChange('a repository is renamed', { name: 'renamed-once' }, [{ action: 'repo.rename', data: { name: 'renamed-once' } }]),
  repositoryChange('a repository becomes public', { visibility: 'public' }, [
    { action: 'repo.access', data: { visibility: 'public', old_visibility: 'private' } },
  ]),
  repositoryChange('a repository is archived', { archived: true }, [
    { action: 'repo.archived', data: { archived: true, old_archived: false } },
  ]),
  repositoryChange('how a repository merges, and what it says of itself', { description: 'x', settings: { allowRebaseMerge: false } }, [
    { action: 'repo.update', data: { description: 'x', old_description: null } },
    { action: 'repo.change_merge_setting', data: { allowRebaseMerge: false, old_allowRebaseMerge: true } },
  ]),
  repositoryChange('a repository gets another default branch', { defaultBranch: 'topic' }, [
    { action: 'repo.update_default_branch', data: { default_branch: 'topic', old_default_branch: 'main' } },
    { action: 'git.push_outcome', data: { outcome: 'committed', refs: [] } },
  ]),
  {
    operation: 'repositories/update-repository.ts updateRepository',
    what: 'a repository is taken out of the archive',
    async ready(stage) {
      const [by, { key }] = [await stage.by(stage.cast.owner), await stage.repository()];
      await updateRepository(stage.context, by, key, { archived: true });
      const entries = [{ action: 'repo.unarchived', data: { archived: false, old_archived: true } }];
      return { by, ask: (context) => updateRepository(context, by, key, { archived: false }), entries };
    },
  },
  ...(
    [
      ['repo.add_member', null, 30],
      ['repo.update_member', 20, 30],
    ] as const
  ).map(
    ([action, old, level]): Row => ({
      operation: 'repositories/set-collaborator.ts setCollaborator',
      what: `a collaborator’s level goes from ${old} to ${level}`,
      async ready(stage) {
        const [by, { key }, { login }] = [await stage.by(stage.cast.owner), await stage.repository(), await stage.person()];
        if (old !== null) await setCollaborator(stage.context, by, key, login, old);
        const entries = [{ action, data: { level, ...(old !== null && { old_level: old }) } }];
        return { by, ask: (context) => setCollaborator(context, by, key, login, level), entries };
      },
    }),
  ),
  {
    operation: 'repositories/remove-collaborator.ts removeCollaborator',
    what: 'a collaborator is removed, also from the lists of a protection',
    async ready(stage) {
      const [by, { key }, { login }] = [await stage.by(stage.cast.owner), await stage.repository(), await stage.person()];
      await setCollaborator(stage.context, by, key, login, 30);
      const { id } = (await stage.context.store.read.accounts.findByLogin(login))!;
      const restriction = { type: 'actor_restriction', parameters: { grants: [{ kind: 'user', id }], coversCreation: false } };
      await createProtection(stage.context, by, { repository: key }, { ...protection, rules: githubRules(restriction) });
      const lists = { before: [{ kind: 'user', id }], after: [] };
      const entries = [
        { action: 'repo.remove_member', data: { old_level: 30 } },
        { action: 'protected_branch.authorized_users_teams', data: { name: 'main', ...lists } },
      ];
      return { by, ask: (context) => removeCollaborator(context, by, key, login), entries };
    },
  },
  {
    operation: 'checks/report-checks.ts createStatus',
    what: 'a status is reported',
    async ready(stage) {
      const [by, { key, tip }] = [await stage.by(stage.cast.owner), await stage.repository()];
      const input = { state: 'success' as const, context: 'build', description: null, targetUrl: null };
      const entries = [{ action: 'commit_status.create', data: { sha: tip, context: 'build', state: 'success' } }];
      return { by, ask: (context) => createStatus(context, by, key, tip, input), entries };
    },
  },
  {
    operation: 'checks/report-checks.ts createCheckRun',
    what: 'a check run begins',
    async ready(stage) {
      const [by, { key, tip }] = [await stage.by(stage.cast.owner), await stage.repository()];
      const entries = [{ action: 'check_run.create', data: { name: 'build', sha: tip, status: 'queued' } }];
      return { by, ask: (context) => createCheckRun(context, by, key, checkRun(tip)), entries };
    },
  },
  {
    operation: 'checks/report-checks.ts updateCheckRun',
    what: 'a check run ends',
    async ready(stage) {
      const [by, { key, tip }] = [await stage.by(stage.cast.owner), await stage.repository()];
      const { run } = await createCheckRun(stage.context, by, key, checkRun(tip));
      const changes = { status: 'completed' as const, conclusion: 'success' as const };
      const data = { ...changes, old_status: 'queued', old_conclusion: null };
      const entries = [{ action: 'check_run.update', data }];
      return { by, ask: (context) => updateCheckRun(context, by, key, run.id, changes), entries };
    },
  },
];

const checkRun = (commit: string) => ({
  ...{ commit, name: 'build', status: 'queued' as const, conclusion: null, detailsUrl: null, externalId: null },
  ...{ startedAt: null, completedAt: null, output: { title: null, summary: null, text: null } },
});

const protection = {
  ...{ origin: 'github' as const, pattern: 'main', rules: githubRules(), enforceAdmins: false },
  ...{ manage: [], demandsReason: false, acceptsElevated: true },
};

const review = { approvals: 1, dismissStale: false, codeOwners: false, lastPush: false, dismissal: { mode: 'writers' }, passes: [] };

async function protectedMain(stage: AuditStage) {
  const [by, { key }] = [await stage.by(stage.cast.owner), await stage.repository()];
  const rules = githubRules({ type: 'pull_request', parameters: review });
  const { id } = await createProtection(stage.context, by, { repository: key }, { ...protection, rules });
  return { by, key, id };
}

export const protectionRows: readonly Row[] = [
  {
    operation: 'protections/change-protection.ts createProtection',
    what: 'a protection is made',
    async ready(stage) {
      const [by, { key }] = [await stage.by(stage.cast.owner), await stage.repository()];
      const data = { name: 'main', origin: 'github', admin_enforced: false, rules: githubRules(), accepts_elevated: true };
      const entries = [{ action: 'protected_branch.create', data }];
      return { by, ask: (context) => createProtection(context, by, { repository: key }, protection), entries };
    },
  },
  {
    operation: 'protections/change-protection.ts updateProtection',
    what: 'a protection is changed in several ways',
    async ready(stage) {
      const { by, key, id } = await protectedMain(stage);
      const rules = githubRules({ type: 'pull_request', parameters: { ...review, approvals: 0, lastPush: true } });
      const changes = { rules: [...rules, { type: 'lock', parameters: { forkSync: false } }], enforceAdmins: true, pattern: 'main*' };
      const name = 'main*';
      const entries = [
        { action: 'protected_branch.update_required_approving_review_count', data: { name, before: 1, after: 0 } },
        { action: 'protected_branch.update_require_last_push_approval', data: { name, before: false, after: true } },
        { action: 'protected_branch.update_lock_branch_enforcement_level', data: { name, before: null, after: { forkSync: false } } },
        { action: 'protected_branch.update_admin_enforced', data: { name, admin_enforced: true, before: false, after: true } },
        { action: 'protected_branch.update_name', data: { name, old_name: 'main' } },
      ];
      return { by, ask: (context) => updateProtection(context, by, { repository: key }, id, changes), entries };
    },
  },
  {
    operation: 'protections/change-protection.ts deleteProtection',
    what: 'a protection is removed',
    async ready(stage) {
      const { by, key, id } = await protectedMain(stage);
      const entries = [{ action: 'protected_branch.destroy', data: { name: 'main', protection_id: id } }];
      return { by, ask: (context) => deleteProtection(context, by, { repository: key }, id), entries };
    },
  },
  {
    operation: 'protections/edit-branch-protection.ts editBranchProtection',
    what: 'a branch’s protection is replaced',
    async ready(stage) {
      const { by, key } = await protectedMain(stage);
      const edit = () => Promise.resolve({ rules: githubRules(), enforceAdmins: false });
      const data = { name: 'main', before: review, after: null };
      const entries = [{ action: 'protected_branch.update_pull_request_reviews_enforcement_level', data }];
      return { by, ask: (context) => editBranchProtection(context, by, key, 'main', 'replace', edit), entries };
    },
  },
  {
    operation: 'protections/edit-branch-protection.ts removeBranchProtection',
    what: 'a branch’s protection is removed',
    async ready(stage) {
      const { by, key } = await protectedMain(stage);
      const entries = [{ action: 'protected_branch.destroy', data: { name: 'main' } }];
      return { by, ask: (context) => removeBranchProtection(context, by, key, 'main'), entries };
    },
  },
];
