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
  const pollSecs = Math.min(1, seconds / 4);
  let known = bytesRead();
  let silentPolls = 0;
  const poll = guard(() => {
    const read = bytesRead();
    silentPolls = read === known ? silentPolls + 1 : 0;
    known = read;
    if (silentPolls * pollSecs < seconds) return;
    clearInterval(timer);
    expired();
  });
  const timer = setInterval(poll, pollSecs * 1000);
  return () => clearInterval(timer);
}
