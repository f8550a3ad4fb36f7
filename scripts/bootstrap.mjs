// Runs a command of the project under the Node it was written for, whatever Node started this file.
// Plain JavaScript without dependencies, because nothing is installed yet when it runs first (Node 18 or later).
//
//   node scripts/bootstrap.mjs [--with=git,postgresql] -- COMMAND [ARGUMENTS]
//
// It brings what is missing: the pinned Node (an npm package), the project's packages, and with --with the Debian
// packages that a test run needs. It prints progress on standard error only: standard output is the command's.
import { spawn, spawnSync } from 'node:child_process';
import { existsSync, readFileSync, statSync } from 'node:fs';
import { constants } from 'node:os';
import { delimiter, dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';

const root = dirname(dirname(fileURLToPath(import.meta.url)));
const toolchain = join(root, 'scripts', 'toolchain');

/** What a test run may need beside npm packages: a program that shows it is there, and the Debian package that brings it. */
const systemPackages = {
  git: { present: () => onPath('git'), debian: 'git' },
  postgresql: { present: () => existsSync('/usr/lib/postgresql'), debian: 'postgresql' },
  openssh: { present: () => onPath('ssh-keygen'), debian: 'openssh-client' },
  gnupg: { present: () => onPath('gpg'), debian: 'gnupg' },
  nginx: { present: () => existsSync('/usr/sbin/nginx'), debian: 'nginx' },
  fcgiwrap: { present: () => existsSync('/usr/sbin/fcgiwrap'), debian: 'fcgiwrap' },
};

const separator = process.argv.indexOf('--');
if (separator < 0) stop('bootstrap: usage: bootstrap.mjs [--with=NAME,NAME] -- COMMAND [ARGUMENTS]');
const wanted = process.argv
  .slice(2, separator)
  .flatMap((flag) => (flag.startsWith('--with=') ? flag.slice('--with='.length).split(',') : stop(`bootstrap: unknown flag ${flag}`)));
const [command, ...commandArguments] = process.argv.slice(separator + 1);

bringSystemPackages(wanted);
const node = suitableNode();
const environment = { ...process.env, PATH: [dirname(node), join(root, 'node_modules', '.bin'), process.env.PATH].join(delimiter) };
bringNpmPackages(node, environment);
run(command === 'node' ? node : command, commandArguments, environment);

function onPath(program) {
  return (process.env.PATH ?? '').split(delimiter).some((folder) => existsSync(join(folder, program)));
}

function bringSystemPackages(names) {
  const missing = names
    .map((name) => systemPackages[name] ?? stop(`bootstrap: nothing known by the name ${name}`))
    .filter((item) => !item.present());
  if (missing.length === 0) return;
  const packages = missing.map((item) => item.debian);
  if (process.getuid?.() !== 0 || !onPath('apt-get')) {
    stop(`bootstrap: please install ${packages.join(', ')} (on Debian: apt-get install ${packages.join(' ')}), then run this again`);
  }
  say(`installing ${packages.join(', ')} with apt-get`);
  const apt = { stdio: ['ignore', 2, 2], env: { ...process.env, DEBIAN_FRONTEND: 'noninteractive' } };
  // An old package list names versions that are gone; refreshing it is what makes the install work on a bare machine.
  spawnSync('apt-get', ['-qq', 'update'], apt);
  const installed = spawnSync('apt-get', ['-qq', 'install', '--yes', '--no-install-recommends', ...packages], apt);
  if (installed.status !== 0) stop(`bootstrap: apt-get could not install ${packages.join(' ')}`);
}

/** The running Node when package.json allows it, else the pinned one from npm. */
function suitableNode() {
  const [major, minor] = process.versions.node.split('.').map(Number);
  if ((major === 24 && minor >= 11) || major >= 26) return process.execPath;
  const architecture = { x64: 'x64', arm64: 'arm64' }[process.arch];
  if (process.platform !== 'linux' || architecture === undefined) {
    stop(`bootstrap: Node ${process.versions.node} is too old; install Node 24.11 or later, then run this again`);
  }
  const pinned = join(toolchain, 'node_modules', `node-linux-${architecture}`, 'bin', 'node');
  if (!existsSync(pinned) || isOlder(join(toolchain, 'node_modules', '.package-lock.json'), join(toolchain, 'package-lock.json'))) {
    say(
      `Node ${process.versions.node} is too old for this project; fetching ${readFileSync(join(root, '.node-version'), 'utf8').trim()} from npm`,
    );
    const fetched = spawnSync('npm', ['ci', '--prefix', toolchain, '--no-audit', '--no-fund'], { stdio: ['ignore', 2, 2], cwd: toolchain });
    if (fetched.status !== 0) stop('bootstrap: npm could not fetch the pinned Node');
  }
  return pinned;
}

/** Under the pinned Node: npm drops optional packages that do not fit the Node it runs on. */
function bringNpmPackages(nodeProgram, env) {
  if (!isOlder(join(root, 'node_modules', '.package-lock.json'), join(root, 'package-lock.json'))) return;
  say('installing npm packages');
  const ownNpm = join(toolchain, 'node_modules', 'npm', 'bin', 'npm-cli.js');
  const [program, prefix] = existsSync(ownNpm) ? [nodeProgram, [ownNpm]] : ['npm', []];
  const installed = spawnSync(program, [...prefix, 'ci', '--no-audit', '--no-fund'], { stdio: ['ignore', 2, 2], cwd: root, env });
  if (installed.status !== 0) stop('bootstrap: npm ci failed');
}

/** Whether `made` is missing or older than `source`. */
function isOlder(made, source) {
  return !existsSync(made) || statSync(made).mtimeMs < statSync(source).mtimeMs;
}

function run(program, programArguments, env) {
  const child = spawn(program, programArguments, { stdio: 'inherit', env });
  for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP']) process.on(signal, () => child.kill(signal));
  child.on('error', (error) => stop(`bootstrap: cannot run ${program}: ${error.message}`));
  child.on('exit', (code, signal) => process.exit(code ?? 128 + (constants.signals[signal] ?? 0)));
}

function say(text) {
  process.stderr.write(`bootstrap: ${text}\n`);
}

function stop(text) {
  process.stderr.write(`${text}\n`);
  process.exit(2);
}
