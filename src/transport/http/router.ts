import type { Route } from '#api/route.ts';

interface Compiled {
  readonly route: Route;
  readonly pattern: RegExp;
  readonly names: readonly string[];
  /** How many characters of the path are fixed: the more, the more it means this one. */
  readonly literal: number;
}

export type Routed =
  | { readonly route: Route; readonly params: Readonly<Record<string, string>> }
  | { readonly allowed: readonly string[] }
  | 'unknown';

/**
 * Finds the route of a raw path. Raw, because a branch may be written with its slashes or with them encoded, and only before decoding can the two
 * be told apart (spec/clients.md section 2.7). Of several that match, the one with the most fixed text wins.
 */
export class Router {
  readonly #routes: readonly Compiled[];

  constructor(routes: readonly Route[]) {
    this.#routes = routes.map(compile).sort((a, b) => b.literal - a.literal);
  }

  find(method: string, rawPath: string): Routed {
    const path = rawPath.replace(/\/{2,}/g, '/').replace(/(?<=.)\/$/, '');
    const matching = this.#routes.filter((compiled) => compiled.pattern.test(path));
    const wanted = method === 'HEAD' ? 'GET' : method;
    const found = matching.find((compiled) => compiled.route.method === wanted);
    if (found === undefined)
      return matching.length === 0 ? 'unknown' : { allowed: [...new Set(matching.map((compiled) => compiled.route.method))] };
    const values = found.pattern.exec(path)!.slice(1);
    const params: Record<string, string> = {};
    for (const [index, name] of found.names.entries()) {
      const decoded = decode(values[index]!);
      if (decoded === null) return 'unknown';
      params[name] = decoded;
    }
    return { route: found.route, params };
  }
}

function compile(route: Route): Compiled {
  const names: string[] = [];
  let literal = 0;
  const source = route.path
    .split(/(\{[^}]+\})/)
    .map((part) => {
      if (!part.startsWith('{')) {
        literal += part.length;
        return part.replace(/[.*+?^${}()|[\]\\]/g, '\\$&');
      }
      const spans = part.endsWith('+}');
      names.push(part.slice(1, spans ? -2 : -1));
      return spans ? '(.+)' : '([^/]+)';
    })
    .join('');
  return { route, names, literal, pattern: new RegExp(`^${source}$`) };
}

/** Null: the percent-encoding is broken, or hides a NUL. */
function decode(text: string): string | null {
  try {
    const decoded = decodeURIComponent(text);
    return decoded.includes('\0') ? null : decoded;
  } catch {
    return null;
  }
}
