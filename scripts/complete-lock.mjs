// Adds to package-lock.json the platform packages that a registry did not offer when the lock was written.
//
//   node scripts/complete-lock.mjs
//
// A package like a linter brings one optional package for each platform. A mirror that holds only some platforms leaves the
// others out of the lock, and `npm ci` then refuses it everywhere. Run this after changing a dependency behind such a mirror.
import { readFileSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';

const file = join(dirname(dirname(fileURLToPath(import.meta.url))), 'package-lock.json');
const lock = JSON.parse(readFileSync(file, 'utf8'));
const systems = ['android', 'darwin', 'freebsd', 'linux', 'openharmony', 'win32'];
const processors = ['arm64', 'arm', 'ia32', 'loong64', 'ppc64', 'riscv64', 's390x', 'wasm32', 'x64'];
let added = 0;

for (const [path, { optionalDependencies = {}, dev }] of Object.entries(lock.packages)) {
  for (const [name, version] of Object.entries(optionalDependencies)) {
    if (lock.packages[`node_modules/${name}`] !== undefined || lock.packages[`${path}/node_modules/${name}`] !== undefined) continue;
    if (!/^\d/.test(version)) throw new Error(`${name} ${version} of ${path} is not one exact version`);
    lock.packages[`node_modules/${name}`] = { version, ...platformOf(name), ...(dev && { dev }), license: 'MIT', optional: true };
    added += 1;
  }
}
lock.packages = Object.fromEntries(Object.entries(lock.packages).sort(([a], [b]) => (a < b ? -1 : 1)));
writeFileSync(file, `${JSON.stringify(lock, null, 2)}\n`);
process.stderr.write(`complete-lock: ${added} packages added\n`);

/** The platform stands in the name; npm skips what does not fit the machine, and so never asks for it. */
function platformOf(name) {
  const words = name.split('/').at(-1).split('-');
  const os = systems.filter((system) => words.includes(system));
  const cpu = processors.filter((processor) =>
    words.some((word) => word === processor || word === `${processor}v7` || word === `${processor}gc`),
  );
  if (os.length === 0 && cpu.length === 0) throw new Error(`${name} does not say its platform`);
  const musl = words.some((word) => word.startsWith('musl'));
  return {
    ...(cpu.length > 0 && { cpu }),
    ...(os.length > 0 && { os }),
    ...(os.includes('linux') && { libc: [musl ? 'musl' : 'glibc'] }),
  };
}
