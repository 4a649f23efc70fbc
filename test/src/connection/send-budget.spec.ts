import assert from 'node:assert/strict';
import { getHeapStatistics } from 'node:v8';
import { defaultTotal, SendBudget } from '../../../src/connection/send-budget';

/** Connections with the given numbers of waiting bytes, and a budget for them. `looks` counts the searches among them. */
function harness(limit: number, waiting: Readonly<Record<string, number>>) {
  const evicted: string[] = [];
  const state = { looks: 0 };
  const holders = Object.entries(waiting).map(([name, heldBytes]) => ({
    isOpen: !name.startsWith('closing'),
    isBehind: !name.startsWith('written'),
    heldBytes,
    evict(why: string) {
      evicted.push(name);
      budget.held -= heldBytes;
      assert.equal(why, `more than ${limit} bytes (maxBufferedTotal) wait for all connections, most of them for this one`);
    },
  }));
  const budget = new SendBudget(limit, () => {
    state.looks++;
    return holders;
  });
  return { budget, evicted, state };
}

describe('what may wait for all connections of a server', () => {
  const rows: [string, number, Record<string, number>, string[]][] = [
    ['evicts nobody while it is within the limit', 100, { a: 60, b: 40 }, []],
    ['evicts the connection that holds most', 99, { a: 30, b: 60, c: 10 }, ['b']],
    ['evicts as many as must be, those that hold most first', 50, { a: 30, b: 60, c: 35 }, ['b', 'c']],
    ['evicts no connection that is closing', 50, { closing: 90, b: 20 }, ['b']],
    ['evicts no connection whose messages the operating system has', 50, { written: 90, b: 20 }, ['b']],
  ];
  for (const [title, limit, waiting, expected] of rows) {
    it(title, () => {
      const { budget, evicted } = harness(limit, waiting);
      budget.held = Object.values(waiting).reduce((sum, bytes) => sum + bytes);
      budget.check();
      assert.deepEqual(evicted, expected);
    });
  }

  it('looks among the connections once for each sixteenth of the limit, however many messages come', () => {
    const { budget, state } = harness(1600, { closing: 1 });
    for (let bytes = 1; bytes <= 3200; bytes++) {
      budget.held = bytes;
      budget.check();
    }
    assert.equal(state.looks <= 17, true, `${state.looks} looks`);
  });

  it('looks again after it was within the limit', () => {
    const { budget, state } = harness(1600, { closing: 1 });
    for (const held of [1700, 10, 1700]) {
      budget.held = held;
      budget.check();
    }
    assert.equal(state.looks, 2);
  });

  it('has no limit with 0', () => {
    const { budget, evicted } = harness(0, { a: 1 });
    budget.held = Number.MAX_SAFE_INTEGER;
    budget.check();
    assert.deepEqual(evicted, []);
  });

  it('is a quarter of what the heap may hold, unless the option says otherwise', () => {
    assert.equal(defaultTotal(), Math.floor(getHeapStatistics().heap_size_limit / 4));
  });
});
