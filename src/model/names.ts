/** First path segments that the server itself uses; an owner by such a name could never be reached (decision 15). */
const reservedLogins: ReadonlySet<string> = new Set([
  ...[
    '-',
    'about',
    'api',
    'apps',
    'assets',
    'audit',
    'bypass-requests',
    'dashboard',
    'docs',
    'enterprises',
    'explore',
    'favicon',
    'graphql',
  ],
  ...[
    'groups',
    'healthz',
    'help',
    'join',
    'login',
    'logout',
    'metrics',
    'new',
    'notifications',
    'operator',
    'organizations',
    'orgs',
    'projects',
  ],
  ...[
    'readyz',
    'repositories',
    'requests',
    'robots',
    'sallyport',
    'search',
    'session',
    'sessions',
    'settings',
    'setup',
    'signup',
    'site',
    'static',
  ],
  ...['teams', 'tokens', 'users', 'well-known'],
]);

/** Letters, digits and single hyphens within, at most 39 (decision 15). */
export function loginProblem(login: string): string | null {
  if (!/^[A-Za-z0-9](?:[A-Za-z0-9]|-(?=[A-Za-z0-9])){0,38}$/.test(login)) {
    return 'may only contain letters, digits and single hyphens, cannot begin or end with a hyphen, and has at most 39 characters';
  }
  return reservedLogins.has(login.toLowerCase()) ? 'is reserved' : null;
}

/** A repository is named so that its URL, its clone URL and its wiki's cannot be taken for another's. */
export function repositoryNameProblem(name: string): string | null {
  if (!/^[A-Za-z0-9_.-]{1,100}$/.test(name)) return 'may only contain letters, digits, and . _ -, and has at most 100 characters';
  if (name === '.' || name === '..' || name.startsWith('-')) return 'is not a possible name';
  return /\.(git|wiki)$/i.test(name) ? 'may not end in .git or .wiki' : null;
}

export function emailProblem(email: string): string | null {
  return /^[^\s<>@]+@[^\s<>@]+$/.test(email) && email.length <= 254 ? null : 'is not an e-mail address';
}

/** `Justice League!` -> `justice-league`. */
export function slugOf(name: string): string {
  return name
    .toLowerCase()
    .replace(/[^a-z0-9_]+/g, '-')
    .replace(/^-+|-+$/g, '')
    .slice(0, 100);
}

/** Text for a name or title: not blank, without control characters, not longer than the limit. */
export function textProblem(text: string, limit: number): string | null {
  if (text.trim() === '') return 'cannot be blank';
  if (/\p{Cc}/u.test(text)) return 'may not contain control characters';
  return text.length > limit ? `is too long (maximum is ${limit} characters)` : null;
}
