import type { Grant } from '#model/protection.ts';
import { must } from '../support/api.ts';
import type { WorkTree } from '../support/history.ts';
import type { Persona } from '../support/personas.ts';
import type { Column, Expected, TableCast, Variant } from './actors.ts';
import type { History } from './doors.ts';
import type { Door, Setting } from './settings.ts';

/** One actor tries one door of one setting. Each cell has a branch of its own. */
export interface Cell {
  readonly setting: Setting;
  readonly door: Door;
  readonly column: Column;
  readonly expected: Expected;
  readonly branch: string;
  /** A commit of its own, that no protected branch has, for what is created. */
  newborn: string | null;
}

export function cellsOf(setting: Setting, columns: readonly Column[]): Cell[] {
  return setting.doors.flatMap((door) =>
    columns.flatMap((column, index): Cell[] => {
      const expected = column.expect(setting, door);
      if (expected === null) return [];
      const branch = `${folder(setting, column.variant)}/${door.replace(' ', '-')}-${index}`;
      return [{ setting, door, column, expected, branch, newborn: null }];
    }),
  );
}

/** Makes the cells' branches while nothing protects them, and then the protections. */
export async function prepareCells(
  cells: readonly Cell[],
  { owner, listedId }: TableCast,
  { repository, tree, history }: { repository: string; tree: WorkTree; history: History },
): Promise<void> {
  const [{ setting }] = cells as [Cell];
  if (setting.operation === 'create')
    for (const cell of cells)
      cell.newborn = await tree.must('commit-tree', `${history.change}^{tree}`, '-p', history.base, '-m', cell.branch);
  // What is to be created waits under a name that nothing protects: the ref API takes ids that are there, a rename takes a branch.
  const specs = cells.map(({ newborn, branch }) =>
    newborn === null ? `${history.base}:refs/heads/${branch}` : `${newborn}:refs/heads/free/${branch}`,
  );
  await tree.must('push', '--quiet', owner.remote(repository), ...specs);
  const variants = new Set(cells.map((cell) => cell.column.variant));
  for (const variant of variants) await protect(owner, repository, setting, variant, { kind: 'user', id: listedId });
}

function protect(owner: Persona, repository: string, setting: Setting, variant: Variant, listed: Grant): Promise<unknown> {
  const protection = {
    origin: setting.origin,
    pattern: `${folder(setting, variant)}/*`,
    rules: setting.rules(listed),
    enforce_admins: variant !== 'admins exempt',
    demands_reason: variant === 'demands reason',
    accepts_elevated: variant !== 'no elevated tokens',
  };
  return must(owner.api('POST', `/api/sallyport/v1/repos/${repository}/protections`, protection));
}

function folder({ name }: Setting, variant: Variant): string {
  return `${name}/${variant.replaceAll(' ', '-')}`;
}
