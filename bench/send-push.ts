import type { RefUpdate } from '#model/ref-update.ts';
import { pushRequest } from '../tests/support/push-request.ts';
import { readReportStatus } from '../tests/support/report-status.ts';
import type { HttpClient } from './http-client.ts';
import type { Remote } from './target.ts';

/** A push, ready to be sent again and again. */
export interface ReadyPush {
  readonly body: Buffer;
  readonly updates: readonly RefUpdate[];
}

export function readyPush(updates: readonly RefUpdate[], pack: Buffer | null): ReadyPush {
  return { updates, body: pushRequest({ commands: updates, pack }) };
}

/** What a client asks first: which refs there are. */
export async function askPushAdvertisement(client: HttpClient, { url, headers }: Remote): Promise<number> {
  return (await client.must(`${url}/info/refs?service=git-receive-pack`, { headers, body: null })).total;
}

/**
 * Both requests of a push, as git makes them. The milliseconds that the server took for them, with what the client needs to send and to read. Throws
 * when anything was refused: what is refused is fast.
 */
export async function sendPush(client: HttpClient, remote: Remote, { body, updates }: ReadyPush): Promise<number> {
  const advertisement = await askPushAdvertisement(client, remote);
  const headers = { ...remote.headers, 'content-type': 'application/x-git-receive-pack-request' };
  const answer = await client.must(`${remote.url}/git-receive-pack`, { headers, body });
  const { unpack, refs, messages } = readReportStatus(answer.body);
  if (unpack !== 'ok' || updates.some(({ refName }) => refs.get(refName) !== null))
    throw new Error(`${remote.url} refused a push: unpack ${unpack}; ${[...refs].slice(0, 5).join('; ')}\n${messages.join('\n')}`);
  return advertisement + answer.total;
}
