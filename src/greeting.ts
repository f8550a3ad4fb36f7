import type { DemoCredentials } from '#operations/server/demo.ts';
import type { FirstCredentials } from '#operations/server/first-start.ts';

/** What the very first start prints, once. */
export function firstStartText({ login, password, token }: FirstCredentials): string {
  return [
    'A site admin was created. This is shown once:',
    `  login      ${login}`,
    `  password   ${password}   (for signing in on the web; change it there)`,
    `  token      ${token}   (24 hours)`,
    '',
    '',
  ].join('\n');
}

/** What --demo prints: credentials, and a transcript to paste into a terminal. */
export function demoText(url: string, { first, login, repository, plainToken, elevatedToken, auditToken }: DemoCredentials): string {
  const { protocol, host } = new URL(url);
  const withToken = (token: string): string => `${protocol}//${login}:${token}@${host}/${repository}.git`;
  return [
    `${url}/${repository} is protected: pull request, status check "build", linear history, admins included.`,
    '',
    ...(first === null ? [] : [`  site admin        ${first.login}, password ${first.password} (shown once)`]),
    `  developer         ${login}`,
    `  plain token       ${plainToken}`,
    `  elevated token    ${elevatedToken}   (refs/heads/main of ${repository}, 20 uses, 30 days)`,
    `  audit token       ${auditToken}`,
    '',
    'Paste this into another terminal:',
    '',
    '  cd "$(mktemp -d)"',
    `  git clone ${withToken(plainToken)} smile && cd smile`,
    `  git -c user.name=Dana -c user.email=dana@example.com commit --allow-empty -m "Release 1.0"`,
    '  git push origin HEAD:main                     # refused, with every reason',
    `  git push ${withToken(elevatedToken)} HEAD:main     # the same commit, accepted, with a receipt`,
    // Whoever could start this has Node; curl is not on every machine.
    `  node -e 'fetch("${url}/api/sallyport/v1/audit?phrase=bypass:true&per_page=1", { headers: { authorization: "Bearer ${auditToken}" } })` +
      `.then((answer) => answer.json()).then((log) => console.dir(log, { depth: 9 }))'`,
    '',
    '',
  ].join('\n');
}
