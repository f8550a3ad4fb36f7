import type { Reads } from '#model/ports/store.ts';
import type { ObjectId } from '#model/ref-update.ts';
import type { Repository } from '#model/repository.ts';

/** So many pushes of the repository are looked through. */
const maximumLookedAt = 200;

/**
 * Who brought a branch to where it is, by the record: the last push that was let through and led there. Null: nobody knows, and then nobody
 * counts as somebody else (spec/github.md 2.5 a).
 */
export async function findLastPusher(
  reads: Reads,
  repository: Repository,
  fullName: string,
  refName: string,
  id: ObjectId,
): Promise<number | null> {
  const entries = await reads.audit.listEntries({
    conditions: [
      { field: 'action', value: 'git.push', not: false },
      { field: 'repository', value: fullName, not: false },
    ],
    category: 'all',
    organizationId: null,
    order: 'desc',
    after: null,
    before: null,
    limit: maximumLookedAt,
  });
  const newest = entries.find(
    (entry) => entry.repository?.id === repository.id && updatesOf(entry.data).some((one) => one.ref === refName),
  );
  const led = newest && updatesOf(newest.data).some((one) => one.ref === refName && one.after === id);
  return led ? newest.actor.id : null;
}

interface Recorded {
  readonly ref: string;
  readonly after: string;
  readonly result: string;
}

function updatesOf(data: Readonly<Record<string, unknown>>): readonly Recorded[] {
  const updates = data['updates'];
  return Array.isArray(updates) ? (updates as Recorded[]).filter(({ result }) => result !== 'fail') : [];
}
