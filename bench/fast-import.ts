import type { ObjectId } from '#model/ref-update.ts';
import { mustGit } from '../tests/support/git.ts';
import type { WorkTree } from '../tests/support/history.ts';

export interface CommitWish {
  /** Full name of the branch that it is made on. */
  readonly branch: string;
  /** Where a new branch begins; left out: at nothing, or where the branch stands. */
  readonly from?: string;
  readonly files: Readonly<Record<string, string | Buffer>>;
}

/** Writes history fast: hundreds of commits cost one process. */
export class FastImport {
  readonly #parts: Buffer[] = [];
  #commits = 0;

  commit({ branch, from, files }: CommitWish): void {
    const message = `Commit ${++this.#commits}\n`;
    this.#text(`commit ${branch}\nauthor Dev <dev@example.com> ${1767322800 + this.#commits} +0000\n`);
    this.#text(`committer Dev <dev@example.com> ${1767322800 + this.#commits} +0000\n`);
    this.#data(Buffer.from(message));
    if (from !== undefined) this.#text(`from ${from}\n`);
    for (const [path, content] of Object.entries(files)) {
      this.#text(`M 100644 inline ${path}\n`);
      this.#data(Buffer.from(content));
    }
  }

  async into(work: WorkTree): Promise<void> {
    await mustGit(work.path, ['-c', 'fastimport.unpackLimit=1', 'fast-import', '--quiet', '--force'], {
      input: Buffer.concat(this.#parts),
    });
    this.#parts.length = 0;
  }

  #text(text: string): void {
    this.#parts.push(Buffer.from(text));
  }

  #data(bytes: Buffer): void {
    this.#text(`data ${bytes.length}\n`);
    this.#parts.push(bytes, Buffer.from('\n'));
  }
}

/** The commits of a branch from after `base` to its tip, in the order they were made. */
export async function commitsAfter(work: WorkTree, base: ObjectId, branch: string): Promise<ObjectId[]> {
  const listing = await work.must('rev-list', '--reverse', `${base}..${branch}`);
  return listing.split('\n').filter((id) => id !== '');
}
