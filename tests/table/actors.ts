import { setTimeout as sleep } from 'node:timers/promises';
import { type BypassInput, mintToken } from '#operations/tokens/mint-token.ts';
import { allRules } from '#policy/rules/index.ts';
import { apiOf, must } from '../support/api.ts';
import { type InstalledApp, installApp } from '../support/apps.ts';
import { createPersona, elevated, mint, operator, type Persona, type Personas, personaOf } from '../support/personas.ts';
import type { TestServer } from '../support/server.ts';
import type { Door, Operation, Result, Setting } from './settings.ts';

/** Protections differ by more than their rules; each column asks for one of these. */
export type Variant = 'plain' | 'admins exempt' | 'demands reason' | 'no elevated tokens';

/** What becomes of one attempt. `denied`: refused before any rule was asked. */
export interface Expected {
  readonly result: Result | 'denied';
  /** What waived it. */
  readonly by?: 'admin' | 'allow_list' | 'elevated_token';
  /** The rule that refuses, where it is not the setting's own. */
  readonly rule?: string;
  /** Why the elevated token did not pass it. */
  readonly shortfall?: string;
}

/** One column of the table. Null: the combination cannot be had. */
export interface Column {
  readonly name: string;
  readonly variant: Variant;
  readonly reason?: string;
  readonly who: (setting: Setting, door: Door) => Promise<Persona>;
  readonly expect: (setting: Setting, door: Door) => Expected | null;
}

export interface TableCast extends Personas {
  readonly listed: Persona;
  readonly listedId: number;
  readonly columns: readonly Column[];
}

const everyType = allRules.map((rule) => rule.type);
const everyOperation: readonly Operation[] = ['update', 'force-push', 'create', 'delete'];
/** Rule types that are waived along with the operation that breaks them (spec/model.md section 4). */
const ownTypes: Readonly<Record<Operation, readonly string[]>> = {
  update: [],
  'force-push': ['non_fast_forward'],
  create: ['creation', 'actor_restriction'],
  delete: ['deletion'],
};

/** Everybody who tries, among them an elevated token out of each of its bounds. */
export async function buildColumns(server: TestServer, cast: Personas, repository: string): Promise<TableCast> {
  const listed = await createPersona(server, 'lena');
  await must(cast.owner.api('PUT', `/repos/${repository}/collaborators/lena`, { permission: 'push' }));
  const { id: listedId } = await must(listed.api('GET', '/user'));
  const app = await installApp(server, cast.owner, 'acme', 'deployer', { contents: 'write', administration: 'read' });
  await must(cast.owner.api('POST', '/orgs/acme/repos', { name: 'other', private: true }));
  await must(cast.owner.api('PUT', '/repos/acme/other/collaborators/dev', { permission: 'push' }));
  const columns = [...peopleColumns(cast, listed, app), ...(await tokenColumns(server, cast, repository))];
  return { ...cast, listed, listedId, columns };
}

function peopleColumns(cast: Personas, listed: Persona, app: InstalledApp): Column[] {
  const refusedHere = (): Expected => ({ result: 'refused' });
  const same = (persona: Persona) => () => Promise.resolve(persona);
  return [
    { name: 'a writer', variant: 'plain', who: same(cast.developer), expect: refusedHere },
    {
      ...{ name: 'the listed actor', variant: 'plain', who: same(listed) },
      expect: ({ listed: result }) => (result === 'bypass' ? { result, by: 'allow_list' } : { result }),
    },
    {
      ...{ name: 'an admin, admins bound', variant: 'plain', who: same(cast.maintainer) },
      expect: ({ adminByApi }, door) => ({ result: adminByApi !== undefined && door !== 'git push' ? adminByApi : 'refused' }),
    },
    {
      ...{ name: 'an admin, admins exempt', variant: 'admins exempt', who: same(cast.maintainer) },
      expect: ({ origin, looseAdmin: result }) => {
        if (origin === 'gitlab') return null;
        return result === 'bypass' ? { result, by: 'admin' } : { result };
      },
    },
    {
      name: 'a writer, admins exempt',
      variant: 'admins exempt',
      who: same(cast.developer),
      expect: ({ origin }) => (origin === 'gitlab' ? null : { result: 'refused' }),
    },
    { name: 'an app', variant: 'plain', who: () => app.token(), expect: refusedHere },
    {
      // No rung, so no write where a rule binds: that is the first reason, and the content is not even read for it by git.
      ...{ name: 'a site admin', variant: 'plain', who: same(cast.admin) },
      expect: ({ origin, type, operation }) => {
        const isPushed = origin === 'gitlab' && operation === 'force-push';
        return { result: 'refused', rule: origin === 'github' ? 'repository' : isPushed ? 'push_access' : type };
      },
    },
    { name: 'an outsider', variant: 'plain', who: same(cast.outsider), expect: () => ({ result: 'denied' }) },
  ];
}

