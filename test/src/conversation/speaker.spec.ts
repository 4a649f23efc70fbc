import assert from 'node:assert/strict';
import type { Sent } from '../../../src/connection/load';
import type { Codec } from '../../../src/conversation/formats';
import { Speaker } from '../../../src/conversation/speaker';

const codec = { encode: (message: unknown) => (Array.isArray(message) ? message : [JSON.stringify(message)]) } as unknown as Codec;
const scope = () => ({ input: undefined, bindings: {} });
const settled = () => new Promise((resolve) => setImmediate(resolve));

function speaking() {
  const frames: (string | Buffer)[] = [];
  const urgent: boolean[] = [];
  const failing: { error?: string } = {};
  const send = (data: string | Buffer, sent: Sent, isUrgent: boolean) => {
    frames.push(data);
    urgent.push(isUrgent);
    if (failing.error === undefined) sent(undefined, data.length, data.length + 1);
    else sent(failing.error, 0, 0);
  };
  const results: [string | undefined, number, number][] = [];
  const sent: Sent = (...result) => void results.push(result);
  return { speaker: new Speaker({ send, close() {} }, codec), frames, urgent, results, sent, failing };
}

describe('Speaker', () => {
  it('sends texts and Buffers unchanged, and encodes the rest', () => {
    const { speaker, frames, sent } = speaking();
    for (const message of ['text', Buffer.from([1]), { a: 1 }]) speaker.send(message, sent);
    assert.deepEqual(frames, ['text', Buffer.from([1]), '{"a":1}']);
  });

  it('sends a literal at once, before the messages that wait for the rate', () => {
    const { speaker, frames, urgent, sent } = speaking();
    speaker.say({ literal: 'x' }, scope, sent);
    speaker.send('y', sent);
    assert.deepEqual(
      [frames, urgent],
      [
        ['x', 'y'],
        [true, false],
      ],
    );
  });

  it('keeps the order while an expression is computed', async () => {
    const { speaker, frames, sent } = speaking();
    let resolve: (value: string) => void = () => {};
    const evaluate = () => new Promise<unknown>((done) => (resolve = done));
    speaker.say({ evaluate }, scope, sent);
    speaker.send('second', sent);
    await settled();
    assert.deepEqual(frames, []);
    resolve('first');
    await settled();
    assert.deepEqual(frames, ['first', 'second']);
    speaker.send('third', sent);
    assert.deepEqual(frames, ['first', 'second', 'third']);
  });

  for (const [title, evaluate, message] of [
    ['fails', async () => Promise.reject(new Error('no such function')), 'The message was not sent: no such function.'],
    ['has no result', async () => undefined, 'The message was not sent: the expression has no result.'],
    [
      'throws',
      () => {
        throw new Error('at once');
      },
      'The message was not sent: at once.',
    ],
  ] as const) {
    it(`reports an expression that ${title}, and sends the next message`, async () => {
      const { speaker, frames, results, sent } = speaking();
      speaker.say({ evaluate }, scope, sent);
      speaker.send('next', sent);
      await settled();
      assert.deepEqual(
        [frames, results],
        [
          ['next'],
          [
            [message, 0, 0],
            [undefined, 4, 5],
          ],
        ],
      );
    });
  }

  it('reports a message that cannot be encoded', () => {
    const { speaker, results, sent } = speaking();
    speaker.send({ a: 1n }, sent);
    assert.match(results[0]?.[0] ?? '', /^The message was not sent: .+BigInt\. Check the message\.$/);
  });

  it('reports several frames as one message, with the sum of their sizes', () => {
    const { speaker, frames, results, sent } = speaking();
    speaker.send(['ab', 'cde'], sent);
    assert.deepEqual([frames, results], [['ab', 'cde'], [[undefined, 5, 7]]]);
  });

  it('reports several frames as failed once', () => {
    const { speaker, results, sent, failing } = speaking();
    failing.error = 'no';
    speaker.send(['ab', 'cde'], sent);
    assert.deepEqual(results, [['no', 0, 0]]);
  });

  it('rejects a message at once if 10,000 wait for expressions', () => {
    const { speaker, results, sent } = speaking();
    const evaluate = () => new Promise<unknown>(() => {});
    for (let i = 0; i < 10_000; i++) speaker.say({ evaluate }, scope, sent);
    assert.deepEqual(results, []);
    speaker.send('one more', sent);
    assert.deepEqual(results, [['The message was not sent: 10000 messages wait for expressions.', 0, 0]]);
  });

  it('counts an expression only until its message is sent', async () => {
    const { speaker, frames, sent } = speaking();
    for (let i = 0; i < 10_000; i++) speaker.say({ evaluate: async () => 'x' }, scope, sent);
    while (frames.length < 10_000) await settled();
    speaker.say({ evaluate: async () => 'one more' }, scope, sent);
    await settled();
    assert.equal(frames.at(-1), 'one more');
  });

  it('notes the time of the latest message', () => {
    const { speaker, sent } = speaking();
    const before = speaker.lastSent;
    while (performance.now() === before);
    speaker.send('x', sent);
    assert.ok(speaker.lastSent > before);
  });
});
