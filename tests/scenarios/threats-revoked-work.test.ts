/** Family K, revoked but alive: as threats-revoked.test.ts, with the other half of the operations: content, hooks, pull requests and reviews. */
import { after, before, describe } from 'node:test';
import { rowsOfWork } from './audit-entries/rows.ts';
import { AuditStage } from './audit-entries/stage.ts';
import { testEnds } from './threats/revoked.ts';

describe('what a request was let in by is gone when it works on content, hooks or pull requests', { timeout: 300_000 }, () => {
  let stage: AuditStage;
  before(async () => {
    stage = await AuditStage.open('sqlite');
  });
  after(() => stage[Symbol.asyncDispose]());

  testEnds(rowsOfWork, () => stage);
});
