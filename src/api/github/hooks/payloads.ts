import type { Tidings, Told } from '#model/telling.ts';
import { withApps } from '#operations/checks/read-checks.ts';
import { branchesAt } from '#operations/content/read-branches.ts';
import { readCommitsById } from '#operations/content/read-commits.ts';
import type { Context } from '#operations/context.ts';
import { newestAsUpdate, newTextBudget } from '#operations/hooks/read-pushed.ts';
import { simpleUser } from '../accounts/from-model.ts';
import { checkRunObject } from '../checks/from-model.ts';
import { commitObject } from '../commits/from-model.ts';
import { fullName } from '../repositories/from-model.ts';
import { timestamp } from '../time.ts';
import { hookObject } from './from-model.ts';
import { memberPayload, membershipPayload, organizationPayload, repositoryPayload, teamMessages } from './people-payloads.ts';
import { refPayloads } from './ref-payloads.ts';
import { ruleChanges, ruleObject } from './rule-payload.ts';
import { ofOrganization, presentPlace, type Scene, sceneOf, surroundings, webhookRepository } from './scene.ts';

/** One event of something that was told. */
export interface HookMessage {
  readonly event: string;
  readonly action: string | null;
  readonly repositoryId: number | null;
  readonly payload: object;
}

/** What hooks hear of a telling, in GitHub's words. Empty where nothing is left to tell: the repository is gone. */
export async function messagesOf(context: Context, told: Told): Promise<readonly HookMessage[]> {
  const messages = await worded(await sceneOf(context, told));
  return messages.map((message) => ({ ...message, repositoryId: told.repositoryId }));
}

type Worded = readonly Omit<HookMessage, 'repositoryId'>[];

async function worded(scene: Scene): Promise<Worded> {
  const { tidings } = scene.told;
  switch (tidings.kind) {
    case 'ping':
      return ping(scene);
    case 'refs':
    case 'test-push':
      return moved(scene, tidings);
    case 'default-branch':
      return defaultBranch(scene, tidings);
    case 'status':
      return [{ event: 'status', action: null, payload: await status(scene, tidings) }];
    case 'check-run':
      return [{ event: 'check_run', action: tidings.action, payload: await checkRun(scene, tidings) }];
    case 'protection':
      return protection(scene, tidings);
    case 'member':
      return [{ event: 'member', action: tidings.action, payload: await memberPayload(scene, tidings) }];
    case 'repository':
      return [{ event: 'repository', action: tidings.action, payload: await repositoryPayload(scene, tidings) }];
    case 'team':
    case 'team-repository':
      return teamMessages(scene, tidings);
    case 'membership':
      return [{ event: 'membership', action: tidings.action, payload: membershipPayload(scene, tidings) }];
    case 'organization-member':
      return [{ event: 'organization', action: tidings.action, payload: organizationPayload(scene, tidings) }];
    default:
      return tidings satisfies never;
  }
}

type Of<K extends Tidings['kind']> = Extract<Tidings, { kind: K }>;

async function ping(scene: Scene): Promise<Worded> {
  const { context, told, urls, sender } = scene;
  const hook = told.hookId === null ? null : await context.store.read.hooks.findHook(told.hookId);
  const owner = await context.store.read.accounts.findById(told.ownerId);
  if (hook === null || owner === null) return [];
  const place = 'repository' in hook.owner ? await presentPlace(scene) : null;
  const payload = {
    zen: 'A door that never has to be taken off its hinges.',
    hook_id: hook.id,
    hook: hookObject(hook, { owner, repository: place?.repository ?? null }, urls),
    ...(place !== null && { repository: await webhookRepository(scene, place) }),
    ...ofOrganization(owner, urls),
    sender: simpleUser(sender, urls),
  };
  return [{ event: 'ping', action: null, payload }];
}

async function moved(scene: Scene, tidings: Of<'refs' | 'test-push'>): Promise<Worded> {
  const place = await presentPlace(scene);
  if (place === null) return [];
  if (tidings.kind === 'refs') {
    const messages = [];
    const budget = newTextBudget();
    for (const update of tidings.updates) messages.push(...(await refPayloads(scene, place, update, budget)));
    return messages;
  }
  const update = await newestAsUpdate(scene.context, place.repository, tidings.refName);
  return update === null ? [] : (await refPayloads(scene, place, update, newTextBudget())).filter(({ event }) => event === 'push');
}

async function defaultBranch(scene: Scene, { from }: Of<'default-branch'>): Promise<Worded> {
  const place = await presentPlace(scene);
  if (place === null) return [];
  const payload = { action: 'edited', changes: { default_branch: { from } }, ...(await surroundings(scene, place)) };
  return [{ event: 'repository', action: 'edited', payload }];
}

async function status(scene: Scene, { status: reported, ...place }: Of<'status'>) {
  const { context, urls, sender } = scene;
  const [commit] = await readCommitsById(context, place.repository, [reported.commit]);
  const branches = await branchesAt(context, place.repository, reported.commit);
  const url = `${urls.repo(fullName(place))}/commits/${reported.commit}`;
  return {
    id: reported.id,
    sha: reported.commit,
    name: fullName(place),
    avatar_url: simpleUser(sender, urls).avatar_url,
    target_url: reported.targetUrl,
    context: reported.context,
    description: reported.description,
    state: reported.state,
    commit: commit === undefined ? null : commitObject(commit, place, urls),
    branches: branches.map(({ name, isProtected }) => ({ name, commit: { sha: reported.commit, url }, protected: isProtected })),
    created_at: timestamp(reported.createdAt),
    updated_at: timestamp(reported.createdAt),
    ...(await surroundings(scene, place)),
  };
}

async function checkRun(scene: Scene, { action, run, ...place }: Of<'check-run'>) {
  const [shown] = await withApps(scene.context, [run]);
  const object = checkRunObject(shown!, place, scene.urls);
  const [branch] = await branchesAt(scene.context, place.repository, run.commit);
  const { status, conclusion } = run;
  // There are no suites here; receivers look into one for the commit and its branch.
  const suite = { head_sha: run.commit, head_branch: branch?.name ?? null, status, conclusion, pull_requests: [] };
  const check_run = { ...object, details_url: object.details_url ?? object.html_url, check_suite: suite };
  return { action, check_run, ...(await surroundings(scene, place)) };
}

async function protection(scene: Scene, tidings: Of<'protection'>): Promise<Worded> {
  const { action, before } = tidings;
  const around = await surroundings(scene, tidings);
  const rule = await ruleObject(scene, tidings, tidings.protection);
  const changes = before === null ? {} : { changes: ruleChanges(await ruleObject(scene, tidings, before), rule) };
  return [{ event: 'branch_protection_rule', action, payload: { action, rule, ...changes, ...around } }];
}
