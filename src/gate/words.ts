import type { RefUpdate } from '#model/ref-update.ts';
import type { RefVerdict, Violation } from '#model/verdict.ts';

/** One ref update with its verdict, and what its words need beside them. */
export interface JudgedUpdate {
  readonly update: RefUpdate;
  readonly verdict: RefVerdict;
}

/** What is said about a whole push. */
export interface PushWordsContext {
  /** `owner/name`. */
  readonly repository: string;
  /** The pushed objects were not looked at. */
  readonly contentUnread: boolean;
}

/** How people are told: one catalogue for each dialect behind it. Handed to the gate, which knows no words. */
export interface Words {
  /** Lines for the git client, and the reason for each refused ref, in the order of `refused`. */
  refusal(
    refused: readonly JudgedUpdate[],
    push: PushWordsContext,
  ): { readonly lines: readonly string[]; readonly reasons: readonly string[] };
  /** Lines of the receipt for refs that passed in spite of violations. */
  receipt(
    bypassed: readonly JudgedUpdate[],
    record: { readonly auditNumber: number; readonly token: { readonly name: string } | null },
  ): readonly string[];
  /** The whole verdict of a dry run. */
  dryRun(judged: readonly JudgedUpdate[], push: PushWordsContext): readonly string[];
  /** One violation in one sentence, for the record. */
  describe(violation: Violation): string;
}
