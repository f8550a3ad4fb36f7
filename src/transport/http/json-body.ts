import type { Readable } from 'node:stream';

export type JsonBody = { readonly value: unknown } | 'empty' | 'malformed' | 'too-large';

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

export function parseStrictly(bytes: Buffer): JsonBody {
  try {
    const text = new TextDecoder('utf-8', { fatal: true }).decode(bytes);
    if (text.trim() === '') return 'empty';
    const value: unknown = JSON.parse(text);
    return hasRepeatedKey(text) ? 'malformed' : { value };
  } catch {
    return 'malformed';
  }
}

/** Walks text that is known to be JSON and looks for an object with two equal keys. */
function hasRepeatedKey(text: string): boolean {
  const open: (Set<string> | null)[] = [];
  const strings = /"(?:[^"\\]|\\.)*"|[{}[\]]/g;
  for (let match = strings.exec(text); match !== null; match = strings.exec(text)) {
    const [token] = match;
    if (token === '{') open.push(new Set());
    else if (token === '[') open.push(null);
    else if (token === '}' || token === ']') open.pop();
    else if (isKey(text, strings.lastIndex)) {
      const keys = open.at(-1);
      const key = JSON.parse(token) as string;
      if (keys?.has(key)) return true;
      keys?.add(key);
    }
  }
  return false;
}

function isKey(text: string, after: number): boolean {
  let at = after;
  while (' \t\n\r'.includes(text[at] ?? 'x')) at++;
  return text[at] === ':';
}
