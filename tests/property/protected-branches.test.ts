import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { effectiveSources, isObserving, isProtectedBranch } from '#policy/combine.ts';
import { ruleBook } from '../support/arbitrary-rules.ts';
import { Tally } from '../support/tally.ts';

test('a branch is protected exactly where something that refuses is judged on it', () => {
  const tally = new Tally();
  const branch = fc.constantFrom('main', 'dev', 'master', 'release/1', 'free');
  fc.assert(
    fc.property(ruleBook, branch, fc.constantFrom('refs/heads/main', 'refs/heads/trunk'), (book, name, defaultBranch) => {
      const judged = effectiveSources(book, `refs/heads/${name}`, defaultBranch).some((source) => !isObserving(source));
      assert.equal(isProtectedBranch(book, name, defaultBranch), judged);
      tally.count(judged ? 'protected' : 'open');
    }),
    { numRuns: 3000 },
  );
  tally.require({ protected: 0.1, open: 0.1 });
});
