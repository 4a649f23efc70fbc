import assert from 'node:assert/strict';
import { EventEmitter } from 'node:events';
import type { Duplex } from 'node:stream';
import { halfCloseTimeout, limitHalfClose } from '../../../src/connection/half-close-timeout';
import { guardWith } from '../../../src/core/log';
import { fakeClock } from '../../helpers/clock';
import { teardown } from '../../helpers/teardown';

function limited() {
  const clock = fakeClock();
  const socket = new EventEmitter();
  const counts = { cuts: 0 };
  const stop = limitHalfClose(
    socket as unknown as Duplex,
    () => void counts.cuts++,
    guardWith((error) => assert.fail(String(error))),
  );
  return { clock, socket, counts, stop };
}

describe('limitHalfClose', () => {
  afterEach(teardown);

  it('cuts a connection 30 s after the FIN of its peer', () => {
    const { clock, socket, counts } = limited();
    clock.tick(halfCloseTimeout);
    assert.equal(counts.cuts, 0);
    socket.emit('end');
    clock.tick(29_999);
    assert.equal(counts.cuts, 0);
    clock.tick(1);
    assert.equal(counts.cuts, 1);
  });

  it('does not cut a connection that has ended meanwhile', () => {
    const { clock, socket, counts, stop } = limited();
    socket.emit('end');
    stop();
    clock.tick(halfCloseTimeout);
    assert.equal(counts.cuts, 0);
  });

  it('leaves no listener', () => {
    const { socket, stop } = limited();
    stop();
    assert.equal(socket.listenerCount('end'), 0);
  });
});
