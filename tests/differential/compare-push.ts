import assert from 'node:assert/strict';
import type { ObjectFormat, RefUpdate } from '#model/ref-update.ts';
import { pushRequest } from '../support/push-request.ts';
import { type ReportStatus, readReportStatus } from '../support/report-status.ts';
import { breaksAtomicity, inOurOrder, knownDifferences } from './known-differences.ts';
import type { RandomPush } from './random-push.ts';
import type { Twins } from './twins.ts';

/** Sends the same bytes to both and compares what became of them. Where a known difference is met, git gets the push without it. */
export async function compareHandMade(twins: Twins, push: RandomPush, format: ObjectFormat): Promise<void> {
  const refs = await twins.refs();
  const { commands } = push;
  const different = new Map(
    commands.flatMap((command) => {
      const met = knownDifferences.find((one) => one.concerns(command, commands, refs));
      return met === undefined ? [] : [[command, met] as const];
    }),
  );
  const body = pushRequest({ ...push, format });
  await twins.copy();
  const { status, response } = await twins.push(body);
  assert.equal(status, 200, response.toString('utf8'));
  const ours = readReportStatus(response);
  for (const [{ refName }, met] of different) {
    if (met.ours === 'refused') assert.notEqual(ours.refs.get(refName) ?? null, null, `${met.name}: ${refName} is refused`);
  }
  const refusesAll = push.capabilities.includes('atomic') && [...different.values()].some(({ ours }) => ours === 'refused');
  const left = refusesAll ? [] : commands.filter((command) => !different.has(command));
  const theirs = await answerOfGit(twins, push, left, format, body);
  if (theirs !== null && breaksAtomicity(push, theirs)) {
    assert.deepEqual(movedOf(ours, left), new Set(), explain(ours, theirs));
    return assert.deepEqual(await twins.refs(), refs, 'an atomic push that was refused in part');
  }
  assert.deepEqual(movedOf(ours, left), theirs === null ? new Set() : movedOf(theirs, left), explain(ours, theirs));
  await twins.compare();
}

async function answerOfGit(
  twins: Twins,
  push: RandomPush,
  left: readonly RefUpdate[],
  format: ObjectFormat,
  body: Buffer,
): Promise<ReportStatus | null> {
  if (left.length === 0) return null;
  const commands = push.capabilities.includes('atomic') ? left : inOurOrder(left);
  const isSame = commands.length === push.commands.length && commands.every((command, index) => command === push.commands[index]);
  const pack = commands.every(({ newId }) => newId === null) ? null : push.pack;
  return twins.pushToCopy(isSame ? body : pushRequest({ ...push, commands, pack, format }));
}

/** The refs, of those that are compared, whose update was reported as done. */
function movedOf({ refs }: ReportStatus, commands: readonly RefUpdate[]): Set<string> {
  return new Set(commands.map(({ refName }) => refName).filter((refName) => refs.get(refName) === null));
}

export function explain(ours: ReportStatus, theirs: ReportStatus | null): string {
  const show = (report: ReportStatus | null): string =>
    report === null
      ? 'nothing'
      : [`unpack ${report.unpack}`, ...[...report.refs].map(([name, reason]) => `${name}: ${reason ?? 'ok'}`)].join('\n  ');
  return `reported as moved\nwe said:\n  ${show(ours)}\ngit said:\n  ${show(theirs)}`;
}
