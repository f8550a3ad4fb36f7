import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import type { ObjectFormat, ObjectId } from '#model/ref-update.ts';
import { temporaryFolder } from '../support/folders.ts';
import { mustGit } from '../support/git.ts';
import type { Random } from './random.ts';

/** Path -> mode and content (of a submodule: the commit's id). */
export type Files = ReadonlyMap<string, { readonly mode: '100644' | '100755' | '120000' | '160000'; readonly content: string }>;

export interface MadeCommit {
  readonly id: ObjectId;
  readonly parents: readonly ObjectId[];
  readonly files: Files;
}

/** Whether every commit is younger than its parents. */
export type Clock = 'right' | 'wrong at times';

const folders = ['src', 'src/deep/er', 'docs', 'ünï', 'with space', '-dash', '😀', 'lib', ':(top)', 'a"quote'];
const names = ['a.txt', 'b.bin', 'README', '\x01ctl', ':100644', 'new\nline', 'tab\there', 'back\\slash', '日本', '-', 'HEAD', 'x'];

/**
 * A client's repository with a growing random history: lines, merges, criss-crosses, octopuses, new roots, empty commits, renamed
 * folders, submodules, odd paths, clocks that go wrong.
 */
export class RandomHistory implements AsyncDisposable {
  readonly path: string;
  readonly format: ObjectFormat;
  readonly commits = new Map<ObjectId, MadeCommit>();
  readonly #clock: Clock;
  readonly #random: Random;
  readonly #folder: AsyncDisposable;

  private constructor(path: string, format: ObjectFormat, clock: Clock, random: Random, folder: AsyncDisposable) {
    this.path = path;
    this.format = format;
    this.#clock = clock;
    this.#random = random;
    this.#folder = folder;
  }

  static async create(random: Random, format: ObjectFormat = 'sha1', clock: Clock = 'wrong at times'): Promise<RandomHistory> {
    const folder = await temporaryFolder('history-');
    await mustGit(folder.path, ['init', '--quiet', '--bare', '--initial-branch=main', `--object-format=${format}`, '.']);
    return new RandomHistory(folder.path, format, clock, random, folder);
  }

  [Symbol.asyncDispose](): PromiseLike<void> {
    return this.#folder[Symbol.asyncDispose]();
  }

  any(): MadeCommit {
    return this.#random.pick([...this.commits.values()]);
  }

