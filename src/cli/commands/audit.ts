import { type Static, Type } from 'typebox';
import { Value } from 'typebox/value';
import { verifyAudit } from '#operations/audit/verify-audit.ts';
import { type Command, UsageError } from '../command.ts';

const head = Type.Object({ number: Type.Integer(), hash: Type.String(), at: Type.Integer(), signature: Type.String() });

export const auditVerify: Command = {
  name: 'audit verify',
  usage: '[--head FILE]',
  summary: 'prove the audit log: every entry, every link, the signed head',
  help: ['--head FILE         a head that was kept elsewhere ("sallyport audit head"): proves that the log was not replaced since'],
  flags: { head: 'string' },
  attaches: { files: ['head'] },
  positionals: { least: 0, most: 0 },
  async run(context, _operator, { attached, has }, io) {
    const outside = has('head') ? readHead(attached['head'] ?? '') : null;
    const proof = await verifyAudit(context, outside, (entries) => io.err(`${entries} entries checked\n`));
    for (const { what } of proof.problems) io.out(`${what}\n`);
    if (proof.problems.length > 0) {
      io.err('the audit log is NOT whole\n');
      return 1;
    }
    // Every server begins with an entry. A log without any is another folder, or one that somebody emptied.
    if (proof.entries === 0) {
      io.err('the audit log is empty\n');
      return 1;
    }
    io.out(`${proof.entries} entries, every one in its place${proof.head ? `; head ${proof.head.number} ${proof.head.hash}` : ''}\n`);
    if (proof.caveat !== null) io.err(`note: ${proof.caveat}\n`);
    return 0;
  },
};

export const auditHead: Command = {
  name: 'audit head',
  usage: '',
  summary: 'print the signed end of the audit log; keep it elsewhere for "audit verify --head"',
  help: [],
  flags: {},
  positionals: { least: 0, most: 0 },
  async run({ store }, _operator, _input, io) {
    const present = await store.read.audit.readHead();
    if (present === null) {
      io.err('the audit log is empty\n');
      return 1;
    }
    io.out(`${JSON.stringify(present)}\n`);
    return 0;
  },
};

function readHead(text: string): Static<typeof head> {
  let value: unknown;
  try {
    value = JSON.parse(text);
  } catch {
    throw new UsageError('the head file is not what "sallyport audit head" prints');
  }
  if (!Value.Check(head, value)) throw new UsageError('the head file is not what "sallyport audit head" prints');
  return value;
}
