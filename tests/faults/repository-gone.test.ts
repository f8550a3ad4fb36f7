import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { PushStep } from '#gate/gate.ts';
import { apiOf, must } from '../support/api.ts';
import { WorkTree } from '../support/history.ts';
import { castOf, elevated } from '../support/personas.ts';
import { protect } from '../support/protections.ts';
import { entries } from '../support/record.ts';
import { startTestServer } from '../support/server.ts';

test('a push that was let through and whose repository is gone at the next start has an outcome all the same, and its use comes back', async () => {
  let breaks = false;
  const atStep = async (step: PushStep): Promise<void> => {
    if (breaks && step === 'intent recorded') throw new Error('the power fails');
  };
  await using server = await startTestServer({ seams: { atStep } });
  const cast = await castOf(server);
  await using tree = await WorkTree.create();
  await tree.commit('base', { 'a.txt': 'a\n' });
  await tree.must('push', '--quiet', cast.owner.remote('acme/app'), 'HEAD:refs/heads/main');
  await protect(cast.owner.api, 'acme/app', 'main', { required_pull_request_reviews: {}, enforce_admins: true });
  const robot = await elevated(server, cast.developer, { repositories: ['acme/app'], uses: 3 });
  await tree.commit('next', { 'b.txt': 'b\n' });
  breaks = true;
  assert.notEqual((await tree.push(robot.remote('acme/app'), 'HEAD:refs/heads/main')).code, 0);
  const { store } = server.running.house;
  const repository = (await store.read.repositories.findByPath('acme', 'app'))!;
  await store.write((tx) => tx.repositories.remove(repository.id));
  await server.restart();
  const [outcome] = await entries(server, 'action:git.push_outcome');
  assert.deepEqual([outcome.outcome, outcome.recovered, outcome.refs], ['aborted', true, [{ ref: 'refs/heads/main', moved: false }]]);
  const { tokens } = await must(apiOf(server.url, cast.developer.token)('GET', '/api/sallyport/v1/tokens'));
  const { bypass } = tokens.find((one: { elevated: boolean }) => one.elevated);
  assert.deepEqual(bypass.uses, { max: 3, reserved: 0, spent: 0 });
});
