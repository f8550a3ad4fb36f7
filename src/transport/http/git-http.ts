import { randomUUID } from 'node:crypto';
import type { IncomingMessage, ServerResponse } from 'node:http';
import { receivePush } from '#gate/push.ts';
import type { PushHead } from '#gate/push-head.ts';
import { TooBusy } from '#gate/slots.ts';
import { CannotRecord } from '#gate/write-record.ts';
import { pushAdvertisement } from '#git/advertisement.ts';
import { flush, ProtocolError, pktLine } from '#git/pkt-line.ts';
import type { Caller, RequestOrigin } from '#model/caller.ts';
import { StoreUnavailable } from '#model/ports/store.ts';
import { ProblemError } from '#model/problem.ts';
import type { Reached } from '#operations/access.ts';
import type { ApiParts } from './api.ts';
import { authenticate } from './authenticate.ts';
import { readCredentials } from './credentials.ts';
import type { FetchDoor } from './fetch.ts';
import { admitGit, type GitDenial } from './git-access.ts';
import { boundedGitBody, compressionOf, dropRest, gitBody } from './git-body.ts';
import { failureResponse, keepAlive, progressPacket, pushResponse } from './push-response.ts';
import { rateKey } from './rate-limit.ts';

const paths = /^\/([^/]+)\/([^/]+?)(?:\.git)?\/(info\/refs|git-upload-pack|git-receive-pack)\/?$/;
const secondsBetweenSigns = 5;
/** What a client has and wants: some 600,000 ids. */
const maximumFetchRequest = 32 * 1024 * 1024;

export interface GitRequest {
  readonly owner: string;
  readonly name: string;
  readonly verb: 'info/refs' | 'git-upload-pack' | 'git-receive-pack';
  readonly service: string | null;
}

/** What a URL asks of git; null: it is no business of git's. */
export function parseGitUrl(url: string): GitRequest | null {
  const [path = '', query = ''] = url.split('?', 2);
  const match = paths.exec(path.replace(/\/{2,}/g, '/'));
  if (match === null) return null;
  try {
    const [, owner, name, verb] = match.map((part) => decodeURIComponent(part));
    if (`${owner}${name}`.includes('\0')) return null;
    return { owner: owner!, name: name!, verb: verb as GitRequest['verb'], service: new URLSearchParams(query).get('service') };
  } catch {
    return null;
  }
}

/** Git's smart HTTP protocol, past the API framework: its bodies are streams without end. */
export class GitHttp {
  readonly #parts: ApiParts;
  readonly #fetch: FetchDoor;
  readonly #agent: string;

  constructor(parts: ApiParts, fetch: FetchDoor, agent: string) {
    this.#parts = parts;
    this.#fetch = fetch;
    this.#agent = agent;
  }

  async handle(asked: GitRequest, request: IncomingMessage, response: ServerResponse, origin: RequestOrigin): Promise<void> {
    const { log } = this.#parts;
    try {
      await this.#route(asked, request, response, origin);
    } catch (error) {
      if (error instanceof ProtocolError) {
        log.info({ requestId: origin.id, address: origin.address, why: error.message }, 'a git request was not the protocol');
        return answerText(request, response, 400, error.message);
      }
      // Nobody is there any more to be told.
      if (request.destroyed && !request.complete) return void response.destroy();
      if (error instanceof StoreUnavailable || error instanceof TooBusy) {
        log.error({ requestId: origin.id, error }, 'a git request could not be served now');
        return answerText(request, response, 503, error.message);
      }
      log.error({ requestId: origin.id, error }, 'a git request failed by our own fault');
      answerText(request, response, 500, `Something went wrong on our side. Request ${origin.id} has the details in the log.`);
    }
  }

