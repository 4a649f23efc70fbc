import type { Guard } from '../core/log';

/** Part of a connection that `heartbeat` uses. */
export interface Pingable {
  ping(data: string): void;
  onPong(listener: (data: Buffer) => void): void;
}

/**
 * Sends a ping at once and then every interval. Calls `expired` if an interval passes without a pong.
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
  let answered = true;
  let ping: string | undefined;
  let begin = 0;
  const beat = guard(() => {
    if (!answered) {
      clearInterval(timer);
      expired();
      return;
    }
    answered = false;
    ping = `ix-websocket::heartbeat::${seconds}s::${sent++}`;
    begin = performance.now();
    peer.ping(ping);
  });
  peer.onPong((data) => {
    answered = true;
    // The peer may send unsolicited pongs (RFC 6455, section 5.5.3). Any pong shows that the peer is alive, but only a matching one gives
    // the time.
    if (data.toString() !== ping) return;
    ping = undefined;
    measured(Math.round((performance.now() - begin) * 10) / 10);
  });
  const timer = setInterval(beat, seconds * 1000);
  beat();
  return () => clearInterval(timer);
}
