import { onDisk } from '../content/names.ts';
import type { Context } from '../context.ts';
import { mergeBlockers } from './merge-blockers.ts';
import { type PullChange, readChange } from './pull-change.ts';
import type { PullReached } from './reach-pull.ts';

/** What clients read before they merge (spec/github.md 1.8); the first that holds is said. */
type MergeWord = 'dirty' | 'draft' | 'blocked' | 'behind' | 'unstable' | 'clean' | 'unknown';

export interface MergeState {
  /** Null: it is not open, or a branch is gone. */
  readonly mergeable: boolean | null;
  readonly rebaseable: boolean | null;
  readonly word: MergeWord;
  readonly commits: number;
  readonly files: number;
  readonly additions: number;
  readonly deletions: number;
}

export async function readMergeState(context: Context, reached: PullReached): Promise<MergeState> {
  const { gate } = context;
  const { repository, pull } = reached;
  const changed = await readChange(gate, repository, pull);
  const totals = changed?.mergeBase
    ? await onDisk(gate, repository).diffTotals({ from: changed.mergeBase, to: changed.head })
    : { files: 0, additions: 0, deletions: 0 };
  const counts = { ...totals, commits: changed?.ahead ?? 0 };
  if (changed === null || pull.state !== 'open') return { ...counts, mergeable: null, rebaseable: null, word: 'unknown' };
  const mergeable = changed.merge.kind !== 'conflict' && changed.merge.kind !== 'unrelated';
  const rebaseable = mergeable && (await onDisk(gate, repository).rebaseability(changed.base, changed.head)) === 'rebased';
  return { ...counts, mergeable, rebaseable, word: mergeable ? await wordOf(context, reached, changed) : 'dirty' };
}

async function wordOf({ store }: Context, reached: PullReached, changed: PullChange): Promise<MergeWord> {
  if (reached.pull.draft) return 'draft';
  const { isBlocked, isStrict } = await mergeBlockers(store.read, reached, changed, Date.now());
  if (isBlocked) return 'blocked';
  if (isStrict && changed.behind > 0) return 'behind';
  const results = await store.read.checks.listResults(reached.repository.id, [changed.head]);
  return results.get(changed.head)?.some(({ state }) => state !== 'passing') ? 'unstable' : 'clean';
}
