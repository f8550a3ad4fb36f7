import { invalid } from '#model/problem.ts';
import type { PersonInput } from '#operations/content/identity.ts';

interface PersonBody {
  readonly name?: string | undefined;
  readonly email?: string | undefined;
  readonly date?: string | null | undefined;
}

/** A person in a commit: name and address together or neither; null: the caller. */
export function toPerson(person: PersonBody | null | undefined): PersonInput | null {
  if (person == null || (person.name === undefined && person.email === undefined)) return null;
  const { name, email, date } = person;
  if (name === undefined || email === undefined) {
    const missing = name === undefined ? 'name' : 'email';
    throw invalid(missing, `"${missing}" wasn't supplied.`, 'missing_field', 'Commit');
  }
  return { name, email, date: date ?? null };
}
