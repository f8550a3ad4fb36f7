import type { GitPerson } from '#model/git-commit.ts';
import { branchOf, tagOf } from '#model/ref-name.ts';
import { idOrZero, type RefUpdate } from '#model/ref-update.ts';
import { noReplyAddress } from '#operations/content/identity.ts';
import { type PushedCommit, type PushedRef, readPushedRef, type TextBudget } from '#operations/hooks/read-pushed.ts';
import { messageOf } from '../commits/from-model.ts';
import { fullName } from '../repositories/from-model.ts';
import { timestamp } from '../time.ts';
import { encodePath } from '../urls.ts';
import { type Place, type Scene, surroundings } from './scene.ts';

/** What hooks hear of one moved ref: `create` or `delete` where it came or went, and `push` always. */
export async function refPayloads(scene: Scene, place: Place, update: RefUpdate, budget: TextBudget) {
  const came = update.oldId === null;
  const went = update.newId === null;
  const push = { event: 'push', action: null, payload: await pushPayload(scene, place, update, budget) };
  if (!came && !went) return [push];
  return [{ event: came ? 'create' : 'delete', action: null, payload: await comingPayload(scene, place, update) }, push];
}

async function comingPayload(scene: Scene, place: Place, { refName, oldId }: RefUpdate) {
  const branch = branchOf(refName);
  return {
    ref: branch ?? tagOf(refName) ?? refName,
    ref_type: branch === null ? 'tag' : 'branch',
    full_ref: refName,
    ...(oldId === null && { master_branch: place.repository.defaultBranch, description: place.repository.description }),
    pusher_type: 'user',
    ...(await surroundings(scene, place)),
  };
}

async function pushPayload(scene: Scene, place: Place, update: RefUpdate, budget: TextBudget) {
  const { context, sender } = scene;
  const { refName, oldId, newId } = update;
  const { repository, owner } = place;
  const pushed = await readPushedRef(context, repository, update, budget);
  const html = scene.urls.repoHtml(fullName(place));
  const around = await surroundings(scene, place);
  return {
    ref: refName,
    before: idOrZero(oldId, repository.objectFormat),
    after: idOrZero(newId, repository.objectFormat),
    ...around,
    repository: {
      ...around.repository,
      // In this event alone these are seconds.
      created_at: Math.floor(repository.createdAt / 1000),
      pushed_at: Math.floor((repository.pushedAt ?? repository.createdAt) / 1000),
      owner: { name: owner.login, email: null, ...around.repository.owner },
      stargazers: 0,
      master_branch: repository.defaultBranch,
      ...(owner.kind === 'organization' && { organization: owner.login }),
    },
    pusher: { name: sender.login, email: noReplyAddress(sender, context.server) },
    created: oldId === null,
    deleted: newId === null,
    forced: pushed.forced,
    base_ref: pushed.baseRef,
    compare: compareUrl(html, update),
    commits: pushed.commits.map((commit) => pushedCommit(commit, html)),
    head_commit: pushed.head && pushedCommit(pushed.head, html),
    ...sizes(pushed),
  };
}

/** All that came, of which `commits` has the newest 2048. */
function sizes({ size, distinctSize }: PushedRef) {
  return { size, distinct_size: distinctSize };
}

function compareUrl(html: string, { refName, oldId, newId }: RefUpdate): string {
  const short = (id: string | null): string => (id ?? '0'.repeat(40)).slice(0, 12);
  if (oldId === null) return `${html}/compare/${encodePath(branchOf(refName) ?? tagOf(refName) ?? refName)}`;
  return `${html}/compare/${short(oldId)}...${short(newId)}`;
}

function pushedCommit(commit: PushedCommit, html: string) {
  const { id, parsed, isDistinct, files } = commit;
  return {
    id,
    tree_id: parsed.tree,
    distinct: isDistinct,
    message: messageOf(parsed),
    timestamp: localTime(parsed.committer),
    url: `${html}/commit/${id}`,
    author: person(parsed.author, commit.author),
    committer: person(parsed.committer, commit.committer),
    ...files,
  };
}

function person(who: GitPerson, account: PushedCommit['author']) {
  return { name: who.name, email: who.email, date: localTime(who), ...(account !== null && { username: account.login }) };
}

/** In the zone of whoever made it. */
function localTime({ seconds, zone }: GitPerson): string {
  const match = /^([+-])(\d\d)([0-5]\d)$/.exec(zone);
  if (match === null || zone === '+0000' || zone === '-0000') return timestamp(seconds * 1000);
  const [, sign, hours, minutes] = match;
  const offset = (sign === '-' ? -1 : 1) * (Number(hours) * 60 + Number(minutes));
  return timestamp((seconds + offset * 60) * 1000).replace('Z', `${sign}${hours}:${minutes}`);
}
