import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import type { ObjectId } from '#model/ref-update.ts';
import type { OwnerDemand, Review, Reviewer } from '#model/review.ts';
import type { Rung } from '#model/rung.ts';
import { type ReviewedPull, type ReviewRule, reviewState } from './review-state.ts';

const head = 'b'.repeat(40) as ObjectId;
const earlier = 'a'.repeat(40) as ObjectId;

const AUTHOR = 1;
const [ANN, BOB, CID] = [2, 3, 4];
const AUTHORS_ROBOT = 11;
const ANNS_ROBOT = 12;
const SHARED_ROBOT = 13;
const NOBODYS_ROBOT = 14;

const people: Record<number, readonly number[]> = {
  [AUTHORS_ROBOT]: [AUTHOR],
  [ANNS_ROBOT]: [ANN],
  [SHARED_ROBOT]: [BOB, CID],
  [NOBODYS_ROBOT]: [],
};
const accounts = [AUTHOR, ANN, BOB, CID, AUTHORS_ROBOT, ANNS_ROBOT, SHARED_ROBOT, NOBODYS_ROBOT];

const participant = (id: number) => ({ id, people: people[id] ?? [id] });

function reviewersWith(rungs: Readonly<Record<number, Rung>> = {}): Map<number, Reviewer> {
  return new Map(accounts.map((id) => [id, { ...participant(id), rung: rungs[id] ?? 30 }]));
}

let nextId = 1;
function review(reviewer: number, state: Review['state'], more: Partial<Review> = {}): Review {
  return { id: nextId, saidAt: nextId++, reviewer, state, head, sudoBy: null, ...more };
}

function pullWith(reviews: readonly Review[], more: Partial<ReviewedPull> = {}): ReviewedPull {
  const author = participant(AUTHOR);
  return { head, author, lastPusher: author, reviews, reviewsElsewhere: [], reviewers: reviewersWith(), ...more };
}

const asking = (more: Partial<ReviewRule> = {}): ReviewRule => ({ approvals: 1, owners: [], lastPush: false, ...more });

function owning(line: number, ...owners: number[]): OwnerDemand {
  return { line, owners: owners.map((id) => `@${id}`), accounts: owners, approvals: 1 };
}

/** The kinds of what is missing. */
function missing(reviews: readonly Review[], rule: ReviewRule = asking(), more: Partial<ReviewedPull> = {}): string[] {
  return reviewState(pullWith(reviews, more), rule).unmet.map(({ kind }) => kind);
}

test('an approval by somebody who writes is an approval, and two by one person are one', () => {
  assert.deepEqual(reviewState(pullWith([]), asking()).unmet, [{ kind: 'approvals', needed: 1, given: 0 }]);
  assert.deepEqual(reviewState(pullWith([review(ANN, 'approved')]), asking()), {
    approvedBy: [ANN],
    approvals: 1,
    changesRequestedBy: [],
    unmet: [],
  });
  const twice = [review(ANN, 'approved'), review(ANN, 'approved')];
  assert.deepEqual(reviewState(pullWith(twice), asking({ approvals: 2 })).unmet, [{ kind: 'approvals', needed: 2, given: 1 }]);
  assert.deepEqual(missing([review(ANN, 'approved'), review(BOB, 'approved')], asking({ approvals: 2 })), []);
});

test('no approval asked for: nothing is missing, until somebody wants changes', () => {
  assert.deepEqual(missing([], asking({ approvals: 0 })), []);
  assert.deepEqual(missing([review(ANN, 'changes_requested')], asking({ approvals: 0 })), ['changes-requested']);
});

test('the last word counts; a comment is none', () => {
  const { unmet, changesRequestedBy } = reviewState(
    pullWith([review(ANN, 'approved'), review(ANN, 'changes_requested'), review(ANN, 'commented')]),
    asking(),
  );
  assert.deepEqual(changesRequestedBy, [ANN]);
  assert.deepEqual(unmet, [
    { kind: 'changes-requested', by: [ANN] },
    { kind: 'approvals', needed: 1, given: 0 },
  ]);
  assert.deepEqual(missing([review(ANN, 'changes_requested'), review(ANN, 'approved'), review(ANN, 'commented')]), []);
});

