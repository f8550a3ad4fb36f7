import assert from 'node:assert/strict';
import { readdir, readFile } from 'node:fs/promises';
import { join } from 'node:path';
import type { AuditEntry } from '#model/audit-entry.ts';
import type { RefUpdate } from '#model/ref-update.ts';
import { verifyAudit } from '#operations/audit/verify-audit.ts';
import { mustGit } from '../support/git.ts';
import type { TestServer } from '../support/server.ts';

/** One value that a ref took, as git's own reflog has it. */
type Move = Pick<RefUpdate, 'refName'> & { readonly before: string; readonly after: string };

interface RecordedRef {
  readonly ref: string;
  readonly before: string;
  readonly after: string;
  readonly result: 'pass' | 'bypass' | 'fail';
}

export interface Proof {
  readonly moves: number;
  readonly pushes: number;
  readonly bypasses: number;
}

/**
 * What must hold after any fault, once a server has started again (decision 5): every value that a ref ever took is named by an
 * intent and by its outcome, and the other way round; nothing that was refused moved; the chain is whole; no use is reserved or lost;
 * nothing lies around.
 */
export async function proveRecord(server: TestServer, repositoryId: number, tokenIds: readonly number[] = []): Promise<Proof> {
  const { store, gate, context } = server.running.house;
  assert.deepEqual(await store.read.intents.listOpen({}), [], 'every intent is settled');
  const proof = await verifyAudit(context, null);
  assert.deepEqual(proof.problems, [], 'the chain is whole');

  const folder = gate.repositories.pathOf(repositoryId);
  const entries = await readEntries(server);
  const intents = entries.filter((entry) => entry.action === 'git.push' && entry.repository?.id === repositoryId);
  const outcomes = new Map(entries.filter((entry) => entry.action === 'git.push_outcome').map((entry) => [entry.data['intent'], entry]));
  const announced = intents.flatMap((entry) =>
    refsOf(entry).map((ref) => ({ ...ref, entry, moved: movedIn(outcomes.get(entry.number), ref.ref) })),
  );
  const moves = await readReflogs(folder);
  const asText = ({ refName, before, after }: Move): string => `${refName} ${before} ${after}`;
  const recorded = announced.filter((one) => one.moved).map((one) => `${one.ref} ${one.before} ${one.after}`);
  assert.deepEqual(moves.map(asText).sort(), recorded.sort(), 'what moved is what the record says has moved');
  for (const one of announced) assert.ok(!(one.moved && one.result === 'fail'), `${one.ref} was refused and moved`);
  await assertTips(folder, moves);

  const bypasses = announced.filter((one) => one.moved && one.result === 'bypass');
  for (const id of tokenIds) {
    const uses = (await store.read.tokens.findById(id))?.bounds?.uses;
    const taken = bypasses.filter((one) => one.entry.token?.id === id).length;
    assert.deepEqual({ reserved: uses?.reserved, spent: uses?.spent }, { reserved: 0, spent: taken }, 'uses are neither lost nor kept');
  }
  assert.deepEqual(await leftovers(folder), [], 'no quarantine and no lock is left');
  await mustGit(folder, ['fsck', '--strict', '--no-dangling']);
  return { moves: moves.length, pushes: intents.length, bypasses: bypasses.length };
}

async function readEntries(server: TestServer): Promise<AuditEntry[]> {
  const stored = await server.running.house.store.read.audit.listStored(0, 1_000_000);
  return stored.map(({ body }) => JSON.parse(body) as AuditEntry);
}

function refsOf(entry: AuditEntry): RecordedRef[] {
  return entry.data['updates'] as RecordedRef[];
}

function movedIn(outcome: AuditEntry | undefined, ref: string): boolean {
  const refs = (outcome?.data['refs'] ?? []) as { ref: string; moved: boolean }[];
  return refs.some((one) => one.ref === ref && one.moved);
}

/** Git's own witness, of every ref that is there. */
async function readReflogs(folder: string): Promise<Move[]> {
  const logs = join(folder, 'logs', 'refs', 'heads');
  const files = (await readdir(logs, { recursive: true, withFileTypes: true })).filter((file) => file.isFile());
  const moves = await Promise.all(
    files.map(async (file) => {
      const path = join(file.parentPath, file.name);
      const refName = `refs/heads/${path.slice(logs.length + 1)}`;
      const lines = (await readFile(path, 'utf8')).trim().split('\n');
      return lines.map((line): Move => ({ refName, before: line.slice(0, 40), after: line.slice(41, 81) }));
    }),
  );
  return moves.flat();
}

async function assertTips(folder: string, moves: readonly Move[]): Promise<void> {
  const last = new Map(moves.map((move) => [move.refName, move.after]));
  const listing = await mustGit(folder, ['for-each-ref', '--format=%(refname) %(objectname)', 'refs/heads']);
  const tips = listing.split('\n').filter((line) => line !== '');
  assert.deepEqual(
    tips.sort(),
    [...last].map(([ref, id]) => `${ref} ${id}`).sort(),
    'every ref stands where its last recorded move left it',
  );
}

async function leftovers(folder: string): Promise<string[]> {
  const found = await readdir(folder, { recursive: true });
  return found.filter((name) => /tmp_objdir-|\.lock$|\/tmp_(pack|idx|obj)_/.test(name));
}
