import type { Duplex } from 'node:stream';
import type { Guard } from '../core/log';

/** How long a peer that has shut its side without a close frame may take to read what is still to be sent, ms. */
export const halfCloseTimeout = 30_000;

/**
 * Has such a peer cut off after a while: `ws` waits for it without end, and whoever shuts its side and then reads nothing would hold its
 * connection, and what waits for it, for ever.
 *
 * @returns what ends the watch.
 */
export function limitHalfClose(socket: Duplex, cut: () => void, guard: Guard): () => void {
  let timer: NodeJS.Timeout | undefined;
  const begin = guard(() => {
    timer = setTimeout(guard(cut), halfCloseTimeout);
  });
  socket.once('end', begin);
  return () => {
    socket.off('end', begin);
    clearTimeout(timer);
  };
}
