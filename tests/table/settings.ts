import type { Grant, Rule } from '#model/protection.ts';
import { githubProtection, gitlabProtection, linear, locked, passing, pushBy, restrictedTo, role, signed } from '../support/rules.ts';

/** What one ref update does, as a bypass is bounded by it. */
export type Operation = 'update' | 'force-push' | 'create' | 'delete';

/** The ways to a ref. `rename` makes a name and takes one away. */
export type Door = 'git push' | 'ref API' | 'contents API' | 'merges API' | 'rename API';

export type Result = 'pass' | 'bypass' | 'refused';

/** One row of the table: a setting, and a change that it forbids. */
export interface Setting {
  readonly name: string;
  readonly origin: 'github' | 'gitlab';
  /** The rule type that the change breaks. */
  readonly type: string;
  readonly operation: Operation;
  /** The doors that can make this change at all. */
  readonly doors: readonly Door[];
  /** The protection's rules; the listed actor's row is handed over. */
  readonly rules: (listed: Grant) => readonly Rule[];
  /** What becomes of the actor who is on the setting's list. A setting without a list refuses them like anybody. */
  readonly listed: Result;
  /** What becomes of an admin where `enforce_admins` is off; GitLab's protections bind admins always. */
  readonly looseAdmin: Result;
  /** A right that the setting itself gives to admins, through the API. */
  readonly adminByApi?: 'pass';
  /** Whether an elevated token passes with the bounds that it has by default. */
  readonly byDefaultToken: boolean;
  /** The commit that the change brings. */
  readonly brings: 'a commit' | 'a merge' | 'an older commit' | 'nothing';
}

const everyDoor: readonly Door[] = ['git push', 'ref API', 'contents API', 'merges API'];
const refDoors: readonly Door[] = ['git push', 'ref API'];
const forcing: Rule = { type: 'non_fast_forward', parameters: { allowed: true } };
const deleting: Rule = { type: 'deletion', parameters: { allowed: 'pushers' } };
const checked: Rule = { type: 'required_status_checks', parameters: { strict: false, checks: [{ context: 'ci', app: null }] } };

const github = (rules: readonly Rule[]): readonly Rule[] => githubProtection(rules).rules;
const gitlab = (rules: readonly Rule[]): readonly Rule[] => gitlabProtection(rules).rules;

/**
 * Every setting that concerns a push, with what spec/model.md sections 3 and 4 say of it. A new rule type has to come here: the test
 * compares this list with the rules that there are.
 */
