import type { Duplex } from 'node:stream';
import type WebSocket from 'ws';
import type { Guard } from '../core/log';
import { areCloseFramesThrough } from '../wire/ws-internals';

/**
 * Ends the TCP connection of a server as soon as the close frames of both sides are through (RFC 6455, section 7.1.1). `ws` waits for
 * the FIN of the peer. That takes a round trip, and a tenth of the CPU time of a short connection.
 *
 * After a violation the peer may still be sending. Destroying the socket would then make the peer discard our close frame, so the end
 * of its data is awaited as before.
 */
export function endAfterCloseFrames(ws: WebSocket, socket: Duplex, guard: Guard): void {
  // It comes once, and `once` would keep a wrapper as long as the connection lives.
  socket.on(
    'finish',
    guard(() => {
      if (areCloseFramesThrough(ws)) socket.destroy();
    }),
  );
}
