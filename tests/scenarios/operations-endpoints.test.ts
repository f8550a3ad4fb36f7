import assert from 'node:assert/strict';
import { after, before, describe, test } from 'node:test';
import { setTimeout as sleep } from 'node:timers/promises';
import { outages } from '../faults/outages.ts';
import { apiOf, must } from '../support/api.ts';
import { databases } from '../support/databases.ts';
import { mustGit } from '../support/git.ts';
import { WorkTree } from '../support/history.ts';
import { castOf, type Personas } from '../support/personas.ts';
import { freePort } from '../support/ports.ts';
import { protect } from '../support/protections.ts';
import { PushTarget } from '../support/push-target.ts';
import { readReportStatus } from '../support/report-status.ts';
import { startTestServer, type TestServer } from '../support/server.ts';
import { openSql } from '../support/sql.ts';

const aMinute = { timeout: 60_000 };

for (const database of databases) {
  describe(`health and readiness on ${database}`, aMinute, () => {
    let server: TestServer;
    before(async () => {
      server = await startTestServer({ database });
    });
    after(() => server[Symbol.asyncDispose]());

    const ask = async (path: string): Promise<[number, unknown]> => {
      const response = await fetch(server.url + path);
      return [response.status, await response.json()];
    };

    test('are told to everybody, and nothing else is', async () => {
      assert.deepEqual(await ask('/healthz'), [200, { status: 'ok' }]);
      assert.deepEqual(await ask('/readyz'), [200, { status: 'ready' }]);
    });

    const gone = async (): Promise<() => Promise<void>> => {
      const place = server.config.database ?? server.data;
      const rename = async (from: string, to: string): Promise<void> => {
        await using sql = await openSql(place);
        await sql.run(`alter table ${from} rename to ${to}`);
      };
      await rename('audit_head', 'away');
      return () => rename('away', 'audit_head');
    };
    const unreadable = outages[database].filter(({ readable }) => !readable);
    for (const { what, begin } of [{ what: 'its tables are gone', begin: gone }, ...unreadable]) {
      test(`a server whose store is away is alive and not ready: ${what}`, async () => {
        const end = await begin(server);
        assert.deepEqual(await ask('/readyz'), [503, { status: 'not ready' }]);
        assert.deepEqual(await ask('/healthz'), [200, { status: 'ok' }]);
        await end();
        for (let tries = 0; (await ask('/readyz'))[0] !== 200; tries++) {
          assert.ok(tries < 100, 'it is never ready again');
          await sleep(50);
        }
      });
    }
  });
}

