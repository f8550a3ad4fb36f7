/**
 * What a credential may be used for. Scopes become capabilities at authentication and nobody looks at a scope's name after
 * that (decision 28); an endpoint asks for capabilities. Unknown scope: nothing.
 */
export type Capability =
  | 'code:pull'
  | 'code:push'
  | 'code:read'
  | 'code:write'
  | 'repository:inspect'
  | 'repository:administer'
  | 'repository:delete'
  | 'status:write'
  | 'check:write'
  | 'hook:read'
  | 'hook:ping'
  | 'hook:write'
  | 'hook:administer'
  | 'org-hook:administer'
  | 'pull:write'
  | 'review:write'
  | 'org:read'
  | 'org:write'
  | 'org:administer'
  | 'user:read'
  | 'user:write'
  | 'gpg-key:read'
  | 'gpg-key:write'
  | 'ssh-signing-key:read'
  | 'ssh-signing-key:write'
  | 'audit:read'
  | 'bypass'
  | 'mint-bypass'
  | 'site:administer';

/** `everywhere`, and what `public_repo` adds in public repositories only. */
export interface Capabilities {
  readonly everywhere: ReadonlySet<Capability>;
  readonly inPublic: ReadonlySet<Capability>;
}

const code: readonly Capability[] = [
  'code:pull',
  'code:push',
  'code:read',
  'code:write',
  'repository:inspect',
  'repository:administer',
  'status:write',
  'check:write',
  'hook:read',
  'hook:ping',
  'hook:write',
  'hook:administer',
  'pull:write',
  'review:write',
];
const orgRead: readonly Capability[] = ['org:read'];
const orgWrite: readonly Capability[] = [...orgRead, 'org:write'];
const orgAdminister: readonly Capability[] = [...orgWrite, 'org:administer'];
const userAll: readonly Capability[] = ['user:read', 'user:write'];

/** Every scope that may be granted (spec/github.md 6.3, decision 28). Those without capabilities here belong to features to come. */
const everywhereByScope: Readonly<Record<string, readonly Capability[]>> = {
  repo: code,
  'repo:status': ['status:write'],
  repo_deployment: [],
  public_repo: [],
  'repo:invite': [],
  security_events: [],
  workflow: [],
  delete_repo: ['repository:delete'],
  'admin:org': orgAdminister,
  'write:org': orgWrite,
  'read:org': orgRead,
  'admin:public_key': [],
  'write:public_key': [],
  'read:public_key': [],
  'admin:repo_hook': ['hook:read', 'hook:ping', 'hook:write', 'hook:administer'],
  'write:repo_hook': ['hook:read', 'hook:ping', 'hook:write'],
  'read:repo_hook': ['hook:read', 'hook:ping'],
  'admin:org_hook': ['org-hook:administer'],
  user: userAll,
  'read:user': ['user:read'],
  'user:email': ['user:read'],
  'admin:enterprise': ['audit:read'],
  'read:enterprise': ['audit:read'],
  audit_log: ['audit:read'],
  'read:audit_log': ['audit:read'],
  site_admin: ['site:administer'],
  'admin:gpg_key': ['gpg-key:read', 'gpg-key:write'],
  'write:gpg_key': ['gpg-key:read', 'gpg-key:write'],
  'read:gpg_key': ['gpg-key:read'],
  'admin:ssh_signing_key': ['ssh-signing-key:read', 'ssh-signing-key:write'],
  'write:ssh_signing_key': ['ssh-signing-key:read', 'ssh-signing-key:write'],
  'read:ssh_signing_key': ['ssh-signing-key:read'],
  api: [...code, ...orgAdminister, ...userAll],
  read_api: ['code:pull', 'code:read', 'repository:inspect', 'hook:read', 'org:read', 'user:read'],
  read_repository: ['code:pull'],
  write_repository: ['code:pull', 'code:push'],
  'repo:bypass-protection': ['bypass'],
  'admin:bypass-token': ['mint-bypass'],
};

export const knownScopes: ReadonlySet<string> = new Set(Object.keys(everywhereByScope));

export const BYPASS_SCOPE = 'repo:bypass-protection';
export const MINT_SCOPE = 'admin:bypass-token';

/** Scopes without which an elevated token could not write at all (decision 6). */
export const scopesBesideBypass: readonly string[] = ['repo', 'public_repo', 'write_repository', 'api'];

export function capabilitiesOf(scopes: readonly string[]): Capabilities {
  return {
    everywhere: new Set(scopes.flatMap((scope) => everywhereByScope[scope] ?? [])),
    inPublic: new Set(scopes.includes('public_repo') ? code : []),
  };
}

const administration: ReadonlySet<Capability> = new Set([
  // An elevated token reviews nothing.
  'review:write',
  'repository:administer',
  'repository:delete',
  'hook:read',
  'hook:ping',
  'hook:write',
  'hook:administer',
  'org-hook:administer',
  'org:write',
  'org:administer',
  'user:write',
  'gpg-key:write',
  'ssh-signing-key:write',
  'mint-bypass',
  'site:administer',
]);

/**
 * An elevated token is for passing rules, not for editing them: one of an admin's, bounded to one branch, would otherwise unprotect
 * another one first and have no bounds at all (decision 8).
 */
export function withoutAdministration({ everywhere, inPublic }: Capabilities): Capabilities {
  const kept = (all: ReadonlySet<Capability>): Set<Capability> => new Set([...all].filter((one) => !administration.has(one)));
  return { everywhere: kept(everywhere), inPublic: kept(inPublic) };
}

/** Everything a person may do without a token's limits: the operator, and later a session. */
export function allCapabilities(): Capabilities {
  return capabilitiesOf([...knownScopes].filter((scope) => scope !== BYPASS_SCOPE && scope !== MINT_SCOPE));
}

const byPermission: Readonly<Record<string, { readonly read: readonly Capability[]; readonly write: readonly Capability[] }>> = {
  metadata: { read: [], write: [] },
  contents: { read: ['code:pull', 'code:read'], write: ['code:pull', 'code:read', 'code:push', 'code:write'] },
  administration: { read: ['code:read', 'repository:inspect'], write: ['code:read', 'repository:inspect', 'repository:administer'] },
  statuses: { read: ['code:read'], write: ['code:read', 'status:write'] },
  checks: { read: ['code:read'], write: ['code:read', 'check:write'] },
  repository_hooks: { read: ['hook:read'], write: ['hook:read', 'hook:ping', 'hook:write', 'hook:administer'] },
  pull_requests: { read: ['code:read'], write: ['code:read', 'pull:write', 'review:write'] },
  members: { read: ['org:read'], write: ['org:read', 'org:write'] },
};

export function capabilitiesOfApp(permissions: Readonly<Record<string, 'read' | 'write'>>): Capabilities {
  const granted = Object.entries(permissions).flatMap(([name, level]) => byPermission[name]?.[level] ?? []);
  return { everywhere: new Set(granted), inPublic: new Set() };
}

export function isCapable(capabilities: Capabilities, capability: Capability, visibility?: 'private' | 'internal' | 'public'): boolean {
  return capabilities.everywhere.has(capability) || (visibility === 'public' && capabilities.inPublic.has(capability));
}
