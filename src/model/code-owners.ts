/**
 * Somebody whom a CODEOWNERS file names, as written there: `@user` (in GitLab's syntax also a group), `@org/team`, an e-mail
 * address, or `@@developer`, `@@maintainer`, `@@owner`. Whether there is such an account, and whether it counts, is not known yet.
 */
export interface CodeOwner {
  readonly kind: 'account' | 'team' | 'email' | 'role';
  readonly name: string;
}

/** One line of the file, and the changed paths of which it is the line that counts. */
export interface OwnedPaths {
  /** From 1. */
  readonly line: number;
  readonly pattern: string;
  /** Any of them will do. Empty where the line names nobody that could be an owner: then nobody can approve. */
  readonly owners: readonly CodeOwner[];
  readonly paths: readonly string[];
}

/** The lines under one heading; GitHub's syntax has a single section. */
export interface OwnedSection {
  /** Null: before the first heading. */
  readonly name: string | null;
  /** Its owners are named, and need not approve. */
  readonly optional: boolean;
  /** How many owners of each line have to approve. */
  readonly approvals: number;
  readonly owned: readonly OwnedPaths[];
}

/** What is wrong in a CODEOWNERS file of GitHub's syntax, and where. */
export interface CodeOwnersError {
  readonly reason:
    | { readonly kind: 'invalid-pattern' | 'pattern-matches-nothing' | 'invalid-owner' }
    | { readonly kind: 'unknown-owner'; readonly owner: CodeOwner };
  /** Line and column from 1. */
  readonly line: number;
  readonly column: number;
  /** The line as it stands in the file. */
  readonly source: string;
}
