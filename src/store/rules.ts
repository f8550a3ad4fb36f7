import type { Selectable } from 'kysely';
import type { NewProtection, Rules } from '#model/ports/store-repositories.ts';
import type { Grant, Protection, Rule, RuleOwner, Ruleset } from '#model/protection.ts';
import { prepared } from './prepared.ts';
import { type Executor, flag, parseJson } from './rows.ts';
import type { Schema } from './schema.ts';

export function rules(db: Executor): Rules {
  return {
    async listProtections(repositoryId, ownerId) {
      return (await selectProtections(db, { repositoryId, ownerId })).rows.map(toProtection);
    },

    async listProtectionsOfOrganization(organizationId) {
      const rows = await db.selectFrom('protection').selectAll().where('organization_id', '=', organizationId).orderBy('id').execute();
      return rows.map(toProtection);
    },

    async listRulesets(repositoryId, ownerId) {
      return (await selectRulesets(db, { repositoryId, ownerId })).rows.map(toRuleset);
    },

    async insertProtection(protection) {
      const owner = {
        repository_id: 'repository' in protection.owner ? protection.owner.repository : null,
        organization_id: 'organization' in protection.owner ? protection.owner.organization : null,
      };
      const row = { version: 1, ...owner, ...(toColumns(protection) as Required<Columns>) };
      return toProtection(await db.insertInto('protection').values(row).returningAll().executeTakeFirstOrThrow());
    },

    async updateProtection(id, changes) {
      const row = await db
        .updateTable('protection')
        .set({ ...toColumns(changes) })
        .set((expression) => ({ version: expression('version', '+', 1) }))
        .where('id', '=', id)
        .returningAll()
        .executeTakeFirstOrThrow();
      return toProtection(row);
    },

    async removeProtection(id) {
      await db.deleteFrom('protection').where('id', '=', id).execute();
    },
  };
}

interface RepositoryAndOwner {
  readonly repositoryId: number;
  readonly ownerId: number;
}

const selectProtections = prepared((db, { repositoryId, ownerId }: RepositoryAndOwner) =>
  db
    .selectFrom('protection')
    .selectAll()
    .where((expression) => expression.or([expression('repository_id', '=', repositoryId), expression('organization_id', '=', ownerId)]))
    .orderBy('id'),
);

const selectRulesets = prepared((db, { repositoryId, ownerId }: RepositoryAndOwner) =>
  db
    .selectFrom('ruleset')
    .selectAll()
    .where((expression) => expression.or([expression('repository_id', '=', repositoryId), expression('organization_id', '=', ownerId)]))
    .orderBy('id'),
);

type Columns = Pick<
  Schema['protection'],
  'origin' | 'pattern' | 'rules' | 'enforce_admins' | 'manage' | 'demands_reason' | 'accepts_elevated'
>;

function toColumns(protection: Partial<NewProtection>): Partial<Columns> {
  return {
    ...(protection.origin !== undefined && { origin: protection.origin }),
    ...(protection.pattern !== undefined && { pattern: protection.pattern }),
    ...(protection.rules !== undefined && { rules: JSON.stringify(protection.rules) }),
    ...(protection.enforceAdmins !== undefined && { enforce_admins: flag(protection.enforceAdmins) }),
    ...(protection.manage !== undefined && { manage: JSON.stringify(protection.manage) }),
    ...(protection.native !== undefined && {
      demands_reason: flag(protection.native.demandsReason),
      accepts_elevated: flag(protection.native.acceptsElevated),
    }),
  };
}

function toProtection(row: Selectable<Schema['protection']>): Protection {
  return {
    id: row.id,
    version: row.version,
    owner: ownerOf(row),
    origin: row.origin,
    pattern: row.pattern,
    rules: parseJson<Rule[]>(row.rules),
    enforceAdmins: row.enforce_admins === 1,
    manage: parseJson<Grant[]>(row.manage),
    native: { demandsReason: row.demands_reason === 1, acceptsElevated: row.accepts_elevated === 1 },
  };
}

function toRuleset(row: Selectable<Schema['ruleset']>): Ruleset {
  return {
    id: row.id,
    version: row.version,
    owner: ownerOf(row),
    name: row.name,
    target: row.target,
    enforcement: row.enforcement,
    conditions: parseJson<Ruleset['conditions']>(row.conditions),
    rules: parseJson<Rule[]>(row.rules),
    bypass: parseJson<Ruleset['bypass']>(row.bypass),
  };
}

function ownerOf(row: { repository_id: number | null; organization_id: number | null }): RuleOwner {
  if (row.repository_id !== null) return { repository: row.repository_id };
  if (row.organization_id !== null) return { organization: row.organization_id };
  throw new Error('a protection or ruleset belongs to nobody');
}
