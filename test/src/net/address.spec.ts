import assert from 'node:assert/strict';
import { addressGroup, authority, plainAddress } from '../../../src/net/address';

describe('address', () => {
  const addresses: [string | undefined, string | undefined][] = [
    ['127.0.0.1', '127.0.0.1'],
    ['::ffff:127.0.0.1', '127.0.0.1'],
    ['::FFFF:10.1.2.3', '10.1.2.3'],
    ['::1', '::1'],
    ['::ffff:7f00:1', '127.0.0.1'],
    ['::ffff:102:304', '1.2.3.4'],
    ['0:0:0:0:0:ffff:1.2.3.4', '1.2.3.4'],
    ['0000::ffff:0102:0304', '1.2.3.4'],
    ['::1.2.3.4', '::1.2.3.4'],
    ['1::ffff:102:304', '1::ffff:102:304'],
    ['::', '::'],
    ['fe80::1%eth0', 'fe80::1%eth0'],
    [undefined, undefined],
  ];
  for (const [address, plain] of addresses) it(`${address} is shown as ${plain}`, () => assert.equal(plainAddress(address), plain));

  const groups: [string, string][] = [
    ['192.0.2.7', '192.0.2.7'],
    ['::ffff:192.0.2.7', '192.0.2.7'],
    ['0:0:0:0:0:ffff:c000:0207', '192.0.2.7'],
    ['2001:db8:1:2:3:4:5:6', '2001:db8:1:2::/64'],
    ['2001:DB8:1:2::', '2001:db8:1:2::/64'],
    ['2001:0db8:0001:0002::ffff:1.2.3.4', '2001:db8:1:2::/64'],
    ['2001:db8::1', '2001:db8:0:0::/64'],
    ['2001:db8::1:0:0:0:1', '2001:db8:0:1::/64'],
    ['::1', '0:0:0:0::/64'],
    ['fe80::1%eth0', 'fe80:0:0:0::/64'],
    ['', ''],
  ];
  for (const [address, group] of groups) it(`${address} counts as ${group}`, () => assert.equal(addressGroup(address), group));

  for (const [host, text] of [
    ['127.0.0.1', '127.0.0.1:80'],
    ['localhost', 'localhost:80'],
    ['::1', '[::1]:80'],
  ] as const) {
    it(`${host} and port 80 are written ${text}`, () => assert.equal(authority(host, 80), text));
  }
});