  /** Adds commits on top of random ones, or of one of `tips`. The new ones, oldest first. */
  async grow(count: number, tips: readonly ObjectId[] = []): Promise<MadeCommit[]> {
    const random = this.#random;
    const planned: { parents: readonly (ObjectId | number)[]; files: Files }[] = [];
    const filesOf = (parent: ObjectId | number): Files =>
      typeof parent === 'number' ? planned[parent]!.files : (this.commits.get(parent)?.files ?? new Map());
    const someParent = (): ObjectId | number => {
      if (planned.length > 0 && random.chance(0.6)) return planned.length - 1 - random.below(Math.min(planned.length, 4));
      if (tips.length > 0 && random.chance(0.7)) return random.pick(tips);
      if (this.commits.size > 0) return this.any().id;
      return planned.length > 0 ? random.below(planned.length) : -1;
    };
    const add = (parents: readonly (ObjectId | number)[], files: Files): number =>
      planned.push({ parents: [...new Set(parents)], files }) - 1;
    while (planned.length < count) {
      const parent = someParent();
      if (parent === -1 || random.chance(0.03)) add([], this.#changed(new Map()));
      else if (random.chance(0.6)) add([parent], this.#changed(filesOf(parent)));
      else if (random.chance(0.15)) add([parent], filesOf(parent));
      else {
        const other = someParent();
        const merged = this.#merged(filesOf(parent), filesOf(other));
        if (random.chance(0.2)) add([parent, other, someParent()], merged);
        else if (random.chance(0.3)) {
          // Criss-cross: two merges of the same two, and something on top of both.
          const [one, two] = [add([parent, other], merged), add([other, parent], this.#merged(filesOf(other), filesOf(parent)))];
          add([one, two], this.#changed(merged));
        } else add([parent, other], merged);
      }
    }
    return this.#write(planned);
  }

  /** An object of any type, given by its raw content. */
  write(type: 'blob' | 'tag' | 'tree', content: string): Promise<ObjectId> {
    return mustGit(this.path, ['hash-object', '-t', type, '-w', '--stdin'], { input: content });
  }

  /** An annotated tag of a commit, or of another object. */
  tag(name: string, object: ObjectId, type: 'commit' | 'tag' | 'blob' = 'commit'): Promise<ObjectId> {
    return this.write('tag', `object ${object}\ntype ${type}\ntag ${name}\ntagger T <t@example.com> 1700000000 +0000\n\n${name}\n`);
  }

  #changed(files: Files): Files {
    const random = this.#random;
    const changed = new Map(files);
    if (random.chance(0.15) && changed.size > 0) return renamedFolder(changed, random);
    for (let left = random.between(1, 4); left > 0; left--) {
      if (random.chance(0.2) && changed.size > 0) changed.delete(random.pick([...changed.keys()]));
      else this.#put(changed);
    }
    return changed;
  }

  #put(files: Map<string, { mode: '100644' | '100755' | '120000' | '160000'; content: string }>): void {
    const random = this.#random;
    const folder = random.chance(0.25) ? '' : `${random.pick(folders)}/`;
    const path = folder + (random.chance(0.05) ? random.hex(this.format === 'sha1' ? 40 : 64) : random.pick(names));
    for (const present of [...files.keys()]) {
      if (present.startsWith(`${path}/`) || path.startsWith(`${present}/`)) files.delete(present);
    }
    const mode = random.chance(0.08) ? '160000' : random.pick(['100644', '100644', '100644', '100755', '120000'] as const);
    const lines = (): string => Array.from({ length: random.between(1, 40) }, () => `${random.hex(12)}\n`).join('');
    const content = mode === '160000' ? random.hex(this.format === 'sha1' ? 40 : 64) : lines();
    files.set(path, { mode, content });
  }

  /** The first side with some of the other, sometimes with a change that neither has. */
  #merged(ours: Files, theirs: Files): Files {
    const random = this.#random;
    const merged = new Map(ours);
    for (const [path, file] of theirs) {
      if (random.chance(0.3)) continue;
      for (const present of [...merged.keys()])
        if (present.startsWith(`${path}/`) || path.startsWith(`${present}/`)) merged.delete(present);
      merged.set(path, file);
    }
    return random.chance(0.3) ? this.#changed(merged) : merged;
  }

  async #write(planned: readonly { parents: readonly (ObjectId | number)[]; files: Files }[]): Promise<MadeCommit[]> {
    const marks = join(this.path, 'marks');
    const name = (parent: ObjectId | number): string => (typeof parent === 'number' ? `:${parent + 1}` : parent);
    const stream = planned.map(({ parents, files }, index) => {
      const error = this.#clock === 'wrong at times' && this.#random.chance(0.1) ? this.#random.between(-90_000, 90_000) : 0;
      const when = 1_700_000_000 + (this.commits.size + index) * 60 + error;
      const message = `commit ${this.#random.hex(8)}\n`;
      const [first, ...others] = parents.map(name);
      return [
        'reset refs/made/x\n',
        `commit refs/made/x\nmark :${index + 1}\nauthor A <a@example.com> ${when} +0000\ncommitter C <c@example.com> ${when} +0000\n`,
        `data ${message.length}\n${message}`,
        first === undefined ? '' : `from ${first}\n`,
        ...others.map((other) => `merge ${other}\n`),
        'deleteall\n',
        ...[...files].map(([path, { mode, content }]) =>
          mode === '160000'
            ? `M ${mode} ${content} ${quoted(path)}\n`
            : `M ${mode} inline ${quoted(path)}\ndata ${Buffer.byteLength(content)}\n${content}\n`,
        ),
        '\n',
      ].join('');
    });
    await mustGit(this.path, ['fast-import', '--quiet', '--force', `--export-marks=${marks}`], { input: stream.join('') });
    const ids = new Map((await readFile(marks, 'utf8')).split('\n').map((line) => line.split(' ') as [string, ObjectId]));
    return planned.map(({ parents, files }, index) => {
      const made = {
        id: ids.get(`:${index + 1}`)!,
        parents: parents.map((parent) => (typeof parent === 'number' ? ids.get(`:${parent + 1}`)! : parent)),
        files,
      };
      this.commits.set(made.id, made);
      return made;
    });
  }
}

function renamedFolder(files: Files, random: Random): Files {
  const top = random.pick([...files.keys()]).split('/')[0]!;
  const target = `moved-${random.hex(4)}`;
  return new Map(
    [...files].map(([path, file]) => [path === top || path.startsWith(`${top}/`) ? target + path.slice(top.length) : path, file]),
  );
}

/** As fast-import reads a path that may hold anything. */
function quoted(path: string): string {
  const bytes = [...Buffer.from(path)].map((byte) =>
    /[\w./-]/.test(String.fromCharCode(byte)) && byte < 128 ? String.fromCharCode(byte) : `\\${byte.toString(8).padStart(3, '0')}`,
  );
  return `"${bytes.join('')}"`;
}
