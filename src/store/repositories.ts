import type { Selectable } from 'kysely';
import type { NewFork, Repositories, Viewer } from '#model/ports/store-repositories.ts';
import type { Repository, RepositorySettings } from '#model/repository.ts';
import { toUser } from './accounts.ts';
import { networks } from './networks.ts';
import { first, prepared } from './prepared.ts';
import { type Executor, flag, inOrderOf, live, nameKey, page, parseJson } from './rows.ts';
import type { Schema } from './schema.ts';
import { teamsOf } from './team-ancestors.ts';

export function repositories(db: Executor, now: () => number): Repositories {
  const select = () => db.selectFrom('repository').selectAll('repository');

  /** Ids of what a user reaches by a row of their own, an organization or a team; a member's base permission may be none. */
  const reachedBy = (userId: number) =>
    db
      .selectFrom('repository as reached')
      .select('reached.id')
      .where((expression) =>
        expression.or([
          expression('reached.owner_id', '=', userId),
          expression(
            'reached.id',
            'in',
            expression
              .selectFrom('collaborator')
              .select('collaborator.repository_id')
              .where('collaborator.user_id', '=', userId)
              .where(live('collaborator', now())),
          ),
          expression(
            'reached.owner_id',
            'in',
            expression
              .selectFrom('organization_member')
              .innerJoin('account', 'account.id', 'organization_member.organization_id')
              .select('organization_member.organization_id')
              .where('organization_member.user_id', '=', userId)
              .where(live('organization_member', now()))
              .where((inner) => inner.or([inner('organization_member.level', '>=', 20), inner('account.base_permission', '>=', 20)])),
          ),
          expression(
            'reached.id',
            'in',
            expression
              .selectFrom('team_grant')
              .select('team_grant.repository_id')
              .where('team_grant.team_id', 'in', teamsOf(db, userId, now())),
          ),
        ]),
      );

  /** Of these repositories those that the viewer may read. */
  const seenBy = (viewer: Viewer, query: ReturnType<typeof select>) => {
    const visible = visibleTo(viewer);
    if (visible === 'all') return query;
    return query.where((expression) => {
      const open = expression('repository.visibility', 'in', visible);
      return viewer === null ? open : expression.or([open, expression('repository.id', 'in', reachedBy(viewer.userId))]);
    });
  };

  const network = networks(db);

  return {
    async findById(id) {
      const row = await first(selectById(db, { id }));
      return row && toRepository(row);
    },

    async findByName(ownerId, name) {
      const row = await select().where('owner_id', '=', ownerId).where('name_key', '=', nameKey(name)).executeTakeFirst();
      return row ? toRepository(row) : null;
    },

    async findByPath(ownerLogin, name) {
      const row = await first(selectByPath(db, { owner: nameKey(ownerLogin), name: nameKey(name) }));
      return row && toRepository(row);
    },

    async listByIds(ids) {
      if (ids.length === 0) return [];
      const rows = await select()
        .where('id', 'in', [...ids])
        .execute();
      return inOrderOf(ids, rows.map(toRepository), (repository) => repository.id);
    },

    listOfOwner(ownerId, viewer, request) {
      return page(seenBy(viewer, select().where('repository.owner_id', '=', ownerId)).orderBy('repository.id'), request, toRepository);
    },

    listOfUser(userId, only, request) {
      const reached = select().where('repository.id', 'in', reachedBy(userId)).orderBy('repository.id');
      return page(only === 'all' ? reached : reached.where('repository.visibility', '=', only), request, toRepository);
    },

    listForks(id, viewer, order, request) {
      const forks = seenBy(viewer, select().where('repository.parent_id', '=', id));
      return page(forks.orderBy('repository.id', order === 'oldest' ? 'asc' : 'desc'), request, toRepository);
    },

    ...network,

    async findInNetwork(ownerId, rootId) {
      const row = await select()
        .where('owner_id', '=', ownerId)
        .where((expression) => expression.or([expression('id', '=', rootId), expression('source_id', '=', rootId)]))
        .orderBy('id')
        .limit(1)
        .executeTakeFirst();
      return row ? toRepository(row) : null;
    },

    async findMaking(id) {
      return (await db.selectFrom('repository').select('making').where('id', '=', id).executeTakeFirst())?.making ?? null;
    },

    async listAllIds() {
      return (await db.selectFrom('repository').select('id').orderBy('id').execute()).map((row) => row.id);
    },

    async insert(repository, fork) {
      const at = now();
      const own = { ...toColumns(repository), created_at: at, updated_at: at };
      const row = { ...own, ...toForkColumns(fork) } as Omit<Schema['repository'], 'id'>;
      return toRepository(await db.insertInto('repository').values(row).returningAll().executeTakeFirstOrThrow());
    },

    async update(id, changes) {
      const pushed = changes.pushedAt === undefined ? { updated_at: now() } : { pushed_at: changes.pushedAt };
      await db
        .updateTable('repository')
        .set({ ...toColumns(changes), ...pushed })
        .where('id', '=', id)
        .execute();
    },

    async remove(id) {
      await network.leaveNetwork(id);
      await db.deleteFrom('repository').where('id', '=', id).execute();
    },

    async findRenamed(ownerId, oldName) {
      const row = await db
        .selectFrom('repository_rename')
        .select('repository_id')
        .where('owner_id', '=', ownerId)
        .where('old_name_key', '=', nameKey(oldName))
        .where(({ not, exists, selectFrom }) =>
          not(exists(selectFrom('repository').select('id').where('owner_id', '=', ownerId).where('name_key', '=', nameKey(oldName)))),
        )
        .executeTakeFirst();
      return row?.repository_id ?? null;
    },

    async recordRename(ownerId, oldName, repositoryId) {
      await db
        .insertInto('repository_rename')
        .values({ owner_id: ownerId, old_name_key: nameKey(oldName), repository_id: repositoryId })
        .onConflict((conflict) => conflict.columns(['owner_id', 'old_name_key']).doUpdateSet({ repository_id: repositoryId }))
        .execute();
    },

    async findCollaborator(repositoryId, userId) {
      const row = await db
        .selectFrom('collaborator')
        .select(['user_id as userId', 'level', 'expires_at as expiresAt'])
        .where('repository_id', '=', repositoryId)
        .where('user_id', '=', userId)
        .executeTakeFirst();
      return row ?? null;
    },

    listCollaborators(repositoryId, request) {
      const query = db
        .selectFrom('collaborator')
        .innerJoin('account', 'account.id', 'collaborator.user_id')
        .selectAll('account')
        .select(['collaborator.level', 'collaborator.expires_at'])
        .where('repository_id', '=', repositoryId)
        .orderBy('account.id');
      return page(query, request, (row) => ({ userId: row.id, level: row.level, expiresAt: row.expires_at, user: toUser(row) }));
    },

    async setCollaborator(repositoryId, userId, level) {
      await db
        .insertInto('collaborator')
        .values({ repository_id: repositoryId, user_id: userId, level, expires_at: null })
        .onConflict((conflict) => conflict.columns(['repository_id', 'user_id']).doUpdateSet({ level, expires_at: null }))
        .execute();
    },

    async removeCollaborator(repositoryId, userId) {
      const { numDeletedRows } = await db
        .deleteFrom('collaborator')
        .where('repository_id', '=', repositoryId)
        .where('user_id', '=', userId)
        .executeTakeFirst();
      return numDeletedRows > 0n;
    },
  };
}

