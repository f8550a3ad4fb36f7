/** What a bypass leaves behind for whoever answers the request: the gate's own receipt. */
export type { Receipt } from '#gate/write-refs.ts';
