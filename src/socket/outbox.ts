import type { Duplex } from 'node:stream';
import { guarded, type Log } from './log';
import { atEndOfTurn } from './turn';

/** Told when the operating system has a message, or why it will not get it. */
export type Settle = (error?: Error | null) => void;

/** A message as the wire has it: header and payload. Receivers of a broadcast share one. */
export type Frame = readonly Buffer[];

/** A payload from this size on is written as it is: copying it would cost more than a write of its own. */
const largePayload = 16 * 1024;

/**
 * The data frames of one connection that wait for the end of the loop turn, to leave in one write. A write of a small frame costs
 * several times as much as everything else that is done for it.
 */
export class Outbox {
  private parts: Buffer[] = [];
  private settles: Settle[] = [];
  private waiting = 0;
  private readonly inFlight = new Set<Settle[]>();

  /** @param mayWrite whether a data frame may still be sent: not after a close frame (RFC 6455, section 5.5.1). */
  constructor(
    private readonly socket: Duplex,
    private readonly mayWrite: () => boolean,
    private readonly log: Log,
  ) {}

  /** Bytes that were not handed to the socket yet. */
  get size(): number {
    return this.waiting;
  }

  push(frame: Frame, bytes: number, settle: Settle): void {
    if (this.settles.length === 0) atEndOfTurn(this.log, this.flush);
    for (const part of frame) this.parts.push(part);
    this.settles.push(settle);
    this.waiting += bytes;
    if (bytes >= largePayload) this.flush();
  }

  /** Hands over what waits. To be called before anything else is written that must come after it. */
  readonly flush = (): void => {
    const { parts, settles } = this;
    if (settles.length === 0) return;
    this.parts = [];
    this.settles = [];
    this.waiting = 0;
    if (!this.mayWrite()) return settleAll(settles, new Error('the connection is closing'));
    this.inFlight.add(settles);
    const written = guarded(this.log, (error?: Error | null) => {
      // A write that was cut off by the end of the connection is reported by Node as if it had succeeded.
      if (this.inFlight.delete(settles)) settleAll(settles, error ?? (this.socket.destroyed ? ended() : null));
    });
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
    const lost = [...this.inFlight, this.settles];
    this.inFlight.clear();
    this.parts = [];
    this.settles = [];
    this.waiting = 0;
    for (const settles of lost) settleAll(settles, ended());
  }
}

const ended = () => new Error('the connection ended');

function settleAll(settles: readonly Settle[], error: Error | null): void {
  for (const settle of settles) settle(error);
}

/** What was joined last: the receivers of a broadcast have the same parts waiting, and share the one buffer. */
let last: { parts: readonly Buffer[]; whole: Buffer } | undefined;

function joined(parts: readonly Buffer[]): Buffer {
  if (parts.length === 1) return parts[0] as Buffer;
  if (last && last.parts.length === parts.length && last.parts.every((part, i) => part === parts[i])) return last.whole;
  const whole = Buffer.concat(parts as Buffer[]);
  last = { parts, whole };
  return whole;
}
