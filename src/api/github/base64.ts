/**
 * The bytes that Base64 stands for, with white space wherever clients break their lines; null: it is no Base64. White space goes first: a pattern
 * that allowed for it beside the characters would need a time that grows with the square of a long run of it.
 */
export function fromBase64(text: string): Buffer | null {
  const compact = text.replace(/\s+/g, '');
  return /^[A-Za-z0-9+/]*={0,2}$/.test(compact) ? Buffer.from(compact, 'base64') : null;
}