test('words are read in their order, however they are handed over', () => {
  const [first, second] = [review(ANN, 'approved'), review(ANN, 'changes_requested')];
  assert.deepEqual(missing([second, first]), missing([first, second]));
});

test('one approval does not outvote one who wants changes', () => {
  assert.deepEqual(missing([review(ANN, 'approved'), review(BOB, 'changes_requested')]), ['changes-requested']);
});

test('what was dismissed is no word, and brings no earlier one back', () => {
  assert.deepEqual(missing([review(ANN, 'dismissed')]), ['approvals']);
  assert.deepEqual(missing([review(ANN, 'approved'), review(ANN, 'dismissed')]), ['approvals']);
  assert.deepEqual(missing([review(ANN, 'dismissed'), review(ANN, 'approved')]), []);
});

test('who may not write counts for nothing, neither way, even where it was different when the review was written', () => {
  for (const rung of [0, 10, 20, 25] as const) {
    const reviewers = reviewersWith({ [ANN]: rung, [BOB]: rung });
    assert.deepEqual(missing([review(ANN, 'approved'), review(BOB, 'changes_requested')], asking(), { reviewers }), ['approvals']);
  }
  for (const rung of [30, 35, 40, 50] as const)
    assert.deepEqual(missing([review(ANN, 'approved')], asking(), { reviewers: reviewersWith({ [ANN]: rung }) }), []);
  assert.deepEqual(missing([review(99, 'approved')]), ['approvals']);
});

test('the author does not count, nor does a robot of the author', () => {
  assert.deepEqual(missing([review(AUTHOR, 'approved'), review(AUTHORS_ROBOT, 'approved')]), ['approvals']);
});

test('where a robot is the author, its maker and the other robots of the maker do not count', () => {
  const author = participant(AUTHORS_ROBOT);
  assert.deepEqual(missing([review(AUTHOR, 'approved')], asking(), { author }), ['approvals']);
  assert.deepEqual(missing([review(ANN, 'approved')], asking(), { author }), []);
});

test('a person and the own robot are one approval', () => {
  const both = [review(ANN, 'approved'), review(ANNS_ROBOT, 'approved')];
  assert.deepEqual(missing(both, asking({ approvals: 2 })), ['approvals']);
  assert.deepEqual(missing([review(ANNS_ROBOT, 'approved'), review(BOB, 'approved')], asking({ approvals: 2 })), []);
});

test('a robot for which several answer is an approval, and adds to nobody else', () => {
  assert.deepEqual(missing([review(SHARED_ROBOT, 'approved')]), []);
  for (const person of [BOB, CID])
    assert.deepEqual(missing([review(SHARED_ROBOT, 'approved'), review(person, 'approved')], asking({ approvals: 2 })), ['approvals']);
});

test('a robot for which nobody answers counts for nothing', () => {
  assert.deepEqual(missing([review(NOBODYS_ROBOT, 'approved')]), ['approvals']);
});

test('a review that a site admin wrote in the name of somebody is nobody’s', () => {
  assert.deepEqual(missing([review(ANN, 'approved', { sudoBy: 50 })]), ['approvals']);
});

test('changes wanted on another pull request of the same head block here; approvals there do not count', () => {
  const reviewsElsewhere = [[review(BOB, 'changes_requested'), review(CID, 'approved')]];
  assert.deepEqual(missing([review(ANN, 'approved')], asking({ approvals: 2 }), { reviewsElsewhere }), ['changes-requested', 'approvals']);
});

test('each line of owners needs an owner of its own, who counts toward the number too', () => {
  const owners = [owning(1, ANN, BOB), owning(4, CID)];
  const annOnly = reviewState(pullWith([review(ANN, 'approved')]), asking({ owners }));
  assert.deepEqual(annOnly.unmet, [{ kind: 'code-owners', demands: [owners[1]] }]);
  assert.deepEqual(missing([review(ANN, 'approved'), review(CID, 'approved')], asking({ approvals: 2, owners })), []);
});

