/** GitLab's branch wildcard (spec/gitlab.md 2.1): only `*` is special, it matches any run of characters, `/` included. */
export function matchesWildcard(pattern: string, text: string): boolean {
  const [first, ...rest] = pattern.split('*');
  const last = rest.pop();
  if (first === undefined || last === undefined) return pattern === text;
  if (!text.startsWith(first)) return false;
  let at = first.length;
  for (const piece of rest) {
    const found = text.indexOf(piece, at);
    if (found < 0) return false;
    at = found + piece.length;
  }
  return text.length - last.length >= at && text.endsWith(last);
}

/**
 * Whether some text matches both wildcards. Both are user input: the steps are no more than the product of their lengths. `meets[r]` says
 * whether the characters of the left one so far and the first `r` of the right one can stand for the same text.
 */
export function wildcardsIntersect(left: string, right: string): boolean {
  let meets = new Uint8Array(right.length + 1);
  for (let l = 0; l <= left.length; l++) {
    const next = new Uint8Array(right.length + 1);
    const ofLeft = left[l - 1];
    for (let r = 0; r <= right.length; r++) {
      const ofRight = right[r - 1];
      if (l === 0 && r === 0) next[r] = 1;
      // A `*` stands for nothing, or swallows one more character of the other, be it a `*` too.
      else if (ofLeft === '*' || ofRight === '*') next[r] = meets[r]! | (next[r - 1] ?? 0);
      else if (ofLeft === ofRight) next[r] = meets[r - 1]!;
    }
    meets = next;
  }
  return meets[right.length] === 1;
}