export const settings: readonly Setting[] = [
  {
    ...{ name: 'lock-update', origin: 'github', type: 'lock', operation: 'update', doors: everyDoor, brings: 'a commit' },
    rules: () => github([locked]),
    ...{ listed: 'refused', looseAdmin: 'bypass', byDefaultToken: false },
  },
  {
    ...{ name: 'lock-delete', origin: 'github', type: 'lock', operation: 'delete', doors: refDoors, brings: 'nothing' },
    rules: () => github([locked, deleting]),
    ...{ listed: 'refused', looseAdmin: 'bypass', byDefaultToken: false },
  },
  {
    ...{ name: 'lock-create', origin: 'github', type: 'lock', operation: 'create', doors: refDoors, brings: 'a commit' },
    rules: () => github([locked]),
    ...{ listed: 'refused', looseAdmin: 'bypass', byDefaultToken: false },
  },
  {
    ...{
      name: 'restrictions-update',
      origin: 'github',
      type: 'actor_restriction',
      operation: 'update',
      doors: everyDoor,
      brings: 'a commit',
    },
    rules: (listed) => github([restrictedTo([listed])]),
    ...{ listed: 'pass', looseAdmin: 'bypass', byDefaultToken: true },
  },
  {
    ...{ name: 'restrictions-force', origin: 'github', type: 'actor_restriction', operation: 'force-push', doors: refDoors },
    rules: (listed) => github([restrictedTo([listed]), forcing]),
    ...{ listed: 'pass', looseAdmin: 'bypass', byDefaultToken: false, brings: 'an older commit' },
  },
  {
    ...{
      name: 'restrictions-delete',
      origin: 'github',
      type: 'actor_restriction',
      operation: 'delete',
      doors: refDoors,
      brings: 'nothing',
    },
    rules: (listed) => github([restrictedTo([listed]), deleting]),
    ...{ listed: 'pass', looseAdmin: 'bypass', byDefaultToken: false },
  },
  {
    ...{ name: 'block-creations', origin: 'github', type: 'actor_restriction', operation: 'create', brings: 'a commit' },
    doors: ['git push', 'ref API', 'rename API'],
    rules: (listed) => github([restrictedTo([listed], true)]),
    ...{ listed: 'pass', looseAdmin: 'bypass', byDefaultToken: false },
  },
  {
    ...{ name: 'pull-request', origin: 'github', type: 'pull_request', operation: 'update', doors: everyDoor, brings: 'a commit' },
    rules: (listed) => github([passing(listed)]),
    ...{ listed: 'bypass', looseAdmin: 'bypass', byDefaultToken: true },
  },
  {
    ...{
      name: 'status-checks',
      origin: 'github',
      type: 'required_status_checks',
      operation: 'update',
      doors: everyDoor,
      brings: 'a commit',
    },
    rules: () => github([checked]),
    ...{ listed: 'refused', looseAdmin: 'bypass', byDefaultToken: true },
  },
  {
    // A file written by the contents API is an ordinary commit; it cannot break this one.
    ...{ name: 'linear-history', origin: 'github', type: 'required_linear_history', operation: 'update', brings: 'a merge' },
    doors: ['git push', 'ref API', 'merges API'],
    rules: () => github([linear]),
    ...{ listed: 'refused', looseAdmin: 'bypass', byDefaultToken: true },
  },
  {
    // A merge by the API is signed by the server; contents are when nobody else is named as their author.
    ...{ name: 'signatures', origin: 'github', type: 'required_signatures', operation: 'update', brings: 'a commit' },
    doors: ['git push', 'ref API', 'contents API'],
    rules: () => github([signed]),
    ...{ listed: 'refused', looseAdmin: 'bypass', byDefaultToken: true },
  },
  {
    ...{ name: 'force-pushes', origin: 'github', type: 'non_fast_forward', operation: 'force-push', doors: refDoors },
    rules: () => github([]),
    ...{ listed: 'refused', looseAdmin: 'refused', byDefaultToken: false, brings: 'an older commit' },
  },
  {
    ...{ name: 'deletions', origin: 'github', type: 'deletion', operation: 'delete', doors: refDoors, brings: 'nothing' },
    rules: () => github([]),
    ...{ listed: 'refused', looseAdmin: 'refused', byDefaultToken: false },
  },
  {
    ...{ name: 'gitlab-push', origin: 'gitlab', type: 'push_access', operation: 'update', doors: everyDoor, brings: 'a commit' },
    rules: (listed) => gitlab([pushBy(listed)]),
    ...{ listed: 'pass', looseAdmin: 'refused', byDefaultToken: true },
  },
  {
    ...{ name: 'gitlab-force', origin: 'gitlab', type: 'non_fast_forward', operation: 'force-push', doors: refDoors },
    rules: () => gitlab([pushBy(role(30))]),
    ...{ listed: 'refused', looseAdmin: 'refused', byDefaultToken: false, brings: 'an older commit' },
  },
  {
    ...{ name: 'gitlab-create', origin: 'gitlab', type: 'creation', operation: 'create', doors: refDoors, brings: 'a commit' },
    rules: (listed) => gitlab([pushBy(listed)]),
    ...{ listed: 'pass', looseAdmin: 'refused', byDefaultToken: false },
  },
  {
    ...{ name: 'gitlab-delete', origin: 'gitlab', type: 'deletion', operation: 'delete', doors: refDoors, brings: 'nothing' },
    rules: (listed) => gitlab([pushBy(listed)]),
    ...{ listed: 'refused', looseAdmin: 'refused', adminByApi: 'pass', byDefaultToken: false },
  },
];

/** Rule types that no push can break yet, and why. */
export const notByPush: Readonly<Record<string, string>> = {
  merge_access: 'merging is the business of pull requests; POST /merges is an update',
  code_owner_review: 'judged where a pull request is in play',
  conversation_resolution: 'judged where a pull request is in play',
  update: 'a rule of rulesets, which have no API yet',
};
