import type { Protection } from '#model/protection.ts';
import { inRepository, type Place } from '#model/telling.ts';
import type { Happening } from '../change.ts';

/** One edit makes several entries and is told once. `place` null: an organization's protection, which hooks have no word for. */
export function telling(
  happenings: readonly Happening[],
  place: Place | null,
  before: Protection | null,
  after: Protection | null,
): readonly Happening[] {
  const [first, ...rest] = happenings;
  const protection = after ?? before;
  if (first === undefined || place === null || protection === null) return happenings;
  const action = before === null ? 'created' : after === null ? 'deleted' : 'edited';
  const told = { kind: 'protection', action, protection, before: action === 'edited' ? before : null } as const;
  return [{ ...first, tells: [inRepository(place, told)] }, ...rest];
}
