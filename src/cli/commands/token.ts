import { type Operation, operations } from '#model/bypass-bounds.ts';
import { BYPASS_SCOPE } from '#model/capability.ts';
import type { Token } from '#model/token.ts';
import { findUser } from '#operations/access.ts';
import { mintToken } from '#operations/tokens/mint-token.ts';
import { revokeToken } from '#operations/tokens/revoke-token.ts';
import { type Command, type CommandInput, readExpiry, UsageError } from '../command.ts';

export const tokenCreate: Command = {
  name: 'token create',
  usage:
    '--user NAME --scopes A,B [--name N] [--expires 30d] [--repo O/R]… [--ref PATTERN]… [--operation OP]… [--rule TYPE]… [--path GLOB]… [--uses N]',
  summary: 'mint a token and print it, alone, on standard output',
  help: [
    '--user NAME         whose token it is',
    '--scopes A,B        what it may be used for, such as repo,read:org',
    '--name N            what it is called in lists, receipts and the record (default: token)',
    '--note TEXT         why it exists',
    '--expires 30d       when it ends: days, hours (12h), minutes (45m) or a date; at most 366 days (default: 30d)',
    `Bounds of an elevated token, with the scope ${BYPASS_SCOPE}:`,
    '--repo O/R          a repository where it passes; may be repeated; "all" for every one',
    '--ref PATTERN       a full ref name or pattern, such as refs/heads/release/*; may be repeated (default: every branch)',
    `--operation OP      ${operations.join(', ')}; may be repeated (default: update and merge)`,
    '--rule TYPE         a rule it passes; may be repeated (default: what docs/decisions/0007 lists)',
    '--path GLOB         every path of every commit must match one; may be repeated (default: any path)',
    '--uses N            how many refs it may move past a rule (default: no limit)',
  ],
  flags: {
    user: 'string',
    scopes: 'string',
    name: 'string',
    note: 'string',
    expires: 'string',
    repo: 'list',
    ref: 'list',
    operation: 'list',
    rule: 'list',
    path: 'list',
    uses: 'string',
  },
  positionals: { least: 0, most: 0 },
  async run(context, operator, input, io) {
    const { text } = input;
    const [user, scopes] = [text('user'), text('scopes')];
    if (user === null || scopes === null) throw new UsageError('--user and --scopes are needed');
    const list = scopes
      .split(',')
      .map((scope) => scope.trim())
      .filter((scope) => scope !== '');
    const expires = text('expires');
    const { secret } = await mintToken(context, operator, {
      user,
      name: text('name') ?? 'token',
      note: text('note'),
      scopes: list,
      expiresAt: expires === null ? null : readExpiry(expires, Date.now()),
      bypass: list.includes(BYPASS_SCOPE) ? readBypass(input) : refuseBounds(input),
    });
    io.out(`${secret}\n`);
    return 0;
  },
};

function readBypass({ list, text }: CommandInput) {
  const [repositories, refs, wanted, rules, paths, uses] = [
    list('repo'),
    list('ref'),
    list('operation'),
    list('rule'),
    list('path'),
    text('uses'),
  ];
  if (repositories.length === 0)
    throw new UsageError(`a token with ${BYPASS_SCOPE} needs --repo O/R, once for each repository (or --repo all)`);
  const unknown = wanted.filter((one) => !operations.includes(one as Operation));
  if (unknown.length > 0) throw new UsageError(`--operation is one of ${operations.join(', ')}, not ${unknown.join(', ')}`);
  if (uses !== null && !/^[1-9]\d{0,8}$/.test(uses)) throw new UsageError('--uses is a number from 1 up');
  return {
    repositories: repositories.includes('all') ? ('all' as const) : repositories,
    ...(refs.length > 0 && { refs }),
    ...(wanted.length > 0 && { operations: wanted as Operation[] }),
    ...(rules.length > 0 && { rules }),
    ...(paths.length > 0 && { paths }),
    ...(uses !== null && { uses: Number(uses) }),
  };
}

/** Bounds without the scope would look as if they bounded something. */
function refuseBounds({ has }: CommandInput): null {
  const given = ['repo', 'ref', 'operation', 'rule', 'path', 'uses'].filter(has);
  if (given.length > 0) throw new UsageError(`--${given[0]} bounds a bypass: add the scope ${BYPASS_SCOPE}`);
  return null;
}

export const tokenList: Command = {
  name: 'token list',
  usage: '--user NAME',
  summary: "list somebody's tokens, newest first",
  help: ['--user NAME         whose tokens'],
  flags: { user: 'string' },
  positionals: { least: 0, most: 0 },
  async run({ store }, _operator, { text }, io) {
    const login = text('user');
    if (login === null) throw new UsageError('--user is needed');
    const user = await findUser(store.read, login);
    const { items } = await store.read.tokens.listOfUser(user.id, { limit: 1000, offset: 0 });
    for (const token of items) io.out(`${describe(token)}\n`);
    return 0;
  },
};

function describe({ id, name, scopes, bounds, lastEight, expiresAt, revokedAt }: Token): string {
  const state =
    revokedAt !== null
      ? 'revoked'
      : expiresAt !== null && expiresAt <= Date.now()
        ? 'expired'
        : `until ${new Date(expiresAt ?? 0).toISOString().slice(0, 10)}`;
  const uses = bounds?.uses ? `, ${bounds.uses.spent} of ${bounds.uses.max} uses` : '';
  return `${id}  ${name}  …${lastEight}  ${scopes.join(',')}  ${state}${bounds ? `  elevated: ${bounds.operations.join(',')} on ${bounds.refs.join(' ')}${uses}` : ''}`;
}

export const tokenRevoke: Command = {
  name: 'token revoke',
  usage: 'ID',
  summary: 'revoke a token; when this ends, nothing that uses it moves a ref any more',
  help: [],
  flags: {},
  positionals: { least: 1, most: 1 },
  async run(context, operator, { positionals }, io) {
    const [id] = positionals;
    if (!/^\d{1,15}$/.test(id!)) throw new UsageError('ID is the number that "token list" shows');
    await revokeToken(context, operator, Number(id));
    io.err(`token ${id} is revoked\n`);
    return 0;
  },
};
