import { spawn } from 'node:child_process';
import { flush, pktLine } from '#git/pkt-line.ts';
import { idOrZero, type ObjectFormat, type ObjectId, type RefUpdate } from '#model/ref-update.ts';
import { gitEnv } from './git.ts';

export interface PushRequestParts {
  readonly format?: ObjectFormat;
  readonly commands: readonly RefUpdate[];
  /** Beside the object format. */
  readonly capabilities?: readonly string[];
  /** Asks for the capability `push-options` when there are any. */
  readonly options?: readonly string[];
  readonly shallow?: readonly ObjectId[];
  /** Null: none follows, as when everything is deleted. */
  readonly pack: Buffer | null;
}

const usualCapabilities = ['report-status-v2', 'side-band-64k', 'quiet'];

/** The body that a client posts to git-receive-pack, byte by byte, so that it can say what no client would. */
export function pushRequest({ format = 'sha1', commands, capabilities, options = [], shallow = [], pack }: PushRequestParts): Buffer {
  const asked = [...(capabilities ?? usualCapabilities), ...(options.length > 0 ? ['push-options'] : []), `object-format=${format}`];
  const lines = commands.map(({ oldId, newId, refName }, index) => {
    const ends = `${idOrZero(oldId, format)} ${idOrZero(newId, format)}`;
    return pktLine(`${ends} ${refName}${index === 0 ? `\0 ${asked.join(' ')}` : ''}`);
  });
  return Buffer.concat([
    ...shallow.map((id) => pktLine(`shallow ${id}`)),
    ...lines,
    flush,
    ...(options.length > 0 ? [...options.map((option) => pktLine(option)), flush] : []),
    ...(pack === null ? [] : [pack]),
  ]);
}

export interface PackWish {
  /** What the pack brings, with everything it reaches. */
  readonly wanted: readonly ObjectId[];
  /** What the other side has. */
  readonly without?: readonly ObjectId[];
  /** Deltas may build on objects that are not sent. */
  readonly thin?: boolean;
}

/** A pack as a client would send it. */
export function packOf(repository: string, { wanted, without = [], thin = false }: PackWish): Promise<Buffer> {
  const args = ['pack-objects', '--revs', '--stdout', '--quiet', '--delta-base-offset', ...(thin ? ['--thin'] : [])];
  return gitBytes(repository, args, [...wanted, ...without.map((id) => `^${id}`), ''].join('\n'));
}

/** A pack of exactly these objects, whatever they need beside. */
export function packOfObjects(repository: string, ids: readonly ObjectId[]): Promise<Buffer> {
  return gitBytes(repository, ['pack-objects', '--stdout', '--quiet'], ids.map((id) => `${id}\n`).join(''));
}

function gitBytes(repository: string, args: readonly string[], input: string): Promise<Buffer> {
  const child = spawn('git', [...args], { cwd: repository, env: gitEnv(repository), stdio: ['pipe', 'pipe', 'inherit'] });
  const chunks: Buffer[] = [];
  child.stdout.on('data', (chunk: Buffer) => chunks.push(chunk));
  child.stdin.end(input);
  return new Promise((resolve, reject) => {
    child.once('error', reject);
    child.once('close', (code) => (code === 0 ? resolve(Buffer.concat(chunks)) : reject(new Error(`git ${args[0]} ended with ${code}`))));
  });
}
