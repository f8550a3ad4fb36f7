import { encodeCommit } from '#model/git-commit.ts';
import type { NewObject } from '#model/git-object.ts';
import type { Context } from '../context.ts';
import type { CommitItem } from './create-objects.ts';
import { type PersonInput, personOf, toGitPerson } from './identity.ts';
import type { Admitted } from './writing.ts';

/** A commit that a client composed: whatever it claims, and its own signature or none. */
export function encodeForeignCommit({ server }: Pick<Context, 'server'>, { caller, repository }: Admitted, item: CommitItem): NewObject {
  const now = Date.now();
  const person = (input: PersonInput | null) => (input === null ? personOf(caller.user, server, now) : toGitPerson(input, now));
  const author = person(item.author);
  const committer = item.committer === null ? author : person(item.committer);
  const { tree, parents, message } = item;
  return encodeCommit({ tree, parents, author, committer, message }, repository.objectFormat, () => item.signature);
}
