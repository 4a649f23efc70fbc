import assert from 'node:assert/strict';

import dns = require('node:dns');

import { isPrivateAddress, isPrivateHost, lookupPublic, PrivateAddressError } from '../../../src/net/private-address';
import { stub, teardown } from '../../helpers/teardown';

describe('isPrivateAddress', () => {
  const inside = [
    ...['127.0.0.1', '127.255.255.255', '10.0.0.0', '10.255.255.255', '172.16.0.0', '172.31.255.255', '192.168.0.0', '192.168.255.255'],
    ...['169.254.0.1', '169.254.169.254', '100.64.0.0', '100.127.255.255', '0.0.0.0', '0.1.2.3'],
    ...['::', '::1', 'fc00::1', 'fdff:ffff::1', 'fe80::1', 'febf::1', 'fe80::1%eth0', 'FE80::1', 'fec0::1'],
    ...['::ffff:127.0.0.1', '::ffff:10.1.2.3', '::ffff:a01:203', '0:0:0:0:0:ffff:192.168.1.1', '::10.0.0.1'],
    ...['64:ff9b::10.0.0.1', '64:ff9b::7f00:1'],
  ];
  const outside = [
    ...['1.1.1.1', '9.255.255.255', '11.0.0.0', '126.255.255.255', '128.0.0.0', '172.15.255.255', '172.32.0.0', '192.167.255.255'],
    ...['192.169.0.0', '169.253.255.255', '169.255.0.0', '100.63.255.255', '100.128.0.0', '203.0.113.1'],
    ...['2001:db8::1', 'fbff::1', 'fe00::1', '::ffff:8.8.8.8', '64:ff9b::8.8.8.8', '2606:4700::1111'],
  ];
  for (const address of inside) it(`${address} is private`, () => assert.equal(isPrivateAddress(address), true));
  for (const address of outside) it(`${address} is public`, () => assert.equal(isPrivateAddress(address), false));
});

describe('isPrivateHost', () => {
  const inside = ['127.0.0.1', '2130706433', '0x7f.1', '[::1]', '[::ffff:10.0.0.1]', 'localhost', 'LOCALHOST', 'localhost.', 'a.localhost'];
  const outside = ['example.com', '1.1.1.1', '[2001:db8::1]', 'notlocalhost', 'localhost.example.com'];
  for (const host of inside) it(`${host} is private`, () => assert.equal(isPrivateHost(new URL(`ws://${host}:81/`)), true));
  for (const host of outside) it(`${host} is not private by its name`, () => assert.equal(isPrivateHost(new URL(`ws://${host}/`)), false));
});

describe('lookupPublic', () => {
  afterEach(teardown);

  const answers = (...addresses: string[]) => {
    const found = addresses.map((address) => ({ address, family: address.includes(':') ? 6 : 4 }));
    stub(dns, 'lookup', ((_: string, __: object, callback: (error: null, found: object[]) => void) => callback(null, found)) as never);
  };
  const looked = (all: boolean) =>
    new Promise<unknown>((resolve) =>
      lookupPublic('a.example', { all }, (error, address, family) => resolve(error ?? (all ? address : [address, family]))),
    );

  it('leaves out private addresses', async () => {
    answers('10.0.0.1', '2001:db8::1', '127.0.0.1', '1.1.1.1');
    assert.deepEqual(await looked(true), [
      { address: '2001:db8::1', family: 6 },
      { address: '1.1.1.1', family: 4 },
    ]);
    assert.deepEqual(await looked(false), ['2001:db8::1', 6]);
  });

  for (const all of [true, false]) {
    it(`fails with the address where all are private (all: ${all})`, async () => {
      answers('::ffff:10.0.0.1', '127.0.0.1');
      const error = await looked(all);
      assert.ok(error instanceof PrivateAddressError);
      assert.equal(error.address, '::ffff:10.0.0.1');
    });
  }

  it('passes on why a name was not found', async () => {
    const missing = new Error('ENOTFOUND');
    stub(dns, 'lookup', ((_: string, __: object, callback: (error: Error) => void) => callback(missing)) as never);
    assert.equal(await looked(true), missing);
  });
});
