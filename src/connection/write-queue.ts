import type { Duplex } from 'node:stream';
import type { Log } from '../core/log';
import { type Frame, largePayload } from '../wire/frame';
import type { Measured } from '../wire/wire-size';
import { InFlight } from './in-flight';
import { Load, noParts, type Sent } from './load';
import { atEndOfTurn, type Task } from './loop-scheduler';
import { messageOverhead, type SendBudget } from './send-budget';
import { pollCount, unwatch, type Watched, watch } from './send-deadline';
import type { SendLimits } from './send-limits';

/** More writes than these are on their way only to a peer that is slow. */
const maxQueuedWrites = 16;

/**
 * The data frames of one connection that wait for the end of the loop turn, to leave in one write. A write of a small frame costs
 * several times as much as everything else that is done for it. Counts everything that waits for the peer, wherever it waits.
 */
export class WriteQueue implements Task, Watched {
  private load: Load | undefined;
  private readonly inFlight = new InFlight<Load>();
  /** What waits: here, where it is compressed, in `ws`, and in the socket. */
  private messages = 0;
  private bytes = 0;
  /** The oldest write has waited for longer than it may. */
  private isLate = false;
  private isWatched = false;
  private countAtWs = 0;

  /**
   * @param mayWrite whether a data frame may still be sent: not after a close frame (RFC 6455, section 5.5.1).
   * @param late called at each poll that finds that the oldest write has waited too long.
   */
  constructor(
    private readonly socket: Duplex,
    private readonly mayWrite: () => boolean,
    private readonly limits: SendLimits,
    private readonly budget: SendBudget,
    private readonly late: () => void,
    readonly log: Log,
  ) {}

  /** Bytes that were not handed to the socket yet. */
  get size(): number {
    return this.load?.bytes ?? 0;
  }

  /** Bytes that wait, with what each message takes beside its payload. */
  get heldBytes(): number {
    return this.bytes;
  }

  /** How many messages `ws` was given and has not written yet. */
  get atWs(): number {
    return this.countAtWs;
  }

  /** The peer reads too slowly for what it is sent. */
  get isBehind(): boolean {
    return this.inFlight.size > maxQueuedWrites;
  }

  /** What may wait for the peer is waiting. */
  get isFull(): boolean {
    return this.messages >= this.limits.messages || this.bytes > this.limits.bytes || this.isLate;
  }

  /** Why no more may wait: what follows "the peer reads too slowly, and". */
  get whyFull(): string {
    const { limits } = this;
    if (this.isLate) return limits.lateness;
    return this.messages >= limits.messages ? limits.tooMany : limits.tooMuch;
  }

  /** Counts a message that is to be sent, until it is written or given up. */
  hold(payloadSize: number): void {
    this.messages++;
    this.bytes += payloadSize + messageOverhead;
    this.budget.held += messageOverhead;
  }

  /** Gives up messages that were counted. */
  release(messages: number, payload: number): void {
    this.messages -= messages;
    this.bytes -= payload + messages * messageOverhead;
    this.budget.held -= messages * messageOverhead;
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

  /** A message that `ws` writes. @returns what to call when it is written. */
  follow(payloadSize: number, measured: Measured, sent: Sent): (error?: Error | null) => void {
    const load = new Load(measured);
    load.add(sent, payloadSize, 0);
    this.countAtWs++;
    this.handOver(load);
    return (error) => {
      try {
        this.written(load, error);
      } catch (cause) {
        this.log.error(cause);
      }
    };
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
    if (!this.mayWrite()) return this.giveUp(load, 'The message was not sent: the connection is closing.');
    this.handOver(load);
    // `guarded` by hand, as in `follow`: a slow peer keeps one of these for each write.
    const written = (error?: Error | null) => {
      try {
        this.written(load, error);
      } catch (cause) {
        this.log.error(cause);
      }
    };
    const { parts } = load;
    this.write(parts, written);
    load.parts = noParts; // A slow peer keeps what is in flight for long: once is enough.
  }

  runTask(): void {
    this.flush();
  }

  private handOver(load: Load): void {
    load.since = pollCount();
    this.inFlight.add(load);
    if (this.isWatched || this.limits.polls === 0) return;
    this.isWatched = true;
    watch(this);
  }

  private written(load: Load, error?: Error | null): void {
    if (!this.inFlight.settle(load)) return;
    if (load.measured) this.countAtWs--;
    this.budget.held -= load.failedBytes;
    if (this.isLate) this.isLate = this.hasWaitedTooLong(pollCount());
    // A write that was cut off by the end of the connection is reported by Node as if it had succeeded.
    this.giveUp(load, error || this.socket.destroyed ? ended : undefined);
  }

  /** Answers a load, and no longer counts it. */
  private giveUp(load: Load, error: string | undefined): void {
    this.release(load.messages, load.payload);
    load.settle(error);
  }

  private write(parts: readonly (Buffer | string)[], written: (error?: Error | null) => void): void {
    const { socket } = this;
    const last = parts.length - 1;
    if (last === 0) return this.put(parts[0] as Buffer | string, written);
    if ((parts[last] as Buffer).length < largePayload && parts.every(Buffer.isBuffer)) return this.put(join(parts as Buffer[]), written);
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
    if (this.isWatched) unwatch(this);
    this.isWatched = false;
    const waiting = this.load;
    this.load = undefined;
    for (let load = this.inFlight.oldest; load; load = this.inFlight.oldest) this.written(load, abandoned);
    if (waiting) this.giveUp(waiting, ended);
  }

  poll(polls: number): boolean {
    this.isWatched = this.inFlight.size > 0;
    if (this.hasWaitedTooLong(polls)) {
      this.isLate = true;
      this.late();
    }
    return this.isWatched;
  }

  /**
   * Answers all that waits as failed. What the socket has been given is written nevertheless, and counts for the peer until then.
   *
   * @param goesOn the connection stays open, so that it also counts for the server.
   */
  fail(error: string, goesOn: boolean): void {
    const waiting = this.load;
    this.load = undefined;
    if (waiting) this.giveUp(waiting, error);
    for (let load = this.inFlight.oldest; load; load = load.next) {
      if (load.isSettled) continue;
      if (goesOn && load.failedBytes === 0) {
        load.failedBytes = load.payload;
        this.budget.held += load.payload;
      }
      load.settle(error);
    }
  }

  private hasWaitedTooLong(polls: number): boolean {
    const { oldest } = this.inFlight;
    return oldest !== undefined && polls - oldest.since > this.limits.polls;
  }
}

export const ended = 'The message was not sent: the connection ended.';
const abandoned = new Error(ended);

/** What was joined last: the receivers of a broadcast have the same parts waiting, and share the one buffer. */
let last: { parts: readonly Buffer[]; whole: Buffer } | undefined;

function join(parts: readonly Buffer[]): Buffer {
  if (last && last.parts.length === parts.length && last.parts.every((part, i) => part === parts[i])) return last.whole;
  const whole = Buffer.concat(parts as Buffer[]);
  last = { parts: [...parts], whole };
  return whole;
}
