import type { AuthenticatedCaller, Caller } from '#model/caller.ts';
import { BYPASS_SCOPE } from '#model/capability.ts';
import { ProblemError } from '#model/problem.ts';
import type { Rule } from '#model/protection.ts';
import { createOrganization } from '../accounts/create-organization.ts';
import { createUser } from '../accounts/create-user.ts';
import { authenticateToken } from '../authenticate.ts';
import { change } from '../change.ts';
import { writeContents } from '../content/write-contents.ts';
import type { Context } from '../context.ts';
import { createProtection } from '../protections/change-protection.ts';
import { createRepository } from '../repositories/create-repository.ts';
import { setCollaborator } from '../repositories/set-collaborator.ts';
import { insertToken, mintToken } from '../tokens/mint-token.ts';
import { revokeToken } from '../tokens/revoke-token.ts';
import { adminScopes, type FirstCredentials, prepareFirstStart } from './first-start.ts';

export interface DemoCredentials {
  /** Null: the folder was seeded before, and its password was shown then. */
  readonly first: FirstCredentials | null;
  readonly login: string;
  readonly repository: string;
  /** Of the same person: one that the rules bind, one that may pass them. */
  readonly plainToken: string;
  readonly elevatedToken: string;
  /** Reads the audit log. */
  readonly auditToken: string;
}

const marker = 'demo';
const org = 'octo-org';
const repositoryName = 'smile';
const developer = 'dana';
const names = ['demo: plain', 'demo: release bot', 'demo: audit'];

const rules: readonly Rule[] = [
  {
    type: 'pull_request',
    parameters: { approvals: 1, dismissStale: false, codeOwners: false, lastPush: false, dismissal: { mode: 'writers' }, passes: [] },
  },
  { type: 'required_status_checks', parameters: { strict: false, checks: [{ context: 'build', app: null }] } },
  { type: 'required_linear_history', parameters: {} },
  { type: 'non_fast_forward', parameters: { allowed: false } },
  { type: 'deletion', parameters: { allowed: 'nobody' } },
];

/** The folder has data that is not the demo's. */
class NotADemo extends Error {
  constructor() {
    super('--demo seeds an empty data folder, or one that it seeded before; this one has other data');
    this.name = 'NotADemo';
  }
}

/** Seeds an empty store with something to try, or (seeded before) gives out fresh tokens and revokes the old ones (decision 30). */
export async function prepareDemo(context: Context, operator: Caller): Promise<DemoCredentials> {
  const isSeeded = (await context.store.read.settings.readSetting(marker)) === 'seeded';
  if (!isSeeded && (await context.store.read.accounts.countUsers()) > 0) throw new NotADemo();
  const first = isSeeded ? null : await seed(context, operator);
  await revokeOld(context, operator);
  const mint = async (
    name: string,
    scopes: readonly string[],
    user: string,
    bypass: Parameters<typeof mintToken>[2]['bypass'] = null,
  ): Promise<string> => (await mintToken(context, operator, { user, name, note: null, scopes, expiresAt: null, bypass })).secret;
  return {
    first,
    login: developer,
    repository: `${org}/${repositoryName}`,
    plainToken: await mint(names[0]!, ['repo'], developer),
    elevatedToken: await mint(names[1]!, ['repo', BYPASS_SCOPE], developer, {
      repositories: [`${org}/${repositoryName}`],
      refs: ['refs/heads/main'],
      uses: 20,
    }),
    auditToken: await mint(names[2]!, ['read:audit_log'], 'admin'),
  };
}

async function seed(context: Context, operator: Caller): Promise<FirstCredentials | null> {
  const first = await prepareFirstStart(context, operator);
  await createOrganization(context, operator, { login: org, admin: 'admin', name: 'Octo Organization', basePermission: 0 });
  await createUser(context, operator, { login: developer, email: 'dana@example.com', siteAdmin: false, password: null });
  await asAdmin(context, operator, async (admin) => {
    const input = {
      ...{
        name: repositoryName,
        description: 'A repository to try the gate on',
        homepage: null,
        visibility: 'private' as const,
        settings: {},
      },
      ...{ objectFormat: 'sha1' as const, defaultBranch: 'main', autoInit: false, teamId: null },
    };
    const repository = await createRepository(context, admin, org, input);
    const key = { id: repository.id };
    const file = { path: 'README.md', message: 'Begin', branch: 'main', content: Buffer.from('# smile\n'), expected: null };
    await writeContents(context, { caller: admin, bypassReason: null }, key, file);
    await setCollaborator(context, admin, key, developer, 30);
    const protection = {
      origin: 'github' as const,
      pattern: 'main',
      rules,
      enforceAdmins: true,
      manage: [],
      demandsReason: false,
      acceptsElevated: true,
    };
    await createProtection(context, admin, { repository: key }, protection);
  });
  await change(context, operator, async (tx, record) => {
    await tx.settings.writeSetting(marker, 'seeded');
    record({ action: 'staff.seed_demo', operation: 'create' });
  });
  return first;
}

/** Acts as the site admin by a token that lives as long as the seeding. */
async function asAdmin(context: Context, operator: Caller, work: (admin: AuthenticatedCaller) => Promise<void>): Promise<void> {
  const { token, secret } = await change(context, operator, (tx, record, as) =>
    insertToken(tx, record, as, { user: 'admin', name: 'demo seeding', note: null, scopes: adminScopes, expiresAt: null, bypass: null }),
  );
  try {
    await work(await authenticateToken(context.store.read, secret, 'api', operator.request));
  } finally {
    await revokeToken(context, operator, token.id);
  }
}

async function revokeOld(context: Context, operator: Caller): Promise<void> {
  for (const login of [developer, 'admin']) {
    const account = await context.store.read.accounts.findByLogin(login);
    if (account === null) throw new ProblemError({ kind: 'not-found', what: login });
    const tokens = await context.store.read.tokens.listOfUser(account.id, { limit: 1000, offset: 0 });
    for (const token of tokens.items)
      if (names.includes(token.name) && token.revokedAt === null) await revokeToken(context, operator, token.id);
  }
}
