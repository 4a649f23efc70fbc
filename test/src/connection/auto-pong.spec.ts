import assert from 'node:assert/strict';
import { AutoPong } from '../../../src/connection/auto-pong';

function pinged() {
  const pongs: string[] = [];
  const sent: (() => void)[] = [];
  const answers = new AutoPong({
    pong: (data, done) => {
      pongs.push(data.toString());
      sent.push(done);
    },
  });
  return { pongs, sent, ping: (text: string) => answers.answer(Buffer.from(text)) };
}

describe('AutoPong', () => {
  it('answers each ping with its data', () => {
    const { pongs, ping } = pinged();
    ping('a');
    ping('b');
    assert.deepEqual(pongs, ['a', 'b']);
  });

  it('above 50 pongs in flight, answers only the newest ping, once one is sent', () => {
    const { pongs, sent, ping } = pinged();
    for (let i = 0; i < 60; i++) ping(`${i}`);
    assert.equal(pongs.length, 50);
    sent[0]?.();
    assert.deepEqual([pongs.length, pongs.at(-1)], [51, '59']);
    sent[1]?.();
    assert.equal(pongs.length, 51);
    ping('next');
    assert.equal(pongs.at(-1), 'next');
  });
});
