import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { AddressGuard, AddressRefused } from './address-guard.ts';

const guard = new AddressGuard([]);

const closed: readonly (readonly [kind: string, addresses: readonly string[]])[] = [
  ['loopback', ['127.0.0.1', '127.255.255.254', '::1']],
  ['unspecified', ['0.0.0.0', '0.1.2.3', '::']],
  ['private', ['10.0.0.1', '172.16.0.1', '172.31.255.255', '192.168.1.1', 'fc00::1', 'fd12:3456::1']],
  ['link-local', ['169.254.1.1', 'fe80::1', 'fe80::1%eth0', 'febf::1']],
  ['metadata', ['169.254.169.254', '100.100.100.200', '192.0.0.192', '168.63.129.16', 'fd00:ec2::254', 'fd20:ce::254']],
  ['carrier-grade NAT', ['100.64.0.1', '100.127.255.255']],
  ['multicast and broadcast', ['224.0.0.1', '239.255.255.255', '255.255.255.255', '240.0.0.1', 'ff02::1']],
  ['documents and benchmarks', ['192.0.2.1', '198.51.100.1', '203.0.113.1', '198.18.0.1', '2001:db8::1', '3fff::1']],
  ['IPv4-mapped', ['::ffff:127.0.0.1', '::ffff:7f00:1', '::ffff:10.0.0.1', '0:0:0:0:0:ffff:a9fe:a9fe', '::FFFF:192.168.0.1']],
  ['IPv4 by other ways', ['::127.0.0.1', '64:ff9b::7f00:1', '64:ff9b:1::7f00:1', '2002:7f00:1::', '2001:0:7f00:1::', '::ffff:0:7f00:1']],
  ['site-local and other', ['fec0::1', '100::1', '5f00::1']],
  ['no address', ['', 'localhost', '127.1', '1.2.3', 'example.com', '0x7f000001', '2130706433']],
];

describe('an address that may not be connected to', () => {
  for (const [kind, addresses] of closed)
    for (const address of addresses) test(`${kind}: ${address || 'nothing'}`, () => assert.equal(guard.permits(address), false));
});

test('public addresses are permitted, also in the clothes of IPv6', () => {
  for (const address of [
    '1.1.1.1',
    '100.63.255.255',
    '100.128.0.1',
    '172.15.0.1',
    '172.32.0.1',
    '2606:4700::1111',
    '2a00::1',
    '::ffff:8.8.8.8',
  ])
    assert.equal(guard.permits(address), true, address);
});

test('what the operator opens is permitted, in every clothing, and nothing beside it', () => {
  const open = new AddressGuard(['10.1.0.0/16', 'fd00:1::/32', '127.0.0.1/32']);
  for (const address of ['10.1.2.3', '::ffff:10.1.2.3', 'fd00:1::5', '127.0.0.1']) assert.equal(open.permits(address), true, address);
  for (const address of ['10.2.0.1', 'fd00:2::5', '127.0.0.2', '::1', '169.254.169.254'])
    assert.equal(open.permits(address), false, address);
});

test('a host that is an address is refused as such; a name is asked about when it is resolved', () => {
  for (const host of ['127.0.0.1', '[::1]', '[::ffff:7f00:1]', '169.254.169.254'])
    assert.throws(() => guard.refuseLiteral(host), AddressRefused, host);
  for (const host of ['1.1.1.1', '[2606:4700::1111]', 'localhost', 'example.com']) guard.refuseLiteral(host);
});

test('URL parsing leaves no other way to write an address', () => {
  for (const host of ['2130706433', '0x7f.1', '017700000001', '127.1', '①②⑦.0.0.1', '0'])
    assert.throws(() => guard.refuseLiteral(new URL(`http://${host}/`).hostname), AddressRefused, host);
});

const resolve = (one: AddressGuard, name: string, all: boolean) =>
  new Promise<unknown>((done) => one.lookup(name, { all }, (error, address) => done(error ?? address)));

test('a name that stands for this machine resolves to nothing', async () => {
  for (const all of [true, false]) assert.ok((await resolve(guard, 'localhost', all)) instanceof AddressRefused);
});

test('a name resolves to those of its addresses that are permitted', async () => {
  const open = new AddressGuard(['127.0.0.0/8']);
  assert.deepEqual(await resolve(open, 'localhost', true), [{ address: '127.0.0.1', family: 4 }]);
  assert.equal(await resolve(open, 'localhost', false), '127.0.0.1');
});
