import assert from 'node:assert/strict';
import { after, before, describe, test } from 'node:test';
import { databases } from '../support/databases.ts';
import { mustGit } from '../support/git.ts';
import { WorkTree } from '../support/history.ts';
import { castOf, type Personas } from '../support/personas.ts';
import { startTestServer, type TestServer } from '../support/server.ts';

// Attack: git takes commits that claim anything. One that cannot be shown would hide the whole history of its branch from the API.
for (const database of databases) {
  describe(`history with a commit that claims the impossible, on ${database}`, () => {
    let server: TestServer;
    let cast: Personas;
    let work: WorkTree;
    before(async () => {
      server = await startTestServer({ database });
      cast = await castOf(server);
      work = await WorkTree.create();
      await work.commit('begin', { 'a.txt': 'a\n' });
    });
    after(async () => {
      await work[Symbol.asyncDispose]();
      await server[Symbol.asyncDispose]();
    });

    const claims: [what: string, author: string, shown: Readonly<Record<string, string>>][] = [
      ['a year beyond all calendars', 'A <a@example.com> 9999999999999 +0000', { date: '9999-12-31T23:59:59Z' }],
      [
        'the address of an account with an impossible number',
        'A <99999999999999999999999+a@users.noreply.example.com> 1 +0000',
        { email: '99999999999999999999999+a@users.noreply.example.com' },
      ],
    ];
    for (const [index, [what, author, shown]] of claims.entries()) {
      test(`${what} is shown`, async () => {
        const tree = await work.head('HEAD^{tree}');
        const raw = `tree ${tree}\nparent ${await work.head()}\nauthor ${author}\ncommitter ${author}\n\nodd\n`;
        const id = await mustGit(work.path, ['hash-object', '-t', 'commit', '-w', '--stdin'], { input: raw });
        await work.must('push', '--quiet', cast.developer.remote('acme/app'), `${id}:refs/heads/odd-${index}`);
        const list = await cast.developer.api('GET', `/repos/acme/app/commits?sha=odd-${index}`);
        assert.equal(list.status, 200);
        assert.deepEqual(
          list.body.map((commit: { commit: { message: string } }) => commit.commit.message),
          ['odd', 'begin'],
        );
        const [first] = list.body;
        for (const [field, value] of Object.entries(shown)) assert.equal(first.commit.author[field], value);
        assert.equal(first.author, null);
        assert.equal((await cast.developer.api('GET', `/repos/acme/app/git/commits/${id}`)).status, 200);
      });
    }
  });
}
