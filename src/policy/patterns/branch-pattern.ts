import type { Origin } from '#model/protection.ts';
import { fnmatch } from './fnmatch.ts';
import { matchesWildcard } from './wildcard.ts';

/** Whether the pattern names exactly one branch in its origin's grammar (spec/model.md section 1). */
export function isExactPattern(origin: Origin, pattern: string): boolean {
  return origin === 'github' ? !/[*?[\\]/.test(pattern) : !pattern.includes('*');
}

/** Whether a protection's pattern covers a branch (by its short name, case-sensitive). */
export function patternCovers(origin: Origin, pattern: string, branchName: string): boolean {
  if (isExactPattern(origin, pattern)) return pattern === branchName;
  return origin === 'github' ? fnmatch(pattern, branchName) : matchesWildcard(pattern, branchName);
}
