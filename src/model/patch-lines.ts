import type { DiffSide } from './pull-request.ts';

/** A line of a patch that can be remarked upon. */
export interface PatchLine {
  /** Lines down from the first hunk's head, heads of later hunks counted too. */
  readonly position: number;
  /** Where the head of its hunk is, counted alike. */
  readonly head: number;
  /** Its numbers in the old file and in the new one; null: it is not there. */
  readonly left: number | null;
  readonly right: number | null;
}

/** A hunk may be as long as a file; a remark is read with what is just above it. */
const maximumShown = 100;
const maximumHunk = 16 * 1024;

/** Lines of a patch without its header, as a diff shows it of one file. */
export function patchLines(patch: string): PatchLine[] {
  const found: PatchLine[] = [];
  let [left, right, head] = [0, 0, 0];
  for (const [position, line] of patch.split('\n').entries()) {
    const start = /^@@ -(\d+)(?:,\d+)? \+(\d+)(?:,\d+)? @@/.exec(line);
    const mark = line[0];
    if (start !== null) [left, right, head] = [Number(start[1]), Number(start[2]), position];
    else if (mark === ' ') found.push({ position, head, left: left++, right: right++ });
    else if (mark === '-') found.push({ position, head, left: left++, right: null });
    else if (mark === '+') found.push({ position, head, left: null, right: right++ });
  }
  return found;
}

export function lineAt(lines: readonly PatchLine[], side: DiffSide, number: number): PatchLine | null {
  return lines.find((line) => (side === 'LEFT' ? line.left : line.right) === number) ?? null;
}

/** The hunk of a line, from its head down to the line. */
export function hunkAbove(patch: string, { position, head }: PatchLine): string {
  const lines = patch.split('\n');
  const above = lines.slice(Math.max(head + 1, position + 1 - maximumShown), position + 1).join('\n');
  // A line may be as long as a file, and every remark keeps a copy.
  return `${lines[head]?.slice(0, 1000)}\n${above.slice(-maximumHunk)}`;
}
