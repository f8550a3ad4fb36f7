import { hunkAbove, lineAt, type PatchLine, patchLines } from '#model/patch-lines.ts';
import { invalid, type ProblemError } from '#model/problem.ts';
import type { CommentPlace, DiffSide } from '#model/pull-request.ts';
import type { DiffShown } from '../content/read-commits.ts';

/** Where somebody wants a remark to stand: at a file, at a line, at several, or at a position as older clients count. */
export interface PlaceInput {
  readonly path: string;
  readonly subject: 'line' | 'file';
  readonly line: number | null;
  readonly side: DiffSide | null;
  readonly startLine: number | null;
  readonly startSide: DiffSide | null;
  readonly position: number | null;
}

export interface Placed {
  readonly place: CommentPlace;
  readonly hunk: string;
}

/** Each file's patch is read once, however many remarks a review makes. */
const read = new WeakMap<DiffShown[number], readonly PatchLine[]>();

function linesOf(file: DiffShown[number]): readonly PatchLine[] {
  const known = read.get(file) ?? patchLines(file.patch ?? '');
  read.set(file, known);
  return known;
}

/** The place in the diff; whatever is not in it is refused. */
export function placeComment(files: DiffShown, input: PlaceInput): Placed {
  const { path, subject } = input;
  const file = files.find((one) => one.path === path);
  if (file === undefined) throw misplaced('path', 'path is not part of the diff', 'invalid');
  const nowhere = { line: null, side: 'RIGHT', startLine: null, startSide: null, position: null } as const;
  const patch = file.patch ?? '';
  if (subject === 'file') return { place: { path, subject, ...nowhere }, hunk: patch.split('\n', 1)[0]! };
  const lines = linesOf(file);
  const last = lastLine(lines, input);
  const side = input.line === null ? sideOf(last) : (input.side ?? 'RIGHT');
  const line = (side === 'LEFT' ? last.left : last.right)!;
  const start = startOf(lines, input, last, side);
  const { position } = last;
  return { place: { path, subject, line, side, position, ...start }, hunk: hunkAbove(patch, last) };
}

function lastLine(lines: readonly PatchLine[], { line, side, position }: PlaceInput): PatchLine {
  if (line === null && position === null) throw misplaced('line', `line can't be blank`, 'missing');
  const found = line === null ? lines.find((one) => one.position === position) : lineAt(lines, side ?? 'RIGHT', line);
  if (found == null)
    throw line === null ? misplaced('position', 'position is not part of the diff') : misplaced('line', 'line must be part of the diff');
  return found;
}

function sideOf({ right }: PatchLine): DiffSide {
  return right === null ? 'LEFT' : 'RIGHT';
}

function startOf(
  lines: readonly PatchLine[],
  { startLine, startSide }: PlaceInput,
  last: PatchLine,
  side: DiffSide,
): Pick<CommentPlace, 'startLine' | 'startSide'> {
  if (startLine === null) return { startLine: null, startSide: null };
  const found = lineAt(lines, startSide ?? side, startLine);
  if (found === null || found.head !== last.head) throw misplaced('start_line', 'start_line must be part of the same hunk as the line.');
  if (found.position >= last.position) throw misplaced('start_line', 'start_line must precede the end line.');
  return { startLine, startSide: startSide ?? side };
}

function misplaced(field: string, message: string, code: 'invalid' | 'custom' | 'missing' = 'custom'): ProblemError {
  const prefix = 'pull_request_review_thread';
  return invalid(`${prefix}.${field}`, `${prefix}.${message}`, code === 'missing' ? 'custom' : code, 'PullRequestReviewComment');
}
