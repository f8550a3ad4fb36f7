// A PostgreSQL of a test run's own: Debian's binaries, a socket in a temporary folder, nothing on disk that outlives it.
import { execFileSync, spawn } from 'node:child_process';
import { chownSync, existsSync, mkdtempSync, readdirSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';

const versions = '/usr/lib/postgresql';

/** Starts it and answers the folder of its socket and how to stop it. Tests need no disk; a `durable` one writes as in service. */
export async function startPostgres({ durable = false } = {}) {
  const newest = readdirSync(versions).sort((a, b) => Number(b) - Number(a))[0];
  const binaries = join(versions, newest, 'bin');
  const folder = mkdtempSync(join(tmpdir(), 'sallyport-pg-'));
  // It refuses to run as root, so as root it runs as Debian's postgres.
  const account = process.getuid() === 0 ? { uid: Number(id('-u')), gid: Number(id('-g')) } : {};
  if (account.uid !== undefined) chownSync(folder, account.uid, account.gid);
  const options = { ...account, cwd: folder, env: { PATH: process.env.PATH, LC_ALL: 'C.UTF-8' } };
  execFileSync(join(binaries, 'initdb'), ['-D', 'data', '-A', 'trust', '-U', 'postgres', '--no-sync', '-E', 'UTF8'], {
    ...options,
    stdio: 'ignore',
  });
  const hasty = ['fsync=off', 'full_page_writes=off', 'synchronous_commit=off'];
  const settings = ['listen_addresses=', 'max_connections=400', ...(durable ? [] : hasty)];
  const server = spawn(join(binaries, 'postgres'), ['-D', 'data', '-k', folder, ...settings.flatMap((one) => ['-c', one])], {
    ...options,
    stdio: 'ignore',
  });
  const stop = async () => {
    server.kill('SIGINT');
    if (server.exitCode === null) await new Promise((resolve) => server.once('exit', resolve));
    rmSync(folder, { recursive: true, force: true });
  };
  for (let tries = 0; tries < 400; tries++) {
    if (server.exitCode !== null) break;
    if (existsSync(join(folder, '.s.PGSQL.5432')) && isReady(binaries, folder)) return { folder, stop };
    await sleep(25);
  }
  await stop();
  throw new Error('PostgreSQL did not start');
}

function id(flag) {
  return execFileSync('id', [flag, 'postgres']).toString().trim();
}

function isReady(binaries, folder) {
  try {
    execFileSync(join(binaries, 'pg_isready'), ['-h', folder, '-q']);
    return true;
  } catch {
    return false;
  }
}
