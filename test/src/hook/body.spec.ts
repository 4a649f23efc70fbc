import assert from 'node:assert/strict';
import { Body } from '../../../src/hook/body';

describe('Body', () => {
  it('is empty at first', () => assert.deepEqual([new Body().length, new Body().text()], [0, '']));

  it('joins chunks of any size, and characters that they cut', () => {
    const text = 'aé😀'.repeat(1000);
    const bytes = Buffer.from(text);
    for (const size of [1, 3, 1000]) {
      const body = new Body();
      for (let at = 0; at < bytes.length; at += size) body.add(bytes.subarray(at, at + size));
      assert.deepEqual([body.length, body.text() === text], [bytes.length, true]);
    }
  });

  it('is decoded in the charset of its type', () => {
    const body = new Body();
    body.add(Buffer.from([0xe9]));
    assert.equal(body.text('text/plain; charset=iso-8859-1'), 'é');
  });

  it('does not keep a chunk', () => {
    const body = new Body();
    const chunk = Buffer.from('abc');
    body.add(chunk);
    chunk.fill(0);
    assert.equal(body.text(), 'abc');
  });
});
