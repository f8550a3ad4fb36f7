import type { ObjectId } from '#model/ref-update.ts';

/** The tree with nothing in it, which git knows without having it. */
const emptyTrees: Readonly<Record<number, ObjectId>> = {
  40: '4b825dc642cb6eb9a060e54bf8d69288fbee4904',
  64: '6ef19b41225c5369f1c104d45d8d85efa9b057b53b14b4b9b939dd74decc5321',
};

/** What differs: between two commits, or, from null, everything in the second. */
export interface DiffEnds {
  readonly from: ObjectId | null;
  readonly to: ObjectId;
}

/** `git diff-tree` of them. Nothing that a repository or its attributes name is started. */
export function diffTree(options: readonly string[], { from, to }: DiffEnds): string[] {
  return [...common, ...options, '--end-of-options', from ?? emptyTrees[to.length]!, to];
}

const common = ['diff-tree', '-r', '--find-renames', '--no-ext-diff', '--no-textconv', '--no-color'];
