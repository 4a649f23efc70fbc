import type { Duplex } from 'node:stream';
import type WebSocket from 'ws';
import { guardedMethod, type Log } from '../core/log';
import { areCloseFramesThrough } from '../wire/ws-internals';

/** Half-close timeout, ms: the time that a peer has to read the remaining data after a FIN without a close frame. */
export const halfCloseTimeout = 30_000;

/** The reader of the connection. */
interface Finishing {
  finish(): void;
}

/** Handles the end of the TCP connection below a WebSocket. Ends it in the two cases in which `ws` waits too long. */
export class TcpEnd {
  private timer: NodeJS.Timeout | undefined;
  private readonly onEnd: () => void;

  constructor(
    private readonly ws: WebSocket,
    private readonly socket: Duplex,
    isServer: boolean,
    private readonly reader: Finishing,
    private readonly log: Log,
  ) {
    this.onEnd = guardedMethod(log, this, this.halfClosed);
    // Before the listener of `ws`, after which no message can be answered.
    socket.prependListener('end', this.onEnd);
    // Once by itself; `once` would keep a wrapper as long as the connection lives.
    if (isServer) socket.on('finish', guardedMethod(log, this, this.endAfterCloseFrames));
  }

  /** Stops the timer, when the connection has closed. */
  stop(): void {
    this.socket.off('end', this.onEnd);
    clearTimeout(this.timer);
  }

  /**
   * Reads the rest. Terminates the half-closed connection after a timeout, because `ws` waits for it without limit. A peer that sends a FIN and then reads
   * nothing would hold its connection and the waiting data for ever.
   */
  private halfClosed(): void {
    this.reader.finish();
    this.timer = setTimeout(guardedMethod(this.log, this.ws, this.ws.terminate), halfCloseTimeout);
  }

  /**
   * Ends the TCP connection of a server as soon as the close frames of both sides are through (RFC 6455, section 7.1.1). `ws` waits for
   * the FIN of the peer. That takes a round trip, and a tenth of the CPU time of a short connection.
   *
   * After a violation the peer may still be sending. Destroying the socket would then make the peer discard our close frame, so the end
   * of its data is awaited as before.
   */
  private endAfterCloseFrames(): void {
    if (areCloseFramesThrough(this.ws)) this.socket.destroy();
  }
}
