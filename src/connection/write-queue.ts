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
import { unwritten } from './send-status';

/** Maximum number of queued writes to a peer that is not slow. */
const maxQueuedWrites = 16;

/** The owner of a queue. */
export interface QueueOwner {
  /** True if a data frame may be sent. None may follow a close frame (RFC 6455, section 5.5.1). */
  readonly isOpen: boolean;
  /** Called at each poll at which the oldest write has waited too long. */
  late(): void;
}

/**
 * Queues the data frames of one connection until the end of the event-loop turn, and writes them at once. The write of a small frame costs
 * several times as much as the rest of its processing. Counts all data that waits for the peer, wherever it waits.
 */
export class WriteQueue implements Task, Watched {
  private load: Load | undefined;
  private readonly inFlight = new InFlight<Load>();
  /** Number of waiting messages: here, in compression, in `ws`, and in the socket. */
  private messages = 0;
  private bytes = 0;
  /** True if the oldest write has exceeded its maximum age. */
  private isLate = false;
  private isWatched = false;
  private countAtWs = 0;
  /** Messages and bytes that may wait beside those of the limits. */
  private extraMessages = 0;
  private extraBytes = 0;

  constructor(
    private readonly socket: Duplex,
    private readonly owner: QueueOwner,
    private readonly limits: SendLimits,
    private readonly budget: SendBudget,
    readonly log: Log,
  ) {}

  /** Bytes not yet passed to the socket. */
  get size(): number {
    return this.load?.bytes ?? 0;
  }

  /** Waiting bytes, including the overhead of each message. */
  get heldBytes(): number {
    return this.bytes;
  }

  /** Number of messages passed to `ws` and not written yet. */
  get atWs(): number {
    return this.countAtWs;
  }

  /** Returns true if the peer reads more slowly than data is sent to it. */
  get isBehind(): boolean {
    return this.inFlight.size > maxQueuedWrites;
  }

  /** Returns true if a limit on the waiting data is reached. */
  get isFull(): boolean {
    const { limits } = this;
    return this.messages >= limits.messages + this.extraMessages || this.bytes > limits.bytes + this.extraBytes || this.isLate;
  }

  /** Returns the reason that the queue is full: the clause after "the peer reads too slowly, and". */
  get whyFull(): string {
    const { limits } = this;
    if (this.isLate) return limits.lateness;
    return this.messages >= limits.messages + this.extraMessages ? limits.tooMany : limits.tooMuch;
  }

  /** Lets more messages wait than the limits say; with negative numbers, no longer. @param payload bytes. */
  allow(messages: number, payload: number): void {
    this.extraMessages += messages;
    this.extraBytes += payload + messages * messageOverhead;
  }

  /** The messages and bytes that may be added before a limit is reached. */
  get room(): { messages: number; bytes: number } {
    const { limits } = this;
    return { messages: limits.messages + this.extraMessages - this.messages, bytes: limits.bytes + this.extraBytes - this.bytes };
  }

  /** Counts messages to be sent. They count until they are written or given up. */
  hold(payload: number, messages = 1): void {
    this.messages += messages;
    this.bytes += payload + messages * messageOverhead;
    this.budget.held += messages * messageOverhead;
  }

  /** Stops counting messages. */
  release(messages: number, payload: number): void {
    this.messages -= messages;
    this.bytes -= payload + messages * messageOverhead;
    this.budget.held -= messages * messageOverhead;
  }

  /** Queues a frame, or the joined frames of several messages. */
  push(frame: Frame, payloadSize: number, wireSize: number, sent: Sent, messages = 1): void {
    const load = this.current();
    for (const part of frame) load.parts.push(part);
    load.add(sent, payloadSize, wireSize, messages);
    if (wireSize >= largePayload) this.flush();
  }

  /** Queues a frame like `push`, as a Latin-1 string with one character per byte. Several strings are joined without a copy of each. */
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

  /** Registers a message that `ws` writes. @returns the callback for its write. */
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

  /** Hands over the waiting frames. Call it before writing a frame that must follow them. */
  flush(): void {
    const { load } = this;
    if (!load) return;
    this.load = undefined;
    if (!this.owner.isOpen) return this.giveUp(load, unwritten.closing);
    this.handOver(load);
    // The callback contains its own `try`, as in `follow`, because a slow peer keeps one callback for each write.
    const written = (error?: Error | null) => {
      try {
        this.written(load, error);
      } catch (cause) {
        this.log.error(cause);
      }
    };
    const { parts } = load;
    this.write(parts, written);
    load.parts = noParts; // A slow peer keeps loads in flight for long, so their parts are not kept twice.
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
    // Node reports a write that was cut off by the end of the connection as successful.
    this.giveUp(load, error || this.socket.destroyed ? ended : undefined);
  }

  /** Reports the result of a load, and no longer counts it. */
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

  /** Fails the remaining messages, because the connection has ended. */
  abandon(): void {
    if (this.isWatched) unwatch(this);
    this.isWatched = false;
    const waiting = this.load;
    this.load = undefined;
    for (let load = this.inFlight.oldest; load; load = this.inFlight.oldest) this.written(load, abandoned);
    if (waiting) this.giveUp(waiting, unwritten.ended);
  }

  poll(polls: number): boolean {
    this.isWatched = this.inFlight.size > 0;
    if (this.hasWaitedTooLong(polls)) {
      this.isLate = true;
      this.owner.late();
    }
    return this.isWatched;
  }

  /**
   * Reports all waiting messages as failed. Data in the socket is written nevertheless, and counts for the peer until then.
   *
   * @param goesOn true if the connection stays open. The data then also counts for the server.
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

/** Result of the last join. The receivers of a broadcast have the same parts waiting, so they share one buffer. */
let last: { parts: readonly Buffer[]; whole: Buffer } | undefined;

function join(parts: readonly Buffer[]): Buffer {
  if (last && last.parts.length === parts.length && last.parts.every((part, i) => part === parts[i])) return last.whole;
  const whole = Buffer.concat(parts as Buffer[]);
  last = { parts: [...parts], whole };
  return whole;
}
