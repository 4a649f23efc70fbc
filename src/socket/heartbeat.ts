/** What a heartbeat needs of a connection. */
export interface Pingable {
  ping(data: string): void;
  onPong(listener: () => void): void;
}

/**
 * Pings at once and then every interval; calls `expired` when an interval passes without a pong.
 *
 * @param seconds the interval.
 * @returns what ends it.
 */
export function heartbeat(peer: Pingable, seconds: number, expired: () => void): () => void {
  let sent = 0;
  let answered = true;
  const beat = () => {
    if (!answered) {
      clearInterval(timer);
      expired();
      return;
    }
    answered = false;
    peer.ping(`ix-websocket::heartbeat::${seconds}s::${sent++}`);
  };
  peer.onPong(() => {
    answered = true;
  });
  const timer = setInterval(beat, seconds * 1000);
  beat();
  return () => clearInterval(timer);
}
