import type { ObjectId } from '#model/ref-update.ts';
import { BatchAnswers, type GitObject, type ObjectInfo } from './batch-objects.ts';
import type { Git, GitProcess, Surroundings } from './git.ts';

/**
 * Reads objects through one process that lives as long as the reader. For the store alone: such a process goes on serving
 * a pack that has been removed, so a quarantine gets a reader of its own that ends with it (`readOnce`).
 */
export class ObjectReader {
  readonly #process: GitProcess;
  readonly #answers: BatchAnswers;
  #flushPlanned = false;
  #ended = false;

  constructor(git: Git, repository: string, around: Surroundings = {}) {
    this.#process = git.start(repository, ['cat-file', '--batch-command', '--buffer'], around);
    this.#process.stderr.resume();
    this.#answers = new BatchAnswers(this.#process.stdout);
    const end = (): void => {
      this.#ended = true;
    };
    this.#process.ended.then(end, (error: Error) => {
      end();
      this.#answers.fail(error);
    });
  }

  get isUsable(): boolean {
    return !this.#ended;
  }

  get isIdle(): boolean {
    return this.#answers.waiting === 0;
  }

  /** The object a name stands for (an id, `main:path`, `tag^{tree}`); null when there is none. */
  async read(name: string): Promise<GitObject | null> {
    const found = await this.#ask('contents', name);
    return found === null ? null : { id: found.id, type: found.type, data: found.data! };
  }

  async info(name: string): Promise<ObjectInfo | null> {
    const found = await this.#ask('info', name);
    return found === null ? null : { id: found.id, type: found.type, bytes: found.bytes };
  }

  close(): void {
    this.#ended = true;
    this.#process.stop();
  }

  #ask(command: 'contents' | 'info', name: string): ReturnType<BatchAnswers['expect']> {
    // A newline would be a second question, whose answer would be taken for that of the next.
    if (name === '' || name.includes('\0') || name.includes('\n')) return Promise.resolve(null);
    if (this.#ended) return Promise.reject(new Error('the object reader has ended'));
    const answer = this.#answers.expect(command === 'contents');
    this.#process.stdin.write(`${command} ${name}\n`);
    if (!this.#flushPlanned) {
      this.#flushPlanned = true;
      queueMicrotask(() => {
        this.#flushPlanned = false;
        this.#process.stdin.write('flush\n');
      });
    }
    return answer;
  }
}

/** Objects by id from quarantine and store together, with one process that ends here. Absent ones are left out. */
export async function readOnce(git: Git, repository: string, around: Surroundings, ids: readonly ObjectId[]): Promise<GitObject[]> {
  if (ids.length === 0) return [];
  const reader = new ObjectReader(git, repository, around);
  try {
    const found = await Promise.all(ids.map((id) => reader.read(id)));
    return found.filter((object) => object !== null);
  } finally {
    reader.close();
  }
}
