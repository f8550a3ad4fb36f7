/** The server answers as this Enterprise Server (decision 27). */
export const ENTERPRISE_VERSION = '3.19.0';

const docs = 'https://docs.github.com/enterprise-server@3.19/rest';
export const ABOUT_PROTECTED_BRANCHES = 'https://docs.github.com/articles/about-protected-branches';

/** GitHub's documentation of an operation (`branches/branch-protection#get-branch-protection`). Clients print it. */
export function documentationUrl(operation: string | undefined): string {
  return operation === undefined ? docs : `${docs}/${operation}`;
}

/** Whether an Accept header can be answered with JSON of this API; previews, versions and lists of them are. */
export function acceptsJson(accept: string | null): boolean {
  if (accept === null || accept.trim() === '') return true;
  return accept
    .split(',')
    .some((part) => /^\s*(\*\/\*|application\/\*|application\/json|application\/vnd\.github[^;]*|text\/\*)\s*(;.*)?$/i.test(part));
}

/** The format asked for by a media type such as `application/vnd.github.v3.raw`; null: plain JSON. */
export function requestedFormat(accept: string | null): string | null {
  const match = /application\/vnd\.github(?:\.[\w-]+)*?\.(raw|diff|patch|sha|html|object|repository)(?:\+json)?/i.exec(accept ?? '');
  return match?.[1]?.toLowerCase() ?? null;
}
