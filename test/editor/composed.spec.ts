import assert from 'node:assert/strict';
import { composedOf, maxSaved, savedIn, type Written, without, withSaved } from '../../nodes/editor/live/composed';

describe('a message that a user writes', () => {
  const rows: readonly [Written, unknown][] = [
    [
      { form: 'text', text: 'hello' },
      { as: 'text', data: 'hello' },
    ],
    [
      { form: 'text', text: '' },
      { as: 'text', data: '' },
    ],
    [
      { form: 'json', text: ' {"a": 1} ' },
      { as: 'json', data: ' {"a": 1} ' },
    ],
    [{ form: 'json', text: '{"a": }' }, { problem: 'composer.noJson' }],
    [
      { form: 'request', text: '{"method":"sum"}' },
      { as: 'request', data: '{"method":"sum"}' },
    ],
    [
      { form: 'hex', text: '0x01, a0:FF' },
      { as: 'base64', data: 'AaD/' },
    ],
    [{ form: 'hex', text: 'abc' }, { problem: 'composer.noHex' }],
    [{ form: 'hex', text: 'zz' }, { problem: 'composer.noHex' }],
    [
      { form: 'base64', text: 'AaD/\nAQ==' },
      { as: 'base64', data: 'AaD/AQ==' },
    ],
    [{ form: 'base64', text: 'a b!' }, { problem: 'composer.noBase64' }],
    [{ form: 'text', text: 'x'.repeat(1_000_001) }, { problem: 'composer.tooLong' }],
  ];
  for (const [written, message] of rows) {
    it(`${written.form} ${JSON.stringify(written.text.slice(0, 20))} is ${JSON.stringify(message).slice(0, 60)}`, () =>
      assert.deepEqual(composedOf(written), message));
  }

  it('is kept once, the latest first, and no more than 50 of them', () => {
    const message = (text: string): Written => ({ form: 'text', text });
    let list: Written[] = [];
    for (let i = 0; i < 60; i++) list = withSaved(list, message(String(i)));
    assert.equal(list.length, maxSaved);
    list = withSaved(list, message('20'));
    assert.deepEqual([list[0], list.filter(({ text }) => text === '20').length], [message('20'), 1]);
    assert.equal(without(list, message('20')).length, maxSaved - 1);
  });

  it('is read from a node without what is not a message', () => {
    assert.deepEqual(savedIn([{ form: 'text', text: 'a' }, { form: 'odd', text: 'b' }, null, 'c', { form: 'text', text: 5 }]), [
      { form: 'text', text: 'a' },
    ]);
    assert.deepEqual(savedIn('text'), []);
  });
});
