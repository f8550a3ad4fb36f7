import { type Hook, type HookOwner, hookEvents } from '#model/hook.ts';
import type { Reads } from '#model/ports/store.ts';
import { invalid } from '#model/problem.ts';

const longestUrl = 2048;
const longestSecret = 1024;
/** Of one owner, for one event: everything that happens is sent to each of them. */
const mostPerEvent = 20;

/** Text as the client gave it. Whether the address may be reached is asked when it is, by what its name stands for then. */
export function refuseBadUrl(text: string): void {
  const url = URL.parse(text);
  if (url === null || !/^https?:$/.test(url.protocol) || url.hostname === '' || text.length > longestUrl || /[\p{Cc}\s]/u.test(text))
    throw invalid('url', 'url is not a URL of http or https', 'custom', 'Hook');
  if (url.username !== '' || url.password !== '')
    throw invalid('url', 'url may not carry credentials: whoever reads the hook would read them', 'custom', 'Hook');
}

export function refuseBadSecret(secret: string): void {
  if (secret.length > longestSecret)
    throw invalid('secret', `secret is too long (maximum is ${longestSecret} characters)`, 'custom', 'Hook');
}

/** Each once, in the order given. */
export function eventsFrom(names: readonly string[]): string[] {
  const unknown = names.filter((name) => !hookEvents.has(name));
  if (unknown.length > 0)
    throw invalid('events', `events has names that are not known: ${unknown.slice(0, 10).join(', ').slice(0, 300)}`, 'invalid', 'Hook');
  if (names.length === 0) throw invalid('events', 'events names none', 'invalid', 'Hook');
  return [...new Set(names)];
}

/** `id`: the hook that is being changed. */
export async function refuseCrowd(
  reads: Reads,
  owner: HookOwner,
  wanted: Pick<Hook, 'url' | 'contentType' | 'events'>,
  id: number | null,
): Promise<void> {
  const { items } = await reads.hooks.listHooks(owner, { limit: 10_000, offset: 0 });
  const others = items.filter((hook) => hook.id !== id);
  const sorted = (events: readonly string[]): string => [...events].sort().join();
  const isSame = (hook: Hook): boolean =>
    hook.url === wanted.url && hook.contentType === wanted.contentType && sorted(hook.events) === sorted(wanted.events);
  if (others.some(isSame)) {
    const kind = 'repository' in owner ? 'repository' : 'organization';
    throw invalid('base', `Hook already exists on this ${kind}`, 'custom', 'Hook');
  }
  const crowded = wanted.events.find((event) => others.filter((hook) => hook.events.includes(event)).length >= mostPerEvent);
  if (crowded !== undefined) throw invalid('base', `The "${crowded}" event cannot have more than ${mostPerEvent} hooks`, 'custom', 'Hook');
}

/** For the record. Paths and queries of such addresses are often secrets; where it leads is not. */
export function placeOf(url: string): string {
  return new URL(url).origin;
}
