import assert from 'node:assert/strict';
import { EventQueue, type Polled } from '../../../src/bridge/event-queue';

const numbers = ({ events }: Polled) => events.map((json) => JSON.parse(json).seq);

function filled(count: number): EventQueue {
  const queue = new EventQueue();
  for (let i = 0; i < count; i++) queue.push({ i });
  return queue;
}

describe('EventQueue', () => {
  it('numbers events from 1', () => {
    assert.deepEqual(filled(2).read(10), { events: ['{"seq":1,"i":0}', '{"seq":2,"i":1}'], more: 0, dropped: 0 });
  });

  it('returns the oldest, and the number of the others', () => {
    const polled = filled(5).read(2);
    assert.deepEqual([numbers(polled), polled.more], [[1, 2], 3]);
  });

  it('returns events again until they are acknowledged', () => {
    const queue = filled(3);
    queue.read(3);
    queue.acknowledge(2);
    assert.deepEqual(numbers(queue.read(3)), [3]);
    queue.acknowledge(3);
    assert.equal(queue.hasEvents, false);
  });

  it('a number that was never given acknowledges what is there', () => {
    const queue = filled(2);
    queue.acknowledge(1000);
    queue.push({});
    assert.deepEqual(numbers(queue.read(9)), [3]);
  });

  it('drops the oldest above 10,000 events, and reports their number once', () => {
    const queue = filled(10_003);
    const first = queue.read(1);
    assert.deepEqual([numbers(first), first.more, first.dropped], [[4], 9_999, 3]);
    assert.equal(queue.read(1).dropped, 0);
  });

  it('drops the oldest above 64 MiB, but never the newest', () => {
    const queue = new EventQueue();
    queue.push({ small: true });
    queue.push({ str: 'x'.repeat(70 * 1024 * 1024) });
    const polled = queue.read(10);
    assert.deepEqual([numbers(polled), polled.dropped], [[2], 1]);
  });
});
