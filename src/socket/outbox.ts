import type { Duplex } from 'node:stream';
import { type Frame, largePayload } from './frame';
import { guarded, type Log } from './log';
import { atEndOfTurn } from './turn';

/**
 * Told once what became of a message: both sizes when the operating system has it, or why it will not get it. Numbers, not an object:
 * this is called for every message to every receiver.
 */
export type Sent = (errorStr: string | undefined, payloadSize: number, wireSize: number) => void;

/** Messages that are told together. Arrays side by side, for the same reason. */
class Load {
  parts: Buffer[] = [];
  readonly sent: Sent[] = [];
  readonly payloadSizes: number[] = [];
  readonly wireSizes: number[] = [];
  bytes = 0;

  settle(error: string | undefined): void {
    for (let i = 0; i < this.sent.length; i++) {
      const sent = this.sent[i] as Sent;
      if (error === undefined) sent(undefined, this.payloadSizes[i] as number, this.wireSizes[i] as number);
      else sent(error, 0, 0);
    }
  }
}

/**
 * The data frames of one connection that wait for the end of the loop turn, to leave in one write. A write of a small frame costs
 * several times as much as everything else that is done for it.
 */
export class Outbox {
  private load: Load | undefined;
  private readonly inFlight = new Set<Load>();

  /** @param mayWrite whether a data frame may still be sent: not after a close frame (RFC 6455, section 5.5.1). */
  constructor(
    private readonly socket: Duplex,
    private readonly mayWrite: () => boolean,
    private readonly log: Log,
  ) {}

  /** Bytes that were not handed to the socket yet. */
  get size(): number {
    return this.load?.bytes ?? 0;
  }

  push(frame: Frame, payloadSize: number, wireSize: number, sent: Sent): void {
    if (!this.load) {
      this.load = new Load();
      atEndOfTurn(this.log, this.flush);
    }
    const { load } = this;
    for (const part of frame) load.parts.push(part);
    load.sent.push(sent);
    load.payloadSizes.push(payloadSize);
    load.wireSizes.push(wireSize);
    load.bytes += wireSize;
    if (wireSize >= largePayload) this.flush();
  }

  /** Hands over what waits. To be called before anything else is written that must come after it. */
  readonly flush = (): void => {
    const { load } = this;
    if (!load) return;
    this.load = undefined;
    if (!this.mayWrite()) return load.settle('The message was not sent: the connection is closing.');
    this.inFlight.add(load);
    const written = guarded(this.log, (error?: Error | null) => {
      // A write that was cut off by the end of the connection is reported by Node as if it had succeeded.
      if (this.inFlight.delete(load)) load.settle(error || this.socket.destroyed ? ended : undefined);
    });
    const { parts } = load;
    load.parts = []; // A slow peer keeps what is in flight for long: once is enough.
    const last = parts[parts.length - 1] as Buffer;
    if (last.length < largePayload) {
      this.socket.write(joined(parts), written);
      return;
    }
    this.socket.cork();
    if (parts.length > 1) this.socket.write(joined(parts.slice(0, -1)));
    this.socket.write(last, written);
    this.socket.uncork();
  };

  /** The connection has ended: whatever has not been handed over will not be. */
  abandon(): void {
    const lost = [...this.inFlight];
    if (this.load) lost.push(this.load);
    this.inFlight.clear();
    this.load = undefined;
    for (const load of lost) load.settle(ended);
  }
}

export const ended = 'The message was not sent: the connection ended.';

/** What was joined last: the receivers of a broadcast have the same parts waiting, and share the one buffer. */
let last: { parts: readonly Buffer[]; whole: Buffer } | undefined;

function joined(parts: readonly Buffer[]): Buffer {
  if (parts.length === 1) return parts[0] as Buffer;
  if (last && last.parts.length === parts.length && last.parts.every((part, i) => part === parts[i])) return last.whole;
  const whole = Buffer.concat(parts as Buffer[]);
  last = { parts, whole };
  return whole;
}
