import type { Delivery, Hook } from '#model/hook.ts';
import type { ServerFacts } from '#operations/context.ts';
import { ENTERPRISE_VERSION } from '../media.ts';

/** Headers of a delivery (spec/github.md 3.8). Receivers look at the beginning of the user agent, so it is GitHub's. */
export function deliveryHeaders(
  server: ServerFacts,
  hook: Hook,
  delivery: Delivery,
  signatures: { readonly sha1: string; readonly sha256: string } | null,
): Record<string, string> {
  const [kind, id] = 'repository' in hook.owner ? ['repository', hook.owner.repository] : ['organization', hook.owner.organization];
  return {
    Accept: '*/*',
    'Content-Type': hook.contentType === 'json' ? 'application/json' : 'application/x-www-form-urlencoded',
    'User-Agent': `GitHub-Hookshot/sallyport-${server.version}`,
    'X-GitHub-Delivery': delivery.guid,
    'X-GitHub-Event': delivery.event,
    'X-GitHub-Hook-ID': String(hook.id),
    'X-GitHub-Hook-Installation-Target-ID': String(id),
    'X-GitHub-Hook-Installation-Target-Type': String(kind),
    'X-GitHub-Enterprise-Host': new URL(server.publicUrl).host,
    'X-GitHub-Enterprise-Version': ENTERPRISE_VERSION,
    ...(signatures && { 'X-Hub-Signature': `sha1=${signatures.sha1}`, 'X-Hub-Signature-256': `sha256=${signatures.sha256}` }),
  };
}
