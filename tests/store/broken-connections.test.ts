import assert from 'node:assert/strict';
import { test } from 'node:test';
import { setTimeout as sleep } from 'node:timers/promises';
import { StoreUnavailable } from '#model/ports/store.ts';
import { databases } from '../support/databases.ts';
import { openSql } from '../support/sql.ts';
import { addUser, fresh, openTestStore } from '../support/store.ts';

if (databases.includes('postgres')) {
  const cutOthers = 'select pg_terminate_backend(pid) from pg_stat_activity where datname = current_database() and pid <> pg_backend_pid()';

  for (const moment of ['between two statements', 'during a statement']) {
    test(`a connection that breaks ${moment} of a transaction undoes it and ends nothing else`, async () => {
      await using opened = await openTestStore('postgres');
      await using beside = await openSql(opened.place);
      const login = fresh('gone');
      const attempt = opened.store.write(async (tx) => {
        await addUser(tx, login);
        const cut = beside.run(cutOthers);
        if (moment === 'between two statements') await Promise.all([cut, sleep(50)]);
        for (;;) await tx.accounts.findByLogin(login);
      });
      await assert.rejects(attempt, StoreUnavailable);
      assert.equal(await opened.store.read.accounts.findByLogin(login), null);
      await opened.store.write((tx) => addUser(tx, login));
      assert.notEqual(await opened.store.read.accounts.findByLogin(login), null);
    });
  }
}
