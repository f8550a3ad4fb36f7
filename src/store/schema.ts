import type { Generated } from 'kysely';

type Flag = 0 | 1;

/** The tables as both engines have them. Times are milliseconds since 1970, ids integers, `*_key` columns names in lower case. */
export interface Schema {
  /** One id sequence for people, robots, organizations and teams: the dialects put them into common lists. */
  principal: { id: Generated<number>; kind: string };
  account: {
    id: number;
    kind: 'user' | 'robot' | 'organization';
    login: string;
    login_key: string;
    name: string | null;
    created_at: number;
    updated_at: number;
    email: string | null;
    email_key: string | null;
    password_hash: string | null;
    site_admin: Flag;
    state: 'active' | 'suspended';
    maker_id: number | null;
    app_id: number | null;
    description: string | null;
    base_permission: number;
  };
  organization_member: { organization_id: number; user_id: number; level: number; expires_at: number | null };
  team: {
    id: number;
    organization_id: number;
    slug: string;
    name: string;
    description: string | null;
    privacy: 'secret' | 'closed';
    notification_setting: 'notifications_enabled' | 'notifications_disabled';
    default_rung: number;
    parent_id: number | null;
    created_at: number;
    updated_at: number;
  };
  team_member: { team_id: number; user_id: number; level: number; expires_at: number | null };
  team_grant: { team_id: number; repository_id: number; level: number };
  repository: {
    id: Generated<number>;
    owner_id: number;
    name: string;
    name_key: string;
    description: string | null;
    homepage: string | null;
    visibility: 'private' | 'internal' | 'public';
    default_branch: string;
    archived: Flag;
    object_format: 'sha1' | 'sha256';
    settings: string;
    created_at: number;
    updated_at: number;
    pushed_at: number | null;
    parent_id: number | null;
    source_id: number | null;
    visibility_limit: 'private' | 'internal' | 'public' | null;
    /** The folder that a fork was made in, which becomes its own. */
    making: string | null;
  };
  repository_rename: { owner_id: number; old_name_key: string; repository_id: number };
  collaborator: { repository_id: number; user_id: number; level: number; expires_at: number | null };
  branch_rename: { repository_id: number; old_name: string; new_name: string };
  protection: {
    id: Generated<number>;
    version: number;
    repository_id: number | null;
    organization_id: number | null;
    origin: 'github' | 'gitlab';
    pattern: string;
    rules: string;
    enforce_admins: Flag;
    manage: string;
    demands_reason: Flag;
    accepts_elevated: Flag;
  };
  ruleset: {
    id: Generated<number>;
    version: number;
    repository_id: number | null;
    organization_id: number | null;
    name: string;
    target: 'branch' | 'tag' | 'push';
    enforcement: 'active' | 'evaluate' | 'disabled';
    conditions: string;
    rules: string;
    bypass: string;
  };
  commit_status: {
    id: Generated<number>;
    repository_id: number;
    commit_id: string;
    context: string;
    context_key: string;
    state: 'error' | 'failure' | 'pending' | 'success';
    description: string | null;
    target_url: string | null;
    creator_id: number;
    app_id: number | null;
    created_at: number;
  };
  check_run: {
    id: Generated<number>;
    repository_id: number;
    commit_id: string;
    name: string;
    name_key: string;
    app_id: number | null;
    creator_id: number;
    status: 'queued' | 'in_progress' | 'completed';
    conclusion: string | null;
    details_url: string | null;
    external_id: string | null;
    started_at: number | null;
    completed_at: number | null;
    output: string;
  };
  token: {
    id: Generated<number>;
    kind: 'classic' | 'installation';
    user_id: number;
    name: string;
    note: string | null;
    scopes: string;
    bounds: string | null;
    granted_by: number | null;
    uses_max: number | null;
    uses_reserved: number;
    uses_spent: number;
    installation_id: number | null;
    permissions: string | null;
    repositories: string | null;
    hash: string;
    lookup: string;
    last_eight: string;
    created_at: number;
    expires_at: number | null;
    revoked_at: number | null;
  };
  app: {
    id: Generated<number>;
    slug: string;
    name: string;
    owner_id: number;
    description: string | null;
    external_url: string;
    permissions: string;
    events: string;
    public_key: string;
    bot_id: number;
    created_at: number;
    updated_at: number;
  };
  installation: { id: Generated<number>; app_id: number; account_id: number; permissions: string; created_at: number };
  gpg_key: {
    id: Generated<number>;
    user_id: number;
    name: string | null;
    key_id: string;
    fingerprint: string;
    subkeys: string;
    emails: string;
    armored: string;
    created_at: number;
    expires_at: number | null;
  };
  gpg_key_id: { key_id: string; gpg_key_id: number };
  ssh_signing_key: { id: Generated<number>; user_id: number; title: string; key: string; fingerprint: string; created_at: number };
  audit_entry: {
    number: number;
    at: number;
    action: string;
    operation: string;
    actor_id: number | null;
    actor_key: string;
    organization_id: number | null;
    organization_key: string | null;
    repository_id: number | null;
    repository_key: string | null;
    user_key: string | null;
    address: string | null;
    category: 'web' | 'git';
    bypass: Flag;
    body: string;
    previous_hash: string;
    hash: string;
  };
  audit_head: { id: number; number: number; hash: string; at: number; signature: string };
  intent: {
    id: Generated<number>;
    push_id: string;
    repository_id: number;
    node_id: string;
    updates: string;
    effects: string;
    token_id: number | null;
    uses: number;
    audit_number: number;
    created_at: number;
    /** Null while open. */
    outcome: string | null;
  };
  server_key: { name: string; public_key: string; sealed_private_key: string };
  setting: { name: string; value: string };
  node: { id: string; beat_at: number };
}
