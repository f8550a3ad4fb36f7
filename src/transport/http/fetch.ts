import type { IncomingMessage, ServerResponse } from 'node:http';
import { type Readable, Writable } from 'node:stream';
import { pipeline } from 'node:stream/promises';
import type { Gate } from '#gate/gate.ts';
import type { Slots } from '#gate/slots.ts';
import { type LsRefs, lsRefs } from '#git/advertisement.ts';
import { collectSome, type Git, type GitProcess } from '#git/git.ts';
import { giveBack } from '#git/give-back.ts';
import { flush, PktReader, pktLine } from '#git/pkt-line.ts';
import { protocolVersion, readFetchCapabilities, startFetch, startOldAdvertisement } from '#git/upload-pack.ts';
import type { ObjectFormat } from '#model/ref-update.ts';
import type { Reached } from '#operations/access.ts';
import { dropRest } from './git-body.ts';

const noCache = { 'cache-control': 'no-cache, max-age=0, must-revalidate' };
const resultHeaders = { ...noCache, 'content-type': 'application/x-git-upload-pack-result' };
const lsRefsCommand = 'command=ls-refs';
const maximumPrefixes = 65_536;
/** What one fetch may hold in memory. */
const maximumAhead = 512 * 1024;

interface Log {
  info(fields: Record<string, unknown>, message: string): void;
}

/** A fetch that was let in. */
interface Fetch extends Pick<Reached, 'repository'> {
  readonly requestId: string;
  /** Whose share of the server's processes it takes: an account's or an address's. */
  readonly account: string;
}

/**
 * Fetches. What a client asks before it gets objects is answered from memory: the capabilities, which are read from git once, and `ls-refs`. The rest
 * is `git upload-pack`'s work (spec/push-path.md section 4).
 */
export class FetchDoor {
  readonly #git: Git;
  readonly #gate: Pick<Gate, 'repositories'>;
  readonly #slots: Slots;
  readonly #log: Log;
  readonly #capabilities = new Map<ObjectFormat, Promise<Buffer>>();

  /** `slots`: how many git processes may work for fetches at once. */
  constructor(git: Git, gate: Pick<Gate, 'repositories'>, slots: Slots, log: Log) {
    this.#git = git;
    this.#gate = gate;
    this.#slots = slots;
    this.#log = log;
  }

  async answer(
    { repository, requestId, account }: Fetch,
    request: IncomingMessage,
    response: ServerResponse,
    body: Readable,
    isAdvertisement: boolean,
  ): Promise<void> {
    const { path } = this.#gate.repositories.open(repository.id, repository.objectFormat);
    const header = request.headers['git-protocol'];
    const protocol = protocolVersion(typeof header === 'string' ? header : undefined);
    const isV2 = protocol === 'version=2';
    const advertisement = { ...noCache, 'content-type': 'application/x-git-upload-pack-advertisement' };
    if (isAdvertisement && isV2) {
      const capabilities = await this.#capabilitiesOf(repository.objectFormat, path);
      return void response.writeHead(200, advertisement).end(capabilities);
    }
    const begun = isV2 ? await peek(body) : null;
    if (begun?.startsWith(lsRefsCommand)) {
      await this.#lsRefs(repository, body, response);
      return dropRest(request);
    }
    using _turn = await this.#slots.take(account);
    // A process for somebody who has left would wait for them.
    if (response.destroyed) return;
    if (isAdvertisement) {
      response.writeHead(200, advertisement);
      // Before v2 a client wants to be told that this is a smart server.
      response.write(Buffer.concat([pktLine('# service=git-upload-pack\n'), flush]));
      return this.#pipe(startOldAdvertisement(this.#git, path, protocol), response, requestId);
    }
    const started = performance.now();
    response.writeHead(200, resultHeaders);
    await this.#pipe(startFetch(this.#git, path, protocol, body), response, requestId);
    this.#log.info({ requestId, repository: repository.id, ms: Math.round(performance.now() - started) }, 'fetch');
    // git may have ended before it had read everything.
    dropRest(request);
  }

