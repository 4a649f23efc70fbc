import assert from 'node:assert/strict';
import { decodeMessage } from '../../../src/bridge/message';

describe('decodeMessage', () => {
  for (const [title, value, message] of [
    ['a text', 'x', 'x'],
    ['Base64', { $base64: 'AQI=' }, Buffer.from([1, 2])],
    ['Base64 without padding', { $base64: 'AQI' }, Buffer.from([1, 2])],
    ['Base64url', { $base64: '-_8' }, Buffer.from([0xfb, 0xff])],
    ['Base64 in lines', { $base64: 'AQ\r\nI=' }, Buffer.from([1, 2])],
    ['no bytes', { $base64: '' }, Buffer.alloc(0)],
    ['an object with a further property', { $base64: '!', a: 1 }, { $base64: '!', a: 1 }],
    ['an escaped name', { $$base64: 'AQI=' }, { $base64: 'AQI=' }],
  ] as const) {
    it(`decodes ${title}`, () => assert.deepEqual(decodeMessage(value), message));
  }

  for (const $base64 of ['!', 'A', 'AQI==', 'AQ=I', 7, null, '====']) {
    it(`rejects ${JSON.stringify($base64)} with 400`, () => assert.throws(() => decodeMessage({ $base64 }), { status: 400 }));
  }
});
