import type { RefUpdate } from './ref-update.ts';
import type { Verdict } from './verdict.ts';

/** Why an operation refused. Each dialect turns these into its own status and words. */
export type Problem =
  /** Absent, or not to be shown to this caller: both look the same from outside. */
  | { readonly kind: 'not-found'; readonly what: string; readonly name?: string }
  /** The caller may see it but not do this. */
  | { readonly kind: 'forbidden'; readonly needs: string }
  /** A valid credential is needed and none, or none that is still good, was given. */
  | { readonly kind: 'unauthenticated'; readonly why: string }
  | { readonly kind: 'conflict'; readonly why: string }
  | { readonly kind: 'invalid'; readonly errors: readonly FieldError[] }
  /** The setting that was asked for is not switched on (`what` names it). */
  | { readonly kind: 'not-enabled'; readonly what: string }
  | { readonly kind: 'archived' }
  /** The gate refused a ref update; the verdict says why. */
  | {
      readonly kind: 'refused';
      readonly updates: readonly RefUpdate[];
      readonly verdict: Verdict;
      readonly file?: 'create' | 'update' | 'delete';
    }
  /** git's own rules or a racing writer refused it. */
  | { readonly kind: 'ref-conflict'; readonly refName: string; readonly why: string }
  /** It is there, and more than anybody is shown at once. */
  | { readonly kind: 'too-large'; readonly what: string }
  | { readonly kind: 'unavailable'; readonly why: string };

/** One thing wrong with the input. `code` is GitHub's vocabulary, the richest of the two (spec/github.md 1.0). */
export interface FieldError {
  readonly resource?: string;
  /** Empty: it is about no field alone. */
  readonly field: string;
  readonly code: 'missing' | 'missing_field' | 'invalid' | 'already_exists' | 'unprocessable' | 'custom';
  readonly message: string;
}

/** Thrown by operations; anything else that is thrown is our bug. */
export class ProblemError extends Error {
  readonly problem: Problem;

  constructor(problem: Problem) {
    super(`${problem.kind}: ${JSON.stringify(problem)}`);
    this.name = 'ProblemError';
    this.problem = problem;
  }
}

/** `what` is the kind of thing, `name` what it was called by, if the caller should hear that. */
export function notFound(what: string, name?: string): ProblemError {
  return new ProblemError({ kind: 'not-found', what, ...(name !== undefined && { name }) });
}

export function forbidden(needs: string): ProblemError {
  return new ProblemError({ kind: 'forbidden', needs });
}

export function conflict(why: string): ProblemError {
  return new ProblemError({ kind: 'conflict', why });
}

export function invalid(field: string, message: string, code: FieldError['code'] = 'custom', resource?: string): ProblemError {
  return new ProblemError({ kind: 'invalid', errors: [{ field, code, message, ...(resource ? { resource } : {}) }] });
}
