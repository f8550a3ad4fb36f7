import type { Account } from '#model/account.ts';
import type { App, Installation } from '#model/token.ts';
import { simpleUser } from '../accounts/from-model.ts';
import { nodeId, timestamp } from '../time.ts';
import type { Urls } from '../urls.ts';

/** An app as it stands in lists of a protection and beside its check runs. */
export function integration(app: App, owner: Account, urls: Urls) {
  return {
    id: app.id,
    slug: app.slug,
    node_id: nodeId('Integration', app.id),
    client_id: `Iv1.${app.id.toString(16).padStart(16, '0')}`,
    owner: simpleUser(owner, urls),
    name: app.name,
    description: app.description ?? '',
    external_url: app.externalUrl,
    html_url: `${urls.base}/apps/${app.slug}`,
    created_at: timestamp(app.createdAt),
    updated_at: timestamp(app.updatedAt),
    permissions: app.permissions,
    events: app.events,
  };
}

export function installationObject(installation: Installation, app: App, account: Account, urls: Urls) {
  const url = `${urls.api}/app/installations/${installation.id}`;
  return {
    id: installation.id,
    account: simpleUser(account, urls),
    repository_selection: 'all',
    access_tokens_url: `${url}/access_tokens`,
    repositories_url: `${urls.api}/installation/repositories`,
    html_url: `${urls.base}/settings/installations/${installation.id}`,
    app_id: app.id,
    app_slug: app.slug,
    target_id: account.id,
    target_type: account.kind === 'organization' ? 'Organization' : 'User',
    permissions: installation.permissions,
    events: app.events,
    created_at: timestamp(installation.createdAt),
    updated_at: timestamp(installation.createdAt),
    single_file_name: null,
    has_multiple_single_files: false,
    single_file_paths: [],
    suspended_by: null,
    suspended_at: null,
  };
}
