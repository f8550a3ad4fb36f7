import { chmod, mkdir, readFile, rename, rm, writeFile } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import type { ObjectFormat, ObjectId } from '#model/ref-update.ts';
import { temporaryFolder } from '../support/folders.ts';
import { git, mustGit } from '../support/git.ts';
import { WorkTree } from '../support/history.ts';
import type { Random } from './random.ts';

interface Growth {
  /** Whether branches merge each other now and then. */
  readonly merges: boolean;
  /** Whether both may change the same lines. */
  readonly quarrels: boolean;
}

const authors = ['Ann', 'Börje', 'Cher', '日本 太郎'];

/**
 * Two branches, `main` and `topic`, that change the same few files of unlike lines: mostly apart from each other, by edits, renames, changes of
 * mode, deletions, binary files, empty commits, and now and then by the same commit.
 */
export class RandomPull implements AsyncDisposable {
  readonly work: WorkTree;
  /** The same as a bare repository, brought up to date by `publish`. */
  readonly bare: string;
  readonly format: ObjectFormat;
  readonly #random: Random;
  readonly #folder: AsyncDisposable;
  #counter = 0;

  private constructor(work: WorkTree, bare: string, format: ObjectFormat, random: Random, folder: AsyncDisposable) {
    this.work = work;
    this.bare = bare;
    this.format = format;
    this.#random = random;
    this.#folder = folder;
  }

  static async create(random: Random, format: ObjectFormat, growth: Growth): Promise<RandomPull> {
    const folder = await temporaryFolder('pull-');
    const work = await WorkTree.create(format);
    await mustGit(folder.path, ['init', '--quiet', '--bare', '--initial-branch=main', `--object-format=${format}`, '.']);
    const pull = new RandomPull(work, folder.path, format, random, folder);
    const files = ['a.txt', 'src/b.txt', 'src/deep/c.txt', 'with space/ü.txt', '-dash.txt'];
    await work.commit('base', Object.fromEntries(files.map((file) => [file, pull.#lines(80)])));
    await work.must('branch', 'topic');
    await pull.#grow(growth);
    await pull.publish();
    return pull;
  }

  async publish(): Promise<void> {
    await mustGit(this.bare, ['fetch', '--quiet', '--force', this.work.path, '+refs/heads/*:refs/heads/*']);
  }

  tip(branch: string): Promise<ObjectId> {
    return this.work.head(branch);
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.work[Symbol.asyncDispose]();
    await this.#folder[Symbol.asyncDispose]();
  }

  async #grow({ merges, quarrels }: Growth): Promise<void> {
    const random = this.#random;
    for (let left = random.between(2, 10); left > 0; left--) {
      const onTopic = random.chance(0.6);
      const [own, other] = onTopic ? ['topic', 'main'] : ['main', 'topic'];
      await this.work.must('checkout', '--quiet', own);
      if (merges && random.chance(0.25)) {
        const merged = await git(this.work.path, ['merge', '--quiet', '--no-ff', '-m', 'merge', random.pick([other, `${other}~1`])]);
        if (merged.code !== 0) await this.#clean();
      } else if (random.chance(0.2)) {
        const picked = await git(this.work.path, ['cherry-pick', other]);
        if (picked.code !== 0) await this.#clean();
      } else {
        if (!random.chance(0.1)) for (let more = random.between(1, 3); more > 0; more--) await this.#change(onTopic, quarrels);
        await this.#commit();
      }
    }
  }

  async #clean(): Promise<void> {
    await this.work.must('reset', '--quiet', '--hard');
  }

  async #change(onTopic: boolean, quarrels: boolean): Promise<void> {
    const random = this.#random;
    await this.work.must('add', '--all', '.');
    const path = random.pick((await this.work.must('ls-files', '-z')).split('\0').filter((name) => name !== ''));
    const file = join(this.work.path, path);
    const kind = random.below(12);
    if (kind === 0) await rm(file);
    else if (kind === 1) await this.#rename(path);
    else if (kind === 2) await chmod(file, 0o755);
    else if (kind === 3) await this.#write(`binary-${random.hex(2)}`, Buffer.from([0, this.#counter++, 0xff]));
    else if (kind === 4) await this.#write(`new-${random.hex(2)}`, this.#lines(random.between(0, 20)));
    else if (!path.includes('binary')) await this.#edit(file, onTopic, quarrels);
  }

  #write(path: string, content: string | Buffer): Promise<void> {
    return writeFile(join(this.work.path, path), content);
  }

  /** The topic changes the upper half, main the lower one. */
  async #edit(file: string, onTopic: boolean, quarrels: boolean): Promise<void> {
    const random = this.#random;
    const lines = (await readFile(file, 'utf8')).split('\n');
    const half = Math.floor(lines.length / 2);
    const at = random.below(Math.max(half - 5, 1)) + (onTopic !== (quarrels && random.chance(0.2)) ? 0 : half + 5);
    lines.splice(at, random.below(3), ...this.#lines(random.between(0, 3)).split('\n').slice(0, -1));
    await writeFile(file, lines.join('\n'));
  }

  async #rename(path: string): Promise<void> {
    const target = join(this.work.path, `moved-${this.#random.hex(3)}`, path.split('/').at(-1)!);
    await mkdir(dirname(target), { recursive: true });
    await rename(join(this.work.path, path), target);
  }

  async #commit(): Promise<void> {
    const random = this.#random;
    const author = random.pick(authors);
    const env = {
      GIT_AUTHOR_NAME: author,
      GIT_AUTHOR_EMAIL: `${random.hex(3)}@example.com`,
      GIT_AUTHOR_DATE: `${1_700_000_000 + random.below(1_000_000)} +0${random.below(10)}30`,
    };
    const message = random.pick(['short\n', 'title\n\nbody ü\n\n', 'no end', ' spaces  \n# no comment\n\n\n']);
    await this.work.must('add', '--all', '.');
    await mustGit(this.work.path, ['commit', '--quiet', '--allow-empty', '--cleanup=verbatim', '-F', '-'], { env, input: message });
  }

  #lines(count: number): string {
    return Array.from({ length: count }, () => `line ${this.#counter++} ${this.#random.hex(8)}\n`).join('');
  }
}
