import type { User } from '#model/account.ts';
import { encodeCommit } from '#model/git-commit.ts';
import type { NewObject } from '#model/git-object.ts';
import { invalid } from '#model/problem.ts';
import type { ObjectId } from '#model/ref-update.ts';
import type { Repository } from '#model/repository.ts';
import type { Context } from '../context.ts';
import { type PersonInput, personOf, toGitPerson } from './identity.ts';

export interface CommitToMake {
  readonly tree: ObjectId;
  readonly parents: readonly ObjectId[];
  readonly message: string;
  readonly author: PersonInput | null;
  readonly committer: PersonInput | null;
}

const maximumMessageBytes = 1024 * 1024;

/**
 * A commit made by the server for somebody. It is signed with the server's key only when author and committer are that very person: a signature
 * on a name that the client chose would vouch for a claim (decision 33).
 */
export function makeCommit(
  { server, sign }: Pick<Context, 'server' | 'sign'>,
  user: User,
  repository: Repository,
  commit: CommitToMake,
): NewObject {
  if (Buffer.byteLength(commit.message) > maximumMessageBytes)
    throw invalid('message', `message is too long (maximum is ${maximumMessageBytes} bytes)`, 'invalid', 'Commit');
  const now = Date.now();
  const self = personOf(user, server, now);
  const chosen = (person: PersonInput | null) => (person === null ? self : toGitPerson(person, now));
  const isOwn = commit.author === null && commit.committer === null;
  const { tree, parents, message } = commit;
  // GitHub: the author defaults to the committer that was given, the committer to whoever asks.
  const author = chosen(commit.author ?? commit.committer);
  const committer = chosen(commit.committer);
  return encodeCommit({ tree, parents, author, committer, message }, repository.objectFormat, (payload) => (isOwn ? sign(payload) : null));
}
