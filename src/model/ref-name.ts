const maximumBytes = 1024;

/**
 * Whether git would accept this as the full name of a ref that a push may write: `refs/` and at least two more
 * components, no control characters, nothing that the revision syntax uses (git check-ref-format, rules 1 to 10).
 */
export function isRefName(name: string): boolean {
  if (!name.startsWith('refs/') || Buffer.byteLength(name) > maximumBytes) return false;
  const components = name.split('/');
  return components.length >= 3 && components.every(isComponent) && !name.includes('..') && !name.includes('@{') && !name.endsWith('.');
}

function isComponent(component: string): boolean {
  return component !== '' && !component.startsWith('.') && !component.endsWith('.lock') && !hasForbiddenCharacter(component);
}

/** Control characters, space, and ~ ^ : ? * [ \ . U+FFFD shows that the bytes were not UTF-8: the name could not be compared. */
function hasForbiddenCharacter(text: string): boolean {
  return [...text].some((character) => character <= ' ' || character === '\x7f' || '~^:?*[\\\ufffd'.includes(character));
}

/** The namespaces that only the server itself writes (decision 3). */
const reservedPrefixes = ['refs/pull/', 'refs/merge-requests/', 'refs/sallyport/', 'refs/keep-around/'];

/** A ref that no client may write, whatever the rules say. */
export function isReservedRef(refName: string): boolean {
  return reservedPrefixes.some((prefix) => refName.startsWith(prefix));
}

const branchPrefix = 'refs/heads/';
const tagPrefix = 'refs/tags/';

/** `refs/heads/main` -> `main`; null when the ref is no branch. */
export function branchOf(refName: string): string | null {
  return refName.startsWith(branchPrefix) ? refName.slice(branchPrefix.length) : null;
}

export function tagOf(refName: string): string | null {
  return refName.startsWith(tagPrefix) ? refName.slice(tagPrefix.length) : null;
}

export function branchRef(branchName: string): string {
  return branchPrefix + branchName;
}

/**
 * Whether a new branch may carry this name. Beyond git's own rules: no leading dash, no `HEAD`, no name that begins
 * like a full ref name, and nothing that reads as an object id (spec/gitlab.md 2.5 step 4, spec/threats.md family F).
 */
export function isBranchName(name: string): boolean {
  if (name.startsWith('-') || name === 'HEAD' || name.startsWith('refs/')) return false;
  return !looksLikeObjectId(name) && isRefName(branchRef(name));
}

/** A name that begins with 40 hexadecimal digits could be taken for a commit by every tool that resolves names. */
export function looksLikeObjectId(branchName: string): boolean {
  return /^[0-9a-f]{40}/i.test(branchName);
}
