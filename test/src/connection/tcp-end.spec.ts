import assert from 'node:assert/strict';
import { EventEmitter } from 'node:events';
import type { Duplex } from 'node:stream';
import type WebSocket from 'ws';
import { halfCloseTimeout, TcpEnd } from '../../../src/connection/tcp-end';
import { fakeClock } from '../../helpers/clock';
import { teardown } from '../../helpers/teardown';

const log = { warn() {}, error: (error: unknown) => assert.fail(String(error)) };

function limited({ isServer = true, closeFrames = {} } = {}) {
  const clock = fakeClock();
  const counts = { cuts: 0, destroyed: 0, finished: 0 };
  const socket = Object.assign(new EventEmitter(), { destroy: () => void counts.destroyed++ });
  const ws = { terminate: () => void counts.cuts++, ...closeFrames };
  const reader = { finish: () => void counts.finished++ };
  const end = new TcpEnd(ws as unknown as WebSocket, socket as unknown as Duplex, isServer, reader, log);
  return { clock, socket, counts, stop: () => end.stop() };
}

describe('TcpEnd', () => {
  afterEach(teardown);

  it('cuts a connection 30 s after the FIN of its peer', () => {
    const { clock, socket, counts } = limited();
    clock.tick(halfCloseTimeout);
    assert.equal(counts.cuts, 0);
    socket.emit('end');
    assert.equal(counts.finished, 1);
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

  const through = { _closeFrameSent: true, _closeFrameReceived: true };
  for (const [title, given, destroyed] of [
    ['ends the TCP connection of a server when the close frames of both sides are through', { closeFrames: through }, 1],
    ['waits for the peer before its close frame', { closeFrames: { _closeFrameSent: true } }, 0],
    ['lets the server end the TCP connection of a client', { closeFrames: through, isServer: false }, 0],
  ] as const) {
    it(title, () => {
      const { socket, counts } = limited(given);
      socket.emit('finish');
      assert.equal(counts.destroyed, destroyed);
    });
  }
});
