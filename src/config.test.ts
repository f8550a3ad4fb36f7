import assert from 'node:assert/strict';
import { resolve } from 'node:path';
import { describe, test } from 'node:test';
import { ConfigError, type Flags, readConfig } from './config.ts';

describe('the configuration', () => {
  test('has defaults that listen on this machine only', () => {
    const config = readConfig({}, {});
    assert.equal(config.data, resolve('data'));
    assert.deepEqual(config.listen, { host: '127.0.0.1', port: 7420 });
    assert.equal(config.database, null);
    assert.equal(config.tls, null);
    assert.equal(config.enterprise, 'sallyport');
    assert.equal(config.demo, false);
    assert.deepEqual(config.trustedProxies, []);
    assert.deepEqual(config.webhookAllow, []);
  });

  test('comes from flags, and else from SALLYPORT_*', () => {
    const environment = {
      SALLYPORT_PORT: '1',
      SALLYPORT_HOST: '::1',
      SALLYPORT_METRICS_HOST: '127.0.0.1:9',
      SALLYPORT_DEMO: 'true',
      PATH: '/bin',
    };
    const config = readConfig({ port: '2' }, environment);
    assert.deepEqual(config.listen, { host: '::1', port: 2 });
    assert.equal(config.metricsHost, '127.0.0.1:9');
    assert.equal(config.demo, true);
    assert.equal(config.path, '/bin');
    assert.deepEqual(readConfig({}, { SALLYPORT_HOST: '', SALLYPORT_DATA: '' }), readConfig({}, {}), 'an empty variable is none');
  });

  test('listens on a unix socket instead when it names one', () => {
    assert.deepEqual(readConfig({ 'unix-socket': 'here.sock', port: '1' }, {}).listen, { unixSocket: resolve('here.sock') });
  });

  test('takes the public URL without its slash', () => {
    assert.equal(readConfig({ 'public-url': 'https://git.example.com:8443/' }, {}).publicUrl, 'https://git.example.com:8443');
  });

  const wrong: readonly (readonly [flags: Flags, words: RegExp])[] = [
    [{ port: 'x' }, /port is a number/],
    [{ port: '70000' }, /port is a number up to 65535/],
    [{ port: '-1' }, /port is a number/],
    [{ 'tls-cert': 'cert.pem' }, /tls-cert and tls-key go together/],
    [{ 'tls-key': 'key.pem' }, /tls-cert and tls-key go together/],
    [{ database: 'mysql://x' }, /database is a postgres:\/\/ URL/],
    [{ database: 'postgres://localhost/x' }, /SALLYPORT_MASTER_KEY_FILE must name the master key/],
    [{ 'public-url': 'https://example.com/path' }, /public-url is http/],
    [{ 'public-url': 'example.com' }, /public-url is http/],
    [{ 'public-url': 'ftp://example.com' }, /public-url is http/],
    [{ 'log-level': 'loud' }, /log-level is one of/],
    [{ 'requests-per-hour': '-1' }, /requests-per-hour is a number/],
    [{ 'max-push-bytes': '1e9' }, /max-push-bytes is a number/],
    [{ 'trusted-proxies': '10.0.0.1,proxy.example.com' }, /trusted-proxies are addresses, not proxy\.example\.com/],
    [{ 'webhook-allow': '10.0.0.1' }, /webhook-allow are networks like 10\.0\.0\.0\/8, not 10\.0\.0\.1/],
    [{ 'webhook-allow': '10.0.0.0/8,::1/129' }, /webhook-allow are networks like .*, not ::1\/129/],
    [{ 'webhook-allow': 'localhost/8' }, /webhook-allow are networks/],
    [{ enterprise: 'Octo Corp' }, /enterprise has lower-case letters/],
    [{ data: '' }, /data is a folder/],
  ];
  for (const [flags, words] of wrong)
    test(`refuses ${JSON.stringify(flags)}`, () => {
      assert.throws(
        () => readConfig(flags, {}),
        (error) => error instanceof ConfigError && words.test(error.message),
      );
    });
});
