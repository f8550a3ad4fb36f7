import http from 'node:http';

export interface Answer {
  readonly status: number;
  readonly body: Buffer;
  /** From the first byte sent to the first byte of the body, in milliseconds. */
  readonly firstByte: number;
  /** To the last one. */
  readonly total: number;
}

export interface Question {
  readonly headers: Readonly<Record<string, string>>;
  /** Null: there is none. */
  readonly body: Buffer | null;
  /** Left out: GET without a body, POST with one. */
  readonly method?: string;
}

/** What git sends in one piece; more goes in chunks. */
const postBuffer = 1024 * 1024;

/** A client with one connection, which it keeps; it says byte by byte what git would say, and costs the same whoever answers. */
export class HttpClient implements Disposable {
  readonly #agent = new http.Agent({ keepAlive: true, maxSockets: 1 });

  ask(url: string, question: Question): Promise<Answer> {
    const { headers, body, method = body === null ? 'GET' : 'POST' } = question;
    const started = performance.now();
    const isChunked = body !== null && body.length > postBuffer;
    const length = body === null || isChunked ? {} : { 'content-length': String(body.length) };
    return new Promise((resolve, reject) => {
      const request = http.request(url, {
        agent: this.#agent,
        method,
        headers: { ...headers, ...length, ...(isChunked && { 'transfer-encoding': 'chunked' }) },
      });
      request.once('error', (error: NodeJS.ErrnoException) => {
        // A server ends connections that nobody uses; one that was idle may be gone without our knowing.
        if (error.code === 'ECONNRESET' && request.reusedSocket) resolve(this.ask(url, question));
        else reject(error);
      });
      request.once('response', (response) => {
        const chunks: Buffer[] = [];
        let firstByte = 0;
        response.on('data', (chunk: Buffer) => {
          if (chunks.length === 0) firstByte = performance.now() - started;
          chunks.push(chunk);
        });
        response.once('error', reject);
        response.once('end', () => {
          const total = performance.now() - started;
          resolve({ status: response.statusCode ?? 0, body: Buffer.concat(chunks), firstByte, total });
        });
      });
      request.end(body ?? undefined);
    });
  }

  /** As `ask`, for questions that have to be answered. */
  async must(url: string, question: Question): Promise<Answer> {
    const answer = await this.ask(url, question);
    if (answer.status >= 300) throw new Error(`${url} answered ${answer.status}: ${answer.body.toString('utf8').slice(0, 500)}`);
    return answer;
  }

  [Symbol.dispose](): void {
    this.#agent.destroy();
  }
}
