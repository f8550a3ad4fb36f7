/** An answer of the REST API, with its body read. */
export interface ApiAnswer {
  readonly status: number;
  // biome-ignore lint/suspicious/noExplicitAny: tests look at bodies of every shape
  readonly body: any;
  readonly headers: Headers;
}

export type Api = (method: string, path: string, body?: unknown, headers?: Readonly<Record<string, string>>) => Promise<ApiAnswer>;

/** Calls a server's APIs with one token. Paths without `/api` are GitHub's. */
export function apiOf(url: string, token: string | null): Api {
  return async (method, path, body, headers = {}) => {
    const target = path.startsWith('/api') ? `${url}${path}` : `${url}/api/v3${path}`;
    const response = await fetch(target, {
      method,
      redirect: 'manual',
      headers: {
        ...(token !== null && { authorization: `Bearer ${token}` }),
        ...(body !== undefined && { 'content-type': 'application/json' }),
        ...headers,
      },
      ...(body !== undefined && { body: typeof body === 'string' ? body : JSON.stringify(body) }),
    });
    const text = await response.text();
    return { status: response.status, body: parse(text), headers: response.headers };
  };
}

function parse(text: string): unknown {
  try {
    return text === '' ? null : JSON.parse(text);
  } catch {
    return text;
  }
}

/** As an `Api`, for calls that have to succeed: the body. */
// biome-ignore lint/suspicious/noExplicitAny: tests look at bodies of every shape
export async function must(call: Promise<ApiAnswer>): Promise<any> {
  const answer = await call;
  if (answer.status >= 300) throw new Error(`the API answered ${answer.status}: ${JSON.stringify(answer.body)}`);
  return answer.body;
}
