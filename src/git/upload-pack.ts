import type { Readable } from 'node:stream';
import type { Git, GitProcess } from './git.ts';

/** `version=2`, or a lesser one, and nothing else may reach git from a client's header. */
export function protocolVersion(header: string | undefined): string | undefined {
  return header !== undefined && /^version=[012]$/.test(header) ? header : undefined;
}

/** The advertisement of protocol v2's capabilities, which depends on git and the object format alone. */
export async function readFetchCapabilities(git: Git, repository: string): Promise<Buffer> {
  return git.must(null, ['upload-pack', '--stateless-rpc', '--http-backend-info-refs', '--strict', repository], { protocol: 'version=2' });
}

/** The older protocols' advertisement, with all refs; rare, so git makes it. */
export function startOldAdvertisement(git: Git, repository: string, protocol: string | undefined): GitProcess {
  const process = git.start(null, ['upload-pack', '--stateless-rpc', '--http-backend-info-refs', '--strict', repository], { protocol });
  process.stdin.end();
  return process;
}

/** One request of a stateless fetch. The caller pipes the answer out and stops the process when nobody listens any more. */
export function startFetch(git: Git, repository: string, protocol: string | undefined, request: Readable): GitProcess {
  const process = git.start(null, ['upload-pack', '--stateless-rpc', '--strict', repository], { protocol });
  request.pipe(process.stdin);
  // A body that breaks off ends the process; nobody else listens for its error.
  request.once('error', () => process.stdin.destroy());
  return process;
}
