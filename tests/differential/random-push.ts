import type { ObjectFormat, ObjectId, RefUpdate } from '#model/ref-update.ts';
import { mustGit } from '../support/git.ts';
import { packOf, packOfObjects } from '../support/push-request.ts';
import type { Random } from './random.ts';
import type { RandomHistory } from './random-history.ts';
import type { Refs } from './twins.ts';

/** A push as it could be made by hand: commands that fit or do not, and a pack that brings what they need or does not. */
export interface RandomPush {
  readonly commands: readonly RefUpdate[];
  readonly capabilities: readonly string[];
  readonly options: readonly string[];
  /** Null where everything is deleted. */
  readonly pack: Buffer | null;
  readonly packKind: PackKind;
}

type PackKind = 'what is new' | 'everything' | 'thin' | 'empty' | 'with a hole' | 'with more than needed';

const branches = [
  'main',
  'dev',
  'a',
  'b',
  'a/b',
  'a/b/c',
  'b/c',
  'feature/x',
  'feature/y',
  'ünï/😀',
  'x@y',
  '-dash',
  '--force',
  '@',
  'HEAD',
];
const moreBranches = [
  'refs/heads/main',
  'v1.0',
  'a.b',
  '日本',
  '｡',
  '\u{10ffff}',
  `${'x'.repeat(200)}`,
  'with{brace',
  'quo\'te"',
  '$(id)',
  '%2e',
];
const others = [
  'refs/tags/v1',
  'refs/tags/v1.1',
  'refs/tags/deep/er',
  'refs/notes/commits',
  'refs/other/thing',
  'refs/changes/1/2',
  'refs/replace/x',
];
const names = [...branches, ...moreBranches].map((name) => `refs/heads/${name}`).concat(others);

const invalidNames = [
  'HEAD',
  'refs/x',
  'refs/stash',
  'main',
  'refs/heads/',
  'refs/heads/a..b',
  'refs/heads/a.lock',
  'refs/heads/a.lock/b',
  'refs/heads/.hidden',
  'refs/heads/a b',
  'refs/heads/a~1',
  'refs/heads/a^',
  'refs/heads/a:b',
  'refs/heads/a?',
  'refs/heads/a*',
  'refs/heads/a[',
  'refs/heads/a\\b',
  'refs/heads/a@{1}',
  'refs/heads/a.',
  'refs/heads//a',
  'refs/heads/a/',
  'refs/heads/a\x01',
  'refs/heads/a\x7f',
  'refs/../heads/a',
  'refs/heads/../../config',
  '/refs/heads/a',
  'REFS/heads/a',
  '../refs/heads/a',
];
const reservedNames = ['refs/pull/1/head', 'refs/merge-requests/1/head', 'refs/keep-around/x', 'refs/sallyport/fence', 'refs/sallyport/x'];

const packKinds: readonly PackKind[] = [
  'what is new',
  'what is new',
  'what is new',
  'everything',
  'thin',
  'empty',
  'with a hole',
  'with more than needed',
];

export async function randomPush(random: Random, history: RandomHistory, refs: Refs): Promise<RandomPush> {
  const commands = await randomCommands(random, history, refs);
  const capabilities = ['report-status', 'report-status-v2', 'side-band-64k', 'quiet'].filter(
    (name) => name === 'report-status' || random.chance(0.8),
  );
  const packKind = random.pick(packKinds);
  return {
    commands,
    capabilities: [...capabilities, ...(random.chance(0.3) ? ['atomic'] : []), 'agent=random/1'],
    options: random.chance(0.15) ? ['sallyport-unknown=1', 'ünï'] : [],
    pack: commands.every(({ newId }) => newId === null) ? null : await randomPack(random, history, refs, commands, packKind),
    packKind,
  };
}

async function randomCommands(random: Random, history: RandomHistory, refs: Refs): Promise<RefUpdate[]> {
  const count = random.chance(0.02) ? random.between(150, 300) : random.chance(0.5) ? 1 : random.between(2, 7);
  const fresh = await history.grow(
    random.between(1, 12),
    [...refs.values()].filter((id) => history.commits.has(id)),
  );
  const commands: RefUpdate[] = [];
  for (let left = count; left > 0; left--) {
    const refName = count > 100 ? `refs/heads/many/${random.hex(10)}` : randomName(random, refs);
    commands.push({
      refName,
      oldId: await randomOld(random, history, refs, refName),
      newId: random.chance(0.15) ? null : await randomNew(random, history, refs, refName, () => random.pick(fresh).id),
    });
  }
  if (random.chance(0.04)) commands.push(random.pick(commands));
  // Nobody asks for a deletion of what is absent on both sides but by chance.
  return commands.filter(({ oldId, newId }) => oldId !== null || newId !== null || random.chance(0.2));
}

