import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { ProblemError } from '#model/problem.ts';
import { parsePhrase } from './parse-phrase.ts';

const at = (text: string): number => Date.parse(text);
const created = (phrase: string) => {
  const [condition, ...rest] = parsePhrase(phrase);
  assert.deepEqual(rest, []);
  assert.equal(condition?.field, 'created');
  return condition?.field === 'created' ? [condition.from, condition.to] : [];
};

describe('a search phrase', () => {
  test('is empty, or blank, and asks for nothing', () => {
    assert.deepEqual(parsePhrase(''), []);
    assert.deepEqual(parsePhrase(' \t\n '), []);
  });

  test('names fields, in the words of GitHub', () => {
    for (const [phrase, field, value] of [
      ['action:team', 'action', 'team'],
      ['action:team.create', 'action', 'team.create'],
      ['actor:mona', 'actor', 'mona'],
      ['user:dev', 'user', 'dev'],
      ['repo:acme/app', 'repository', 'acme/app'],
      ['org:acme', 'organization', 'acme'],
      ['operation:create', 'operation', 'create'],
      ['ip:2001:db8::1', 'address', '2001:db8::1'],
    ] as const) {
      assert.deepEqual(parsePhrase(phrase), [{ field, value, not: false }], phrase);
      assert.deepEqual(parsePhrase(`-${phrase}`), [{ field, value, not: true }], phrase);
    }
  });

  test('has terms that must all hold, and quotes around what has spaces', () => {
    assert.deepEqual(parsePhrase('actor:"mona lisa"  -action:git.push "two words" one'), [
      { field: 'actor', value: 'mona lisa', not: false },
      { field: 'action', value: 'git.push', not: true },
      { field: 'text', value: 'two words' },
      { field: 'text', value: 'one' },
    ]);
  });

  test('is text where it names no field', () => {
    for (const phrase of ['release', 'https://example.com', 'unknown:value', 'Actor:mona', ':x', 'actor:', '100%', '-'])
      assert.deepEqual(parsePhrase(phrase), [{ field: 'text', value: phrase }], phrase);
    // A name that every object has is no field.
    assert.deepEqual(parsePhrase('constructor:x'), [{ field: 'text', value: 'constructor:x' }]);
  });

  test('asks for bypasses, or for all but those', () => {
    for (const [phrase, value] of [
      ['bypass:true', true],
      ['bypass:false', false],
      ['-bypass:true', false],
      ['-bypass:false', true],
    ] as const)
      assert.deepEqual(parsePhrase(phrase), [{ field: 'bypass', value }]);
  });

  test('dates an entry: a day, from, after, until, before, between', () => {
    const [day, next] = [at('2026-02-28T00:00:00Z'), at('2026-03-01T00:00:00Z')];
    assert.deepEqual(created('created:2026-02-28'), [day, next - 1]);
    assert.deepEqual(created('created:>=2026-02-28'), [day, null]);
    assert.deepEqual(created('created:>2026-02-28'), [next, null]);
    assert.deepEqual(created('created:<=2026-02-28'), [null, next - 1]);
    assert.deepEqual(created('created:<2026-02-28'), [null, day - 1]);
    assert.deepEqual(created('created:2026-02-01..2026-02-28'), [at('2026-02-01T00:00:00Z'), next - 1]);
    assert.deepEqual(created('created:*..2026-02-28'), [null, next - 1]);
    assert.deepEqual(created('created:2026-02-28..*'), [day, null]);
    assert.deepEqual(created('created:*..*'), [null, null]);
  });

  test('dates an entry to the minute, the second and finer, in any zone and else in UTC', () => {
    const [begin, minute] = [at('2026-02-28T10:20:00Z'), 60_000];
    assert.deepEqual(created('created:2026-02-28T10:20'), [begin, begin + minute - 1]);
    assert.deepEqual(created('created:2026-02-28T10:20Z'), [begin, begin + minute - 1]);
    assert.deepEqual(created('created:2026-02-28T12:20+02:00'), [begin, begin + minute - 1]);
    assert.deepEqual(created('created:2026-02-28T10:20:00'), [begin, begin + 999]);
    assert.deepEqual(created('created:2026-02-28T10:20:00.5Z'), [begin + 500, begin + 500]);
    assert.deepEqual(created('created:>2026-02-28T10:20:00Z'), [begin + 1000, null]);
  });

  test('is refused where a value cannot be understood: a search that found nothing would mislead', () => {
    for (const phrase of [
      'created:yesterday',
      'created:2026-02-30',
      'created:2026-13-01',
      'created:2026-2-1',
      'created:2026-02-28T25:00Z',
      'created:2026-02-28x',
      'created:2026-02-28T10:20+2',
      'created:>=',
      'created:..2026-02-28',
      'created:2026-01-01..2026-01-02..2026-01-03',
      '-created:2026-02-28',
      'bypass:yes',
      '-bypass:1',
    ])
      assert.throws(
        () => parsePhrase(phrase),
        (error) => error instanceof ProblemError && error.problem.kind === 'invalid',
        phrase,
      );
  });
});
