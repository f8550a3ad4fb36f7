/** GitHub's PUT with everything switched off. A function, because Octokit wants lists it may change. */
export function allOff() {
  return { required_status_checks: null, enforce_admins: null, required_pull_request_reviews: null, restrictions: null };
}

/** The four keys that a PUT has to name. */
export const required = ['required_status_checks', 'enforce_admins', 'required_pull_request_reviews', 'restrictions'] as const;

/** Keys of the protection object that are always there, in GitHub's order. */
export const always = [
  'url',
  'required_signatures',
  'enforce_admins',
  'required_linear_history',
  'allow_force_pushes',
  'allow_deletions',
  'block_creations',
  'required_conversation_resolution',
  'lock_branch',
  'allow_fork_syncing',
] as const;

/** Settings that are a switch in the body and `{enabled}` in the answer. */
export const switches = [
  'required_linear_history',
  'allow_force_pushes',
  'allow_deletions',
  'block_creations',
  'required_conversation_resolution',
  'lock_branch',
  'allow_fork_syncing',
] as const;