  #capabilitiesOf(format: ObjectFormat, path: string): Promise<Buffer> {
    const known = this.#capabilities.get(format) ?? readFetchCapabilities(this.#git, path);
    this.#capabilities.set(format, known);
    // A failure is tried again with the next client.
    known.catch(() => this.#capabilities.delete(format));
    return known;
  }

  async #lsRefs(repository: Reached['repository'], body: Readable, response: ServerResponse): Promise<void> {
    const wanted = await readLsRefs(new PktReader(body));
    const table = await this.#gate.repositories.open(repository.id, repository.objectFormat).refs.table();
    response.writeHead(200, resultHeaders);
    for (const chunk of lsRefs(table, wanted)) response.write(chunk);
    response.end();
  }

  async #pipe(process: GitProcess, response: ServerResponse, requestId: string): Promise<void> {
    const stderr = collectSome(process.stderr);
    // A client that leaves must not leave its process behind.
    response.once('close', () => process.stop());
    try {
      await pipeline(process.stdout, outletTo(response));
    } catch (error) {
      this.#log.info({ requestId, error: error instanceof Error ? error.message : String(error) }, 'a fetch was broken off');
    }
    const code = await process.ended;
    const said = (await stderr).trim();
    if (code !== 0 && said !== '') this.#log.info({ requestId, code, said: said.slice(0, 500) }, 'git upload-pack ended with an error');
  }
}

/** Objects on their way out: git goes on with the next ones while the client takes in the last, and what it has taken in is kept no longer. */
function outletTo(response: ServerResponse): Writable {
  const outlet = new Writable({
    highWaterMark: maximumAhead,
    write(chunk: Buffer, _encoding, done) {
      response.write(chunk, (error) => {
        if (error == null) giveBack(chunk);
        done(error);
      });
    },
    final(done) {
      response.end(done);
    },
    destroy(error, done) {
      // An answer that is cut off must not look whole.
      if (error !== null) response.destroy();
      done(error);
    },
  });
  response.once('close', () => outlet.destroy());
  return outlet;
}

/** The first command of a request, which stays in the stream. Null: the stream ends before it is whole. */
async function peek(body: Readable): Promise<string | null> {
  const chunks: Buffer[] = [];
  const have = (): Buffer => Buffer.concat(chunks);
  for (;;) {
    const chunk: Buffer | null = body.read() as Buffer | null;
    if (chunk !== null) chunks.push(chunk);
    const seen = have();
    if (seen.length >= 4 + lsRefsCommand.length || body.readableEnded) break;
    if (chunk === null) {
      const ended = await new Promise<boolean>((resolve, reject) => {
        body.once('readable', () => resolve(false));
        body.once('end', () => resolve(true));
        body.once('error', reject);
        body.once('close', () => resolve(true));
      });
      if (ended) break;
    }
  }
  const seen = have();
  if (seen.length > 0) body.unshift(seen);
  return seen.length < 4 ? null : seen.subarray(4, 4 + lsRefsCommand.length).toString('latin1');
}

async function readLsRefs(reader: PktReader): Promise<LsRefs> {
  const prefixes: string[] = [];
  const asked = new Set<string>();
  for (let packet = await reader.next(); packet !== null && packet.kind !== 'flush'; packet = await reader.next()) {
    if (packet.kind !== 'data') continue;
    const line = packet.data.toString('utf8').replace(/\n$/, '');
    if (!line.startsWith('ref-prefix ')) asked.add(line);
    else if (prefixes.length < maximumPrefixes) prefixes.push(line.slice('ref-prefix '.length));
  }
  // As with git: a list that is cut off would hide refs, so none is better.
  if (prefixes.length >= maximumPrefixes) prefixes.length = 0;
  return { peel: asked.has('peel'), symrefs: asked.has('symrefs'), unborn: asked.has('unborn'), prefixes };
}
