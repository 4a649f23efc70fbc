import type { Duplex } from 'node:stream';
import { type Frame, largePayload } from './frame';
import { InFlight } from './in-flight';
import { guarded, type Log } from './log';
import { atEndOfTurn, type Job } from './turn';

/**
 * Told once what became of a message: both sizes when the operating system has it, or why it will not get it. Numbers, not an object:
 * this is called for every message to every receiver.
 */
export type Sent = (errorStr: string | undefined, payloadSize: number, wireSize: number) => void;

/** More writes than these are on their way only to a peer that is slow. */
const usualWrites = 16;

/** A message that waits to be told of. */
interface Entry {
  readonly sent: Sent;
  readonly payloadSize: number;
  readonly wireSize: number;
  next: Entry | undefined;
}

/** Messages that leave, and are told of, together. Those for a slow peer stay for long, most of them alone: a chain takes less memory than a list. */
class Load {
  /** Bytes, or characters that stand for one each. */
  readonly parts: (Buffer | string)[] = [];
  bytes = 0;
  private first: Entry | undefined;
  private last: Entry | undefined;

  add(sent: Sent, payloadSize: number, wireSize: number): void {
    const entry: Entry = { sent, payloadSize, wireSize, next: undefined };
    if (this.last) this.last.next = entry;
    else this.first = entry;
    this.last = entry;
    this.bytes += wireSize;
  }

  settle(error: string | undefined): void {
    let entry = this.first;
    this.first = this.last = undefined;
    while (entry) {
      const { sent, payloadSize, wireSize, next } = entry;
      if (error === undefined) sent(undefined, payloadSize, wireSize);
      else sent(error, 0, 0);
      entry.next = undefined;
      entry = next;
    }
  }
}

/**
 * The data frames of one connection that wait for the end of the loop turn, to leave in one write. A write of a small frame costs
 * several times as much as everything else that is done for it.
 */
export class Outbox implements Job {
  private load: Load | undefined;
  private readonly inFlight = new InFlight<Load>();

  /** @param mayWrite whether a data frame may still be sent: not after a close frame (RFC 6455, section 5.5.1). */
  constructor(
    private readonly socket: Duplex,
    private readonly mayWrite: () => boolean,
    readonly log: Log,
  ) {}

  /** Bytes that were not handed to the socket yet. */
  get size(): number {
    return this.load?.bytes ?? 0;
  }

  /** The peer reads too slowly for what it is sent. */
  get isBehind(): boolean {
    return this.inFlight.size > usualWrites;
  }

  push(frame: Frame, payloadSize: number, wireSize: number, sent: Sent): void {
    const load = this.current();
    for (const part of frame) load.parts.push(part);
    load.add(sent, payloadSize, wireSize);
    if (wireSize >= largePayload) this.flush();
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
    load.add(sent, size, size);
    if (size >= largePayload) this.flush();
  }

  private current(): Load {
    if (!this.load) {
      this.load = new Load();
      atEndOfTurn(this);
    }
    return this.load;
  }

  /** Hands over what waits. To be called before anything else is written that must come after it. */
  flush(): void {
    const { load } = this;
    if (!load) return;
    this.load = undefined;
    if (!this.mayWrite()) return load.settle('The message was not sent: the connection is closing.');
    this.inFlight.add(load);
    const written = guarded(this.log, (error?: Error | null) => {
      // A write that was cut off by the end of the connection is reported by Node as if it had succeeded.
      if (this.inFlight.take(load)) load.settle(error || this.socket.destroyed ? ended : undefined);
    });
    const { parts } = load;
    this.write(parts, written);
    parts.length = 0; // A slow peer keeps what is in flight for long: once is enough.
  }

  endTurn(): void {
    this.flush();
  }

  private write(parts: readonly (Buffer | string)[], written: (error?: Error | null) => void): void {
    const { socket } = this;
    const last = parts.length - 1;
    if (last === 0) return this.put(parts[0] as Buffer | string, written);
    if ((parts[last] as Buffer).length < largePayload && parts.every(Buffer.isBuffer)) return this.put(joined(parts as Buffer[]), written);
    socket.cork();
    for (let i = 0; i <= last; i++) this.put(parts[i] as Buffer | string, i === last ? written : undefined);
    socket.uncork();
  }

  private put(part: Buffer | string, written?: (error?: Error | null) => void): void {
    if (typeof part === 'string') this.socket.write(part, 'latin1', written);
    else this.socket.write(part, written);
  }

  /** The connection has ended: whatever has not been handed over will not be. */
  abandon(): void {
    const waiting = this.load;
    this.load = undefined;
    for (const load of this.inFlight.all()) if (this.inFlight.take(load)) load.settle(ended);
    waiting?.settle(ended);
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
