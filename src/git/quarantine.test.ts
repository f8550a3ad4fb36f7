import assert from 'node:assert/strict';
import { mkdir, mkdtemp, readdir, rm, symlink, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { test } from 'node:test';
import { Quarantine } from '#git/quarantine.ts';

test('what could not be brought to the disk is not migrated, whatever came in after it', async () => {
  const repository = await mkdtemp(join(tmpdir(), 'sallyport-'));
  await mkdir(join(repository, 'objects', 'pack'), { recursive: true });
  try {
    await using quarantine = await Quarantine.create(repository, 'one');
    const packs = join(quarantine.path, 'pack');
    // A file that cannot be opened, and is gone when the second pack is there.
    await symlink('nowhere', join(packs, 'pack-lost.pack'));
    quarantine.sync();
    await assert.rejects(quarantine.migrate(), { code: 'ENOENT' });
    await rm(join(packs, 'pack-lost.pack'));
    await writeFile(join(packs, 'pack-second.pack'), 'PACK');
    quarantine.sync();
    await assert.rejects(quarantine.migrate(), { code: 'ENOENT' });
    assert.deepEqual(await readdir(join(repository, 'objects', 'pack')), []);
  } finally {
    await rm(repository, { recursive: true, force: true });
  }
});