  async #route(asked: GitRequest, request: IncomingMessage, response: ServerResponse, origin: RequestOrigin): Promise<void> {
    const caller = await this.#authenticate(request, origin);
    if ('status' in caller) return deny(request, response, caller);
    const isAdvertisement = asked.verb === 'info/refs';
    const service = isAdvertisement ? asked.service : asked.verb;
    if (request.method !== (isAdvertisement ? 'GET' : 'POST') || (service !== 'git-upload-pack' && service !== 'git-receive-pack')) {
      return answerText(request, response, 403, 'Please upgrade your git client: only the smart HTTP protocol is spoken here.');
    }
    if (compressionOf(request) === null) return answerText(request, response, 415, 'A body is compressed with gzip here, or not at all.');
    const reached = await admitGit(this.#parts.context, caller, asked.owner, asked.name, service === 'git-receive-pack' ? 'push' : 'fetch');
    if ('status' in reached) return deny(request, response, reached);
    if (service === 'git-upload-pack')
      return this.#fetch.answer(
        { ...reached, requestId: origin.id, account: rateKey(caller, origin) },
        request,
        response,
        boundedGitBody(request, maximumFetchRequest),
        isAdvertisement,
      );
    return isAdvertisement ? this.#advertisePush(reached, response) : this.#push(caller, reached, request, response, origin);
  }

  async #authenticate(request: IncomingMessage, origin: RequestOrigin): Promise<Caller | GitDenial> {
    const { context, metrics, failedLogins, log } = this.#parts;
    try {
      const caller = await authenticate(context.store, readCredentials(request.headers), 'git-http', origin);
      if (caller.kind === 'app') return { status: 401, text: 'An app fetches and pushes with a token of an installation.' };
      return caller;
    } catch (error) {
      if (!(error instanceof ProblemError) || error.problem.kind !== 'unauthenticated') throw error;
      metrics.failedLogins.inc();
      log.info({ requestId: origin.id, address: origin.address, why: error.problem.why }, 'credentials refused');
      const wait = failedLogins.note(origin.address, Date.now());
      if (wait !== null) return { status: 403, text: `Too many failed attempts to authenticate. Try again in ${wait} seconds.` };
      return {
        status: 401,
        text: 'The credentials are not valid. Passwords are for signing in on the web only: use a token as the password.',
      };
    }
  }

  async #advertisePush({ repository }: Reached, response: ServerResponse): Promise<void> {
    const { gate } = this.#parts.context;
    const table = await gate.repositories.open(repository.id, repository.objectFormat).refs.table();
    response.writeHead(200, { ...noCache, 'content-type': 'application/x-git-receive-pack-advertisement' });
    response.write(Buffer.concat([pktLine('# service=git-receive-pack\n'), flush]));
    for (const chunk of pushAdvertisement(table, repository.objectFormat, this.#agent)) response.write(chunk);
    response.end();
  }

  async #push(
    caller: Caller,
    { repository, owner }: Reached,
    request: IncomingMessage,
    response: ServerResponse,
    origin: RequestOrigin,
  ): Promise<void> {
    if (caller.kind !== 'actor') throw new Error('a push was admitted without an actor');
    const { context, metrics, log } = this.#parts;
    const pushId = randomUUID();
    const started = performance.now();
    const { rateLimit } = this.#parts;
    const rate = rateLimit.take(rateKey(caller, origin), Date.now());
    if (rate?.exceeded) {
      const seconds = Math.max(1, rate.reset - Math.floor(Date.now() / 1000));
      const text = `The limit of ${rate.limit} requests in an hour is used up. Try again in ${seconds} seconds.`;
      return answerText(request, response, 429, text, { 'retry-after': String(seconds) });
    }
    const signs = new SignsOfLife(request, response);
    let head: PushHead | null = null;
    const onHead = (read: PushHead): void => {
      head = read;
      signs.begin(read);
    };
    const onProgress = (text: string): void => signs.show(text);
    const push = { caller, repository, owner, pushId, body: gitBody(request), onHead, onProgress };
    const receiving = receivePush(context.gate, push).finally(() => signs.end());
    const result = await receiving.catch((error: unknown) => {
      if (head === null || error instanceof ProtocolError || (request.destroyed && !request.complete)) throw error;
      if (error instanceof CannotRecord || error instanceof StoreUnavailable || error instanceof TooBusy)
        return failureResponse(head, error.message);
      log.error({ requestId: origin.id, pushId, error }, 'a push failed by our own fault and was refused');
      return failureResponse(head, `something went wrong on the server; nothing was changed (request ${origin.id})`);
    });
    dropRest(request, context.gate.limits.maximumPushBytes);
    if (!response.headersSent) response.writeHead(200, pushHeaders);
    if (result === null || Buffer.isBuffer(result)) return void response.end(result ?? undefined);
    response.end(pushResponse(result));
    for (const ref of result.refs) metrics.refUpdates.inc({ outcome: ref.reason === null ? 'moved' : 'refused' });
    metrics.pushSeconds.observe((performance.now() - started) / 1000);
    const refused = result.refs.filter((ref) => ref.reason !== null).length;
    log.info(
      {
        requestId: origin.id,
        pushId,
        who: caller.user.login,
        repository: repository.id,
        refs: result.refs.length,
        refused,
        ms: Math.round(performance.now() - started),
      },
      'push',
    );
  }
}

const noCache = { expires: 'Fri, 01 Jan 1980 00:00:00 GMT', pragma: 'no-cache', 'cache-control': 'no-cache, max-age=0, must-revalidate' };
const pushHeaders = { ...noCache, 'content-type': 'application/x-git-receive-pack-result' };

/** What a client hears while its push is being worked on, once it has sent everything and listens: progress, else empty packets. */
class SignsOfLife {
  readonly #request: IncomingMessage;
  readonly #response: ServerResponse;
  #timer: NodeJS.Timeout | null = null;

  constructor(request: IncomingMessage, response: ServerResponse) {
    this.#request = request;
    this.#response = response;
  }

  begin({ sideband }: PushHead): void {
    if (!sideband) return;
    this.#timer = setInterval(() => this.#send(keepAlive), secondsBetweenSigns * 1000).unref();
  }

  show(text: string): void {
    if (this.#timer !== null && text !== '') this.#send(progressPacket(text));
  }

  #send(packet: Buffer): void {
    if (!this.#request.complete || this.#response.destroyed) return;
    if (!this.#response.headersSent) this.#response.writeHead(200, pushHeaders);
    this.#response.write(packet);
  }

  end(): void {
    if (this.#timer !== null) clearInterval(this.#timer);
  }
}

function deny(request: IncomingMessage, response: ServerResponse, { status, text }: GitDenial): void {
  const headers: Record<string, string> = status === 401 ? { 'www-authenticate': 'Basic realm="Sallyport"' } : {};
  answerText(request, response, status, text, headers);
}

function answerText(
  request: IncomingMessage,
  response: ServerResponse,
  status: number,
  text: string,
  headers: Record<string, string> = {},
): void {
  if (response.headersSent) return void response.destroy();
  dropRest(request);
  response.writeHead(status, { ...noCache, ...headers, 'content-type': 'text/plain; charset=utf-8' });
  response.end(`${text}\n`);
}
