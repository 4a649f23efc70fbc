import assert from 'node:assert/strict';
import { cite, redactor } from '../../../src/conversation/faults';

describe('redactor', () => {
  it('hides each secret, the longest first', () => {
    assert.equal(redactor({ a: 'open', b: 'open sesame' })('say open sesame, open'), 'say ***, ***');
  });

  it('hides a secret in its JSON form', () => assert.equal(redactor({ a: 'x"y' })('{"p":"x\\"y"}'), '{"p":"***"}'));

  it('an empty secret hides nothing', () => assert.equal(redactor({ a: '' })('text'), 'text'));
});

describe('cite', () => {
  it('cuts a long text', () =>
    assert.equal(
      cite('x'.repeat(300), (text) => text),
      `${'x'.repeat(200)}…`,
    ));

  it('hides a secret at the place where it cuts', () => {
    const cited = cite(`${'x'.repeat(197)}sesame`, redactor({ a: 'sesame' }));
    assert.equal(cited, `${'x'.repeat(197)}***`);
  });

  it('shows bytes as their number and the first of them', () => {
    assert.equal(
      cite(Buffer.from([1, 255]), (text) => text),
      '2 bytes 01ff',
    );
  });
});
