import { rmSync } from 'node:fs';
import { mkdir, mkdtemp, rm } from 'node:fs/promises';
import { join } from 'node:path';
import type { Bench } from './bench.ts';
import { openDatabases } from './databases.ts';
import { Fixtures } from './fixtures.ts';
import { Floor } from './floor.ts';
import { HttpClient } from './http-client.ts';
import type { Options } from './options.ts';
import { Ours } from './ours.ts';

/** Starts everything that rows need, in one folder that goes afterwards. */
export async function openBench({ folder: below, database, rounds }: Options): Promise<Bench & AsyncDisposable> {
  await using parts = new AsyncDisposableStack();
  await mkdir(below, { recursive: true });
  const folder = await mkdtemp(join(below, 'sallyport-bench-'));
  const removeNow = (): void => rmSync(folder, { recursive: true, force: true });
  process.once('exit', removeNow);
  parts.defer(async () => {
    await rm(folder, { recursive: true, force: true, maxRetries: 5 });
    process.off('exit', removeNow);
  });
  const databases = parts.use(await openDatabases(database));
  const floor = parts.use(await Floor.start(await newFolder(folder, 'floor')));
  const ours = parts.use(await Ours.start({ folder: join(folder, 'ours'), database: await databases.create() }));
  const fixtures = parts.use(await Fixtures.create());
  const client = parts.use(new HttpClient());
  let others = 0;
  const kept = parts.move();
  const plain = floor.target('floor');
  return {
    writers: [plain, floor.target('synced'), ours],
    readers: [plain, ours],
    floor,
    ours,
    fixtures,
    client,
    rounds,
    folder,
    startAnother: async (settings) =>
      Ours.start({ ...settings, folder: join(folder, `another-${++others}`), database: await databases.create() }),
    [Symbol.asyncDispose]: () => kept.disposeAsync(),
  };
}

async function newFolder(parent: string, name: string): Promise<string> {
  const path = join(parent, name);
  await mkdir(path);
  return path;
}
