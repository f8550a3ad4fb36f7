import { randomUUID } from 'node:crypto';
import { checkOldValue } from '#gate/check-commands.ts';
import { type Explanation, explain } from '#gate/explain.ts';
import { cleanReason } from '#gate/push-options.ts';
import type { User } from '#model/account.ts';
import type { Means, Via } from '#model/actor.ts';
import type { AuthenticatedCaller, Caller } from '#model/caller.ts';
import { allCapabilities } from '#model/capability.ts';
import { invalid, notFound } from '#model/problem.ts';
import { isRefName } from '#model/ref-name.ts';
import { isObjectId, type ObjectId, type RefUpdate } from '#model/ref-update.ts';
import { ADMIN, WRITE } from '#model/rung.ts';
import type { Token } from '#model/token.ts';
import { findUser, type Reached, type RepositoryKey, reachRepository, requireInRepository } from './access.ts';
import { callerOfToken } from './authenticate.ts';
import { onDisk } from './content/names.ts';
import type { Context } from './context.ts';

export interface ExplainQuestion {
  /** Whose push; null: the caller's own, with the token of the request. */
  readonly as: { readonly user: string } | { readonly tokenId: number } | null;
  readonly via: Via;
  readonly bypassReason: string | null;
  readonly updates: readonly { readonly ref: string; readonly old: ObjectId | null | undefined; readonly new: ObjectId | null }[];
}

export interface Explained extends Reached, Explanation {
  readonly who: AuthenticatedCaller;
  readonly updates: readonly RefUpdate[];
  /** Per update: what stands in the way before any rule is asked; null: nothing. */
  readonly problems: readonly (string | null)[];
}

const maximumUpdates = 100;

/**
 * The verdict that a push would get, by the very function that judges pushes (decision 28). Write access for oneself, rung 40 for
 * somebody else. Changes nothing, takes no use.
 */
export async function explainPush(context: Context, caller: Caller, key: RepositoryKey, question: ExplainQuestion): Promise<Explained> {
  const { store, gate } = context;
  const now = Date.now();
  const reached = await reachRepository(store.read, caller, key, now);
  const forOthers = question.as !== null;
  requireInRepository(caller, reached, {
    rung: forOthers ? ADMIN : WRITE,
    capability: forOthers ? 'repository:inspect' : 'code:read',
    siteAdminMay: true,
  });
  if (question.updates.length === 0 || question.updates.length > maximumUpdates)
    throw invalid('updates', `between 1 and ${maximumUpdates} updates`, 'invalid', 'Explain');
  const who = await imagined(context, caller, question);
  const table = await onDisk(gate, reached.repository).refs.table();
  const updates = question.updates.map(({ ref, old, new: newId }): RefUpdate => {
    const isId = (id: ObjectId | null): boolean => id === null || isObjectId(id, reached.repository.objectFormat);
    if (!isRefName(ref)) throw invalid('updates', `${JSON.stringify(ref.slice(0, 100))} is not a full ref name`, 'invalid', 'Explain');
    if (!isId(newId) || !isId(old ?? null)) throw invalid('updates', 'old and new are object ids in full, or null', 'invalid', 'Explain');
    return { refName: ref, oldId: old === undefined ? (table.refs.get(ref)?.id ?? null) : old, newId };
  });
  const explanation = await explain(gate, {
    caller: who,
    ...reached,
    means: meansOf(question.via),
    bypassReason: cleanReason(question.bypassReason),
    updates,
  });
  return { ...reached, ...explanation, who, updates, problems: updates.map((update) => checkOldValue(update, table)) };
}

function meansOf(via: Via): Means {
  return via === 'api' || via === 'web' ? 'ref-api' : 'push';
}

/** The actor of the imagined push, with the `via` that was asked for. A cookie, a key or the server itself carries no token's powers. */
async function imagined(context: Context, caller: Caller, { as, via }: ExplainQuestion): Promise<AuthenticatedCaller> {
  const bearsToken = via === 'api' || via === 'git-http';
  if (as === null) {
    if (caller.kind !== 'actor') throw invalid('as', 'name a user or a token', 'missing_field', 'Explain');
    return bearsToken && caller.token !== null ? { ...caller, actor: { ...caller.actor, via } } : withoutToken(caller.user, via);
  }
  if ('user' in as) return withoutToken(await findUser(context.store.read, as.user), via);
  const token: Token | null = await context.store.read.tokens.findById(as.tokenId);
  if (token === null) throw notFound('token');
  const request = { id: randomUUID(), address: null, userAgent: null };
  const bearer = await callerOfToken(context.store.read, token, bearsToken ? via : 'api', request);
  return bearsToken ? bearer : withoutToken(bearer.user, via);
}

function withoutToken(user: User, via: Via): AuthenticatedCaller {
  const who = { kind: user.kind, id: user.id, siteAdmin: user.siteAdmin, responsible: [] } as const;
  return {
    kind: 'actor',
    request: { id: randomUUID(), address: null, userAgent: null },
    // A job's credential is no row that could be dead: nobody is really asking.
    actor: { who, via, credential: { kind: 'job', id: 0 } },
    user,
    capabilities: allCapabilities(),
    token: null,
  };
}
