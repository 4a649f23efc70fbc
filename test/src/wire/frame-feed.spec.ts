import assert from 'node:assert/strict';
import * as ws from 'ws';
import { FrameFeed, isControl, isLastFragment } from '../../../src/wire/frame-feed';
import type { Receiver } from '../../../src/wire/ws-internals';
import { frame, opcodes } from '../../helpers/frames';

const { Receiver: WsReceiver } = ws as unknown as { Receiver: new (options: object) => Receiver & NodeJS.EventEmitter };
const { text, binary, continuation, ping, close } = opcodes;

/** A feed to the reader of `ws`. */
function feeding() {
  const frames: [first: number, size: number][] = [];
  const messages: string[] = [];
  const errors: unknown[] = [];
  const receiver = new WsReceiver({ isServer: true, allowSynchronousEvents: true });
  receiver.on('message', (data: Buffer) => messages.push(data.toString()));
  receiver.on('error', (error: unknown) => errors.push(error));
  const feed = new FrameFeed(receiver, { passed: (first, size) => frames.push([first, size]), handled() {} });
  const pass = (bytes: Buffer) => {
    let at = 0;
    while (at < bytes.length && !feed.hasEnded) at = feed.pass(bytes, at);
    return at;
  };
  return { feed, frames, messages, errors, pass };
}
const masked = true;

describe('FrameFeed', () => {
  it('passes one frame at a time, and counts each', () => {
    const { frames, messages, pass } = feeding();
    pass(Buffer.concat([frame(text, 'hello', { masked }), frame(ping, 'p', { masked }), frame(binary, 'x', { masked })]));
    assert.deepEqual(frames, [
      [0x81, 5],
      [0x89, 1],
      [0x82, 1],
    ]);
    assert.deepEqual(messages, ['hello', 'x']);
  });

  it('stops at the end of a frame', () => {
    const { feed } = feeding();
    const [first, second] = [frame(text, 'hello', { masked }), frame(text, 'x', { masked })];
    assert.equal(feed.pass(Buffer.concat([first, second]), 0), first.length);
  });

  for (const size of [5, 126, 3000, 70_000]) {
    it(`reads a message of ${size} bytes in pieces of any size`, () => {
      const payload = 'abc'.repeat(size).slice(0, size);
      const bytes = frame(text, payload, { masked });
      for (const piece of size > 3000 ? [1000, 20_000, 65_536] : [1, 2, 3, 7, 1000]) {
        const { messages, frames, pass } = feeding();
        for (let at = 0; at < bytes.length; at += piece) pass(bytes.subarray(at, at + piece));
        assert.deepEqual(frames, [[0x81, size]]);
        assert.equal(messages[0] === payload, true, `pieces of ${piece}`);
      }
    });
  }

  it('counts the fragments of a message, without control frames', () => {
    const { feed, messages, pass } = feeding();
    pass(frame(text, 'abc', { masked, fin: false }));
    assert.deepEqual([feed.fragmentBytes, feed.isBetweenMessages], [3, false]);
    pass(frame(ping, 'p', { masked }));
    pass(frame(continuation, 'de', { masked, fin: false }));
    assert.equal(feed.fragmentBytes, 5);
    pass(frame(continuation, 'f', { masked }));
    assert.deepEqual([messages, feed.isBetweenMessages], [['abcdef'], true]);
    pass(frame(text, 'g', { masked }));
    assert.equal(feed.fragmentBytes, 0);
  });

  it('a fragment does not keep the chunk that it came in', () => {
    const { messages, pass } = feeding();
    const first = frame(text, 'abc', { masked, fin: false });
    const chunk = Buffer.concat([first, Buffer.alloc(10_000)]);
    pass(chunk.subarray(0, first.length));
    chunk.fill(0);
    pass(frame(continuation, 'd', { masked }));
    assert.deepEqual(messages, ['abcd']);
  });

  it('ends at a violation', () => {
    const { feed, messages, pass } = feeding();
    pass(Buffer.concat([frame(3, '', { masked }), frame(text, 'x', { masked })]));
    assert.deepEqual([feed.hasEnded, messages], [true, []]);
  });

  it('ends at a close frame', () => {
    const { feed, messages, pass } = feeding();
    pass(Buffer.concat([frame(close, '', { masked }), frame(text, 'x', { masked })]));
    assert.deepEqual([feed.hasEnded, messages], [true, []]);
  });

  it('ends once', () => {
    const { feed, errors } = feeding();
    feed.end();
    feed.end();
    assert.deepEqual([feed.hasEnded, errors], [true, []]);
  });

  it('passes a header and a payload as one frame', () => {
    const { feed, frames, messages } = feeding();
    const bytes = frame(text, 'hello', { masked });
    feed.passFrame(bytes.subarray(0, 6), bytes.subarray(6));
    assert.deepEqual([frames, messages], [[[0x81, 5]], ['hello']]);
  });
});

describe('the first byte of a frame', () => {
  it('shows control frames and last fragments', () => {
    assert.deepEqual([isControl(0x89), isControl(0x81), isLastFragment(0x81), isLastFragment(0x01)], [true, false, true, false]);
  });
});
