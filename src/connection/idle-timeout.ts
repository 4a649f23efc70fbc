import type { Guard } from '../core/log';
import { sweep } from './sweep';

/**
 * Calls `expired` if a peer sends no data for `seconds`. The count of received bytes is the socket's own. So messages and pongs cost
 * nothing extra, and a slow large message is not idle.
 *
 * Idle time is counted in polls, not by the clock. A process that was blocked for a minute reads its sockets only after its first poll.
 *
 * @param bytesRead returns the number of bytes received so far.
 * @param guard wraps the timer callback.
 * @returns a function that stops the timer.
 */
export function idleWatch(seconds: number, bytesRead: () => number, expired: () => void, guard: Guard): () => void {
  // Each second, and of a long time less than a hundredth: ten thousand polls in a second take a percent of a CPU.
  const pollSecs = Math.min(Math.max(1, Math.ceil(seconds / 120)), seconds / 4);
  let known = bytesRead();
  let silentPolls = 0;
  const poll = guard(() => {
    const read = bytesRead();
    silentPolls = read === known ? silentPolls + 1 : 0;
    known = read;
    if (silentPolls * pollSecs < seconds) return;
    stop();
    expired();
  });
  const stop = sweep(poll, pollSecs * 1000);
  return stop;
}