test('an owner who may not write, or is the author, or a robot for an owner, does not satisfy', () => {
  const owners = [owning(1, AUTHOR, ANN)];
  const reviewers = reviewersWith({ [ANN]: 20 });
  const reviews = [review(AUTHOR, 'approved'), review(ANN, 'approved'), review(ANNS_ROBOT, 'approved'), review(BOB, 'approved')];
  assert.deepEqual(missing(reviews, asking({ owners }), { reviewers }), ['code-owners']);
});

test('a line may ask for several owners, and one whose owners are nobody is never satisfied', () => {
  const two = { ...owning(1, ANN, ANNS_ROBOT, BOB), approvals: 2 };
  assert.deepEqual(missing([review(ANN, 'approved'), review(ANNS_ROBOT, 'approved')], asking({ owners: [two] })), ['code-owners']);
  assert.deepEqual(missing([review(ANN, 'approved'), review(BOB, 'approved')], asking({ owners: [two] })), []);
  assert.deepEqual(missing([review(ANN, 'approved')], asking({ owners: [owning(1)] })), ['code-owners']);
});

test('the last push wants an approval of the very head by somebody who did not push it', () => {
  const rule = asking({ approvals: 0, lastPush: true });
  const lastPusher = participant(ANN);
  const byAnn = reviewState(pullWith([review(ANN, 'approved')], { lastPusher }), rule);
  assert.deepEqual(byAnn.unmet, [{ kind: 'last-push', pusher: ANN }]);
  assert.deepEqual(missing([review(ANNS_ROBOT, 'approved')], rule, { lastPusher }), ['last-push']);
  assert.deepEqual(missing([review(BOB, 'approved')], rule, { lastPusher }), []);
  assert.deepEqual(missing([review(BOB, 'approved', { head: earlier })], rule, { lastPusher }), ['last-push']);
  assert.deepEqual(missing([review(BOB, 'approved'), review(BOB, 'approved', { head: earlier })], rule, { lastPusher }), []);
  assert.deepEqual(missing([review(BOB, 'approved'), review(BOB, 'changes_requested'), review(BOB, 'approved', { head: earlier })], rule), [
    'last-push',
  ]);
});

test('where nobody knows who pushed last, two people are needed: one of them did not', () => {
  const rule = asking({ lastPush: true });
  const one = reviewState(pullWith([review(ANN, 'approved')], { lastPusher: null }), rule);
  assert.deepEqual(one.unmet, [{ kind: 'last-push', pusher: null }]);
  assert.deepEqual(missing([review(ANN, 'approved'), review(BOB, 'approved')], rule, { lastPusher: null }), []);
});

test('the last word is the one that was said last, whenever it was begun; of two at once the one that stands in the way', () => {
  const wants = { ...review(ANN, 'changes_requested'), saidAt: 100 };
  assert.deepEqual(missing([wants, { ...review(ANN, 'approved'), saidAt: 50 }]), ['changes-requested', 'approvals']);
  assert.deepEqual(missing([wants, { ...review(ANN, 'approved'), saidAt: 150 }]), []);
  assert.deepEqual(missing([wants, { ...review(ANN, 'approved'), saidAt: 100 }]), ['changes-requested', 'approvals']);
});

const anyAccount = fc.constantFrom(...accounts);
const anyReview = fc
  .record({
    reviewer: anyAccount,
    state: fc.constantFrom<Review['state']>('approved', 'approved', 'changes_requested', 'commented', 'dismissed'),
    head: fc.constantFrom(head, earlier),
    sudoBy: fc.constantFrom(null, null, null, 50),
  })
  .map((drawn) => ({ id: 0, saidAt: 0, ...drawn }));
/** Said in another order than they were begun in. */
const anyReviews = fc
  .array(anyReview, { maxLength: 8 })
  .map((all) => all.map((one, index) => ({ ...one, id: all.length - index, saidAt: index + 1 })));
