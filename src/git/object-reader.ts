import type { ObjectId } from '#model/ref-update.ts';
import { BatchAnswers, type GitObject, type ObjectInfo } from './batch-objects.ts';
import type { Git, GitProcess, Surroundings } from './git.ts';

/**
 * Reads objects through one process that lives as long as the reader. For the store alone: such a process goes on serving
 * a pack that has been removed, so a quarantine gets a reader of its own that ends with it (`readInGroups`).
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

  /** The object a name stands for (an id, `main:path`, `tag^{tree}`); null when there is none, or none of at most so many bytes. */
  async read(name: string, maximumBytes = Number.POSITIVE_INFINITY): Promise<GitObject | null> {
    const info = maximumBytes === Number.POSITIVE_INFINITY ? null : await this.info(name);
    if (info !== null && info.bytes > maximumBytes) return null;
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

const maximumGroupBytes = 16 * 1024 * 1024;
const maximumGroup = 1000;

/**
 * Objects by id from quarantine and store together, with one process that ends here: in groups, so that a push of any size is never in memory
 * as a whole. Absent ones are left out, and those too large for a group.
 */
export async function* readInGroups(
  git: Git,
  repository: string,
  around: Surroundings,
  ids: readonly ObjectId[],
): AsyncGenerator<GitObject[]> {
  if (ids.length === 0) return;
  const reader = new ObjectReader(git, repository, around);
  try {
    for (let from = 0; from < ids.length; from += maximumGroup) {
      const infos = await Promise.all(ids.slice(from, from + maximumGroup).map((id) => reader.info(id)));
      for (const group of groupsOf(infos.filter((info) => info !== null))) {
        const found = await Promise.all(group.map(({ id }) => reader.read(id)));
        yield found.filter((object) => object !== null);
      }
    }
  } finally {
    reader.close();
  }
}

/** In the same order, each of at most the bytes of a group. */
function groupsOf(infos: readonly ObjectInfo[]): ObjectInfo[][] {
  const groups: ObjectInfo[][] = [[]];
  let bytes = 0;
  for (const info of infos.filter((one) => one.bytes <= maximumGroupBytes)) {
    bytes += info.bytes;
    if (bytes > maximumGroupBytes) {
      groups.push([]);
      bytes = info.bytes;
    }
    groups.at(-1)!.push(info);
  }
  return groups;
}
