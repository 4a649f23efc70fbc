import assert from 'node:assert/strict';
import { Broadcast, type ReceiverStatus } from '../../../src/server/broadcast';
import { bytesKept } from '../../helpers/heap';

const receivers = ['a', 'b', 'c'].map((client) => ({ client, uri: `/${client}` }));

/** Returns the result of a broadcast of 10 bytes after these outcomes: a wire size or a failure each. */
function answered(outcomes: readonly [number, number | string][]): ReceiverStatus[][] {
  const answers: ReceiverStatus[][] = [];
  const broadcast = new Broadcast(receivers, 10, (outcome) => answers.push(outcome.statuses()));
  for (const [receiver, outcome] of outcomes) {
    if (typeof outcome === 'string') broadcast.settle(receiver, outcome, 0);
    else broadcast.settle(receiver, undefined, outcome);
  }
  return answers;
}
const success = (client: string, wireSize: number) => ({
  uri: `/${client}`,
  success: true,
  compressionError: false,
  payloadSize: 10,
  wireSize,
  client,
});

describe('a broadcast', () => {
  it('is answered when the last receiver is known, in the order of connection', () => {
    assert.deepEqual(answered([[2, 10]]), []);
    assert.deepEqual(answered([2, 0, 1].map((i) => [i, 10] as [number, number])), [[success('a', 10), success('b', 10), success('c', 10)]]);
  });

  it('has a wire size for each receiver', () => {
    const [statuses] = answered([
      [1, 8],
      [0, 9],
      [2, 8],
    ]);
    assert.deepEqual(statuses, [success('a', 9), success('b', 8), success('c', 8)]);
  });

  it('has a sentence for each receiver that it did not reach', () => {
    const failure = { uri: '/b', success: false, compressionError: false, payloadSize: 0, wireSize: 0, client: 'b', errorStr: 'Gone.' };
    const [statuses] = answered([
      [0, 10],
      [1, 'Gone.'],
      [2, 10],
    ]);
    assert.deepEqual(statuses, [success('a', 10), failure, success('c', 10)]);
  });

  it('fails for its caller with the first failure in the order of connection', () => {
    const failures: (string | undefined)[] = [];
    const broadcast = new Broadcast(receivers, 10, ({ errorStr }) => failures.push(errorStr));
    broadcast.settle(2, 'Late.', 0);
    broadcast.settle(0, undefined, 10);
    broadcast.settle(1, 'Gone.', 0);
    assert.deepEqual(failures, ['Gone.']);
  });

  it('keeps less than 300 bytes while it waits for one of 1,000 receivers', () => {
    const many = Array.from({ length: 1000 }, (_, i) => ({ client: String(i), uri: '/' }));
    const count = 500;
    const kept = bytesKept(() =>
      Array.from({ length: count }, () => {
        const broadcast = new Broadcast(many, 10, () => {});
        for (let i = 1; i < many.length; i++) broadcast.settle(i, undefined, 10);
        return broadcast;
      }),
    );
    assert.equal(kept < 300 * count, true, `${Math.round(kept / count)} bytes each`);
  });
});
