import { mkdir, rm, rmdir, writeFile } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { promisify } from 'node:util';
import { deflate } from 'node:zlib';
import { encodeCommit, type GitPerson } from '#model/git-commit.ts';
import type { ObjectFormat, ObjectId } from '#model/ref-update.ts';

const compress = promisify(deflate);
const nobody: GitPerson = { name: 'Sallyport', email: '', seconds: 0, zone: '+0000' };

/**
 * A commit that only has to exist while a git process looks at it. It is gone when it is disposed of, so that it never leaves the
 * quarantine together with what is to be kept.
 */
export async function passingCommit(
  quarantine: string,
  format: ObjectFormat,
  tree: ObjectId,
  parent: ObjectId,
): Promise<{ readonly id: ObjectId } & AsyncDisposable> {
  const { id, data } = encodeCommit({ tree, parents: [parent], author: nobody, committer: nobody, message: '' }, format, () => null);
  const path = join(quarantine, id.slice(0, 2), id.slice(2));
  await mkdir(dirname(path), { recursive: true });
  await writeFile(path, await compress(Buffer.concat([Buffer.from(`commit ${data.length}\0`), data])));
  return {
    id,
    async [Symbol.asyncDispose]() {
      await rm(path, { force: true });
      // The folder stays where others have objects in it.
      await rmdir(dirname(path)).catch(() => undefined);
    },
  };
}
