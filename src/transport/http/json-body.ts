import type { Readable } from 'node:stream';

export type JsonBody = { readonly value: unknown } | 'empty' | 'malformed' | 'too-large';

/** Nobody means anything by more; whoever walks the value later must not run out of stack. */
const maximumDepth = 100;

/** Reads a body of bounded size as JSON. An object that names a key twice is malformed: two readers could read two things. */
export async function readJsonBody(stream: Readable, maximumBytes: number): Promise<JsonBody> {
  const chunks: Buffer[] = [];
  let size = 0;
  for await (const chunk of stream) {
    size += (chunk as Buffer).length;
    if (size <= maximumBytes) chunks.push(chunk as Buffer);
  }
  if (size > maximumBytes) return 'too-large';
  if (size === 0) return 'empty';
  return parseStrictly(Buffer.concat(chunks));
}

function parseStrictly(bytes: Buffer): JsonBody {
  try {
    const text = new TextDecoder('utf-8', { fatal: true }).decode(bytes);
    if (text.trim() === '') return 'empty';
    const value: unknown = JSON.parse(text);
    return isAmbiguous(text) ? 'malformed' : { value };
  } catch {
    return 'malformed';
  }
}

/** Walks text that is known to be JSON and looks for an object with two equal keys, or for one thing in another without end. */
function isAmbiguous(text: string): boolean {
  const open: (Set<string> | null)[] = [];
  const marks = /["{}[\]]/g;
  for (let match = marks.exec(text); match !== null; match = marks.exec(text)) {
    const [mark] = match;
    if (mark === '{') open.push(new Set());
    else if (mark === '[') open.push(null);
    else if (mark === '}' || mark === ']') open.pop();
    if (open.length > maximumDepth) return true;
    if (mark === '"') {
      // A pattern for a whole string would run out of stack on a file of some megabytes.
      marks.lastIndex = endOfString(text, match.index);
      if (!isKey(text, marks.lastIndex)) continue;
      const key = JSON.parse(text.slice(match.index, marks.lastIndex)) as string;
      if (open.at(-1)?.has(key)) return true;
      open.at(-1)?.add(key);
    }
  }
  return false;
}

/** Where a string that begins at `start` is over: behind the first quote that no odd number of backslashes escapes. */
function endOfString(text: string, start: number): number {
  for (let quote = text.indexOf('"', start + 1); quote >= 0; quote = text.indexOf('"', quote + 1)) {
    let backslashes = 0;
    while (text[quote - 1 - backslashes] === '\\') backslashes++;
    if (backslashes % 2 === 0) return quote + 1;
  }
  return text.length;
}

function isKey(text: string, after: number): boolean {
  let at = after;
  while (' \t\n\r'.includes(text[at] ?? 'x')) at++;
  return text[at] === ':';
}
