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
const aDay = 24 * 60 * 60 * 1000;

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
  if (name === 'created' && !not) return parseCreated(value);
  if (name === 'bypass') return { field: 'bypass', value: (value === 'true') !== not };
  if (name in fields) return { field: fields[name as keyof typeof fields], value, not };
  return { field: 'text', value: unquoted(term) };
}

function unquoted(text: string): string {
  return text.replaceAll('"', '');
}

/** `2026-01-01`, `>=2026-01-01`, `2026-01-01..2026-02-01`; a day without a time is the whole day. */
function parseCreated(value: string): AuditCondition {
  const range = value.split('..');
  if (range.length === 2)
    return { field: 'created', from: range[0] === '*' ? null : startOf(range[0]!), to: range[1] === '*' ? null : endOf(range[1]!) };
  const match = /^(>=|<=|>|<)?(.+)$/.exec(value);
  const [operator, day] = [match?.[1], match?.[2] ?? ''];
  switch (operator) {
    case '>=':
      return { field: 'created', from: startOf(day), to: null };
    case '>':
      return { field: 'created', from: endOf(day) + 1, to: null };
    case '<=':
      return { field: 'created', from: null, to: endOf(day) };
    case '<':
      return { field: 'created', from: null, to: startOf(day) - 1 };
    default:
      return { field: 'created', from: startOf(day), to: endOf(day) };
  }
}

function startOf(text: string): number {
  const at = /^\d{4}-\d{2}-\d{2}/.test(text) ? Date.parse(text) : Number.NaN;
  if (Number.isNaN(at)) throw invalid('phrase', `${JSON.stringify(text.slice(0, 40))} is not a date`, 'invalid', 'AuditLog');
  return at;
}

function endOf(text: string): number {
  const at = startOf(text);
  return text.length === 10 ? at + aDay - 1 : at;
}
