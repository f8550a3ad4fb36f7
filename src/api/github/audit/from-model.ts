import type { AuditEntry } from '#model/audit-entry.ts';

const viaNames: Readonly<Record<string, string>> = {
  classic: 'Personal access token (classic)',
  installation: 'GitHub App server-to-server token',
};

/** An entry as GitHub's audit log shows it: flat, times in milliseconds, only keys that have a value (spec/github.md 5.2). */
export function auditObject(entry: AuditEntry, enterprise: string) {
  const { organization, repository, user, team, token } = entry;
  const flat = {
    '@timestamp': entry.at,
    created_at: entry.at,
    _document_id: `sallyport-${entry.number}`,
    action: entry.action,
    actor: entry.actor.login,
    actor_id: entry.actor.id,
    actor_is_bot: entry.actor.kind === 'app' || entry.actor.kind === 'robot',
    actor_ip: entry.address,
    user_agent: entry.userAgent,
    business: enterprise,
    business_id: 1,
    org: organization?.login,
    org_id: organization?.id,
    repo: repository?.fullName,
    repo_id: repository?.id,
    repository: repository?.fullName,
    public_repo: repository?.isPublic,
    user: user?.login,
    user_id: user?.id,
    team: team && organization ? `${organization.login}/${team.slug}` : undefined,
    operation_type: entry.operation,
    request_id: entry.requestId,
    token_id: token?.id,
    token_scopes: token && token.scopes.length > 0 ? token.scopes.join(',') : undefined,
    programmatic_access_type: token ? viaNames[token.kind] : undefined,
    ...entry.data,
  };
  return Object.fromEntries(Object.entries(flat).filter(([, value]) => value !== undefined && value !== null));
}