function randomName(random: Random, refs: Refs): string {
  const dice = random.next();
  if (dice < 0.05) return random.pick(invalidNames);
  if (dice < 0.07) return random.pick(reservedNames);
  if (dice < 0.08) return `refs/heads/${random.hex(40)}${random.pick(['', '-x', '/y'])}`;
  if (dice < 0.09) return `refs/heads/${Array.from({ length: 6 }, () => 'y'.repeat(200)).join('/')}`;
  if (dice < 0.45 && refs.size > 0) return random.pick([...refs.keys()]);
  return random.pick(names);
}

async function randomOld(random: Random, history: RandomHistory, refs: Refs, refName: string): Promise<ObjectId | null> {
  const present = refs.get(refName) ?? null;
  const dice = random.next();
  if (dice < 0.88) return present;
  if (dice < 0.93) return history.any().id;
  return dice < 0.97 ? randomId(random, history.format) : null;
}

async function randomNew(random: Random, history: RandomHistory, refs: Refs, refName: string, fresh: () => ObjectId): Promise<ObjectId> {
  const dice = random.next();
  const present = refs.get(refName);
  if (refName.startsWith('refs/tags/') ? dice < 0.6 : dice < 0.06) return randomTag(random, history, fresh());
  if (dice < 0.7) return fresh();
  if (dice < 0.8) return history.any().id;
  if (dice < 0.85 && present !== undefined) return present;
  if (dice < 0.9 && refs.size > 0) return random.pick([...refs.values()]);
  if (dice < 0.95) return randomId(random, history.format);
  return random.chance(0.5) ? history.write('blob', random.hex(8)) : mustGit(history.path, ['rev-parse', `${history.any().id}^{tree}`]);
}

async function randomTag(random: Random, history: RandomHistory, commit: ObjectId): Promise<ObjectId> {
  const tag = await history.tag(`t${random.hex(4)}`, commit);
  if (random.chance(0.3)) return history.tag(`t${random.hex(4)}`, tag, 'tag');
  return random.chance(0.2) ? history.tag('blob', await history.write('blob', random.hex(9)), 'blob') : tag;
}

function randomId(random: Random, format: ObjectFormat): ObjectId {
  return random.hex(format === 'sha1' ? 40 : 64);
}

async function randomPack(
  random: Random,
  history: RandomHistory,
  refs: Refs,
  commands: readonly RefUpdate[],
  kind: PackKind,
): Promise<Buffer> {
  const wanted = await existing(
    history,
    commands.flatMap(({ newId }) => newId ?? []),
  );
  const without = [...new Set(refs.values())];
  switch (kind) {
    case 'what is new':
      return packOf(history.path, { wanted, without });
    case 'thin':
      return packOf(history.path, { wanted, without, thin: true });
    case 'everything':
      return packOf(history.path, { wanted });
    case 'with more than needed':
      return packOf(history.path, { wanted: [...wanted, history.any().id], without: without.slice(1) });
    case 'empty':
      return packOfObjects(history.path, []);
    case 'with a hole': {
      const input = [...wanted, ...without.map((id) => `^${id}`), ''].join('\n');
      const listed = (await mustGit(history.path, ['rev-list', '--objects', '--no-object-names', '--stdin'], { input })).split('\n');
      const hole = random.pick(listed);
      return packOfObjects(
        history.path,
        listed.filter((id) => id !== hole && id !== ''),
      );
    }
    default:
      return kind satisfies never;
  }
}

/** Of some ids, those that the client has. */
async function existing(history: RandomHistory, ids: readonly ObjectId[]): Promise<ObjectId[]> {
  const told = await mustGit(history.path, ['cat-file', '--batch-check'], { input: ids.map((id) => `${id}\n`).join('') });
  return told.split('\n').flatMap((line) => (line === '' || line.endsWith(' missing') ? [] : [line.split(' ')[0]!]));
}
