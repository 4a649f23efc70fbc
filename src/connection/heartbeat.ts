import type { Guard } from '../core/log';

/** What a heartbeat needs of a connection. */
export interface Pingable {
  ping(data: string): void;
  onPong(listener: (data: Buffer) => void): void;
}

/**
 * Pings at once and then every interval; calls `expired` when an interval passes without a pong.
 *
 * @param seconds the interval.
 * @param measured is told the time from each ping to its pong, in ms, to a tenth.
 * @param guard of the timer: a ping can fail.
 * @returns what ends it.
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
    // Pongs may come that nobody asked for (RFC 6455, section 5.5.3): any shows that the peer is there, but only one tells the time.
    if (data.toString() !== ping) return;
    ping = undefined;
    measured(Math.round((performance.now() - begin) * 10) / 10);
  });
  const timer = setInterval(beat, seconds * 1000);
  beat();
  return () => clearInterval(timer);
}
