import { globSync, readFileSync } from 'node:fs';
import { dirname, join } from 'node:path';

const root = join(import.meta.dirname, '..', '..');

interface FunctionSeen {
  readonly file: string;
  readonly name: string;
  readonly isExported: boolean;
  readonly body: string;
  /** Name here -> where it comes from. */
  readonly imports: ReadonlyMap<string, { readonly file: string; readonly name: string }>;
}

/** The only way in which anything is written: `store.write(…)`. Its own file is where functions that call it begin to count. */
const writes = /\bstore\s*\.write\(/;

/**
 * The exported functions of `src/operations` that change something, found in the sources: each that calls `store.write`, itself or by what
 * it calls, through other operations and through the gate. As `tokens/mint-token.ts mintToken`.
 */
export function mutatingOperations(): string[] {
  const functions = globSync(['src/operations/**/*.ts', 'src/gate/**/*.ts'], { cwd: root })
    .filter((file) => !file.endsWith('.test.ts'))
    .flatMap((file) => functionsIn(file, readFileSync(join(root, file), 'utf8')));
  const byKey = new Map(functions.map((one) => [keyOf(one), one]));
  const mutating = new Set(functions.filter(({ body }) => writes.test(body)).map(keyOf));
  for (let before = -1; before < mutating.size; ) {
    before = mutating.size;
    for (const one of functions) if (calls(one, byKey).some((key) => mutating.has(key))) mutating.add(keyOf(one));
  }
  return functions
    .filter((one) => one.isExported && one.file.startsWith('src/operations/') && mutating.has(keyOf(one)))
    .map(({ file, name }) => `${file.slice('src/operations/'.length)} ${name}`)
    .sort();
}

function keyOf({ file, name }: Pick<FunctionSeen, 'file' | 'name'>): string {
  return `${file} ${name}`;
}

/** Every top-level function of a file; its body ends where the next declaration of the top level begins. */
function functionsIn(file: string, text: string): FunctionSeen[] {
  const imports = importsOf(file, text);
  const starts = [...text.matchAll(/^(?:export )?(?:async )?(?:function\*?|const|class|interface|type) (\w+)/gm)];
  return starts.flatMap((start, index): FunctionSeen[] => {
    if (!/^(?:export )?(?:async )?function/.test(start[0])) return [];
    const body = text.slice(start.index + start[0].length, starts[index + 1]?.index ?? text.length);
    return [{ file, name: start[1]!, isExported: start[0].startsWith('export'), body, imports }];
  });
}

function importsOf(file: string, text: string): FunctionSeen['imports'] {
  const found = new Map<string, { file: string; name: string }>();
  for (const [, names, from] of text.matchAll(/^import \{([^}]*)\} from '([^']+)';/gm)) {
    const target = from!.startsWith('#') ? `src/${from!.slice(1)}` : join(dirname(file), from!);
    for (const part of names!.split(',')) {
      const [name, alias] = part.trim().split(' as ');
      if (name !== undefined && name !== '') found.set(alias ?? name, { file: target, name });
    }
  }
  return found;
}

/** What a function calls by name, here or elsewhere. */
function calls({ file, body, imports }: FunctionSeen, all: ReadonlyMap<string, FunctionSeen>): string[] {
  return [...body.matchAll(/(?<![.\w])(\w+)(?:<[\w\s|]+>)?\(/g)].flatMap(([, name]) => {
    const target = imports.get(name!) ?? { file, name: name! };
    return all.has(keyOf(target)) ? [keyOf(target)] : [];
  });
}
