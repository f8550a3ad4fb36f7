import type { AuditHead } from '#model/audit-entry.ts';
import type { Store, Subjects, Transaction } from '#model/ports/store.ts';
import { accounts } from './accounts.ts';
import { apps } from './apps.ts';
import { audit, type HeadSigner } from './audit.ts';
import { branchRenames } from './branch-renames.ts';
import { checks } from './checks.ts';
import { deliveries } from './deliveries.ts';
import type { Engine } from './engine.ts';
import { hooks } from './hooks.ts';
import { intents } from './intents.ts';
import { organizations } from './organizations.ts';
import { outbox } from './outbox.ts';
import { pullRequests } from './pull-requests.ts';
import { repositories } from './repositories.ts';
import { reviewComments } from './review-comments.ts';
import { reviews } from './reviews.ts';
import type { Executor } from './rows.ts';
import { rules } from './rules.ts';
import { nodes, serverKeys, settings } from './server.ts';
import { signingKeys } from './signing-keys.ts';
import { standings } from './standings.ts';
import { teams } from './teams.ts';
import { tokens } from './tokens.ts';
import { guard } from './transaction-guard.ts';

/** A store over an opened engine. `signer` signs the head of the audit chain after every append, and hears of it once it is durable. */
export function openStore(engine: Engine, signer: HeadSigner): Store {
  return {
    read: subjects(engine.db, Date.now, signer),
    async write(work) {
      const heads: AuditHead[] = [];
      const remembering: HeadSigner = { ...signer, onHead: (head) => heads.push(head) };
      const result = await engine.transaction(async (db, now) => {
        const guarded = guard(db);
        try {
          return await work(transaction(guarded.db, now, remembering));
        } finally {
          guarded.end();
        }
      });
      const last = heads.at(-1);
      if (last !== undefined) signer.onHead(last);
      return result;
    },
    isShared: engine.isShared,
    withRepositoryLock: (repositoryId, work) => engine.withRepositoryLock(repositoryId, work),
    close: () => engine.close(),
  };
}

function transaction(db: Executor, now: number, signer: HeadSigner): Transaction {
  return { ...subjects(db, () => now, signer), now };
}

function subjects(db: Executor, now: () => number, signer: HeadSigner): Subjects {
  return {
    accounts: accounts(db, now),
    organizations: organizations(db),
    teams: teams(db, now),
    repositories: repositories(db, now),
    standings: standings(db, now),
    rules: rules(db),
    checks: checks(db, now),
    branchRenames: branchRenames(db),
    pulls: pullRequests(db, now),
    reviews: reviews(db, now),
    reviewComments: reviewComments(db, now),
    tokens: tokens(db, now),
    apps: apps(db, now),
    signingKeys: signingKeys(db, now),
    audit: audit(db, now, signer),
    intents: intents(db, now),
    hooks: hooks(db, now),
    outbox: outbox(db, now),
    deliveries: deliveries(db, now),
    serverKeys: serverKeys(db),
    settings: settings(db),
    nodes: nodes(db),
  };
}
