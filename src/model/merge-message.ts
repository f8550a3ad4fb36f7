import type { GitPerson } from './git-commit.ts';
import type { RepositorySettings } from './repository.ts';

export interface CommitMessage {
  readonly title: string;
  /** Empty: there is only a title. */
  readonly body: string;
}

/** What a message says of a pull request. */
export interface PullRequestWords {
  readonly number: number;
  readonly title: string;
  readonly body: string | null;
  /** `owner/branch`. */
  readonly head: string;
}

/** A commit of the pull request, as far as a message speaks of it. */
export interface SquashedCommit {
  readonly message: string;
  readonly author: Pick<GitPerson, 'name' | 'email'>;
}

type Settings = Pick<RepositorySettings, 'squashMergeCommitTitle' | 'squashMergeCommitMessage' | 'mergeCommitTitle' | 'mergeCommitMessage'>;

/** What the merge commit of a pull request says unless whoever merges says something else (spec/github.md 1.8, 1.6). */
export function mergeMessage(pull: PullRequestWords, settings: Settings): CommitMessage {
  const bodies = { PR_TITLE: oneLine(pull.title), PR_BODY: tidy(pull.body ?? ''), BLANK: '' };
  const titles = { PR_TITLE: numbered(pull.title, pull), MERGE_MESSAGE: `Merge pull request #${pull.number} from ${pull.head}` };
  return { title: titles[settings.mergeCommitTitle], body: bodies[settings.mergeCommitMessage] };
}

/**
 * The same for all commits made into one, oldest first; `author` is that commit's. Everybody else who had a part in it is named in trailers,
 * each address once.
 */
export function squashMessage(
  pull: PullRequestWords,
  commits: readonly SquashedCommit[],
  author: Pick<GitPerson, 'email'>,
  settings: Settings,
): CommitMessage {
  const parts = commits.map(({ message }) => split(message));
  const single = parts.length === 1 ? parts[0]! : null;
  const title = (settings.squashMergeCommitTitle === 'COMMIT_OR_PR_TITLE' && single?.title) || pull.title;
  const list = (): string => parts.map((part) => [`* ${part.title}`, part.body].filter((text) => text !== '').join('\n\n')).join('\n\n');
  const bodies = { PR_BODY: () => tidy(pull.body ?? ''), COMMIT_MESSAGES: () => single?.body ?? list(), BLANK: () => '' };
  const body = bodies[settings.squashMergeCommitMessage]();
  return { title: numbered(title, pull), body: withTrailers(body, coAuthors(commits, author)) };
}

/** As it stands in a commit. */
export function messageText({ title, body }: CommitMessage): string {
  return body === '' ? `${title}\n` : `${title}\n\n${body}\n`;
}

type Person = Pick<GitPerson, 'name' | 'email'>;

/** Authors first, then those whom commits name themselves. */
function coAuthors(commits: readonly SquashedCommit[], author: Pick<GitPerson, 'email'>): Person[] {
  const named = commits.flatMap(({ message }) => coAuthorsIn(tidy(message)));
  const others = new Map<string, Person>();
  for (const person of [...commits.map((commit) => commit.author), ...named]) {
    const key = person.email.toLowerCase();
    if (key !== '' && key !== author.email.toLowerCase() && !others.has(key)) others.set(key, person);
  }
  return [...others.values()];
}

function coAuthorsIn(text: string): Person[] {
  return text.split('\n').flatMap((line) => {
    const match = /^co-authored-by:([^<>]*)<([^<>]+)>\s*$/i.exec(line);
    return match === null ? [] : [{ name: match[1]!.trim(), email: match[2]!.trim() }];
  });
}

/** Trailers are the last paragraph, or git does not see them; those that are there already are not said again. */
function withTrailers(body: string, people: readonly Person[]): string {
  const last = body.split('\n\n').at(-1)!;
  const endsInTrailers = last !== '' && last.split('\n').every((line) => /^[A-Za-z][\w-]*: ?\S/.test(line));
  const there = new Set(endsInTrailers ? coAuthorsIn(last).map(({ email }) => email.toLowerCase()) : []);
  const lines = people
    .filter(({ email }) => !there.has(email.toLowerCase()))
    .map(({ name, email }) => `Co-authored-by: ${oneLine(name).replace(/[<>]/g, '')} <${oneLine(email)}>`);
  if (lines.length === 0) return body;
  if (endsInTrailers) return [body, ...lines].join('\n');
  // The line sets them apart from what people wrote, as GitHub draws it.
  return body === '' ? lines.join('\n') : [body, '---------', lines.join('\n')].join('\n\n');
}

function numbered(title: string, { number }: PullRequestWords): string {
  return `${oneLine(title)} (#${number})`;
}

/** A message's first paragraph is its title, however many lines that has. */
function split(message: string): CommitMessage {
  const text = tidy(message);
  const end = text.search(/\n[ \t]*\n/);
  return end < 0 ? { title: oneLine(text), body: '' } : { title: oneLine(text.slice(0, end)), body: tidy(text.slice(end)) };
}

/** A title is one line: with a line end in it, it could put trailers into a message. */
function oneLine(text: string): string {
  return text.replace(/[\s\0]+/g, ' ').trim();
}

function tidy(text: string): string {
  return text
    .replaceAll('\r\n', '\n')
    .replaceAll('\0', '')
    .replace(/^\s*\n/, '')
    .trimEnd();
}
