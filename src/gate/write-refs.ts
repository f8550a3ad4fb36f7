import { randomUUID } from 'node:crypto';
import { findIncomplete } from '#git/ingest.ts';
import { type MergeResult, mergeTrees } from '#git/merge-tree.ts';
import { packForAnother } from '#git/pack-for-another.ts';
import { packOf } from '#git/pack-writer.ts';
import { Quarantine } from '#git/quarantine.ts';
import { type RebaseResult, rebaseRange } from '#git/rebase.ts';
import type { Account } from '#model/account.ts';
import type { Means } from '#model/actor.ts';
import type { AuthenticatedCaller } from '#model/caller.ts';
import type { GitPerson } from '#model/git-commit.ts';
import type { NewObject } from '#model/git-object.ts';
import type { Transaction } from '#model/ports/store.ts';
import { invalid, ProblemError } from '#model/problem.ts';
import type { ObjectId, RefUpdate } from '#model/ref-update.ts';
import type { Repository } from '#model/repository.ts';
import type { Effect, Verdict } from '#model/verdict.ts';
import { checkCommands } from './check-commands.ts';
import type { Gate } from './gate.ts';
import { land } from './land.ts';
import type { Landed } from './landing.ts';
import { quarantineName } from './push.ts';

/** A write of refs by the server on somebody's behalf: the ref API, contents, merges, a rename. */
export interface ServerWrite {
  readonly caller: AuthenticatedCaller;
  readonly repository: Repository;
  readonly owner: Account;
  readonly means: Means;
  readonly bypassReason: string | null;
  readonly authorize?: (tx: Transaction) => Promise<void>;
  readonly effects?: readonly Effect[];
  /** Makes what is to be written, in the quarantine where it has to. */
  readonly prepare: (workshop: Workshop) => Promise<Prepared>;
}

/** Objects that the write brings (the repository may have some of them already), and the updates: all of them move or none does. */
interface Prepared {
  readonly objects: readonly NewObject[];
  readonly updates: readonly RefUpdate[];
}

/** What a write can have made in its quarantine. */
interface Workshop {
  mergeTrees(ours: ObjectId, theirs: ObjectId): Promise<MergeResult>;
  /** The commits of base..head on top of base; they are among the objects that the write brings. */
  rebase(base: ObjectId, head: ObjectId, committer: GitPerson): Promise<RebaseResult>;
  /** Takes in what a commit of another repository of the network needs here, as if it had been pushed. `known`: what this one has. */
  takeFrom(source: string, tip: ObjectId, known: readonly ObjectId[]): Promise<void>;
}

/** What a bypass left behind, for whoever answers the request. */
export interface Receipt {
  readonly rules: readonly string[];
  readonly auditNumber: number;
}

/**
 * The same door as a push, from the quarantine on. Throws what stood in the way: `refused` with the verdict, `ref-conflict` when the ref
 * is not what the caller took it for.
 */
export async function writeRefs(gate: Gate, write: ServerWrite): Promise<Receipt | null> {
  const { caller, repository, owner, means, bypassReason } = write;
  const pushId = randomUUID();
  using _turn = await gate.slots.take(caller.user.id);
  const onDisk = gate.repositories.open(repository.id, repository.objectFormat);
  await using quarantine = await Quarantine.create(onDisk.path, quarantineName(gate, pushId));
  const around = { quarantine: quarantine.path };
  const { objects, updates } = await write.prepare({
    mergeTrees: (ours, theirs) => mergeTrees(gate.git, onDisk.path, around, ours, theirs),
    rebase: (base, head, committer) =>
      rebaseRange(gate.git, onDisk.path, around, { base, head, committer, format: repository.objectFormat }),
    takeFrom: (source, tip, known) =>
      takeIn(gate, onDisk.path, quarantine, packForAnother(gate.git, source, [tip], known, gate.limits.maximumPushBytes)),
  });
  throwConflict(updates, checkCommands(updates, await onDisk.refs.table(), { atomic: true }));
  await ingestObjects(gate, repository, quarantine, objects);
  const tips = updates.flatMap((update) => update.newId ?? []);
  if ((await findIncomplete(gate.git, onDisk.path, quarantine, tips)).length > 0) throw invalid('sha', 'Object does not exist', 'invalid');
  const { authorize, effects } = write;
  const extras = { ...(authorize && { authorize }), ...(effects && { effects }) };
  const landing = { caller, repository, owner, means, bypassReason, pushId, updates, quarantine, atomic: true, dryRun: false, ...extras };
  const landed = await land(gate, landing);
  return outcome(landed);
}

/**
 * Takes objects in that no ref needs yet (blobs, trees, commits and tags of the git data API). Only a ref makes them count, and that
 * is judged. `record` authorizes and writes the entry; nothing is kept if it throws.
 */
export async function storeObjects(
  gate: Gate,
  accountId: number,
  repository: Repository,
  objects: readonly NewObject[],
  record: () => Promise<void>,
): Promise<void> {
  const { path } = gate.repositories.open(repository.id, repository.objectFormat);
  using _turn = await gate.slots.take(accountId);
  await using quarantine = await Quarantine.create(path, quarantineName(gate, randomUUID()));
  await ingestObjects(gate, repository, quarantine, objects);
  await gate.locks.hold(repository.id, async () => {
    await record();
    await quarantine.migrate();
  });
}

async function ingestObjects(gate: Gate, repository: Repository, quarantine: Quarantine, objects: readonly NewObject[]): Promise<void> {
  if (objects.length === 0) return;
  const { path } = gate.repositories.open(repository.id, repository.objectFormat);
  await takeIn(gate, path, quarantine, packOf(objects, repository.objectFormat));
}

async function takeIn(gate: Gate, path: string, quarantine: Quarantine, pack: AsyncIterable<Buffer>): Promise<void> {
  const failure = await gate.ingest(path, quarantine, pack, { maximumBytes: gate.limits.maximumPushBytes });
  if (failure !== null) throw invalid('content', failure.message, 'invalid');
}

function outcome(landed: readonly Landed[]): Receipt | null {
  const refused = landed.some((one) => one.verdict?.result === 'fail');
  const verdicts = landed.flatMap((one) => one.verdict ?? []);
  if (refused) {
    const verdict: Verdict = { refs: verdicts, wholePushRefused: true, effects: [] };
    throw new ProblemError({ kind: 'refused', updates: landed.map((one) => one.update), verdict });
  }
  throwConflict(
    landed.map((one) => one.update),
    landed.map((one) => one.reason),
  );
  const waived = verdicts.flatMap((verdict) => verdict.violations.filter((one) => !one.observedOnly && one.waivedBy !== null));
  const auditNumber = landed.find((one) => one.auditNumber !== null)?.auditNumber ?? null;
  return auditNumber === null ? null : { rules: [...new Set(waived.map((one) => one.type))], auditNumber };
}

function throwConflict(updates: readonly RefUpdate[], problems: readonly (string | null)[]): void {
  const index = problems.findIndex((problem) => problem !== null);
  if (index >= 0) throw new ProblemError({ kind: 'ref-conflict', refName: updates[index]!.refName, why: problems[index]! });
}
