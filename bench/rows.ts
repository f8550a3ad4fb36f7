import type { Row } from './bench.ts';
import { atOnce } from './rows/at-once.ts';
import { eventLoop } from './rows/event-loop.ts';
import { fetches } from './rows/fetches.ts';
import { hundredCommits } from './rows/hundred-commits.ts';
import { largePush } from './rows/large-push.ts';
import { manyRefs, manyRefsPushed } from './rows/many-refs.ts';
import { smallPush } from './rows/small-push.ts';

/** Every row, in the order of the table. */
export const allRows: readonly Row[] = [smallPush, hundredCommits, largePush, atOnce, fetches, manyRefs, manyRefsPushed, eventLoop];
