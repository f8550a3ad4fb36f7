import type { Caller } from '#model/caller.ts';
import { notFound } from '#model/problem.ts';
import type { GpgKey, SshSigningKey } from '#model/signing-key.ts';
import { findUser, requireActor, requireCapability } from '../access.ts';
import type { Context } from '../context.ts';

export async function listOwnGpgKeys({ store }: Context, caller: Caller): Promise<GpgKey[]> {
  requireCapability(caller, 'gpg-key:read');
  return store.read.signingKeys.listGpg(requireActor(caller).user.id);
}

export async function readOwnGpgKey({ store }: Context, caller: Caller, id: number): Promise<GpgKey> {
  requireCapability(caller, 'gpg-key:read');
  const key = await store.read.signingKeys.findGpg(id);
  if (key?.userId !== requireActor(caller).user.id) throw notFound('key');
  return key;
}

export async function listOwnSshSigningKeys({ store }: Context, caller: Caller): Promise<SshSigningKey[]> {
  requireCapability(caller, 'ssh-signing-key:read');
  return store.read.signingKeys.listSsh(requireActor(caller).user.id);
}

export async function readOwnSshSigningKey({ store }: Context, caller: Caller, id: number): Promise<SshSigningKey> {
  requireCapability(caller, 'ssh-signing-key:read');
  const key = await store.read.signingKeys.findSsh(id);
  if (key?.userId !== requireActor(caller).user.id) throw notFound('key');
  return key;
}

/** Public keys are public: whoever verifies a commit needs them. */
export async function listGpgKeysOf({ store }: Context, login: string): Promise<GpgKey[]> {
  return store.read.signingKeys.listGpg((await findUser(store.read, login)).id);
}

export async function listSshSigningKeysOf({ store }: Context, login: string): Promise<SshSigningKey[]> {
  return store.read.signingKeys.listSsh((await findUser(store.read, login)).id);
}
