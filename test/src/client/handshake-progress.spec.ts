import assert from 'node:assert/strict';
import { EventEmitter } from 'node:events';
import type { Socket } from 'node:net';
import { watchSocket } from '../../../src/client/handshake-progress';
import { guardWith } from '../../../src/core/log';

describe('watchSocket', () => {
  it('hands what a listener throws to its guard', () => {
    const socket = new EventEmitter();
    const thrown: string[] = [];
    const watch = () => {
      throw new Error('no');
    };
    watchSocket(
      socket as Socket,
      watch,
      guardWith((error) => thrown.push(String(error))),
    );
    socket.emit('lookup', null, '127.0.0.1', 4, 'localhost');
    socket.emit('connect');
    assert.deepEqual(thrown, ['Error: no', 'Error: no']);
  });
});
