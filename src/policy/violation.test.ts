import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { Place, Source } from '#model/verdict.ts';
import { violation } from './violation.ts';

const source: Source = { kind: 'ruleset', id: 3, version: 1, name: 'size' };
const fingerprint = (
  places: readonly Place[],
  { type = 'max_file_size', code = 'too_large', from = source }: { type?: string; code?: string; from?: Source } = {},
) => violation([from], type, { code, places }, { refuses: 'push' }).fingerprint;

test('a finding may be waived and counts, unless somebody says otherwise', () => {
  const { waivable, observedOnly, values, places } = violation([source], 'update', { code: 'update' }, { refuses: 'ref' });
  assert.deepEqual([waivable, observedOnly, values, places], [true, false, {}, []]);
});

test('what an approval binds to holds through a rebase and in whatever order places are listed', () => {
  const one = { path: 'a', blob: '1', commit: 'x' };
  const other = { path: 'b', blob: '2', commit: 'x' };
  assert.equal(
    fingerprint([one, other]),
    fingerprint([
      { ...other, commit: 'z' },
      { ...one, commit: 'y' },
    ]),
  );
  assert.equal(fingerprint([one]), fingerprint([one], { from: { ...source, version: 2, name: 'renamed' } }));
});

test('other content, another path, code, type or rule is not what was approved', () => {
  const place = { path: 'a', blob: '1' };
  const approved = fingerprint([place]);
  const others = [
    fingerprint([{ ...place, blob: '2' }]),
    fingerprint([{ ...place, path: 'b' }]),
    fingerprint([place, { path: 'c', blob: '3' }]),
    fingerprint([]),
    fingerprint([place], { code: 'other' }),
    fingerprint([place], { type: 'other' }),
    fingerprint([place], { from: { ...source, id: 4 } }),
    fingerprint([place], { from: { kind: 'protection', id: 3, version: 1, origin: 'github', pattern: 'main' } }),
    fingerprint([place], { from: { kind: 'repository' } }),
  ];
  assert.equal(new Set([approved, ...others]).size, others.length + 1);
});
