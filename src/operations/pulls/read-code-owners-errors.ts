import type { Caller } from '#model/caller.ts';
import type { CodeOwner, CodeOwnersError } from '#model/code-owners.ts';
import type { Reads } from '#model/ports/store.ts';
import { notFound } from '#model/problem.ts';
import type { Repository } from '#model/repository.ts';
import { WRITE } from '#model/rung.ts';
import { CODE_OWNERS_LIMIT, codeOwnersPlaces } from '#policy/code-owners/code-owners.ts';
import { findErrors } from '#policy/code-owners/find-errors.ts';
import { effectiveRung } from '#policy/effective-rung.ts';
import { type Reached, type RepositoryKey, reachCode } from '../access.ts';
import { findCommit, onDisk } from '../content/names.ts';
import type { Context } from '../context.ts';
import { grantOfTeam } from '../protections/resolver.ts';

/** Of more nobody is told: each owner costs questions of the database, each error repeats its line. Files are anybody's who writes. */
const maximumOwners = 1000;
const maximumErrors = 100;

/** What is wrong in the CODEOWNERS file of a branch; null: the default one. */
export async function readCodeOwnersErrors(
  { store, gate }: Context,
  caller: Caller,
  key: RepositoryKey,
  ref: string | null,
): Promise<{ readonly path: string; readonly errors: readonly CodeOwnersError[] }> {
  const reached = await reachCode(store.read, caller, key, Date.now());
  const { repository } = reached;
  const commit = await findCommit(gate, repository, ref ?? repository.defaultBranch);
  if (commit === null) throw notFound('commit');
  const { objects } = onDisk(gate, repository);
  for (const path of codeOwnersPlaces.github) {
    const file = await objects.read(`${commit}:${path}`, CODE_OWNERS_LIMIT);
    if (file?.type !== 'blob') continue;
    const text = file.data.toString('utf8');
    const named = new Map<string, CodeOwner>();
    findErrors(text, (owner) => named.size >= maximumOwners || named.set(owner.name.toLowerCase(), owner) !== null);
    const able = await findAble(store.read, reached, [...named.values()]);
    const errors = findErrors(text, ({ name }) => !named.has(name.toLowerCase()) || able.has(name.toLowerCase()));
    return { path, errors: errors.slice(0, maximumErrors) };
  }
  throw notFound('CODEOWNERS file');
}

/** Those who may write, by their names in the file. */
async function findAble(reads: Reads, { repository, owner }: Reached, named: readonly CodeOwner[]): Promise<ReadonlySet<string>> {
  const names = new Map(named.map((one) => [one.name.toLowerCase(), one]));
  const able = await Promise.all(
    [...names].map(async ([name, { kind }]) => {
      if (kind === 'team') return (await teamMayWrite(reads, repository, owner.login, name)) ? [name] : [];
      const account = kind === 'email' ? await reads.accounts.findByEmail(name) : await reads.accounts.findByLogin(name.slice(1));
      if (account === null || account.kind === 'organization') return [];
      return effectiveRung(await reads.standings.readRungSources(account.id, repository.id, Date.now())) >= WRITE ? [name] : [];
    }),
  );
  return new Set(able.flat());
}

/** `@org/team`, of the organization that owns the repository. */
async function teamMayWrite(reads: Reads, repository: Repository, owner: string, name: string): Promise<boolean> {
  const [org, slug] = name.slice(1).split('/');
  if (org !== owner.toLowerCase() || slug === undefined) return false;
  const team = await reads.teams.findBySlug(repository.ownerId, slug);
  return team !== null && (await grantOfTeam(reads, team.id, repository.id)) >= WRITE;
}
