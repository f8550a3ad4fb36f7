import { Type } from 'typebox';
import { ADMIN } from '#model/rung.ts';
import { defineRule, type RuleFinding } from '../define-rule.ts';
import { anyGrantMatches, grantsOf } from '../grants.ts';

const allowed = Type.Union([Type.Literal('nobody'), Type.Literal('pushers'), Type.Literal('maintainers-by-api')]);

/**
 * Who may delete the branch: nobody, those who may push, or (GitLab, fixed by the product) maintainers and only through
 * the API (spec/github.md 2.5 h, spec/gitlab.md 2.8). Who may push is said by a rule of its own in GitHub's terms, and by
 * the push list in GitLab's. A ruleset stores it without parameters: nobody.
 */
export const deletion = defineRule({
  type: 'deletion',
  title: 'Restrict deletions',
  homes: ['github', 'gitlab', 'ruleset'],
  mandatoryIn: ['github', 'gitlab'],
  parameters: Type.Object({ allowed: Type.Optional(allowed) }),
  needs: [],

  concerns: ({ change, home }, parameters) => change === 'delete' && !(home === 'github' && parameters.allowed === 'pushers'),

  violations({ home, actor, standing, parametersOf }, parameters) {
    if (home === 'gitlab' && parameters.allowed === 'pushers')
      return anyGrantMatches(grantsOf(parametersOf('push_access')), actor, standing) ? [] : [{ code: 'push_not_allowed' }];
    if (parameters.allowed !== 'maintainers-by-api') return [{ code: 'deletion' }];
    const found: RuleFinding[] = [];
    if (standing.actor.rung < ADMIN) found.push({ code: 'deletion_needs_maintainer' });
    if (actor.via === 'git-http' || actor.via === 'git-ssh') found.push({ code: 'deletion_not_by_git' });
    return found;
  },
});
