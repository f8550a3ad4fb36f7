import type { Source, Violation } from '#model/verdict.ts';
import type { RuleFinding } from './define-rule.ts';

/** A rule's finding with everything the rule does not know about itself: whose it is, what it refuses. */
export function violation(
  sources: readonly [Source, ...Source[]],
  type: string,
  { code, values = {}, places = [] }: RuleFinding,
  nature: { refuses: 'ref' | 'push'; waivable?: boolean; observedOnly?: boolean },
): Violation {
  return {
    sources,
    type,
    code,
    values,
    places,
    fingerprint: fingerprint(sources, type, code, places),
    refuses: nature.refuses,
    waivable: nature.waivable ?? true,
    observedOnly: nature.observedOnly ?? false,
  };
}

/** What an approval binds to: the rule and the content it objects to, never a commit, so that a rebase keeps it valid. */
function fingerprint(sources: readonly Source[], type: string, code: string, places: Violation['places']): string {
  const owners = sources.map((source) => (source.kind === 'repository' ? 'repository' : `${source.kind}:${source.id}`));
  const content = places.map(({ path, blob }) => `${path ?? ''}@${blob ?? ''}`).toSorted();
  return JSON.stringify([owners, type, code, content]);
}