/** An elevated token within all of its bounds, and out of each one. */
async function tokenColumns(server: TestServer, { developer, maintainer, owner }: Personas, repository: string): Promise<Column[]> {
  const wide: BypassInput = { repositories: [repository], refs: ['refs/heads/**/*'], operations: everyOperation, rules: everyType };
  const make = (changes: Partial<BypassInput>) => elevated(server, developer, { ...wide, ...changes });
  const once = <T>(build: () => Promise<T>) => {
    let made: Promise<T> | null = null;
    return () => (made ??= build());
  };
  const passes = (): Expected => ({ result: 'bypass', by: 'elevated_token' });
  const falls = (shortfall: string) => (): Expected => ({ result: 'refused', shortfall });
  const denied = (): Expected => ({ result: 'denied' });
  const column = (name: string, changes: Partial<BypassInput>, expect: Column['expect'], variant: Variant = 'plain'): Column => ({
    ...{ name, variant, expect },
    who: once(() => make(changes)),
  });
  return [
    column('an elevated token', {}, passes),
    {
      ...{ name: 'an elevated token with default bounds', variant: 'plain' },
      who: once(() => elevated(server, developer, { repositories: [repository], refs: ['refs/heads/**/*'] })),
      expect: ({ byDefaultToken }) => (byDefaultToken ? passes() : { result: 'refused' }),
    },
    column('an elevated token of another repository', { repositories: ['acme/other'] }, falls('repository')),
    column('an elevated token of other refs', { refs: ['refs/heads/elsewhere', 'refs/tags/**/*'] }, falls('ref')),
    {
      ...{ name: 'an elevated token for other operations', variant: 'plain', expect: falls('operation') },
      who: ({ operation }) => make({ operations: everyOperation.filter((one) => one !== operation) }),
    },
    {
      ...{ name: 'an elevated token for other rules', variant: 'plain' },
      who: ({ type, operation }) => make({ operations: [operation], rules: everyType.filter((one) => one !== type) }),
      // Naming the operation waives its own rule types: there is no token that is short of them alone.
      expect: ({ type, operation }) => (ownTypes[operation].includes(type) ? null : { result: 'refused', shortfall: 'rule_type' }),
    },
    column('an elevated token for other paths', { paths: ['docs/**'] }, falls('paths')),
    {
      ...{ name: 'an elevated token for these paths', variant: 'plain' },
      who: once(() => make({ paths: ['src/**'] })),
      expect: ({ operation }) => (operation === 'delete' ? { result: 'refused', shortfall: 'paths' } : passes()),
    },
    {
      ...{ name: 'an elevated token without uses left', variant: 'plain', expect: falls('uses') },
      who: once(() => spent(server, developer, { ...wide, uses: 1 }, repository)),
    },
    { name: 'an elevated token that has expired', variant: 'plain', expect: denied, who: once(() => expired(server, developer, wide)) },
    { name: 'an elevated token that was revoked', variant: 'plain', expect: denied, who: once(() => revoked(server, developer, wide)) },
    {
      ...{ name: 'an elevated token whose granter is no admin any more', variant: 'plain', expect: falls('granter') },
      who: once(() => demoted(server, owner, repository, wide)),
    },
    column('an elevated token without the reason that is demanded', {}, falls('reason_demanded'), 'demands reason'),
    { ...column('an elevated token with a reason', {}, passes, 'demands reason'), reason: 'the release is waiting' },
    column('an elevated token where none is accepted', {}, falls('not_accepted'), 'no elevated tokens'),
    {
      // The owner of the token may edit the rules; the scope is missing.
      ...{ name: 'an admin with a token that is not elevated', variant: 'plain' },
      who: once(async () => personaOf(server, maintainer.login, await mint(server, maintainer.login, ['repo', 'admin:org']))),
      expect: ({ adminByApi }, door) => ({ result: adminByApi !== undefined && door !== 'git push' ? adminByApi : 'refused' }),
    },
  ];
}

/** Uses the only use up. */
async function spent(server: TestServer, persona: Persona, bounds: BypassInput, repository: string): Promise<Persona> {
  const robot = await elevated(server, persona, bounds);
  const { object } = await must(persona.api('GET', `/repos/${repository}/git/ref/heads/topic/change`));
  await must(robot.api('PATCH', `/repos/${repository}/git/refs/heads/spend`, { sha: object.sha }));
  return robot;
}

async function expired(server: TestServer, persona: Persona, bounds: BypassInput): Promise<Persona> {
  const soon = Date.now() + 300;
  const { secret } = await mintOne(server, persona, bounds, soon);
  await sleep(soon - Date.now() + 1);
  return personaOf(server, persona.login, secret);
}

async function revoked(server: TestServer, persona: Persona, bounds: BypassInput): Promise<Persona> {
  const { token, secret } = await mintOne(server, persona, bounds, null);
  const robot = personaOf(server, persona.login, secret);
  await must(robot.api('DELETE', `/api/sallyport/v1/tokens/${token.id}`));
  return robot;
}

function mintOne(server: TestServer, { login: user }: Persona, bypass: BypassInput, expiresAt: number | null) {
  const scopes = ['repo', 'repo:bypass-protection'];
  return mintToken(server.running.house.context, operator, { user, name: 'bounded', note: null, scopes, expiresAt, bypass });
}

/** An admin makes a token for themself and is an admin no more. */
async function demoted(server: TestServer, owner: Persona, repository: string, bounds: BypassInput): Promise<Persona> {
  const greta = await createPersona(server, 'greta', ['repo']);
  await must(owner.api('PUT', `/repos/${repository}/collaborators/greta`, { permission: 'admin' }));
  const minter = apiOf(server.url, await mint(server, 'greta', ['repo', 'admin:bypass-token']));
  const input = { name: 'own', scopes: ['repo', 'repo:bypass-protection'], bypass: bounds };
  const { token } = await must(minter('POST', '/api/sallyport/v1/tokens', input));
  await must(owner.api('PUT', `/repos/${repository}/collaborators/greta`, { permission: 'push' }));
  return personaOf(server, greta.login, token);
}
