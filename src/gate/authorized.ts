import type { Authorized } from '#model/authorized.ts';

/** What the gate has authorized, and nothing else. Kept here so that no other module can add to it. */
const authorized = new WeakSet<object>();

/** Called after the intent of exactly these updates is durable: by who carries it out, and by who finds it open after a crash. */
export function authorize(what: Authorized): Authorized {
  const value = Object.freeze({ ...what, updates: Object.freeze([...what.updates]) });
  authorized.add(value);
  return value;
}

/** Handed to `git/`: whether a value is one that `authorize` made. */
export function isAuthorized(value: unknown): boolean {
  return typeof value === 'object' && value !== null && authorized.has(value);
}
