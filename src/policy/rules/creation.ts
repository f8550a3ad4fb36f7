import { Type } from 'typebox';
import { defineRule, type RuleFinding } from '../define-rule.ts';
import { anyGrantMatches, grantsOf } from '../grants.ts';

/**
 * Who may create a matching ref. A ruleset: nobody (spec/github.md 2.6). GitLab (spec/gitlab.md 2.7): who may push; or who
 * may merge, from a tip that an existing protected branch contains, and not by git. A branch that the same push creates
 * is no existing one.
 */
export const creation = defineRule({
  type: 'creation',
  title: 'Restrict creations',
  homes: ['gitlab', 'ruleset'],
  mandatoryIn: ['gitlab'],
  parameters: Type.Object({ mode: Type.Optional(Type.Literal('pushers-or-protected-tip-by-api')) }),
  needs: ['inProtectedBranch'],

  concerns: ({ change }) => change === 'create',

  violations({ home, actor, standing, parametersOf, inProtectedBranch }) {
    if (home === 'ruleset') return [{ code: 'creation' }];
    const pushers = grantsOf(parametersOf('push_access'));
    if (anyGrantMatches(pushers, actor, standing)) return [];
    const found: RuleFinding[] = [];
    if (!anyGrantMatches(grantsOf(parametersOf('merge_access')), actor, standing)) found.push({ code: 'creation_not_allowed' });
    if (!inProtectedBranch) found.push({ code: 'creation_from_unprotected' });
    if (actor.via === 'git-http' || actor.via === 'git-ssh') found.push({ code: 'creation_by_git' });
    return found;
  },
});
