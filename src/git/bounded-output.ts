import { collectSome, type Git, GitFailed, type Surroundings } from './git.ts';

/** git has more to say than whoever asked wants to hear. */
export class TooMuchOutput extends Error {
  constructor(maximumBytes: number) {
    super(`more than ${maximumBytes} bytes`);
    this.name = 'TooMuchOutput';
  }
}

interface Question extends Surroundings {
  readonly input?: string;
  readonly maximumBytes: number;
}

/**
 * What git says, as it says it; thrown at the end: that it was too much (`TooMuchOutput`, after just so many bytes), or that git
 * failed. Some megabytes of commits can differ by gigabytes. Whoever stops listening ends the process.
 */
export async function* streamOutput(git: Git, repository: string, args: readonly string[], question: Question): AsyncGenerator<Buffer> {
  const { input = '', maximumBytes, ...around } = question;
  const process = git.start(repository, args, around);
  process.stdin.end(input);
  const said = collectSome(process.stderr);
  let bytes = 0;
  try {
    for await (const chunk of process.stdout) {
      const { length } = chunk as Buffer;
      // Whoever reads a chunk may give its memory back: it is not looked at again.
      yield (chunk as Buffer).subarray(0, maximumBytes - bytes);
      bytes += length;
      // Leaving closes git's output, which ends it.
      if (bytes > maximumBytes) throw new TooMuchOutput(maximumBytes);
    }
    const code = await process.ended;
    if (code !== 0) throw new GitFailed(args, { code, stdout: Buffer.alloc(0), stderr: await said });
  } finally {
    process.stop();
  }
}

/** The beginning of what git says, and whether that is all. */
export async function readBeginning(
  git: Git,
  repository: string,
  args: readonly string[],
  question: Question,
): Promise<{ readonly bytes: Buffer; readonly whole: boolean }> {
  return gather(streamOutput(git, repository, args, question));
}

/** All that a bounded stream has; null: it is too much. */
export async function readWhole(stream: AsyncIterable<Buffer>): Promise<Buffer | null> {
  const { bytes, whole } = await gather(stream);
  return whole ? bytes : null;
}

async function gather(stream: AsyncIterable<Buffer>): Promise<{ bytes: Buffer; whole: boolean }> {
  const chunks: Buffer[] = [];
  try {
    for await (const chunk of stream) chunks.push(chunk);
  } catch (error) {
    if (error instanceof TooMuchOutput) return { bytes: Buffer.concat(chunks), whole: false };
    throw error;
  }
  return { bytes: Buffer.concat(chunks), whole: true };
}
