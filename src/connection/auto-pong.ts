/** The connection that is pinged. */
export interface Pinged {
  /** @param sent called when the operating system has the pong. */
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
export class AutoPong {
  private newest: Buffer | undefined;
  private answering = 0;
  private readonly sent = () => {
    this.answering--;
    const next = this.newest;
    this.newest = undefined;
    if (next) this.answer(next);
  };

  constructor(private readonly pinged: Pinged) {}

  answer(data: Buffer): void {
    if (this.answering >= maxPongsInFlight) {
      this.newest = data;
      return;
    }
    this.answering++;
    this.pinged.pong(data, this.sent);
  }
}
