/** A way in which an answer of ours may differ from the published description. */
export interface Tolerated {
  readonly name: string;
  readonly reason: string;
  /** Where the specification, or a decision, says so. */
  readonly section: string;
  /** The test file in which it shows. It fails when the difference is gone, so that this list only holds what is true. */
  readonly seenIn: string;
  readonly matches: (difference: Difference) => boolean;
}

/** One thing about one answer that the description does not have. */
export interface Difference {
  /** `GET /repos/{owner}/{repo}` */
  readonly operation: string;
  readonly status: number;
  /** `status`: the operation is not described with this status; `body`: the body does not fit; `header`: one is missing. */
  readonly kind: 'status' | 'body' | 'header';
  /** The place in the body, or the header's name. */
  readonly at: string;
  readonly detail: string;
}

const unlisted =
  (status: number, operations = /./) =>
  (one: Difference): boolean =>
    one.kind === 'status' && one.status === status && operations.test(one.operation);

export const tolerated: readonly Tolerated[] = [
  {
    name: 'a body that cannot be read',
    reason: 'the description has 400 for two operations, but every one that takes a body answers it to a body that is no JSON',
    section: 'github.md 1.0',
    seenIn: 'protection.test.ts',
    matches: unlisted(400, /^(POST|PUT|PATCH|DELETE) /),
  },
  {
    name: 'a body that is too large',
    reason: 'GitHub has limits too, and no word for them in the description',
    section: 'stack.md, HTTP',
    seenIn: 'protocol.test.ts',
    matches: unlisted(413, /^(POST|PUT|PATCH|DELETE) /),
  },
  {
    name: 'an answer that cannot be what the client accepts',
    reason: 'holds for every operation, so the description has it for none',
    section: 'github.md 6.5',
    seenIn: 'protocol.test.ts',
    matches: unlisted(415),
  },
  {
    name: 'ids of repositories of SHA-256 objects',
    reason: 'the description knows 40 digits only; the others have 64',
    section: 'decision 34',
    seenIn: 'repositories.test.ts',
    matches: ({ kind, detail }) => kind === 'body' && /^maxLength: .*\{"limit":40\}$/.test(detail),
  },
  {
    name: 'the account of an installation, in a list',
    reason: 'the description wants it to be a user and an enterprise at once here; where one installation is read it wants either',
    section: 'github.md 1.6',
    seenIn: 'apps.test.ts',
    matches: ({ operation, kind, at }) => operation === 'GET /app/installations' && kind === 'body' && at === '/#/account',
  },
  {
    name: 'a body that fits two alternatives',
    reason: 'the description says "one of" for shapes that do not exclude each other',
    section: 'github.md 1.0',
    seenIn: 'git-data.test.ts',
    matches: ({ kind, detail }) => kind === 'body' && /^oneOf: .*"passingSchemas":\[\d/.test(detail),
  },
  {
    name: 'a query that does not fit',
    reason: 'a search that cannot be understood is refused, not answered with something else',
    section: 'decision 4',
    seenIn: 'audit.test.ts',
    matches: unlisted(422, /^GET .*\/audit-log$/),
  },
  {
    name: 'not modified',
    reason: 'every read answers a conditional request, not only those that the description lists',
    section: 'github.md 6.6',
    seenIn: 'protocol.test.ts',
    matches: unlisted(304, /^GET /),
  },
  {
    name: 'a session and a token at once',
    reason: 'refused, because it could not be said whether a person or a program asks',
    section: 'decision 3',
    seenIn: 'carriers.test.ts',
    matches: unlisted(400, /^GET /),
  },
  {
    name: 'credentials that are missing or no good',
    reason: 'the description has 401 for a few operations, but it is the answer of all that need somebody',
    section: 'github.md 6.2',
    seenIn: 'carriers.test.ts',
    matches: unlisted(401),
  },
  {
    name: 'not to be seen',
    reason: 'every operation on something that can be hidden or absent answers 404, whether the description lists it or not',
    section: 'github.md 1.0, 1.1',
    seenIn: 'protection.test.ts',
    matches: unlisted(404),
  },
  {
    name: 'seen, but not allowed',
    reason: 'a role, a permission or an archived repository can forbid any write',
    section: 'github.md 1.0, 6.2',
    seenIn: 'protection.test.ts',
    matches: unlisted(403),
  },
  {
    name: 'a body that does not fit',
    reason: 'every operation that takes a body checks it',
    section: 'github.md 1.0',
    seenIn: 'checks.test.ts',
    matches: unlisted(422, /^(POST|PUT|PATCH|DELETE) /),
  },
];
