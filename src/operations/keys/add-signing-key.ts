import type { Caller } from '#model/caller.ts';
import { textProblem } from '#model/names.ts';
import { forbidden, invalid } from '#model/problem.ts';
import type { GpgKey, SshSigningKey } from '#model/signing-key.ts';
import { requireActor, requireCapability } from '../access.ts';
import { change } from '../change.ts';
import type { Context } from '../context.ts';

/** Registers a GPG key whose signatures count as the caller's. */
export async function addGpgKey(context: Context, caller: Caller, armored: string, name: string | null): Promise<GpgKey> {
  requireCapability(caller, 'gpg-key:write');
  const parsed = await context.parseKeys.gpg(armored).catch((error: Error) => {
    throw invalid('armored_public_key', `armored_public_key is invalid: ${error.message}`, 'custom', 'GpgKey');
  });
  return change(context, caller, async (tx, record, as) => {
    const { user } = requirePerson(as);
    if ((await tx.signingKeys.findGpgByFingerprint(parsed.fingerprint)) !== null)
      throw invalid('key_id', 'key_id already exists', 'already_exists', 'GpgKey');
    const key = await tx.signingKeys.insertGpg({ userId: user.id, name, ...parsed });
    record({
      action: 'gpg_key.create',
      operation: 'create',
      user: { id: user.id, login: user.login },
      data: { key_id: key.keyId, fingerprint: key.fingerprint },
    });
    return key;
  });
}

/** Registers an SSH key for signing; keys for signing in are another list. */
export async function addSshSigningKey(context: Context, caller: Caller, title: string, line: string): Promise<SshSigningKey> {
  requireCapability(caller, 'ssh-signing-key:write');
  const problem = textProblem(title, 200);
  if (problem !== null) throw invalid('title', `title ${problem}`, 'custom', 'SshSigningKey');
  const parsed = parse(context, line);
  return change(context, caller, async (tx, record, as) => {
    const { user } = requirePerson(as);
    const [taken] = await tx.signingKeys.listSshByFingerprints([parsed.fingerprint]);
    if (taken !== undefined || parsed.fingerprint === context.server.signingKeyFingerprint)
      throw invalid('key', 'key is already in use', 'already_exists', 'SshSigningKey');
    const key = `${parsed.type} ${parsed.blob.toString('base64')}`;
    const added = await tx.signingKeys.insertSsh({ userId: user.id, title, key, fingerprint: parsed.fingerprint });
    record({
      action: 'ssh_signing_key.create',
      operation: 'create',
      user: { id: user.id, login: user.login },
      data: { fingerprint: added.fingerprint },
    });
    return added;
  });
}

function parse({ parseKeys }: Context, line: string) {
  try {
    return parseKeys.ssh(line);
  } catch (error) {
    throw invalid('key', `key is invalid. ${error instanceof Error ? error.message : ''}`.trim(), 'custom', 'SshSigningKey');
  }
}

function requirePerson(caller: Caller) {
  const actor = requireActor(caller);
  if (actor.actor.who.kind !== 'user') throw forbidden('a person');
  return actor;
}
