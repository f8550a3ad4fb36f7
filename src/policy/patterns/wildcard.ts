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

/** Whether some text matches both wildcards. Two pointers: a `*` on either side may swallow a token of the other. */
export function wildcardsIntersect(left: string, right: string): boolean {
  const width = right.length + 1;
  const seen = new Set<number>();
  const open: [number, number][] = [[0, 0]];
  for (let next = open.pop(); next !== undefined; next = open.pop()) {
    const [l, r] = next;
    if (l === left.length && r === right.length) return true;
    const key = l * width + r;
    if (seen.has(key)) continue;
    seen.add(key);
    const leftStar = left[l] === '*';
    const rightStar = right[r] === '*';
    if (leftStar) open.push([l + 1, r]);
    if (rightStar) open.push([l, r + 1]);
    if (leftStar && r < right.length) open.push([l, r + 1]);
    if (rightStar && l < left.length) open.push([l + 1, r]);
    if (!leftStar && !rightStar && l < left.length && left[l] === right[r]) open.push([l + 1, r + 1]);
  }
  return false;
}
