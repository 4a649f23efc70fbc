import assert from 'node:assert/strict';
import { execFileSync } from 'node:child_process';
import { signatureHeaders } from '../../../src/hook/signature';

describe('the signature of a call', () => {
  it('is what openssl computes over the time stamp, a full stop and the body, in UTF-8', () => {
    const body = '{"message":"ü€"}';
    const headers = signatureHeaders('a key', body, 1767225600999);
    assert.equal(headers['X-IX-Timestamp'], '1767225600');
    const told = execFileSync('openssl', ['dgst', '-sha256', '-hmac', 'a key'], { input: `1767225600.${body}`, encoding: 'utf8' });
    assert.equal(headers['X-IX-Signature'], `sha256=${told.trim().split(' ').at(-1)}`);
  });

  it('changes with the time, the body and the key', () => {
    const signed = [
      signatureHeaders('k', 'b', 0),
      signatureHeaders('k', 'b', 1000),
      signatureHeaders('k', 'c', 0),
      signatureHeaders('l', 'b', 0),
    ];
    assert.equal(new Set(signed.map((headers) => headers['X-IX-Signature'])).size, 4);
  });
});
