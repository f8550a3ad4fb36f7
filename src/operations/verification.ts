/** What became of a commit's signature, in GitHub's words (spec/github.md 1.9). */
export interface Verification {
  readonly verified: boolean;
  readonly reason: string;
  readonly signature: string | null;
  readonly payload: string | null;
}
