import type { Duplex } from 'node:stream';
import type { Guard } from '../core/log';

/** Half-close timeout, ms: the time that a peer has to read the remaining data after a FIN without a close frame. */
export const halfCloseTimeout = 30_000;

/**
 * Terminates a half-closed connection after a timeout, because `ws` waits for it without limit. A peer that sends a FIN and then reads
 * nothing would hold its connection and the waiting data for ever.
 *
 * @returns a function that stops the timer.
 */
export function limitHalfClose(socket: Duplex, cut: () => void, guard: Guard): () => void {
  let timer: NodeJS.Timeout | undefined;
  const begin = guard(() => {
    timer = setTimeout(guard(cut), halfCloseTimeout);
  });
  socket.on('end', begin);
  return () => {
    socket.off('end', begin);
    clearTimeout(timer);
  };
}
