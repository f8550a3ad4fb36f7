import { type GitPerson, personLine } from './git-commit.ts';
import { type NewObject, newObject } from './git-object.ts';
import type { ObjectFormat, ObjectId } from './ref-update.ts';

interface Place {
  readonly tree: ObjectId;
  readonly parent: ObjectId;
  readonly committer: GitPerson;
}

/**
 * A commit as it is applied somewhere else. Author, encoding and message are the bytes of the original, whatever they are encoded in. The
 * signature goes, because it was for another commit, and so do headers that other programs have put there.
 */
export function rebasedCommit(original: Buffer, { tree, parent, committer }: Place, format: ObjectFormat): NewObject {
  const end = original.indexOf('\n\n');
  const lines = original.toString('latin1', 0, end < 0 ? original.length : end).split('\n');
  const kept = (name: string): Buffer => {
    const line = lines.find((one) => one.startsWith(`${name} `));
    return line === undefined ? Buffer.alloc(0) : Buffer.from(`${line}\n`, 'latin1');
  };
  const data = Buffer.concat([
    Buffer.from(`tree ${tree}\nparent ${parent}\n`),
    kept('author'),
    Buffer.from(`committer ${personLine(committer)}\n`),
    kept('encoding'),
    Buffer.from('\n'),
    end < 0 ? Buffer.alloc(0) : original.subarray(end + 2),
  ]);
  return newObject('commit', data, format);
}
