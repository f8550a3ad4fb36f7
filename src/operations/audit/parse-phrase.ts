import type { AuditCondition } from '#model/ports/store-server.ts';
import { invalid } from '#model/problem.ts';

const fields = {
  action: 'action',
  actor: 'actor',
  user: 'user',
  repo: 'repository',
  org: 'organization',
  operation: 'operation',
  ip: 'address',
} as const;

/**
 * Reads a search phrase (spec/github.md 5.3): space-separated terms that must all hold, `qualifier:value`, `-qualifier:value`, quotes around
 * what has spaces. What is no qualifier is text.
 */
export function parsePhrase(phrase: string): AuditCondition[] {
  const terms = phrase.match(/(?:[^\s"]+|"[^"]*")+/g) ?? [];
  return terms.map(parseTerm);
}

function parseTerm(term: string): AuditCondition {
  const match = /^(-?)([a-z_]+):(.+)$/.exec(term);
  if (match === null) return { field: 'text', value: unquoted(term) };
  const not = match[1] === '-';
  const value = unquoted(match[3]!);
  const name = match[2]!;
  if (name === 'created') return not ? refuse(term, 'cannot be negated; use created:<DATE or created:>DATE') : parseCreated(value);
  if (name === 'bypass') return { field: 'bypass', value: parseFlag(value) !== not };
  if (Object.hasOwn(fields, name)) return { field: fields[name as keyof typeof fields], value, not };
  return { field: 'text', value: unquoted(term) };
}

function unquoted(text: string): string {
  return text.replaceAll('"', '');
}

function parseFlag(value: string): boolean {
  return value === 'true' || (value === 'false' ? false : refuse(value, 'is neither true nor false'));
}

/** `2026-01-01`, `>=2026-01-01`, `2026-01-01..2026-02-01`, `*..2026-02-01`. */
function parseCreated(value: string): AuditCondition {
  const range = value.split('..');
  if (range.length === 2)
    return {
      field: 'created',
      from: range[0] === '*' ? null : periodOf(range[0]!).from,
      to: range[1] === '*' ? null : periodOf(range[1]!).to,
    };
  const match = /^(>=|<=|>|<)?(.+)$/.exec(value);
  const { from, to } = periodOf(match?.[2] ?? '');
  switch (match?.[1]) {
    case '>=':
      return { field: 'created', from, to: null };
    case '>':
      return { field: 'created', from: to + 1, to: null };
    case '<=':
      return { field: 'created', from: null, to };
    case '<':
      return { field: 'created', from: null, to: from - 1 };
    default:
      return { field: 'created', from, to };
  }
}

const moment = /^(\d{4}-\d{2}-\d{2})(?:T\d{2}:\d{2}(?<seconds>:\d{2}(?<fraction>\.\d{1,3})?)?(?<zone>Z|[+-]\d{2}:\d{2})?)?$/;
const aSecond = 1000;
const aMinute = 60 * aSecond;
const aDay = 24 * 60 * aMinute;

/** What a date or a time spans: a day, a minute, a second. Without a zone it is in UTC, wherever the server stands. */
function periodOf(text: string): { from: number; to: number } {
  const match = moment.exec(text);
  const { seconds, fraction, zone } = match?.groups ?? {};
  const isDay = text.length === 10;
  const from = match === null || !isOnCalendar(match[1]!) ? Number.NaN : Date.parse(isDay || zone ? text : `${text}Z`);
  if (Number.isNaN(from)) refuse(text, 'is not a date');
  const span = isDay ? aDay : fraction ? 1 : seconds ? aSecond : aMinute;
  return { from, to: from + span - 1 };
}

/** Dates that there are: left to itself, JavaScript makes March of February 30. */
function isOnCalendar(day: string): boolean {
  const at = Date.parse(day);
  return !Number.isNaN(at) && new Date(at).toISOString().startsWith(day);
}

function refuse(text: string, why: string): never {
  throw invalid('phrase', `${JSON.stringify(text.slice(0, 40))} ${why}`, 'invalid', 'AuditLog');
}
