import type { Guard } from '../core/log';
import { sweep } from './sweep';

/** Part of a connection that `heartbeat` uses. */
export interface Pingable {
  ping(data: string): void;
  onPong(listener: (data: Buffer) => void): void;
  /** False while the connection is not read, so a pong cannot be noticed. */
  isReading(): boolean;
}

/** The number of polls in an interval. */
const pollsPerInterval = 4;

/**
 * Sends a ping at once and then every interval. Calls `expired` if an interval passes without a pong.
 *
 * An interval is counted in polls, not by the clock. A process that was blocked for longer than the interval makes one poll, and reads its
 * sockets before the next. A poll while the connection is not read does not count.
 *
 * @param seconds the interval.
 * @param measured called with the round-trip time of each ping, ms, rounded to 0.1.
 * @param guard wraps the timer callback, because a ping can fail.
 * @returns a function that stops the heartbeat.
 */
export function heartbeat(
  peer: Pingable,
  seconds: number,
  expired: () => void,
  measured: (roundTrip: number) => void,
  guard: Guard,
): () => void {
  let sent = 0;
  let polls = 0;
  let answered = true;
  let ping: string | undefined;
  let begin = 0;
  let last: NodeJS.Immediate | undefined;
  const beat = () => {
    polls = 0;
    answered = false;
    ping = `ix-websocket::heartbeat::${seconds}s::${sent++}`;
    begin = performance.now();
    peer.ping(ping);
  };
  const decide = guard(() => {
    if (answered) return beat();
    stop();
    expired();
  });
  const poll = guard(() => {
    if (!answered && !peer.isReading()) return;
    if (++polls < pollsPerInterval) return;
    if (answered) return beat();
    // A pong that came during a blocked turn is read after the timers of the next turn, and before its immediates.
    last = setImmediate(decide);
  });
  peer.onPong((data) => {
    answered = true;
    // The peer may send unsolicited pongs (RFC 6455, section 5.5.3). Any pong shows that the peer is alive, but only a matching one gives
    // the time.
    if (data.toString() !== ping) return;
    ping = undefined;
    measured(Math.round((performance.now() - begin) * 10) / 10);
  });
  const stop = sweep(poll, (seconds * 1000) / pollsPerInterval);
  guard(beat)();
  return () => {
    stop();
    clearImmediate(last);
  };
}
