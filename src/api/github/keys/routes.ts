import { Type } from 'typebox';
import { notFound } from '#model/problem.ts';
import type { GpgKey, SshSigningKey } from '#model/signing-key.ts';
import { addGpgKey, addSshSigningKey } from '#operations/keys/add-signing-key.ts';
import {
  listGpgKeysOf,
  listOwnGpgKeys,
  listOwnSshSigningKeys,
  listSshSigningKeysOf,
  readOwnGpgKey,
  readOwnSshSigningKey,
} from '#operations/keys/read-signing-keys.ts';
import { removeSigningKey } from '#operations/keys/remove-signing-key.ts';
import { created, noContent, ok, route } from '../../route.ts';
import { Optional } from '../schemas.ts';
import { timestamp } from '../time.ts';

const readGpg = { who: 'signed-in', capability: 'gpg-key:read' } as const;
const writeGpg = { who: 'signed-in', capability: 'gpg-key:write' } as const;
const readSsh = { who: 'signed-in', capability: 'ssh-signing-key:read' } as const;
const writeSsh = { who: 'signed-in', capability: 'ssh-signing-key:write' } as const;

export const keyRoutes = [
  route({
    method: 'GET',
    path: '/user/gpg_keys',
    access: readGpg,
    summary: "One's GPG keys",
    operation: 'users/gpg-keys#list-gpg-keys-for-the-authenticated-user',
    handle: async ({ context, caller }) => ok((await listOwnGpgKeys(context, caller)).map(gpgKeyObject)),
  }),
  route({
    method: 'POST',
    path: '/user/gpg_keys',
    access: writeGpg,
    summary: 'Add a GPG key',
    operation: 'users/gpg-keys#create-a-gpg-key-for-the-authenticated-user',
    body: Type.Object({ armored_public_key: Type.String({ maxLength: 200_000 }), name: Optional(Type.String({ maxLength: 200 })) }),
    handle: async ({ context, caller, body }) =>
      created(gpgKeyObject(await addGpgKey(context, caller, body.armored_public_key, body.name ?? null))),
  }),
  route({
    method: 'GET',
    path: '/user/gpg_keys/{gpg_key_id}',
    access: readGpg,
    summary: "One of one's GPG keys",
    operation: 'users/gpg-keys#get-a-gpg-key-for-the-authenticated-user',
    handle: async ({ context, caller, params }) => ok(gpgKeyObject(await readOwnGpgKey(context, caller, idOf(params.gpg_key_id)))),
  }),
  route({
    method: 'DELETE',
    path: '/user/gpg_keys/{gpg_key_id}',
    access: writeGpg,
    summary: 'Remove a GPG key',
    operation: 'users/gpg-keys#delete-a-gpg-key-for-the-authenticated-user',
    handle: async ({ context, caller, params }) => {
      await removeSigningKey(context, caller, 'gpg', idOf(params.gpg_key_id));
      return noContent;
    },
  }),
  route({
    method: 'GET',
    path: '/users/{username}/gpg_keys',
    access: { who: 'anyone' },
    summary: "Somebody's GPG keys",
    operation: 'users/gpg-keys#list-gpg-keys-for-a-user',
    handle: async ({ context, params }) => ok((await listGpgKeysOf(context, params.username)).map(gpgKeyObject)),
  }),
  route({
    method: 'GET',
    path: '/user/ssh_signing_keys',
    access: readSsh,
    summary: "One's SSH signing keys",
    operation: 'users/ssh-signing-keys#list-ssh-signing-keys-for-the-authenticated-user',
    handle: async ({ context, caller }) => ok((await listOwnSshSigningKeys(context, caller)).map(sshKeyObject)),
  }),
  route({
    method: 'POST',
    path: '/user/ssh_signing_keys',
    access: writeSsh,
    summary: 'Add an SSH signing key',
    operation: 'users/ssh-signing-keys#create-a-ssh-signing-key-for-the-authenticated-user',
    body: Type.Object({ key: Type.String({ maxLength: 20_000 }), title: Optional(Type.String()) }),
    handle: async ({ context, caller, body }) =>
      created(sshKeyObject(await addSshSigningKey(context, caller, body.title ?? 'signing key', body.key))),
  }),
  route({
    method: 'GET',
    path: '/user/ssh_signing_keys/{ssh_signing_key_id}',
    access: readSsh,
    summary: "One of one's SSH signing keys",
    operation: 'users/ssh-signing-keys#get-an-ssh-signing-key-for-the-authenticated-user',
    handle: async ({ context, caller, params }) =>
      ok(sshKeyObject(await readOwnSshSigningKey(context, caller, idOf(params.ssh_signing_key_id)))),
  }),
  route({
    method: 'DELETE',
    path: '/user/ssh_signing_keys/{ssh_signing_key_id}',
    access: writeSsh,
    summary: 'Remove an SSH signing key',
    operation: 'users/ssh-signing-keys#delete-an-ssh-signing-key-for-the-authenticated-user',
    handle: async ({ context, caller, params }) => {
      await removeSigningKey(context, caller, 'ssh', idOf(params.ssh_signing_key_id));
      return noContent;
    },
  }),
  route({
    method: 'GET',
    path: '/users/{username}/ssh_signing_keys',
    access: { who: 'anyone' },
    summary: "Somebody's SSH signing keys",
    operation: 'users/ssh-signing-keys#list-ssh-signing-keys-for-a-user',
    handle: async ({ context, params }) => ok((await listSshSigningKeysOf(context, params.username)).map(sshKeyObject)),
  }),
];

function gpgKeyObject(key: GpgKey) {
  const common = { public_key: key.armored, can_encrypt_comms: false, can_encrypt_storage: false, can_certify: true };
  return {
    id: key.id,
    name: key.name,
    primary_key_id: null,
    key_id: key.keyId,
    ...common,
    emails: key.emails.map((email) => ({ email, verified: true })),
    subkeys: key.subkeys.map((subkey, index) => ({
      // A subkey has no row of its own; its place in the key makes the number stable.
      id: key.id * 1000 + index + 1,
      primary_key_id: key.id,
      key_id: subkey.keyId,
      public_key: '',
      emails: [],
      subkeys: [],
      can_sign: subkey.canSign,
      can_encrypt_comms: false,
      can_encrypt_storage: false,
      can_certify: false,
      created_at: timestamp(key.createdAt),
      expires_at: null,
      raw_key: null,
      revoked: false,
    })),
    can_sign: true,
    created_at: timestamp(key.createdAt),
    expires_at: timestamp(key.expiresAt),
    revoked: false,
    raw_key: key.armored,
  };
}

function sshKeyObject({ id, key, title, createdAt }: SshSigningKey) {
  return { id, key, title, created_at: timestamp(createdAt) };
}

function idOf(text: string): number {
  if (!/^\d{1,15}$/.test(text)) throw notFound('key');
  return Number(text);
}
