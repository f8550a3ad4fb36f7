import { Type } from 'typebox';
import { listBody, Nullable, Optional } from '../schemas.ts';

/** People, teams and apps by login and slug. */
const actorLists = Type.Object({
  users: Type.Optional(Type.Array(Type.String())),
  teams: Type.Optional(Type.Array(Type.String())),
  apps: Type.Optional(Type.Array(Type.String())),
});

/** -1: any app. */
const appId = Type.Integer({ minimum: -1, maximum: Number.MAX_SAFE_INTEGER });
const check = Type.Object({ context: Type.String({ minLength: 1 }), app_id: Optional(appId) });

/** `contexts` or `checks`; with both, `checks` wins (spec/github.md 1.1.3). */
const statusChecks = {
  strict: Type.Boolean(),
  contexts: Type.Optional(Type.Array(Type.String({ minLength: 1 }))),
  checks: Type.Optional(Type.Array(check)),
};

const reviews = {
  dismissal_restrictions: Type.Optional(actorLists),
  dismiss_stale_reviews: Optional(Type.Boolean()),
  require_code_owner_reviews: Optional(Type.Boolean()),
  required_approving_review_count: Optional(Type.Integer({ minimum: 0, maximum: 6 })),
  require_last_push_approval: Optional(Type.Boolean()),
  bypass_pull_request_allowances: Type.Optional(actorLists),
};

export const reviewsBody = Type.Object(reviews);
export const statusChecksBody = Type.Object({ ...statusChecks, strict: Optional(Type.Boolean()) });

export const protectionBody = Type.Object({
  required_status_checks: Nullable(Type.Object(statusChecks)),
  enforce_admins: Nullable(Type.Boolean()),
  required_pull_request_reviews: Nullable(reviewsBody),
  restrictions: Nullable(
    Type.Object({ users: Type.Array(Type.String()), teams: Type.Array(Type.String()), apps: Type.Optional(Type.Array(Type.String())) }),
  ),
  required_linear_history: Optional(Type.Boolean()),
  allow_force_pushes: Optional(Type.Boolean()),
  allow_deletions: Optional(Type.Boolean()),
  block_creations: Optional(Type.Boolean()),
  required_conversation_resolution: Optional(Type.Boolean()),
  lock_branch: Optional(Type.Boolean()),
  allow_fork_syncing: Optional(Type.Boolean()),
});

export const contextsBody = listBody('contexts');
export const usersBody = listBody('users');
export const teamsBody = listBody('teams');
export const appsBody = listBody('apps');
