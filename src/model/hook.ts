/** Whose hook: a repository's, or an organization's, which hears of all its repositories. */
export type HookOwner = { readonly repository: number } | { readonly organization: number };

/** An address that is told of what happens. */
export interface Hook {
  readonly id: number;
  readonly owner: HookOwner;
  readonly url: string;
  readonly contentType: 'json' | 'form';
  /** Certificates of `url` are not checked. */
  readonly insecureSsl: boolean;
  /** The key of the signatures, under the master key (decision 31); null: deliveries are not signed. */
  readonly sealedSecret: string | null;
  /** `*`: all of them. */
  readonly events: readonly string[];
  readonly active: boolean;
  readonly createdAt: number;
  readonly updatedAt: number;
  /** How the newest delivery ended; null: there was none. */
  readonly lastResponse: { readonly code: number | null; readonly status: string; readonly message: string | null } | null;
}

/** What a sealed secret is bound to: it opens for hooks of the same owner alone. */
export function hookSecretName(owner: HookOwner): string {
  return 'repository' in owner ? `hook of repository ${owner.repository}` : `hook of organization ${owner.organization}`;
}

/** Events that hooks hear today. `ping` comes unasked. */
const delivered = [
  ...[
    'push',
    'create',
    'delete',
    'status',
    'check_run',
    'branch_protection_rule',
    'member',
    'membership',
    'team',
    'team_add',
    'repository',
    'organization',
  ],
];

/** Events that a hook may name, and that nothing here causes yet: clients write their lists once, for every server. */
const announced = [
  // All protections of a repository switched at once: there is no such switch here.
  'branch_protection_configuration',
  ...['bypass_request_secret_scanning', 'check_suite', 'code_scanning_alert', 'commit_comment', 'custom_property'],
  ...['custom_property_values', 'dependabot_alert', 'deploy_key', 'deployment', 'deployment_protection_rule', 'deployment_review'],
  ...['deployment_status', 'discussion', 'discussion_comment', 'exemption_request_push_ruleset', 'exemption_request_secret_scanning'],
  ...['fork', 'gollum', 'installation', 'issue_comment', 'issues', 'label', 'marketplace_purchase', 'merge_group', 'meta', 'milestone'],
  ...['org_block', 'package', 'page_build', 'personal_access_token_request', 'ping', 'project', 'project_card', 'project_column'],
  ...['projects_v2', 'projects_v2_item', 'public', 'pull_request', 'pull_request_review', 'pull_request_review_comment'],
  ...['pull_request_review_thread', 'registry_package', 'release', 'repository_advisory', 'repository_dispatch', 'repository_import'],
  ...['repository_ruleset', 'secret_scanning_alert', 'secret_scanning_alert_location', 'security_advisory', 'security_and_analysis'],
  ...['sponsorship', 'star', 'sub_issues', 'watch', 'workflow_dispatch', 'workflow_job', 'workflow_run'],
];

export const hookEvents: ReadonlySet<string> = new Set(['*', ...delivered, ...announced]);

export function hears({ events }: Pick<Hook, 'events'>, event: string): boolean {
  return events.includes('*') || events.includes(event);
}

/** One attempt series to bring one event to one hook. */
export interface Delivery {
  readonly id: number;
  readonly hookId: number;
  /** The same for every delivery of one event. */
  readonly guid: string;
  readonly event: string;
  readonly action: string | null;
  readonly repositoryId: number | null;
  /** JSON, as it is signed and sent. */
  readonly payload: string;
  readonly isRedelivery: boolean;
  readonly state: 'waiting' | 'delivered' | 'failed';
  readonly attempts: number;
  /** Of the last attempt; null: there was none yet. */
  readonly outcome: DeliveryOutcome | null;
}

/** How one attempt ended. */
export interface DeliveryOutcome {
  readonly at: number;
  readonly milliseconds: number;
  /** Null: no answer came. */
  readonly code: number | null;
  /** `OK`, or what went wrong, in a few words. */
  readonly status: string;
  readonly request: Readonly<Record<string, string>>;
  readonly response: { readonly headers: Readonly<Record<string, string>>; readonly body: string } | null;
}
