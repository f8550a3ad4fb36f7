import type { Via } from '#model/actor.ts';
import type { JudgedViolation } from '#model/verdict.ts';
import { bypassNeeded } from '#operations/bypass-needed.ts';
import { explainPush } from '#operations/explain-push.ts';
import { type Command, UsageError } from '../command.ts';

const vias: readonly Via[] = ['web', 'api', 'git-http', 'git-ssh', 'server'];

export const explain: Command = {
  name: 'explain',
  usage: 'O/R REF OLD NEW [--user U | --token-id N] [--via V]',
  summary: 'the verdict that a push would get: every rule, what passes it, what would',
  help: [
    'REF                 a full ref name, such as refs/heads/main',
    'OLD, NEW            object ids; "-" as OLD: where the ref stands; "0" for absent',
    '--user U            whose push, without a token’s powers',
    '--token-id N        whose push, with this token',
    `--via V             ${vias.join(', ')} (default: git-http)`,
    '--reason TEXT       the reason given for a bypass',
    'Exit code 0: it would be accepted; 1: it would be refused.',
  ],
  flags: { user: 'string', 'token-id': 'string', via: 'string', reason: 'string' },
  positionals: { least: 4, most: 4 },
  async run(context, operator, { positionals, text }, io) {
    const [path, ref, oldId, newId] = positionals as [string, string, string, string];
    const [owner, name] = path.split('/');
    const [user, tokenId] = [text('user'), text('token-id')];
    if (!owner || !name) throw new UsageError('the repository is OWNER/NAME');
    if ((user === null) === (tokenId === null)) throw new UsageError('name one of --user and --token-id');
    const via = (text('via') ?? 'git-http') as Via;
    if (!vias.includes(via)) throw new UsageError(`--via is one of ${vias.join(', ')}`);
    if (tokenId !== null && !/^\d{1,15}$/.test(tokenId)) throw new UsageError('--token-id is a number');
    const as = user === null ? { tokenId: Number(tokenId) } : { user };
    const id = (value: string): string | null => (/^0+$/.test(value) ? null : value);
    const update = { ref, old: oldId === '-' ? undefined : id(oldId), new: id(newId) };
    const { verdict, problems } = await explainPush(
      context,
      operator,
      { owner, name },
      { as, via, bypassReason: text('reason'), updates: [update] },
    );
    const [judged] = verdict.refs;
    const result = problems[0] === null ? judged!.result : 'fail';
    io.out(`${result}${judged!.operation ? ` (${judged!.operation})` : ''}\n`);
    if (problems[0] != null) io.out(`  ${problems[0]}\n`);
    for (const violation of judged!.violations)
      io.out(`  ${describe(violation, context.gate.words.describe(violation), judged!.operation)}\n`);
    for (const grant of judged!.letInBy) io.out(`  let in by ${grant}\n`);
    return result === 'fail' ? 1 : 0;
  },
};

function describe(violation: JudgedViolation, sentence: string, operation: Parameters<typeof bypassNeeded>[1]): string {
  if (violation.observedOnly) return `${violation.type}: ${sentence} (observed only)`;
  if (violation.waivedBy !== null) return `${violation.type}: ${sentence} (bypassed by ${violation.waivedBy.kind.replaceAll('_', ' ')})`;
  if (!violation.waivable) return `${violation.type}: ${sentence} (nothing bypasses this)`;
  const needed = bypassNeeded(violation.type, operation);
  const fellShort = violation.tokenFellShort.length > 0 ? `; this token falls short: ${violation.tokenFellShort.join(', ')}` : '';
  return `${violation.type}: ${sentence} (an elevated token passes it${needed.length > 0 ? ` if minted with ${needed.join(' and ')}` : ''}${fellShort})`;
}
