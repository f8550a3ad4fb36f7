import type { RefUpdate } from './ref-update.ts';

/**
 * Ref updates that the gate has judged and recorded. Only the gate makes these, and whoever moves refs asks it to recognise
 * the very object: one that merely looks like it is refused (decision 2).
 */
export interface Authorized {
  readonly repositoryId: number;
  readonly updates: readonly RefUpdate[];
  /** All move or none does. */
  readonly atomic: boolean;
  /** Where HEAD points afterwards, as a full ref name; null: where it did. */
  readonly head: string | null;
  /**
   * Expected value of the repository's fence, where several server processes share it (spec/model.md 7.6); empty: there is none yet, and
   * none may have come. Null: this process is alone.
   */
  readonly fence: string | null;
}
