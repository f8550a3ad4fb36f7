import type { Readable } from 'node:stream';
import { findIncomplete } from '#git/ingest.ts';
import { PktReader } from '#git/pkt-line.ts';
import { Quarantine } from '#git/quarantine.ts';
import type { Account } from '#model/account.ts';
import type { AuthenticatedCaller } from '#model/caller.ts';
import type { Repository } from '#model/repository.ts';
import { checkCommands } from './check-commands.ts';
import type { EarlyReading } from './early-reading.ts';
import type { Gate } from './gate.ts';
import { land } from './land.ts';
import { type Landed, REFUSED_WITH_OTHERS, withoutReceipt } from './landing.ts';
import { bringsPack, type PushHead, readPushHead } from './push-head.ts';
import { readPushOptions } from './push-options.ts';
import { type PushReport, reportFailedUnpack, reportPush, UNPACKER_ERROR } from './push-report.ts';
import { refuseUnread } from './refuse-unread.ts';
import { TooBusy } from './slots.ts';
import { recordRefused } from './write-record.ts';

export interface PushRequest {
  readonly caller: AuthenticatedCaller;
  readonly repository: Repository;
  readonly owner: Account;
  /** Names the push in logs, in the record and in the quarantine's folder. */
  readonly pushId: string;
  /** The client's bytes: commands, options, pack. */
  readonly body: Readable;
  /** Told what the client can hear, as soon as that is known. */
  readonly onHead?: (head: PushHead) => void;
  /** Told how far the work on the objects is, for people who wait: text as git prints it. */
  readonly onProgress?: (text: string) => void;
}

/**
 * A push from its first byte to its report (spec/push-path.md section 2). Null: there was nothing to do (a client's probe). Whatever
 * goes wrong on our side refuses the push; nothing is ever let through because it could not be looked at.
 */
export async function receivePush(gate: Gate, request: PushRequest): Promise<PushReport | null> {
  const reader = new PktReader(request.body);
  const { objectFormat, id } = request.repository;
  const head = await readPushHead(reader, objectFormat, gate.limits);
  if (head === null) return null;
  request.onHead?.(head);
  await gate.atStep('head read', request.pushId);
  const table = await gate.repositories.open(id, objectFormat).refs.table();
  const problems = checkCommands(head.updates, table, head);
  const unread = await refuseUnread(gate, request, head, problems, table);
  if ('report' in unread) {
    // The client listens only after it has sent everything; hanging up would hide the reasons from it.
    await drain(reader.rest(), gate.limits.maximumPushBytes);
    return unread.report;
  }
  return judgeContent(gate, request, { head, problems, reading: unread.reading }, reader);
}

/** A push as far as it is known before its content. `problems`: why git itself refuses an update, in their order. */
interface ReadHead {
  readonly head: PushHead;
  readonly problems: readonly (string | null)[];
  readonly reading: EarlyReading;
}

async function judgeContent(
  gate: Gate,
  request: PushRequest,
  { head, problems, reading }: ReadHead,
  reader: PktReader,
): Promise<PushReport> {
  const { path } = gate.repositories.open(request.repository.id, request.repository.objectFormat);
  const wishes = readPushOptions(head.options);
  using _turn = await takeTurn(gate, request, head);
  await using quarantine = await Quarantine.create(path, quarantineName(gate, request.pushId));
  const { onProgress } = request;
  const limits = { maximumBytes: gate.limits.maximumPushBytes, ...(onProgress && !head.quiet && { onProgress }) };
  const failure = bringsPack(head) ? await gate.ingest(path, quarantine, reader.rest(), limits) : null;
  if (failure !== null) {
    const because = `${UNPACKER_ERROR}: ${failure.message}`;
    await recordRefused(
      gate,
      request,
      wishes,
      head.updates.map((update) => ({ update, verdict: null, reason: because })),
    );
    return reportFailedUnpack(head, failure);
  }
  await gate.atStep('ingested', request.pushId);

  const wanted = head.updates.flatMap((update, index) => (problems[index] === null && update.newId !== null ? [update.newId] : []));
  const incomplete = await findIncomplete(gate.git, path, quarantine, [...new Set(wanted)]);
  const missing = head.shallow ? 'shallow update not allowed' : 'missing necessary objects';
  const settled = head.updates.map(
    (update, index) => problems[index] ?? (update.newId !== null && incomplete.includes(update.newId) ? missing : null),
  );
  const landed = await landThose(gate, request, { head, problems: settled, reading }, quarantine);
  return reportPush(gate, request, head, landed, { contentUnread: false, ...wishes });
}

/** Waits for a turn. Who waits in vain is on the record like everybody whose push was refused. */
async function takeTurn(gate: Gate, request: PushRequest, { updates, options }: PushHead): Promise<Disposable> {
  try {
    return await gate.slots.take(request.caller.user.id);
  } catch (error) {
    if (error instanceof TooBusy) {
      const fates = updates.map((update) => ({ update, verdict: null, reason: error.message }));
      await recordRefused(gate, request, readPushOptions(options), fates);
    }
    throw error;
  }
}

/** Lands what git's own rules let through. What became of every update, in the client's order. */
async function landThose(
  gate: Gate,
  request: PushRequest,
  { head: { updates, atomic, options }, problems, reading }: ReadHead,
  quarantine: Quarantine,
): Promise<Landed[]> {
  const wishes = readPushOptions(options);
  const isLost = atomic && problems.some((problem) => problem !== null);
  const fates = updates.map((update, index) => {
    const reason = problems[index] ?? (isLost ? REFUSED_WITH_OTHERS : null);
    return { update, verdict: null, reason };
  });
  const refusedBefore = fates.filter((fate) => fate.reason !== null);
  if (refusedBefore.length === updates.length) {
    await recordRefused(gate, request, wishes, refusedBefore);
    return refusedBefore.map(withoutReceipt);
  }
  const { caller, repository, owner, pushId } = request;
  const live = updates.filter((_, index) => fates[index]!.reason === null);
  const about = { caller, repository, owner, pushId, means: 'push', atomic, quarantine, reading } as const;
  const landed = await land(gate, { ...about, ...wishes, updates: live, refusedBefore });
  const byUpdate = new Map(landed.map((one) => [one.update, one]));
  return fates.map((fate) => byUpdate.get(fate.update) ?? withoutReceipt(fate));
}

/** Begins with the node, so that a node can clean up after itself and nobody else. */
export function quarantineName(gate: Pick<Gate, 'nodeId'>, pushId: string): string {
  return `${gate.nodeId}-${pushId}`;
}

async function drain(rest: AsyncIterable<Buffer>, maximumBytes: number): Promise<void> {
  let bytes = 0;
  for await (const chunk of rest) {
    bytes += chunk.length;
    if (bytes > maximumBytes) return;
  }
}
