import type { Reached } from '#operations/access.ts';
import type { CheckRunShown, StatusShown } from '#operations/checks/read-checks.ts';
import { simpleUser } from '../accounts/from-model.ts';
import { integration } from '../apps/from-model.ts';
import { fullName, minimalRepository } from '../repositories/from-model.ts';
import { nodeId, timestamp } from '../time.ts';
import type { Urls } from '../urls.ts';

type Where = Pick<Reached, 'owner' | 'repository'>;

export function statusObject(status: StatusShown, where: Where, urls: Urls) {
  return { ...simpleStatus(status, where, urls), creator: status.creator && simpleUser(status.creator, urls) };
}

function simpleStatus(status: StatusShown, where: Where, urls: Urls) {
  return {
    url: `${urls.repo(fullName(where))}/statuses/${status.commit}`,
    avatar_url: status.creator === null ? null : simpleUser(status.creator, urls).avatar_url,
    id: status.id,
    node_id: nodeId('StatusContext', status.id),
    state: status.state,
    description: status.description,
    target_url: status.targetUrl,
    context: status.context,
    created_at: timestamp(status.createdAt),
    updated_at: timestamp(status.createdAt),
  };
}

/** All contexts together: failure wins, then pending; nothing at all is pending (spec/github.md 1.7). */
export function combinedStatus(commit: string, statuses: readonly StatusShown[], page: readonly StatusShown[], where: Where, urls: Urls) {
  const states = statuses.map((status) => status.state);
  const failed = states.some((state) => state === 'error' || state === 'failure');
  const open = states.length === 0 || states.includes('pending');
  const repo = urls.repo(fullName(where));
  return {
    state: failed ? 'failure' : open ? 'pending' : 'success',
    statuses: page.map((status) => simpleStatus(status, where, urls)),
    sha: commit,
    total_count: statuses.length,
    repository: minimalRepository(where, urls),
    commit_url: `${repo}/commits/${commit}`,
    url: `${repo}/commits/${commit}/status`,
  };
}

export function checkRunObject(run: CheckRunShown, where: Where, urls: Urls) {
  const url = `${urls.repo(fullName(where))}/check-runs/${run.id}`;
  return {
    id: run.id,
    name: run.name,
    node_id: nodeId('CheckRun', run.id),
    head_sha: run.commit,
    external_id: run.externalId ?? '',
    url,
    html_url: `${urls.repoHtml(fullName(where))}/runs/${run.id}`,
    details_url: run.detailsUrl,
    status: run.status,
    conclusion: run.conclusion,
    started_at: timestamp(run.startedAt),
    completed_at: timestamp(run.completedAt),
    output: { ...run.output, annotations_count: 0, annotations_url: `${url}/annotations` },
    check_suite: null,
    app: run.app && integration(run.app.app, run.app.owner, urls),
    pull_requests: [],
  };
}
