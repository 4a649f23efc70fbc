/** What answering pings needs of a connection. */
export interface Answerable {
  onPing(listener: (data: Buffer) => void): void;
  pong(data: Buffer, sent: () => void): void;
}

/** So many answers may be on their way at once. */
const maxPongsInFlight = 50;

/**
 * Answers each ping. While many answers are on their way, only the newest of the pings that come is answered after them (RFC 6455,
 * section 5.5.3): a flood fills no memory. `ws` would cut the connection when 60 answers wait, as they do when a process
 * that was busy for a while finds the pings of a minute in one piece.
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
