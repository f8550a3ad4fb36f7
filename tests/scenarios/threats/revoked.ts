import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { AuthenticatedCaller } from '#model/caller.ts';
import type { Transaction } from '#model/ports/store.ts';
import { ProblemError } from '#model/problem.ts';
import { setUserState } from '#operations/accounts/set-user-state.ts';
import { revokeToken } from '#operations/tokens/revoke-token.ts';
import { dump } from '../../support/dump.ts';
import { operator } from '../../support/personas.ts';
import type { AuditStage, Row } from '../audit-entries/stage.ts';

/** What one may do to one's own account whatever one's rights elsewhere are. */
const own = /^(keys\/|tokens\/(mint-token|revoke-token))/;

/**
 * What a plain member of the organization may do too, who reads its repositories: fork them, bring the own fork up to them, review, remark, and
 * change or take back the own words. What such a review is worth is judged when it counts (src/policy/review-state.ts).
 */
const readers =
  /^(repositories\/create-fork|content\/merge-upstream|pulls\/(write-review|edit-review\.ts (rewordReview|deleteReview)|write-comment\.ts (createComment|replyTo|rewordComment|deleteComment)))/;

/** Takes something away, and returns how it is given back. */
type End = (stage: AuditStage, by: AuthenticatedCaller) => Promise<() => Promise<void>>;

const revoked: End = async ({ context }, by) => {
  await revokeToken(context, operator, by.token!.id);
  return () => Promise.resolve();
};

const suspended: End = async ({ context }, { user }) => {
  await setUserState(context, operator, user.login, 'suspended');
  return () => setUserState(context, operator, user.login, 'active');
};

/** Whoever owned organizations is a plain member of them, and a site admin an ordinary person. */
const demoted: End = (stage, { user }) => changeMembership(stage, user, (tx, id) => tx.organizations.setMembership(id, user.id, 10));

/** Whoever read the organization's repositories as a member of it reads none of them. */
const expelled: End = (stage, { user }) => changeMembership(stage, user, (tx, id) => tx.organizations.removeMembership(id, user.id));

async function changeMembership(
  { context: { store } }: AuditStage,
  { id: userId, siteAdmin }: AuthenticatedCaller['user'],
  change: (tx: Transaction, id: number) => Promise<unknown>,
): Promise<() => Promise<void>> {
  const organizations = await store.read.organizations.listOfUser(userId);
  const set = (admin: boolean, one: typeof change): Promise<void> =>
    store.write(async (tx) => {
      await tx.accounts.updateUser(userId, { siteAdmin: admin });
      for (const { id } of organizations) await one(tx, id);
    });
  await set(false, change);
  return () => set(siteAdmin, (tx, id) => tx.organizations.setMembership(id, userId, 50));
}

const ends: readonly [what: string, end: End, leaves: (operation: string) => boolean][] = [
  ['the token was revoked', revoked, () => false],
  ['the account was suspended', suspended, () => false],
  ['the right was taken away', demoted, (operation) => own.test(operation) || readers.test(operation)],
  ['the membership was taken away', expelled, (operation) => own.test(operation)],
];

/** Each row is asked for after what let it in has ended: it changes nothing, unless the right to it does not depend on that; then it does. */
export function testEnds(rows: readonly Row[], stageOf: () => AuditStage): void {
  for (const [what, end, leaves] of ends) {
    test(what, async () => {
      const stage = stageOf();
      let tried = 0;
      for (const { operation, what: does, ready } of rows) {
        const { by, ask } = await ready(stage);
        if (by.kind !== 'actor') continue;
        const giveBack = await end(stage, by);
        try {
          if (leaves(operation)) await ask(stage.context);
          else await assertRefused(stage, () => ask(stage.context), `${operation}: ${does}`);
        } finally {
          await giveBack();
        }
        tried++;
      }
      // The rest is the operator's, whom nobody can take anything from.
      assert.ok(tried >= rows.length - 5, `${tried} of ${rows.length}`);
    });
  }
}

async function assertRefused(stage: AuditStage, ask: () => Promise<unknown>, does: string): Promise<void> {
  const untouched = await everything(stage);
  await assert.rejects(ask(), isRefused, does);
  assert.deepEqual(await everything(stage), untouched, does);
}

/** Everything but the record, in which a refusal has its place. */
async function everything({ server }: AuditStage): Promise<unknown> {
  const { tables, files } = (await dump(server)) as { tables: Record<string, unknown>; files: unknown };
  return { files, tables: Object.entries(tables).filter(([name]) => !name.startsWith('audit_')) };
}

/** Refused, and not broken. */
function isRefused(error: unknown): boolean {
  if (!(error instanceof ProblemError)) throw error;
  return ['unauthenticated', 'forbidden', 'not-found', 'refused'].includes(error.problem.kind);
}
