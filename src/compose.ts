import { chmod, mkdir, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { setImmediate as yieldToOthers } from 'node:timers/promises';
import { pino, stdSerializers } from 'pino';
import type { Config } from '#config.ts';
import { settlePending } from '#gate/apply-intent.ts';
import { isAuthorized } from '#gate/authorized.ts';
import type { Gate, GateLog, PushStep } from '#gate/gate.ts';
import { newNodeId, SOLE_NODE } from '#gate/node-id.ts';
import { reconcileNode, reconcileSilentNodes, settleOwnLost } from '#gate/reconcile.ts';
import { RepositoryLocks } from '#gate/repository-locks.ts';
import { Slots } from '#gate/slots.ts';
import { Git } from '#git/git.ts';
import { ingestWithIndexPack } from '#git/ingest.ts';
import { endOrphans } from '#git/orphans.ts';
import { Repositories } from '#git/repositories.ts';
import type { Store } from '#model/ports/store.ts';
import { noReplyAddress } from '#operations/content/identity.ts';
import type { Context, ServerFacts } from '#operations/context.ts';
import { nameFolder } from '#operations/repositories/name-folder.ts';
import type { Pace } from '#outbound/hook-courier.ts';
import { parseGpgKey } from '#signatures/gpg.ts';
import { ed25519Blob, parseSshKeyLine, sshFingerprint } from '#signatures/ssh-key.ts';
import { signWithSsh } from '#signatures/ssh-signature.ts';
import { asFact, type KeyFinder, verifyCommit } from '#signatures/verify-commits.ts';
import { lockData } from '#store/data-lock.ts';
import type { Engine } from '#store/engine.ts';
import { headSigner } from '#store/head-signer.ts';
import { readMasterKey } from '#store/master-key.ts';
import { openStore } from '#store/open-store.ts';
import { openPostgres } from '#store/postgres.ts';
import { seal, unseal } from '#store/seal.ts';
import { loadServerKey } from '#store/server-key.ts';
import { openSqlite } from '#store/sqlite.ts';
import { pushWords } from '#transport/words.ts';
import { hashPassword } from './passwords.ts';

export const VERSION = '0.1.0';

export interface Seams {
  /** Where log lines go; standard error when left out. */
  readonly logTo?: { write(line: string): void };
  /** Called at the steps of every push. Fault tests stop the world here; in service nobody does. */
  readonly atStep?: (step: PushStep, pushId: string) => Promise<void>;
  readonly silence?: number;
  /** Milliseconds that a push waits for its turn. */
  readonly patience?: number;
  /** How hooks are told: how often it is looked, how long is waited, when tried again. */
  readonly hooks?: Partial<Pace>;
}

type Log = GateLog;

/** Everything but the listeners. The server runs on it, and so does the command line when no server does. */
export interface House {
  readonly context: Context;
  readonly gate: Gate;
  readonly git: Git;
  readonly store: Store;
  readonly log: Log;
  /** Sets the address under which clients reach the server, once it is known. */
  setPublicUrl(url: string): void;
  close(): Promise<void>;
}

const keepSilent = (): Promise<void> => Promise.resolve();

/** Builds the parts and hands them to each other. Nothing listens yet; what an earlier process left behind is put right here. */
export async function openHouse(config: Config, seams: Seams = {}): Promise<House> {
  const log: Log = pino(
    {
      level: config.logLevel,
      base: null,
      redact: ['*.authorization', '*.token', '*.password'],
      // An Error has no fields of its own that JSON would show.
      serializers: { error: stdSerializers.err },
    },
    seams.logTo ?? pino.destination(2),
  );
  await mkdir(config.data, { recursive: true, mode: 0o700 });
  const isShared = config.database !== null;
  const nodeId = isShared ? newNodeId() : SOLE_NODE;
  const lock = isShared ? null : lockData(config.data);
  let engine: Engine | null = null;
  try {
    const git = new Git(await prepareGitFolders(config, isShared ? nodeId : config.data));
    const orphans = isShared ? 0 : await endOrphans(config.data);
    if (orphans > 0) log.info({ orphans }, 'git processes of an earlier server have ended');
    const masterKey = await readMasterKey(config.masterKeyFile ?? join(config.data, 'master.key'), {
      create: config.masterKeyFile === null,
    });
    engine =
      config.database === null
        ? await openSqlite(config.data)
        : await openPostgres(config.database, (error) => log.error({ error }, 'a database connection was lost'));
    const key = await loadServerKey(engine, masterKey);
    const signer = headSigner(key);
    const store = openStore(engine, {
      ...signer,
      // Where logs are shipped away, nobody can rewrite both.
      onHead: (head) => log.info({ ...head }, 'audit head'),
    });
    const repositories = new Repositories(git, join(config.data, 'repositories'), isAuthorized);
    const blob = ed25519Blob(key.publicKey);
    const server: ServerFacts & { publicUrl: string } = {
      version: VERSION,
      enterprise: config.enterprise,
      publicUrl: config.publicUrl ?? 'http://localhost',
      signingKey: `ssh-ed25519 ${blob.toString('base64')}`,
      signingKeyFingerprint: sshFingerprint(blob),
    };
    const finder = keyFinder(store, server);
    const gate: Gate = {
      store,
      git,
      repositories,
      ingest: ingestWithIndexPack(git),
      locks: new RepositoryLocks(store),
      slots: new Slots({ total: 32, perAccount: 8, patienceMilliseconds: seams.patience ?? 60_000 }),
      words: pushWords(() => server.publicUrl),
      verifySignatures: (commits) => verifyAll(commits, finder),
      limits: { maximumPushBytes: config.maximumPushBytes, maximumHeadBytes: 32 * 1024 * 1024, maximumUpdates: 100_000 },
      unsettled: [],
      silence: seams.silence ?? 30_000,
      nodeId,
      log,
      atStep: seams.atStep ?? keepSilent,
    };
    const context: Context = {
      store,
      gate,
      server,
      sign: (payload) => signWithSsh(payload, key.privateKey, key.publicKey),
      verifyHead: signer.verify,
      verifyCommit: async (raw) => verifyCommit(raw, formatOf(raw), finder),
      seal: (name, plain) => seal(masterKey, name, Buffer.from(plain)),
      unseal: (name, sealed) => unseal(masterKey, name, sealed).toString(),
      hashPassword,
      parseKeys: { gpg: parseGpgKey, ssh: parseSshKeyLine },
    };
    await recover(gate, log);
    return {
      context,
      gate,
      git,
      store,
      log,
      setPublicUrl: (url) => {
        server.publicUrl = config.publicUrl ?? url;
      },
      async close() {
        await repositories.close();
        await git.stopAll();
        await leave(gate);
        await store.close();
        lock?.release();
      },
    };
  } catch (error) {
    await engine?.close();
    lock?.release();
    throw error;
  }
}

/**
 * Records what could not be recorded yet, and tells the servers that share the store that this one is gone. With an outcome still
 * missing it goes in silence, which is what makes them look.
 */
async function leave(gate: Gate): Promise<void> {
  try {
    await settlePending(gate);
    await settleOwnLost(gate);
    if (!gate.store.isShared || gate.unsettled.length > 0) return;
    await gate.store.write((tx) => tx.nodes.remove(gate.nodeId));
  } catch (error) {
    gate.log.error({ error }, 'the database did not take the farewell');
  }
}

/** What git needs outside repositories: an empty home, and hooks that refuse what does not come through the server. */
async function prepareGitFolders(config: Config, owner: string) {
  const home = join(config.data, 'git', 'home');
  const hooks = join(config.data, 'git', 'hooks');
  for (const folder of [home, hooks]) await mkdir(folder, { recursive: true });
  const hook = join(hooks, 'pre-receive');
  await writeFile(hook, '#!/bin/sh\necho "This repository takes pushes through its server only." >&2\nexit 1\n');
  await chmod(hook, 0o755);
  return { path: config.path, home, hooks, owner };
}

/** Before anything listens: open intents are settled, leftovers removed, folders that a crash prevented are made. */
async function recover(gate: Gate, log: Log): Promise<void> {
  const { store, repositories } = gate;
  if (store.isShared) {
    await store.write((tx) => tx.nodes.beat(gate.nodeId, tx.now));
    await reconcileSilentNodes(gate, Date.now() - gate.silence);
  } else {
    const settled = await reconcileNode(gate, gate.nodeId);
    if (settled > 0) log.info({ settled }, 'interrupted pushes were settled');
  }
  for (const id of await store.read.repositories.listAllIds()) {
    const repository = await store.read.repositories.findById(id);
    if (repository === null || (await nameFolder(gate, id))) continue;
    // Only what never had a push can be missing by a crash; anything else is a loss that must not be papered over.
    if (repository.pushedAt === null) await repositories.create(id, repository.objectFormat, repository.defaultBranch);
  }
  // Another server may be making one now.
  await repositories.removeLeftovers(store.isShared ? Date.now() - longestMaking : Number.POSITIVE_INFINITY);
}

/** Milliseconds after which nobody is at work any more on a repository that is being made or removed. */
const longestMaking = 24 * 60 * 60 * 1000;

function keyFinder(store: Store, server: ServerFacts): KeyFinder {
  return {
    findGpgKeys: (keyIds) => store.read.signingKeys.listGpgByKeyIds(keyIds),
    findSshKeys: (fingerprints) => store.read.signingKeys.listSshByFingerprints(fingerprints),
    async findOwner(userId) {
      const account = await store.read.accounts.findById(userId);
      return account === null || account.kind === 'organization' ? null : account;
    },
    addressesOf: (user) => [noReplyAddress(user, server)],
    serverFingerprint: server.signingKeyFingerprint,
    now: Date.now,
  };
}

const commitsBetweenYields = 16;

/** Checking a signature takes a fraction of a millisecond of this thread; a long push must not stop everybody else. */
async function verifyAll(commits: Parameters<Gate['verifySignatures']>[0], finder: KeyFinder) {
  const facts = [];
  for (const [index, { id, data }] of commits.entries()) {
    if (index % commitsBetweenYields === 0) await yieldToOthers();
    facts.push(asFact(id, await verifyCommit(data, id.length === 40 ? 'sha1' : 'sha256', finder)));
  }
  return facts;
}

/** A commit begins with `tree <id>`, whose length tells. */
function formatOf(raw: Buffer): 'sha1' | 'sha256' {
  return raw.indexOf('\n') === 'tree '.length + 64 ? 'sha256' : 'sha1';
}
