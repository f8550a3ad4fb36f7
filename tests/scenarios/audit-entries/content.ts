import { createRef, deleteRef, updateRef } from '#operations/content/change-refs.ts';
import { createBlob, createCommit, createTag, createTree } from '#operations/content/create-objects.ts';
import { mergeBranches } from '#operations/content/merge-branches.ts';
import { mergeUpstream } from '#operations/content/merge-upstream.ts';
import { renameBranch } from '#operations/content/rename-branch.ts';
import { writeContents } from '#operations/content/write-contents.ts';
import { createProtection } from '#operations/protections/change-protection.ts';
import { createFork } from '#operations/repositories/create-fork.ts';
import { updateRepository } from '#operations/repositories/update-repository.ts';
import { githubRules } from '../../support/protections.ts';
import type { Expected, Row } from './stage.ts';

const none = '0'.repeat(40);

/** What a ref that moved leaves behind: what was about to happen, and that it did. */
function moved(...updates: readonly (readonly [ref: string, before: string | null, after: string | null])[]): Expected[] {
  return [
    { action: 'git.push', data: { channel: 'api', updates: updates.map(([ref, before, after]) => ends(ref, before, after)) } },
    { action: 'git.push_outcome', data: { outcome: 'committed', refs: updates.map(([ref]) => ({ ref, moved: true })) } },
  ];
}

function ends(ref: string, before: string | null, after: string | null) {
  return { ref, ...(before !== '?' && { before: before ?? none }), ...(after !== '?' && { after: after ?? none }), result: 'pass' };
}

const stored = (type: string): Expected[] => [{ action: 'git.create_object', data: { type } }];

