/** Part of a connection that `answerPings` uses. */
export interface Answerable {
  onPing(listener: (data: Buffer) => void): void;
  pong(data: Buffer, sent: () => void): void;
}

/** Maximum number of pongs in flight. */
const maxPongsInFlight = 50;

/**
 * Answers each ping. If the maximum number of pongs is in flight, only the newest later ping is answered (RFC 6455, section 5.5.3). So a
 * ping flood does not fill the memory.
 *
 * `ws` would terminate the connection at 60 waiting pongs. This number is reached if a process was blocked and then reads the pings of a
 * minute at once.
 */
export function answerPings(peer: Answerable): void {
  let newest: Buffer | undefined;
  let answering = 0;
  const answer = (data: Buffer) => {
    if (answering >= maxPongsInFlight) {
      newest = data;
      return;
    }
    answering++;
    peer.pong(data, () => {
      answering--;
      const next = newest;
      newest = undefined;
      if (next) answer(next);
    });
  };
  peer.onPing(answer);
}
