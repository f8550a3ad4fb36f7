import { auditColumns, chainStart, entryHash, headStatement } from '#model/audit-chain.ts';
import type { AuditEntry, AuditHead } from '#model/audit-entry.ts';
import type { StoredAuditEntry } from '#model/ports/store-server.ts';
import type { Context } from '../context.ts';

interface AuditProblem {
  /** The entry it was found at. */
  readonly number: number;
  readonly what: string;
}

export interface AuditProof {
  readonly entries: number;
  readonly head: AuditHead | null;
  /** Empty: the chain is whole. */
  readonly problems: readonly AuditProblem[];
  /** What this proof cannot say. */
  readonly caveat: string | null;
}

const chunk = 1000;
const maximumProblems = 100;

/**
 * Proves the audit log (decision 32): every entry's hash over its text and the entry before, numbers without gaps, search columns that agree with
 * the text, and a head that the server's key signed. With a head that was kept elsewhere it also proves that the log was not replaced by an
 * older or another one. Calls `progress` after each thousand entries.
 */
export async function verifyAudit(
  context: Context,
  outside: AuditHead | null,
  progress: (entries: number) => void = () => undefined,
): Promise<AuditProof> {
  const { audit } = context.store.read;
  const problems: AuditProblem[] = [];
  let last = { number: 0, hash: chainStart };
  let outsideHash: string | null = null;
  let head: AuditHead | null = null;
  do {
    for (
      let entries = await audit.listStored(last.number, chunk);
      entries.length > 0;
      entries = await audit.listStored(last.number, chunk)
    ) {
      for (const entry of entries) {
        problems.push(...checkEntry(entry, last));
        last = { number: entry.number, hash: entry.hash };
        if (entry.number === outside?.number) outsideHash = entry.hash;
      }
      progress(last.number);
      if (problems.length >= maximumProblems) break;
    }
    // Entries may have come while we read; then the head has moved on and there is more to read.
    const before = head as AuditHead | null;
    head = await audit.readHead();
    if (head?.number === before?.number) break;
  } while (head !== null && head.number > last.number && problems.length < maximumProblems);
  problems.push(...checkHead(context, head, last));
  if (outside !== null) problems.push(...checkOutside(context, outside, outsideHash, last.number));
  const caveat = outside === null ? 'without a head that was kept elsewhere, a rollback of log and head together cannot be excluded' : null;
  return { entries: last.number, head, problems: problems.slice(0, maximumProblems), caveat };
}

function checkEntry(entry: StoredAuditEntry, previous: { number: number; hash: string }): AuditProblem[] {
  const { number, body, hash, previousHash, columns } = entry;
  const found: AuditProblem[] = [];
  if (number !== previous.number + 1) {
    const missing = number - previous.number - 1;
    const from = previous.number + 1;
    found.push({ number: from, what: missing === 1 ? `entry ${from} is missing` : `entries ${from} to ${number - 1} are missing` });
  } else if (previousHash !== previous.hash) found.push({ number, what: `entry ${number} does not follow from entry ${previous.number}` });
  if (entryHash(previousHash, body) !== hash) found.push({ number, what: `entry ${number} was changed: its text does not fit its hash` });
  return [...found, ...checkColumns(number, body, columns)];
}

/** A search must not be led astray by a column that says something else than the text. */
function checkColumns(number: number, body: string, columns: StoredAuditEntry['columns']): AuditProblem[] {
  try {
    const expected: Readonly<Record<string, unknown>> = auditColumns(JSON.parse(body) as AuditEntry);
    const wrong = Object.keys(expected).filter((name) => expected[name] !== columns[name]);
    return wrong.length === 0
      ? []
      : [
          {
            number,
            what: `entry ${number} was changed: its ${wrong.join(', ')} ${wrong.length === 1 ? 'is' : 'are'} not what its text says`,
          },
        ];
  } catch {
    return [{ number, what: `entry ${number} was changed: its text cannot be read` }];
  }
}

function checkHead({ verifyHead }: Context, head: AuditHead | null, last: { number: number; hash: string }): AuditProblem[] {
  if (head === null) return last.number === 0 ? [] : [{ number: last.number, what: 'the signed head is missing' }];
  const found: AuditProblem[] = [];
  if (!verifyHead(headStatement(head.number, head.hash, head.at), head.signature))
    found.push({ number: head.number, what: 'the head was not signed by this server' });
  if (last.number < head.number)
    found.push({
      number: last.number + 1,
      what: `the log was cut off: the signed head stands at entry ${head.number}, the last entry is ${last.number}`,
    });
  else if (last.number === head.number && last.hash !== head.hash)
    found.push({ number: head.number, what: `entry ${head.number} is not the one that the head was signed for` });
  else if (last.number > head.number)
    found.push({ number: head.number + 1, what: `entries after ${head.number} are not covered by the signed head` });
  return found;
}

function checkOutside({ verifyHead }: Context, outside: AuditHead, hash: string | null, last: number): AuditProblem[] {
  if (!verifyHead(headStatement(outside.number, outside.hash, outside.at), outside.signature))
    return [{ number: outside.number, what: 'the head that was given was not signed by this server' }];
  if (hash === null)
    return [
      {
        number: last + 1,
        what: `the log was rolled back: the head that was given stands at entry ${outside.number}, the last entry is ${last}`,
      },
    ];
  return hash === outside.hash
    ? []
    : [{ number: outside.number, what: `entry ${outside.number} is not the one that the head that was given stands for` }];
}
