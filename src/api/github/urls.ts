/** Builds the URLs in answers: from the address the client used, never from where the server listens. */
export function urls(baseUrl: string) {
  const api = `${baseUrl}/api/v3`;
  return {
    base: baseUrl,
    api,
    user: (login: string) => `${api}/users/${encodeURIComponent(login)}`,
    org: (login: string) => `${api}/orgs/${login}`,
    repo: (fullName: string) => `${api}/repos/${fullName}`,
    repoHtml: (fullName: string) => `${baseUrl}/${fullName}`,
    /** Slashes in branch names stay as they are in URLs, as GitHub writes them. */
    branchProtection: (fullName: string, branch: string) => `${api}/repos/${fullName}/branches/${encodePath(branch)}/protection`,
  };
}

export type Urls = ReturnType<typeof urls>;

/** Percent-encodes everything but the slashes. */
export function encodePath(path: string): string {
  return path.split('/').map(encodeURIComponent).join('/');
}
