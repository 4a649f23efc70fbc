import assert from 'node:assert/strict';
import { canonicalOrigin, findNetwork } from '../../../src/options/addresses';

describe('canonicalOrigin', () => {
  for (const [text, origin] of [
    ['https://A.Example', 'https://a.example'],
    ['https://a.example:443/', 'https://a.example'],
    ['http://a.example:8080', 'http://a.example:8080'],
    ['null', 'null'],
    ['a.example', undefined],
    ['https://a.example/path', undefined],
    ['https://user@a.example', undefined],
    ['https://*.example', undefined],
    ['https://a.example, https://b.example', undefined],
    ['https://a.example:99999', undefined],
  ] as const) {
    it(`of ${text} is ${origin}`, () => assert.equal(canonicalOrigin(text), origin));
  }
});

describe('findNetwork', () => {
  for (const [text, network] of [
    ['10.0.0.1', { address: '10.0.0.1', family: 4, prefix: 32 }],
    ['10.0.0.0/8', { address: '10.0.0.0', family: 4, prefix: 8 }],
    ['::1', { address: '::1', family: 6, prefix: 128 }],
    ['fd00::/8', { address: 'fd00::', family: 6, prefix: 8 }],
    ['0.0.0.0/0', { address: '0.0.0.0', family: 4, prefix: 0 }],
    ['10.0.0.0/33', undefined],
    ['256.0.0.1', undefined],
    ['10.0.0', undefined],
    ['::1/129', undefined],
    [':::', undefined],
    ['localhost', undefined],
    ['10.0.0.0/', undefined],
  ] as const) {
    it(`of ${text} is ${network ? `of IPv${network.family} with ${network.prefix} bits` : 'none'}`, () =>
      assert.deepEqual(findNetwork(text), network));
  }
});
