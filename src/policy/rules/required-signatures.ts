import { Type } from 'typebox';
import { keyName } from '#model/facts.ts';
import { defineRule } from '../define-rule.ts';

/**
 * Every commit the update adds carries a signature that verified with a key still registered (spec/github.md 2.5 f).
 * A protection looks at a new branch only where it restricts creation; a ruleset always.
 */
export const requiredSignatures = defineRule({
  type: 'required_signatures',
  title: 'Require signed commits',
  homes: ['github', 'ruleset'],
  mandatoryIn: [],
  parameters: Type.Object({}),
  needs: ['signatures'],

  concerns({ change, home, parametersOf }) {
    if (change === 'update') return true;
    const restriction = parametersOf('actor_restriction') as { coversCreation: boolean } | null;
    return change === 'create' && (home === 'ruleset' || restriction?.coversCreation === true);
  },

  violations({ signatures, standing }) {
    // A key may have been removed since the signature was checked, so the fact alone is not enough.
    const unverified = signatures.filter((signature) => !signature.verified || !standing.liveKeys.has(keyName(signature.key)));
    return unverified.length === 0 ? [] : [{ code: 'unverified_commits', places: unverified.map(({ commit }) => ({ commit })) }];
  },
});
