import { randomUUID } from 'node:crypto';
import { findIncomplete, ingestNothing } from '#git/ingest.ts';
import { packOf } from '#git/pack-writer.ts';
import type { Account } from '#model/account.ts';
import type { Means } from '#model/actor.ts';
import type { AuthenticatedCaller } from '#model/caller.ts';
import type { NewObject } from '#model/git-object.ts';
import { invalid, ProblemError } from '#model/problem.ts';
import type { RefUpdate } from '#model/ref-update.ts';
import type { Repository } from '#model/repository.ts';
import type { Verdict } from '#model/verdict.ts';
import { checkCommands } from './check-commands.ts';
import type { Gate } from './gate.ts';
import { type Landed, land } from './land.ts';
import { quarantineName } from './push.ts';

/** A write of refs by the server on somebody's behalf: the ref API, contents, merges, a rename. */
export interface ServerWrite {
  readonly caller: AuthenticatedCaller;
  readonly repository: Repository;
  readonly owner: Account;
  readonly means: Means;
  readonly bypassReason: string | null;
  /** Objects that the write brings; the repository may have some of them already. */
  readonly objects: readonly NewObject[];
  /** All of them move or none does. */
  readonly updates: readonly RefUpdate[];
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
  const { caller, repository, owner, means, bypassReason, updates } = write;
  const pushId = randomUUID();
  const onDisk = gate.repositories.open(repository.id, repository.objectFormat);
  const problems = checkCommands(updates, await onDisk.refs.table(), { atomic: true });
  throwConflict(updates, problems);
  const ingested = await ingestObjects(gate, repository, quarantineName(gate, pushId), write.objects);
  await using quarantine = ingested;
  const tips = updates.flatMap((update) => update.newId ?? []);
  const [incomplete] = await findIncomplete(gate.git, onDisk.path, quarantine, tips);
  if (incomplete !== undefined) throw invalid('sha', 'Object does not exist', 'invalid');
  const landed = await land(gate, {
    caller,
    repository,
    owner,
    means,
    bypassReason,
    pushId,
    updates,
    quarantine,
    atomic: true,
    dryRun: false,
  });
  return outcome(landed);
}

/**
 * Takes objects in that no ref needs yet (blobs, trees, commits and tags of the git data API). Only a ref makes them count, and that
 * is judged. `record` authorizes and writes the entry; nothing is kept if it throws.
 */
export async function storeObjects(
  gate: Gate,
  repository: Repository,
  objects: readonly NewObject[],
  record: () => Promise<void>,
): Promise<void> {
  await using quarantine = await ingestObjects(gate, repository, quarantineName(gate, randomUUID()), objects);
  await gate.locks.hold(repository.id, async () => {
    await record();
    await quarantine.migrate();
  });
}

async function ingestObjects(gate: Gate, repository: Repository, name: string, objects: readonly NewObject[]) {
  const { path } = gate.repositories.open(repository.id, repository.objectFormat);
  if (objects.length === 0) return (await ingestNothing(path, name)).quarantine;
  const ingested = await gate.ingest(path, name, packOf(objects, repository.objectFormat), { maximumBytes: gate.limits.maximumPushBytes });
  if ('quarantine' in ingested) return ingested.quarantine;
  throw invalid('content', ingested.message, 'invalid');
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
