import assert from 'node:assert/strict';
import { readRules } from '../../../../src/conversation/description/rules';

const one = (raw: unknown) => readRules([raw], {})[0] ?? assert.fail('there is no rule');

describe('readRules', () => {
  it('reads a rule, and takes empty fields as not given', () => {
    const { when, send, consequence, URL, emit } = one({ when: { t: 'ping' }, send: { t: 'pong' }, then: '', URL: '' });
    assert.deepEqual([when({ t: 'ping' }), when({ t: 'x' })], [true, false]);
    assert.deepEqual([send, consequence, URL, emit], [{ literal: { t: 'pong' } }, undefined, undefined, false]);
  });

  it('reads a reconnection to another URL', () => {
    const { consequence, URL, emit } = one({ when: {}, then: 'reconnect', URL: 'ws://a/', emit: true });
    assert.deepEqual([consequence, URL, emit], ['reconnect', { literal: 'ws://a/' }, true]);
  });

  for (const [title, raw, message] of [
    ['a list', [], /protocol\.answers\[0\] must be a rule: an object with when/],
    ['no pattern', { send: 'x' }, /answers\[0\]\.when must be a pattern/],
    ['an unknown property', { when: {}, sent: 'x' }, /answers\[0\]\.sent must be left out/],
    ['an unknown consequence', { when: {}, then: 'stop' }, /answers\[0\]\.then must be one of reconnect, close, drop/],
    [
      'a URL without a reconnection',
      { when: {}, then: 'close', URL: 'ws://a/' },
      /answers\[0\]\.URL must be left out, unless then is reconnect/,
    ],
    ['a text for emit', { when: {}, emit: 'true' }, /answers\[0\]\.emit must be true or false/],
  ] as const) {
    it(`rejects ${title}`, () => assert.throws(() => one(raw), { code: 'ERR_OPTION', message }));
  }
});
