import { randomBytes } from 'node:crypto';
import { mkdir, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import type { ObjectId } from '#model/ref-update.ts';
import { WorkTree } from '../tests/support/history.ts';
import { packOf } from '../tests/support/push-request.ts';
import { commitsAfter, FastImport } from './fast-import.ts';
import { type ReadyPush, readyPush } from './send-push.ts';

const folders = 25;
const filesPerFolder = 20;
const baseCommits = 200;

/** A client's repository of ordinary size: 500 files of source text, 200 commits, packed. */
export class Fixtures implements AsyncDisposable {
  readonly work: WorkTree;
  readonly base: ObjectId;

  private constructor(work: WorkTree, base: ObjectId) {
    this.work = work;
    this.base = base;
  }

  static async create(): Promise<Fixtures> {
    const work = await WorkTree.create();
    const history = new FastImport();
    const everything = range(folders).flatMap((folder) => range(filesPerFolder).map((file) => [pathOf(folder, file), sourceText(60)]));
    history.commit({ branch: 'refs/heads/base', files: Object.fromEntries(everything) });
    for (const number of range(baseCommits - 1)) history.commit({ branch: 'refs/heads/base', files: smallChange(number) });
    await history.into(work);
    await work.must('repack', '-adq');
    // As for files that are known to be no text; else the client would look for likeness among them for longer than everything else takes.
    await mkdir(join(work.path, '.git', 'info'), { recursive: true });
    await writeFile(join(work.path, '.git', 'info', 'attributes'), '*.bin -delta\n');
    return new Fixtures(work, await work.head('base'));
  }

  /** The push by which a new repository gets its first branches. */
  async seed(...branches: readonly string[]): Promise<ReadyPush> {
    const updates = branches.map((branch) => ({ refName: `refs/heads/${branch}`, oldId: null, newId: this.base }));
    return readyPush(updates, await packOf(this.work.path, { wanted: [this.base] }));
  }

  /** So many commits on top of the base, each of which changes one file. */
  async line(branch: string, length: number): Promise<ObjectId[]> {
    const history = new FastImport();
    const name = `refs/heads/${branch}`;
    for (const number of range(length))
      history.commit({ branch: name, files: smallChange(number), ...(number === 0 && { from: this.base }) });
    await history.into(this.work);
    return commitsAfter(this.work, this.base, name);
  }

  /** Ready pushes along a line of commits, so many of them in each, to a branch that stands at the base. */
  async pushesAlong(line: readonly ObjectId[], to: string, commitsPerPush = 1): Promise<ReadyPush[]> {
    const pushes: ReadyPush[] = [];
    let oldId = this.base;
    for (let at = commitsPerPush - 1; at < line.length; at += commitsPerPush) {
      const newId = line[at]!;
      const pack = await packOf(this.work.path, { wanted: [newId], without: [oldId], thin: true });
      pushes.push(readyPush([{ refName: `refs/heads/${to}`, oldId, newId }], pack));
      oldId = newId;
    }
    return pushes;
  }

  /** One commit on top of the base with so many files of a megabyte that no compression makes smaller. */
  async large(branch: string, megabytes: number): Promise<ObjectId> {
    const history = new FastImport();
    const files = Object.fromEntries(range(megabytes).map((number) => [`large/${number}.bin`, randomBytes(1024 * 1024)]));
    history.commit({ branch: `refs/heads/${branch}`, from: this.base, files });
    await history.into(this.work);
    return this.work.head(branch);
  }

  [Symbol.asyncDispose](): PromiseLike<void> {
    return this.work[Symbol.asyncDispose]();
  }
}

export function range(length: number): number[] {
  return Array.from({ length }, (_, index) => index);
}

function pathOf(folder: number, file: number): string {
  return `src/part-${folder}/file-${file}.ts`;
}

function smallChange(number: number): Record<string, string> {
  return { [pathOf(number % folders, number % filesPerFolder)]: sourceText(60) };
}

/** Lines that compress as source text does, and no two files the same. */
function sourceText(lines: number): string {
  return range(lines)
    .map(() => `export const ${word()} = ${word()}(${word()}, '${randomBytes(6).toString('hex')}');\n`)
    .join('');
}

const words = ['branch', 'commit', 'quarantine', 'verdict', 'push', 'audit', 'rule', 'ref', 'object', 'token', 'owner', 'fact'];

function word(): string {
  return words[Math.floor(Math.random() * words.length)]!;
}