export const contentRows: readonly Row[] = [
  {
    operation: 'content/change-refs.ts createRef',
    what: 'a ref is made',
    async ready(stage) {
      const [{ by, ...writer }, { key, base }] = [await stage.writer(stage.cast.owner), await stage.repository()];
      const ref = 'refs/heads/made';
      return { by, ask: (context) => createRef(context, writer, key, ref, base), entries: moved([ref, null, base]) };
    },
  },
  {
    operation: 'content/change-refs.ts updateRef',
    what: 'a ref is moved',
    async ready(stage) {
      const [{ by, ...writer }, { key, base, tip }] = [await stage.writer(stage.cast.owner), await stage.repository()];
      const ref = 'refs/heads/main';
      return { by, ask: (context) => updateRef(context, writer, key, ref, tip, false), entries: moved([ref, base, tip]) };
    },
  },
  {
    operation: 'content/change-refs.ts deleteRef',
    what: 'a ref is deleted',
    async ready(stage) {
      const [{ by, ...writer }, { key, tip }] = [await stage.writer(stage.cast.owner), await stage.repository()];
      const ref = 'refs/heads/topic';
      return { by, ask: (context) => deleteRef(context, writer, key, ref), entries: moved([ref, tip, null]) };
    },
  },
  {
    operation: 'content/write-contents.ts writeContents',
    what: 'a file is written',
    async ready(stage) {
      const [{ by, ...writer }, { key, base }] = [await stage.writer(stage.cast.owner), await stage.repository()];
      const file = { path: 'new.txt', message: 'new', branch: null, content: Buffer.from('new\n'), expected: null };
      return { by, ask: (context) => writeContents(context, writer, key, file), entries: moved(['refs/heads/main', base, '?']) };
    },
  },
  {
    operation: 'content/merge-branches.ts mergeBranches',
    what: 'a branch is merged into another',
    async ready(stage) {
      const [{ by, ...writer }, { key, base }] = [await stage.writer(stage.cast.owner), await stage.repository()];
      const input = { base: 'main', head: 'topic', message: null };
      return { by, ask: (context) => mergeBranches(context, writer, key, input), entries: moved(['refs/heads/main', base, '?']) };
    },
  },
  {
    operation: 'content/merge-upstream.ts mergeUpstream',
    what: 'a fork is brought up to its parent',
    async ready(stage) {
      const [{ by, ...writer }, { key, base, tip }] = [await stage.writer(stage.cast.owner), await stage.repository()];
      await updateRepository(stage.context, by, key, { settings: { allowForking: true } });
      const fork = await createFork(stage.context, by, key, { organization: null, name: null, onlyDefaultBranch: true });
      await updateRef(stage.context, writer, key, 'refs/heads/main', tip, false);
      const entries = moved(['refs/heads/main', base, tip]);
      return { by, ask: (context) => mergeUpstream(context, writer, { id: fork.id }, 'main'), entries };
    },
  },
  {
    operation: 'content/rename-branch.ts renameBranch',
    what: 'a branch is renamed',
    async ready(stage) {
      const [{ by, ...writer }, { key, tip }] = [await stage.writer(stage.cast.owner), await stage.repository()];
      const entries = moved(['refs/heads/topic', tip, null], ['refs/heads/fresh', null, tip]);
      return { by, ask: (context) => renameBranch(context, writer, key, 'topic', 'fresh'), entries };
    },
  },
  {
    operation: 'content/rename-branch.ts renameBranch',
    what: 'the default branch is renamed, with its protection',
    async ready(stage) {
      const [{ by, ...writer }, { key, base }] = [await stage.writer(stage.cast.owner), await stage.repository()];
      const rules = githubRules({ type: 'deletion', parameters: { allowed: 'pushers' } });
      const input = { ...{ origin: 'github' as const, pattern: 'main', rules, enforceAdmins: true }, ...native };
      const { id } = await createProtection(stage.context, by, { repository: key }, input);
      const entries = [
        ...moved(['refs/heads/main', base, null], ['refs/heads/trunk', null, base]),
        { action: 'protected_branch.update_name', data: { name: 'trunk', old_name: 'main', protection_id: id } },
        { action: 'repo.update_default_branch', data: { default_branch: 'trunk', old_default_branch: 'main' } },
      ];
      return { by, ask: (context) => renameBranch(context, writer, key, 'main', 'trunk'), entries };
    },
  },
  {
    operation: 'content/create-objects.ts createBlob',
    what: 'a blob is stored',
    async ready(stage) {
      const [{ by, ...writer }, { key }] = [await stage.writer(stage.cast.owner), await stage.repository()];
      return { by, ask: (context) => createBlob(context, writer, key, Buffer.from('bytes')), entries: stored('blob') };
    },
  },
  {
    operation: 'content/create-objects.ts createTree',
    what: 'a tree is stored',
    async ready(stage) {
      const [{ by, ...writer }, { key }] = [await stage.writer(stage.cast.owner), await stage.repository()];
      const items = [{ path: 'x.txt', mode: '100644' as const, id: null, content: 'x' }];
      return { by, ask: (context) => createTree(context, writer, key, null, items), entries: stored('tree') };
    },
  },
  {
    operation: 'content/create-objects.ts createCommit',
    what: 'a commit is stored',
    async ready(stage) {
      const [{ by, ...writer }, { key, base, tip }] = [await stage.writer(stage.cast.owner), await stage.repository()];
      const people = { author: null, committer: null, signature: null };
      const item = { message: 'stored', tree: await stage.object(`${tip}^{tree}`), parents: [base], ...people };
      return { by, ask: (context) => createCommit(context, writer, key, item), entries: stored('commit') };
    },
  },
  {
    operation: 'content/create-objects.ts createTag',
    what: 'a tag is stored',
    async ready(stage) {
      const [{ by, ...writer }, { key, base }] = [await stage.writer(stage.cast.owner), await stage.repository()];
      const item = { tag: 'v1', message: 'one', object: base, type: 'commit' as const, tagger: null };
      return { by, ask: (context) => createTag(context, writer, key, item), entries: stored('tag') };
    },
  },
];

const native = { manage: [], demandsReason: false, acceptsElevated: true };
