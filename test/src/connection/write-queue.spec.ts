import assert from 'node:assert/strict';
import { Duplex } from 'node:stream';
import { messageOverhead, SendBudget } from '../../../src/connection/send-budget';
import { pollCount } from '../../../src/connection/send-deadline';
import { sendLimits } from '../../../src/connection/send-limits';
import { WriteQueue } from '../../../src/connection/write-queue';
import { largePayload } from '../../../src/wire/frame';
import { onTeardown, teardown } from '../../helpers/teardown';

const turn = () => new Promise((resolve) => setImmediate(resolve));
const noLimits = { maxBufferedAmount: 0, maxBufferedMessages: 0, sendTimeoutSecs: 0 };

/** A queue whose socket takes a write when the test says so. */
function queued(limits: Partial<typeof noLimits> = {}) {
  const writes: string[] = [];
  const taken: (() => void)[] = [];
  const socket = new Duplex({
    decodeStrings: true,
    read() {},
    write(chunk: Buffer, _encoding, done) {
      writes.push(chunk.toString('latin1'));
      taken.push(done);
    },
  });
  const state = { mayWrite: true, late: 0 };
  const budget = new SendBudget(0, () => []);
  const log = { warn() {}, error: (error: unknown) => assert.fail(String(error)) };
  const owner = {
    get isOpen() {
      return state.mayWrite;
    },
    late: () => void state.late++,
  };
  const queue = new WriteQueue(socket, owner, sendLimits({ ...noLimits, ...limits }), budget, log);
  onTeardown(() => queue.abandon());
  const results: [string | undefined, number, number][] = [];
  const push = (text: string) => {
    queue.hold(text.length);
    queue.push([Buffer.from(text)], text.length, text.length, (...result) => results.push(result));
  };
  return { queue, socket, writes, taken, state, budget, results, push };
}

describe('WriteQueue', () => {
  afterEach(teardown);

  it('writes the frames of a turn at once, at its end', async () => {
    const { queue, writes, push } = queued();
    push('a');
    push('b');
    assert.deepEqual([writes, queue.size], [[], 2]);
    await turn();
    assert.deepEqual([writes, queue.size], [['ab'], 0]);
  });

  it('joins texts with their headers', async () => {
    const { queue, writes } = queued();
    for (const text of ['a', 'b']) queue.pushText('h', text, () => {});
    await turn();
    assert.deepEqual(writes, ['hahb']);
  });

  it('writes a large payload without waiting for the end of the turn', () => {
    const { writes, push } = queued();
    push('a');
    push('b'.repeat(largePayload));
    assert.equal(writes[0]?.[0], 'a');
  });

  it('reports a message when the socket has taken it', async () => {
    const { queue, taken, results, push } = queued();
    push('abc');
    await turn();
    assert.deepEqual([results, queue.heldBytes], [[], 3 + messageOverhead]);
    taken[0]?.();
    await turn();
    assert.deepEqual([results, queue.heldBytes], [[[undefined, 3, 3]], 0]);
  });

  it('writes nothing after a close frame, and reports why', async () => {
    const { writes, state, results, push } = queued();
    push('a');
    state.mayWrite = false;
    await turn();
    assert.deepEqual([writes, results], [[], [['The message was not sent: the connection is closing.', 0, 0]]]);
  });

  it('is full at a limit, and says which', () => {
    const byCount = queued({ maxBufferedMessages: 2 });
    byCount.push('a');
    assert.equal(byCount.queue.isFull, false);
    byCount.push('b');
    assert.equal(byCount.queue.isFull, true);
    assert.match(byCount.queue.whyFull, /maxBufferedMessages/);
    const bySize = queued({ maxBufferedAmount: 2 * messageOverhead });
    bySize.push('a');
    assert.equal(bySize.queue.isFull, false);
    bySize.push('b');
    assert.equal(bySize.queue.isFull, true);
    assert.match(bySize.queue.whyFull, /maxBufferedAmount/);
  });

  it('counts the overhead of its messages for the server while they wait', async () => {
    const { taken, budget, push } = queued();
    push('a');
    push('b');
    assert.equal(budget.held, 2 * messageOverhead);
    await turn();
    taken[0]?.();
    await turn();
    assert.equal(budget.held, 0);
  });

  it('is behind above 16 writes', async () => {
    const { queue, push } = queued();
    for (let i = 0; i < 17; i++) {
      assert.equal(queue.isBehind, false);
      push('a');
      queue.flush();
    }
    assert.equal(queue.isBehind, true);
  });

  it('is late if the oldest write has waited longer than the limit', () => {
    const { queue, state, push } = queued({ sendTimeoutSecs: 3 });
    push('a');
    queue.flush();
    queue.poll(pollCount() + 3);
    assert.deepEqual([state.late, queue.isFull], [0, false]);
    queue.poll(pollCount() + 4);
    assert.deepEqual([state.late, queue.isFull], [1, true]);
    assert.match(queue.whyFull, /sendTimeoutSecs/);
  });

  it('fails what waits when the connection has ended', async () => {
    const { queue, results, push } = queued();
    push('a');
    queue.flush();
    push('b');
    queue.abandon();
    assert.deepEqual(results, [
      ['The message was not sent: the connection ended.', 0, 0],
      ['The message was not sent: the connection ended before its turn.', 0, 0],
    ]);
    assert.equal(queue.heldBytes, 0);
  });

  it('reports a write as failed that the end of the connection cut off', async () => {
    const { socket, taken, results, push } = queued();
    push('a');
    await turn();
    socket.destroy();
    taken[0]?.();
    await turn();
    assert.match(results[0]?.[0] ?? '', /the connection ended/);
  });

  it('counts data that was reported as failed for the server until it is written', async () => {
    const { queue, taken, budget, results, push } = queued();
    push('abc');
    queue.flush();
    queue.fail('too slow', true);
    assert.deepEqual([results, budget.held], [[['too slow', 0, 0]], 3 + messageOverhead]);
    taken[0]?.();
    await turn();
    assert.deepEqual([results.length, budget.held], [1, 0]);
  });
});
