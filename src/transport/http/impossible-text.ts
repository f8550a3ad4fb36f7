/** Text that could not be written anywhere as it is. */
export interface ImpossibleText {
  /** Where in the body or query it stands: its key, or the key of the list or object around it. */
  readonly field: string;
  readonly text: string;
}

/** Half a character, which no encoding has. */
const half = /\p{Surrogate}/u;

/**
 * Finds a key or a value with half a character, or (unless it may be the content of a file) with a NUL, which neither a name nor every database
 * can hold. What one reader took for it and the next one for something else would not be judged and written alike.
 */
export function findImpossibleText(value: unknown, mayHoldNul = false, field = ''): ImpossibleText | null {
  const isImpossible = (text: string): boolean => half.test(text) || (!mayHoldNul && text.includes('\0'));
  if (typeof value === 'string') return isImpossible(value) ? { field, text: value } : null;
  if (typeof value !== 'object' || value === null) return null;
  for (const [key, inner] of Object.entries(value)) {
    const name = Array.isArray(value) ? field : key;
    const found = isImpossible(key) ? { field, text: key } : findImpossibleText(inner, mayHoldNul, name);
    if (found !== null) return found;
  }
  return null;
}
