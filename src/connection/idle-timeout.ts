import type { Guard } from '../core/log';

/**
 * Calls `expired` once nothing has come from a peer for so long. What is counted is bytes, which the socket does anyway: no message and no pong
 * costs anything, and a large message that is long on its way is not silence.
 *
 * Silence is measured in looks, not by the clock: a process that was busy for a minute finds in its sockets what came meanwhile
 * only after its first look.
 *
 * @param bytesRead how many bytes have come so far.
 * @param guard of the timer.
 * @returns what ends it.
 */
export function idleWatch(seconds: number, bytesRead: () => number, expired: () => void, guard: Guard): () => void {
  const pause = Math.min(1, seconds / 4);
  let known = bytesRead();
  let silentLooks = 0;
  const look = guard(() => {
    const read = bytesRead();
    silentLooks = read === known ? silentLooks + 1 : 0;
    known = read;
    if (silentLooks * pause < seconds) return;
    clearInterval(timer);
    expired();
  });
  const timer = setInterval(look, pause * 1000);
  return () => clearInterval(timer);
}
