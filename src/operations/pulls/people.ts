import type { User } from '#model/account.ts';
import type { Reads } from '#model/ports/store.ts';
import type { Participant, Reviewer } from '#model/review.ts';
import { effectiveRung } from '#policy/effective-rung.ts';

/** An account with the people behind it (decision 25). */
export function participantOf({ id, kind, maker }: User): Participant {
  if (kind === 'user') return { id, people: [id] };
  return { id, people: maker === null ? [] : [maker] };
}

/** Accounts with the people behind them; who is gone is left out. */
export async function readParticipants(reads: Reads, ids: readonly number[]): Promise<ReadonlyMap<number, Participant>> {
  const accounts = await reads.accounts.listByIds([...new Set(ids)]);
  return new Map(accounts.flatMap((account) => (account.kind === 'organization' ? [] : [[account.id, participantOf(account)]])));
}

/** The same with what they may do in a repository now; nothing, where they are suspended. */
export async function readReviewers(
  reads: Reads,
  repositoryId: number,
  ids: readonly number[],
  now: number,
): Promise<ReadonlyMap<number, Reviewer>> {
  const accounts = await reads.accounts.listByIds([...new Set(ids)]);
  const reviewers = accounts.map(async (account): Promise<readonly [number, Reviewer][]> => {
    if (account.kind === 'organization') return [];
    const rung = account.state === 'suspended' ? 0 : effectiveRung(await reads.standings.readRungSources(account.id, repositoryId, now));
    return [[account.id, { ...participantOf(account), rung }]];
  });
  return new Map((await Promise.all(reviewers)).flat());
}
