import assert from 'node:assert/strict';
import { networkErrors } from '../../../src/net/network-errors';

describe('networkErrors', () => {
  for (const [code, group] of [
    ['ENOTFOUND', 'notFound'],
    ['EAI_AGAIN', 'notFound'],
    ['ECONNREFUSED', 'refused'],
    ['EHOSTUNREACH', 'unreachable'],
    ['ETIMEDOUT', 'unreachable'],
    ['ECONNRESET', 'closed'],
    ['EPIPE', 'closed'],
    ['ECONNRESETX', undefined],
    ['CERT_HAS_EXPIRED', undefined],
  ] as const) {
    it(`${code} is in ${group ? `the group ${group} only` : 'no group'}`, () => {
      const groups = Object.entries(networkErrors).flatMap(([name, codes]) => (codes.test(code) ? [name] : []));
      assert.deepEqual(groups, group ? [group] : []);
    });
  }
});
