import type { Row } from './bench.ts';
import { smallPush } from './rows/small-push.ts';

/** Every row, in the order of the table. */
export const allRows: readonly Row[] = [smallPush];
