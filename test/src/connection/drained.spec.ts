import assert from 'node:assert/strict';
import { drained } from '../../../src/connection/drained';
import { fakeClock } from '../../helpers/clock';
import { TestLog } from '../../helpers/sockets';
import { teardown } from '../../helpers/teardown';

/** A connection whose state the test sets, and whether the wait for it has ended. */
function waiting(given: object = {}) {
  const clock = fakeClock({ withPerformance: true });
  const connection = { isOpen: true, isBehind: true, paced: undefined, ...given };
  let isOver = false;
  const over = drained(connection as never, new TestLog()).then(() => {
    isOver = true;
  });
  const tick = async (ms: number) => {
    clock.tick(ms);
    await new Promise(setImmediate);
    return isOver;
  };
  return { clock, connection, over, tick };
}

describe('drained', () => {
  afterEach(teardown);

  it('waits for no poll if nothing is buffered', async () => {
    await waiting({ isBehind: false }).over;
  });

  it('waits until the operating system has everything, and holds no timer then', async () => {
    const { clock, connection, tick } = waiting();
    assert.equal(await tick(1000), false);
    connection.isBehind = false;
    assert.equal(await tick(20), true);
    assert.equal(clock.countTimers(), 0);
  });

  it('waits for messages that wait for the rate', async () => {
    const paced = { isEmpty: false };
    const { tick } = waiting({ isBehind: false, paced });
    assert.equal(await tick(1000), false);
    paced.isEmpty = true;
    assert.equal(await tick(20), true);
  });

  it('ends with the connection', async () => {
    const { connection, tick } = waiting();
    connection.isOpen = false;
    assert.equal(await tick(20), true);
  });

  it('ends after a minute', async () => {
    const { tick } = waiting();
    assert.equal(await tick(59_960), false);
    assert.equal(await tick(60), true);
  });
});