const selectById = prepared((db, { id }: { readonly id: number }) => db.selectFrom('repository').selectAll().where('id', '=', id));

const selectByPath = prepared((db, { owner, name }: { readonly owner: string; readonly name: string }) =>
  db
    .selectFrom('repository')
    .selectAll('repository')
    .innerJoin('account', 'account.id', 'repository.owner_id')
    .where('account.login_key', '=', owner)
    .where('repository.name_key', '=', name),
);

/** The visibilities that a viewer sees without any row of their own. */
function visibleTo(viewer: Viewer): 'all' | Repository['visibility'][] {
  if (viewer === null) return ['public'];
  return viewer.siteAdmin ? 'all' : ['public', 'internal'];
}

function toRepository(row: Selectable<Schema['repository']>): Repository {
  return {
    id: row.id,
    ownerId: row.owner_id,
    name: row.name,
    description: row.description,
    homepage: row.homepage,
    visibility: row.visibility,
    defaultBranch: row.default_branch,
    archived: row.archived === 1,
    objectFormat: row.object_format,
    settings: parseJson<RepositorySettings>(row.settings),
    createdAt: row.created_at,
    updatedAt: row.updated_at,
    pushedAt: row.pushed_at,
    parentId: row.parent_id,
    sourceId: row.source_id,
    visibilityLimit: row.visibility_limit,
  };
}

function toForkColumns(fork: NewFork | undefined) {
  if (fork === undefined) return { pushed_at: null, parent_id: null, source_id: null, visibility_limit: null, making: null };
  const { pushedAt, parentId, sourceId, visibilityLimit, making } = fork;
  return { pushed_at: pushedAt, parent_id: parentId, source_id: sourceId, visibility_limit: visibilityLimit, making };
}

function toColumns(
  repository: Partial<Omit<Repository, 'id' | 'createdAt' | 'updatedAt' | 'pushedAt'>>,
): Partial<Omit<Schema['repository'], 'id'>> {
  return {
    ...(repository.ownerId !== undefined && { owner_id: repository.ownerId }),
    ...(repository.name !== undefined && { name: repository.name, name_key: nameKey(repository.name) }),
    ...(repository.description !== undefined && { description: repository.description }),
    ...(repository.homepage !== undefined && { homepage: repository.homepage }),
    ...(repository.visibility !== undefined && { visibility: repository.visibility }),
    ...(repository.defaultBranch !== undefined && { default_branch: repository.defaultBranch }),
    ...(repository.archived !== undefined && { archived: flag(repository.archived) }),
    ...(repository.objectFormat !== undefined && { object_format: repository.objectFormat }),
    ...(repository.settings !== undefined && { settings: JSON.stringify(repository.settings) }),
  };
}
