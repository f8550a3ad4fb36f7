/** Years of four digits. git lets a commit say that it was made at any number of seconds. */
const earliest = Date.parse('0001-01-01T00:00:00Z');
const latest = Date.parse('9999-12-31T23:59:59Z');

/** GitHub's times: seconds, UTC. Null stays null. */
export function timestamp(milliseconds: number): string;
export function timestamp(milliseconds: number | null): string | null;
export function timestamp(milliseconds: number | null): string | null {
  if (milliseconds === null) return null;
  const shown = Math.min(Math.max(milliseconds, earliest), latest);
  return new Date(shown).toISOString().replace(/\.\d{3}Z$/, 'Z');
}

/** An opaque, stable id in the form GitHub used to give out. */
export function nodeId(type: string, id: number | string): string {
  return Buffer.from(`0${type.length}:${type}${id}`).toString('base64');
}
