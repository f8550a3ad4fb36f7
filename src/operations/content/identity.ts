import type { User } from '#model/account.ts';
import type { GitPerson } from '#model/git-commit.ts';
import { invalid } from '#model/problem.ts';
import type { ServerFacts } from '../context.ts';

/** The address that belongs to a user whatever the account's own is: for commits made here, and to recognise their signatures. */
export function noReplyAddress(user: Pick<User, 'id' | 'login'>, { publicUrl }: Pick<ServerFacts, 'publicUrl'>): string {
  return `${user.id}+${user.login}@users.noreply.${new URL(publicUrl).hostname}`;
}

/** A user as the author of a commit, now. */
export function personOf(user: User, server: Pick<ServerFacts, 'publicUrl'>, now: number): GitPerson {
  return {
    name: user.name ?? user.login,
    email: user.email ?? noReplyAddress(user, server),
    seconds: Math.floor(now / 1000),
    zone: '+0000',
  };
}

/** What a client may say about an author or committer. */
export interface PersonInput {
  readonly name: string;
  readonly email: string;
  /** ISO 8601; null: now. */
  readonly date: string | null;
}

export function toGitPerson({ name, email, date }: PersonInput, now: number): GitPerson {
  const at = date === null ? now : Date.parse(date);
  if (Number.isNaN(at)) throw invalid('date', `${date} is not a date`, 'invalid', 'Commit');
  const zone = /([+-]\d{2}):?(\d{2})$/.exec(date ?? '');
  return { name, email, seconds: Math.floor(at / 1000), zone: zone ? `${zone[1]}${zone[2]}` : '+0000' };
}
