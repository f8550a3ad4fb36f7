import type { Context } from '#operations/context.ts';
import type { PullInFull, PullShown } from '#operations/pulls/read-pulls.ts';
import { countForks } from '#operations/repositories/read-network.ts';
import type { Urls } from '../urls.ts';
import { fullPull, pullObject } from './from-model.ts';

/** One pull request, with what merging it would come to. */
export async function pullInFull(context: Context, pull: PullInFull, to: Urls) {
  return fullPull(pull, to, await forksOf(context, [pull]));
}

/** A page of a list, in its order. */
export async function listedPulls(context: Context, pulls: readonly PullShown[], to: Urls) {
  const forks = await forksOf(context, pulls);
  return pulls.map((pull) => pullObject(pull, to, forks));
}

/** Of the repositories at both ends, as far as the viewer sees them. */
function forksOf(context: Context, pulls: readonly PullShown[]) {
  return countForks(
    context,
    pulls.flatMap(({ repository, headRepository }) => [repository, ...(headRepository === null ? [] : [headRepository.repository])]),
  );
}
