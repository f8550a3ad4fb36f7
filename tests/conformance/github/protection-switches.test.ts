import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { Octokit } from '@octokit/rest';
import { refused } from './support/refusals.ts';
import { allOff } from './support/settings.ts';
import { here, stageFor } from './support/stage.ts';

const stage = stageFor(import.meta.filename);
const admin = () => stage.as(stage.cast.maintainer).rest.repos;

type At = typeof here & { readonly branch: string };
type Call = (at: At) => Promise<{ readonly status: number; readonly data: unknown }>;

/** A setting with a resource of its own. */
interface Switch {
  readonly name: 'enforce_admins' | 'required_signatures' | 'allow_deletions' | 'allow_force_pushes';
  readonly read: Call;
  readonly on: Call;
  readonly off: Call;
}

const switches: readonly Switch[] = [
  {
    name: 'enforce_admins',
    read: (at) => admin().getAdminBranchProtection(at),
    on: (at) => admin().setAdminBranchProtection(at),
    off: (at) => admin().deleteAdminBranchProtection(at),
  },
  {
    name: 'required_signatures',
    read: (at) => admin().getCommitSignatureProtection(at),
    on: (at) => admin().createCommitSignatureProtection(at),
    off: (at) => admin().deleteCommitSignatureProtection(at),
  },
  undocumented('allow_deletions'),
  undocumented('allow_force_pushes'),
];

function undocumented(name: Switch['name']): Switch {
  const ask =
    (method: string): Call =>
    (at) =>
      stage.as(stage.cast.maintainer).request(`${method} /repos/{owner}/{repo}/branches/{branch}/protection/${name}`, at) as ReturnType<
        Octokit['request']
      >;
  return { name, read: ask('GET'), on: ask('POST'), off: ask('DELETE') };
}

for (const { name, read, on, off } of switches) {
  test(`${name} is read, switched on and switched off`, async () => {
    const at = await stage.branch(`on-off/${name}`);
    await admin().updateBranchProtection({ ...at, ...allOff() });
    const url = `${stage.server.url}/api/v3/repos/acme/app/branches/on-off/${name}/protection/${name}`;
    const enabled = async (): Promise<unknown> =>
      ((await admin().getBranchProtection(at)).data as Record<string, { enabled?: boolean }>)[name]?.enabled;
    assert.deepEqual(answer(await read(at)), [200, { url, enabled: false }]);
    // Twice each: switching on what is on, and off what is off, is no error.
    for (const _ of [1, 2]) assert.deepEqual(answer(await on(at)), [200, { url, enabled: true }]);
    assert.deepEqual(answer(await read(at)), [200, { url, enabled: true }]);
    assert.equal(await enabled(), true);
    for (const _ of [1, 2]) assert.deepEqual(answer(await off(at)), [204, '']);
    assert.deepEqual(answer(await read(at)), [200, { url, enabled: false }]);
    assert.equal(await enabled(), false);
  });

  test(`${name} of a branch without protection, or of no branch, is not there`, async () => {
    const at = await stage.branch(`bare/${name}`);
    for (const call of [read, on, off]) {
      await refused(call(at), 404, 'Branch not protected');
      await refused(call({ ...here, branch: 'nowhere' }), 404, 'Branch not found');
    }
    await refused(admin().getBranchProtection(at), 404, 'Branch not protected');
  });
}

function answer({ status, data }: Awaited<ReturnType<Call>>): [number, unknown] {
  return [status, data];
}

test('what a switch does not name stays', async () => {
  const at = await stage.branch('others');
  const { data: before } = await admin().updateBranchProtection({
    ...at,
    required_status_checks: { strict: true, contexts: ['a'] },
    enforce_admins: false,
    required_pull_request_reviews: { required_approving_review_count: 2 },
    restrictions: { users: ['dev'], teams: [] },
    required_linear_history: true,
  });
  for (const { on, off } of switches) {
    await on(at);
    await off(at);
  }
  assert.deepEqual((await admin().getBranchProtection(at)).data, before);
});
