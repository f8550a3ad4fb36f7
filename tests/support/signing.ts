import { spawn } from 'node:child_process';
import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { temporaryFolder } from './folders.ts';
import { mustGit } from './git.ts';
import type { WorkTree } from './history.ts';

/** A key that signs commits of a work tree once it is in use there. */
export interface SigningKey {
  /** As it is uploaded. */
  readonly publicText: string;
  /** Settings of git that sign with it. */
  readonly settings: Readonly<Record<string, string>>;
  readonly env: Readonly<Record<string, string>>;
}

/** Real keys of ssh-keygen and gpg, in a folder of their own; gpg's agent ends with it. */
export class KeyRing implements AsyncDisposable {
  readonly path: string;
  readonly #folder: AsyncDisposable;
  #keys = 0;

  private constructor(path: string, folder: AsyncDisposable) {
    this.path = path;
    this.#folder = folder;
  }

  static async create(): Promise<KeyRing> {
    // Short: a socket of gpg's agent lies below, and its path has a limit.
    const folder = await temporaryFolder('k-');
    return new KeyRing(folder.path, folder);
  }

  async ssh(...type: readonly string[]): Promise<SigningKey> {
    this.#keys += 1;
    const file = join(this.path, `ssh-${this.#keys}`);
    const kind = type.length === 0 ? ['-t', 'ed25519'] : type;
    await this.run('ssh-keygen', ['-q', '-N', '', '-C', '', '-f', file, ...kind]);
    const publicText = (await readFile(`${file}.pub`, 'utf8')).trim();
    return { publicText, settings: { 'gpg.format': 'ssh', 'user.signingkey': file }, env: {} };
  }

  /** A key of gpg for an address; `expires` as gpg writes it (`seconds=2`, `0` for never). */
  async gpg(email: string, expires = '0'): Promise<SigningKey & { fingerprint: string }> {
    const before = await this.#fingerprints();
    this.#keys += 1;
    await this.gpgRun('--quick-generate-key', `Key ${this.#keys} <${email}>`, 'ed25519', 'sign', expires);
    const fingerprint = (await this.#fingerprints()).find((one) => !before.includes(one))!;
    const publicText = await this.gpgRun('--armor', '--export', fingerprint);
    return { ...this.gpgUse(fingerprint), publicText, fingerprint };
  }

  /** Signing with one key or subkey of the ring; the exclamation mark keeps gpg from choosing another. */
  gpgUse(fingerprint: string): Pick<SigningKey, 'settings' | 'env'> {
    return { settings: { 'gpg.format': 'openpgp', 'user.signingkey': `${fingerprint}!` }, env: { GNUPGHOME: this.path } };
  }

  gpgRun(...args: readonly string[]): Promise<string> {
    return this.run('gpg', ['--batch', '--no-tty', '--quiet', '--pinentry-mode', 'loopback', '--passphrase', '', ...args]);
  }

  async #fingerprints(): Promise<string[]> {
    const listing = await this.gpgRun('--with-colons', '--list-secret-keys');
    return [...listing.matchAll(/^fpr:+([0-9A-F]{40}):/gm)].map((match) => match[1]!);
  }

  /** Standard output of a program that has to succeed. */
  run(program: string, args: readonly string[], input = ''): Promise<string> {
    const env = { PATH: process.env['PATH'] ?? '', HOME: this.path, GNUPGHOME: this.path, LC_ALL: 'C' };
    const child = spawn(program, [...args], { cwd: this.path, env });
    const out: Buffer[] = [];
    const errors: Buffer[] = [];
    child.stdout.on('data', (chunk: Buffer) => out.push(chunk));
    child.stderr.on('data', (chunk: Buffer) => errors.push(chunk));
    child.stdin.on('error', (error: NodeJS.ErrnoException) => {
      if (error.code !== 'EPIPE') throw error;
    });
    child.stdin.end(input);
    return new Promise((resolve, reject) => {
      child.once('error', reject);
      child.once('close', (code) =>
        code === 0
          ? resolve(Buffer.concat(out).toString('utf8'))
          : reject(new Error(`${program} ended with ${code}: ${Buffer.concat(errors).toString('utf8')}`)),
      );
    });
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.run('gpgconf', ['--kill', 'gpg-agent']);
    await this.#folder[Symbol.asyncDispose]();
  }
}

/** Commits of the work tree are signed with the key from now on; null: they are not signed. */
export async function signWith(work: WorkTree, key: Pick<SigningKey, 'settings'> | null): Promise<void> {
  await work.must('config', 'commit.gpgsign', String(key !== null));
  for (const [name, value] of Object.entries(key?.settings ?? {})) await work.must('config', name, value);
}

/** A commit object with these exact bytes. */
export function writeCommit(work: WorkTree, raw: string): Promise<string> {
  return mustGit(work.path, ['hash-object', '-t', 'commit', '-w', '--stdin'], { input: raw });
}

/** The header with the signature, and the commit without it. */
export async function splitSignature(work: WorkTree, commit: string): Promise<{ header: string; rest: string }> {
  const raw = `${await work.must('cat-file', 'commit', commit)}\n`;
  const header = /^gpgsig .*\n(?: .*\n)*/m.exec(raw)?.[0];
  if (header === undefined) throw new Error(`${commit} is not signed`);
  return { header, rest: raw.replace(header, '') };
}
