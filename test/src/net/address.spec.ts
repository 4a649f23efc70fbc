import assert from 'node:assert/strict';
import { authority, plainAddress } from '../../../src/net/address';

describe('address', () => {
  const addresses: [string | undefined, string | undefined][] = [
    ['127.0.0.1', '127.0.0.1'],
    ['::ffff:127.0.0.1', '127.0.0.1'],
    ['::FFFF:10.1.2.3', '10.1.2.3'],
    ['::1', '::1'],
    ['::ffff:7f00:1', '::ffff:7f00:1'],
    ['fe80::1%eth0', 'fe80::1%eth0'],
    [undefined, undefined],
  ];
  for (const [address, plain] of addresses) it(`${address} is shown as ${plain}`, () => assert.equal(plainAddress(address), plain));

  for (const [host, text] of [
    ['127.0.0.1', '127.0.0.1:80'],
    ['localhost', 'localhost:80'],
    ['::1', '[::1]:80'],
  ] as const) {
    it(`${host} and port 80 are written ${text}`, () => assert.equal(authority(host, 80), text));
  }
});