describe('metrics', aMinute, () => {
  let server: TestServer;
  let cast: Personas;
  before(async () => {
    server = await startTestServer();
    cast = await castOf(server, { repository: 'classified' });
    await using work = await WorkTree.create();
    const remote = cast.developer.remote('acme/classified');
    await work.commit('one', { 'secret-file.txt': '1' });
    await work.must('push', '--quiet', remote, 'HEAD:refs/heads/main', 'HEAD:refs/heads/undisclosed');
    await protect(cast.owner.api, 'acme/classified', 'main', { required_pull_request_reviews: {} });
    await work.commit('two');
    await work.push(remote, 'HEAD:refs/heads/main');
    assert.equal((await apiOf(server.url, 'sly_000000000000000000000000000000000000')('GET', '/user')).status, 401);
    await cast.developer.api('GET', '/repos/acme/classified?in=query');
    await cast.developer.api('GET', '/no/such/route/classified');
    for (const method of ['PROPFIND', 'PUT', 'OPTIONS']) await cast.developer.api(method, '/user');
  });
  after(() => server[Symbol.asyncDispose]());

  const text = async (): Promise<string> => (await fetch(`${server.url}/metrics`)).text();
  const sample = (metrics: string, series: string): number =>
    Number(
      metrics
        .split('\n')
        .find((line) => line.startsWith(`${series} `))
        ?.slice(series.length + 1),
    );

  test('are in the format of Prometheus', async () => {
    const response = await fetch(`${server.url}/metrics`);
    assert.match(response.headers.get('content-type')!, /^text\/plain; version=0\.0\.4/);
    const lines = (await response.text()).split('\n').filter((line) => line !== '' && !line.startsWith('#'));
    assert.ok(lines.length > 50);
    for (const line of lines) assert.match(line, /^sallyport_[a-z_0-9]+(\{([a-z_]+="[^"\\\n]*",?)+\})? [-+\d.eInfNa]+$/);
  });

  test('count ref updates by what became of them, and the time of pushes', async () => {
    const metrics = await text();
    assert.equal(sample(metrics, 'sallyport_ref_updates_total{outcome="moved"}'), 2);
    assert.equal(sample(metrics, 'sallyport_ref_updates_total{outcome="refused"}'), 1);
    assert.equal(sample(metrics, 'sallyport_push_seconds_count'), 2);
    const buckets = [...metrics.matchAll(/^sallyport_push_seconds_bucket\{le="([^"]+)"\} (\d+)$/gm)].map(([, , count]) => Number(count));
    assert.ok(buckets.length > 5);
    assert.deepEqual(
      buckets,
      buckets.toSorted((a, b) => a - b),
    );
    assert.equal(buckets.at(-1), 2);
    const sum = sample(metrics, 'sallyport_push_seconds_sum');
    assert.ok(sum > 0 && sum < 30, String(sum));
    assert.ok(sample(metrics, 'sallyport_git_processes_started') > 0);
  });

  test('count requests by dialect, method and status, and credentials that were refused', async () => {
    const metrics = await text();
    assert.ok(sample(metrics, 'sallyport_requests_total{dialect="github",method="POST",status="201"}') > 5);
    assert.equal(sample(metrics, 'sallyport_requests_total{dialect="github",method="GET",status="401"}'), 1);
    const counted = [...metrics.matchAll(/^sallyport_requests_total\{.*\} (\d+)$/gm)].reduce((sum, [, count]) => sum + Number(count), 0);
    assert.equal(sample(metrics, 'sallyport_request_seconds_count{dialect="github"}'), counted);
    assert.equal(sample(metrics, 'sallyport_failed_logins_total'), 1);
  });

  test('name nobody and nothing: whoever scrapes them need not be somebody who may see it', async () => {
    const metrics = await text();
    for (const name of ['classified', 'acme', 'olga', 'undisclosed', 'refs/', 'secret-file', 'sly_', 'query', 'such'])
      assert.ok(!metrics.includes(name), name);
    const own = ['dialect', 'method', 'status', 'outcome', 'le'];
    const ofNode = ['version', 'major', 'minor', 'patch', 'type', 'kind', 'space', 'quantile'];
    const labels = new Set([...metrics.matchAll(/[{,]([a-z_]+)="/g)].map(([, label]) => label!));
    assert.deepEqual(
      [...labels].filter((label) => !own.includes(label) && !ofNode.includes(label)),
      [],
    );
  });

  test('can have an address of their own, and then have no other', async () => {
    const address = `127.0.0.1:${await freePort()}`;
    await using apart = await startTestServer({ config: { metricsHost: address } });
    assert.equal((await fetch(`${apart.url}/metrics`)).status, 404);
    assert.match(await (await fetch(`http://${address}/metrics`)).text(), /^sallyport_push_seconds_count 0$/m);
    for (const path of ['/', '/healthz', '/api/v3/user', '/metrics/x']) assert.equal((await fetch(`http://${address}${path}`)).status, 404);
    await apart.stop();
    await assert.rejects(fetch(`http://${address}/metrics`));
  });
});

test('a stop lets a push that is under way land, with its outcome on the record', aMinute, async () => {
  await using target = await PushTarget.open();
  const whole = await target.goodPush();
  const half = Math.floor(whole.length / 2);
  const socket = await target.connect({ 'content-length': String(whole.length), connection: 'close' });
  const chunks: Buffer[] = [];
  socket.on('data', (chunk: Buffer) => chunks.push(chunk));
  const closed = new Promise((resolve) => socket.once('close', resolve));
  await new Promise((resolve) => socket.write(whole.subarray(0, half), resolve));
  await sleep(200);
  const stopped = target.server.stop();
  await sleep(200);
  await assert.rejects(fetch(`${target.server.url}/healthz`), 'no new connection is taken');
  socket.write(whole.subarray(half));
  await Promise.all([closed, stopped]);
  const answer = Buffer.concat(chunks);
  const body = unchunked(answer.subarray(answer.indexOf('\r\n\r\n') + 4));
  assert.deepEqual([...readReportStatus(body).refs], [['refs/heads/main', null]]);
  assert.equal(await mustGit(target.path, ['rev-parse', 'refs/heads/main']), target.tip);
  await target.server.restart();
  assert.ok(!target.server.logged.some((line) => line.includes('interrupted pushes were settled')));
  const [outcome] = (await must(target.adminApi('GET', '/api/sallyport/v1/audit?phrase=action:git.push_outcome&include=all'))).entries;
  assert.equal(outcome.data.outcome, 'committed');
});

test('requests beyond the limit are refused on every door but the one for reading code, until the hour is over', aMinute, async () => {
  await using server = await startTestServer({ config: { requestsPerHour: 12 } });
  const admin = apiOf(server.url, server.adminToken);
  const remote = server.url.replace('://', `://admin:${server.adminToken}@`);
  await using work = await WorkTree.create();
  await must(admin('POST', '/user/repos', { name: 'r' }));
  await work.commit('one');
  await work.must('push', '--quiet', `${remote}/admin/r.git`, 'HEAD:refs/heads/main');
  const statuses: number[] = [];
  for (let count = 0; count < 14; count++) statuses.push((await admin('GET', '/api/sallyport/v1/tokens')).status);
  assert.deepEqual(new Set(statuses.slice(-2)), new Set([429]));
  assert.ok(statuses.filter((status) => status === 200).length >= 9, String(statuses));
  const refused = await admin('GET', '/api/sallyport/v1/tokens');
  assert.equal(refused.body.error, 'rate-limited');
  assert.match(refused.headers.get('retry-after')!, /^\d+$/);
  assert.equal(refused.headers.get('x-ratelimit-remaining'), '0');
  await work.commit('two');
  const pushed = await work.push(`${remote}/admin/r.git`, 'HEAD:refs/heads/main');
  assert.notEqual(pushed.code, 0);
  assert.match(pushed.stderr, /429/);
  assert.match(await mustGit('/', ['ls-remote', `${remote}/admin/r.git`]), /refs\/heads\/main/);
  assert.equal((await fetch(`${server.url}/readyz`)).status, 200);
});

function unchunked(body: Buffer): Buffer {
  const parts: Buffer[] = [];
  for (let at = 0; ; ) {
    const end = body.indexOf('\r\n', at);
    const size = Number.parseInt(body.toString('latin1', at, end), 16);
    if (!(size > 0)) return Buffer.concat(parts);
    parts.push(body.subarray(end + 2, end + 2 + size));
    at = end + 2 + size + 2;
  }
}