const anyRungs = fc.dictionary(anyAccount.map(String), fc.constantFrom<Rung>(0, 20, 30, 40), { maxKeys: 4 });
const anyPull = fc
  .record({
    reviews: anyReviews,
    elsewhere: fc.array(anyReviews, { maxLength: 1 }),
    rungs: anyRungs,
    author: anyAccount,
    lastPusher: fc.option(anyAccount),
  })
  .map(
    ({ reviews, elsewhere, rungs, author, lastPusher }): ReviewedPull => ({
      head,
      author: participant(author),
      lastPusher: lastPusher === null ? null : participant(lastPusher),
      reviews,
      reviewsElsewhere: elsewhere,
      reviewers: reviewersWith(rungs),
    }),
  );
const anyRule = fc.record({
  approvals: fc.integer({ min: 0, max: 3 }),
  owners: fc.array(
    fc
      .tuple(fc.uniqueArray(anyAccount, { maxLength: 3 }), fc.integer({ min: 1, max: 2 }))
      .map(([all, approvals]) => ({ ...owning(1, ...all), approvals })),
    { maxLength: 2 },
  ),
  lastPush: fc.boolean(),
});

/** Kinds, with the lines of owners told apart. */
function unmetOf(pull: ReviewedPull, rule: ReviewRule): Set<string> {
  const told = reviewState(pull, rule).unmet.flatMap((one) =>
    one.kind === 'code-owners' ? one.demands.map((demand) => `owners ${rule.owners.indexOf(demand)}`) : [one.kind],
  );
  return new Set(told);
}

test('no approval by the author, or by who has a person in common with the author, ever changes a thing', () => {
  let seen = 0;
  fc.assert(
    fc.property(anyPull, anyRule, (pull, rule) => {
      const isAuthors = ({ reviewer }: Review) =>
        reviewer === pull.author.id || (people[reviewer] ?? [reviewer]).some((person) => pull.author.people.includes(person));
      const without = { ...pull, reviews: pull.reviews.filter((one) => !isAuthors(one)) };
      if (without.reviews.length < pull.reviews.length) seen++;
      assert.deepEqual(reviewState(pull, rule), reviewState(without, rule));
    }),
    { numRuns: 1000 },
  );
  assert.ok(seen > 200, `${seen} pull requests with a review of the author`);
});

test('losing write access never adds an approval, nor satisfies an owner or the last push', () => {
  fc.assert(
    fc.property(anyPull, anyRule, anyAccount, (pull, rule, loser) => {
      const reviewers = new Map(pull.reviewers).set(loser, { ...participant(loser), rung: 20 });
      const [before, after] = [unmetOf(pull, rule), unmetOf({ ...pull, reviewers }, rule)];
      assert.ok(reviewState({ ...pull, reviewers }, rule).approvals <= reviewState(pull, rule).approvals);
      for (const unmet of before) if (unmet !== 'changes-requested') assert.ok(after.has(unmet), unmet);
    }),
    { numRuns: 1000 },
  );
});

test('one more approval never makes what was met unmet', () => {
  let met = 0;
  fc.assert(
    fc.property(anyPull, anyRule, anyReview, (pull, rule, drawn) => {
      const added = { ...drawn, id: 0, saidAt: pull.reviews.length + 1, state: 'approved' as const };
      const before = unmetOf(pull, rule);
      const after = unmetOf({ ...pull, reviews: [...pull.reviews, added] }, rule);
      for (const unmet of after) assert.ok(before.has(unmet), unmet);
      met += before.size - after.size;
    }),
    { numRuns: 1000 },
  );
  assert.ok(met > 50, `${met} requirements met by the addition`);
});

test('the order in which reviews are handed over does not matter', () => {
  fc.assert(
    fc.property(anyPull, anyRule, fc.func(fc.integer()), (pull, rule, rank) => {
      const reviews = [...pull.reviews].sort((a, b) => rank(a.id) - rank(b.id));
      const [before, after] = [pull, { ...pull, reviews }].map((one) => reviewState(one, rule));
      assert.deepEqual(after, before);
    }),
  );
});
