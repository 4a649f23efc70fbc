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
  /** Bytes, or characters that stand for one each. */
  readonly parts: (Buffer | string)[] = [];
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
  /**
   * First in, first out. Not a Set: each time one is made anew inside, because of what was deleted, the old one refers to it, and the
   * garbage collector keeps the whole row for long, messages included.
   */
  private inFlight: Load[] = [];

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
    const load = this.current();
    for (const part of frame) load.parts.push(part);
    this.add(load, payloadSize, wireSize, sent);
  }

  /** As `push`, for a frame whose characters stand for one byte each: several are joined without a copy of each. */
  pushText(header: string, payload: string, sent: Sent): void {
    const load = this.current();
    const { parts } = load;
    const size = payload.length;
    const last = parts.length - 1;
    if (size >= largePayload) parts.push(header, payload);
    else if (typeof parts[last] === 'string') parts[last] += header + payload;
    else parts.push(header + payload);
    this.add(load, size, size, sent);
  }

  private current(): Load {
    if (!this.load) {
      this.load = new Load();
      atEndOfTurn(this.log, this.flush);
    }
    return this.load;
  }

  private add(load: Load, payloadSize: number, wireSize: number, sent: Sent): void {
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
    this.inFlight.push(load);
    const written = guarded(this.log, (error?: Error | null) => {
      // A write that was cut off by the end of the connection is reported by Node as if it had succeeded.
      if (this.landed(load)) load.settle(error || this.socket.destroyed ? ended : undefined);
    });
    const { parts } = load;
    this.write(parts, written);
    parts.length = 0; // A slow peer keeps what is in flight for long: once is enough.
  };

  private landed(load: Load): boolean {
    const at = this.inFlight.indexOf(load);
    if (at === 0) this.inFlight.shift();
    else if (at > 0) this.inFlight.splice(at, 1);
    return at >= 0;
  }

  private write(parts: readonly (Buffer | string)[], written: (error?: Error | null) => void): void {
    const { socket } = this;
    if (parts.length === 1) return this.put(parts[0] as Buffer | string, written);
    const last = parts[parts.length - 1] as Buffer | string;
    if (last.length < largePayload && parts.every(Buffer.isBuffer)) return this.put(joined(parts as Buffer[]), written);
    socket.cork();
    for (const part of parts) this.put(part, part === last ? written : undefined);
    socket.uncork();
  }

  private put(part: Buffer | string, written?: (error?: Error | null) => void): void {
    if (typeof part === 'string') this.socket.write(part, 'latin1', written);
    else this.socket.write(part, written);
  }

  /** The connection has ended: whatever has not been handed over will not be. */
  abandon(): void {
    const lost = this.inFlight;
    if (this.load) lost.push(this.load);
    this.inFlight = [];
    this.load = undefined;
    for (const load of lost) load.settle(ended);
  }
}

export const ended = 'The message was not sent: the connection ended.';

/** What was joined last: the receivers of a broadcast have the same parts waiting, and share the one buffer. */
let last: { parts: readonly Buffer[]; whole: Buffer } | undefined;

function joined(parts: readonly Buffer[]): Buffer {
  if (last && last.parts.length === parts.length && last.parts.every((part, i) => part === parts[i])) return last.whole;
  const whole = Buffer.concat(parts as Buffer[]);
  last = { parts: [...parts], whole };
  return whole;
}
