import type { Sent } from '../connection/load';
import { messageOf } from '../core/errors';
import type { Codec } from './formats';
import type { Scope, Value } from './value';

/** The connection, as a conversation sees it. */
export interface Peer {
  /** @param isUrgent true if it goes before the messages of the flow that wait for the rate. */
  send(data: string | Buffer, sent: Sent, isUrgent: boolean): void;
  close(code: number, reason: string): void;
}

/** The most values that may wait for expressions. A peer that causes more of them is faster than the flow. */
const maxWaiting = 10_000;

/**
 * Sends values in the order in which they were given. An expression takes some event-loop turns, and what is given meanwhile waits for it.
 */
export class Speaker {
  /** Performance time of the latest message, ms. */
  lastSent = performance.now();
  private tail: Promise<void> | undefined;
  private waiting = 0;

  constructor(
    private readonly peer: Peer,
    private readonly codec: Codec,
  ) {}

  /** Sends a message: a text or a Buffer unchanged, anything else in the protocol's format. `sent` is called once. */
  send(message: unknown, sent: Sent, isUrgent = false): void {
    if (this.tail !== undefined) this.enqueue(async () => message, sent, isUrgent);
    else this.put(message, sent, isUrgent);
  }

  /** Computes a value and sends it. `sent` is called once. @param isUrgent as for `Peer`. */
  say(value: Value, scope: () => Scope, sent: Sent, isUrgent = true): void {
    if ('literal' in value) return this.send(value.literal, sent, isUrgent);
    this.enqueue(() => value.evaluate(scope()), sent, isUrgent);
  }

  /** Resolves when everything given so far was handed to the connection. */
  async idle(): Promise<void> {
    await this.tail;
  }

  private enqueue(compute: () => Promise<unknown>, sent: Sent, isUrgent: boolean): void {
    if (this.waiting >= maxWaiting) return sent(`The message was not sent: ${maxWaiting} messages wait for expressions.`, 0, 0);
    this.waiting++;
    // Computed at once, because what an expression sees is of now. Only the sending waits.
    const computed = start(compute);
    const before = this.tail;
    const tail = (async () => {
      await before;
      let message: unknown;
      try {
        message = await computed;
        if (message === undefined) throw new Error('the expression has no result');
      } catch (error) {
        return sent(`The message was not sent: ${messageOf(error)}.`, 0, 0);
      } finally {
        this.waiting--;
      }
      this.put(message, sent, isUrgent);
    })()
      .catch(() => undefined)
      .then(() => {
        if (this.tail === tail) this.tail = undefined;
      });
    this.tail = tail;
  }

  private put(message: unknown, sent: Sent, isUrgent: boolean): void {
    let frames: readonly (string | Buffer)[];
    try {
      frames = typeof message === 'string' || Buffer.isBuffer(message) ? [message] : this.codec.encode(message);
    } catch (error) {
      return sent(`The message was not sent: ${messageOf(error)}. Check the message.`, 0, 0);
    }
    this.lastSent = performance.now();
    if (frames.length === 1) return this.peer.send(frames[0] as string | Buffer, sent, isUrgent);
    const total = sumOf(frames.length, sent);
    for (const frame of frames) this.peer.send(frame, total, isUrgent);
  }
}

/** Reports several frames as one message. */
function sumOf(count: number, sent: Sent): Sent {
  let open = count;
  let failure: string | undefined;
  let [payload, wire] = [0, 0];
  return (errorStr, payloadSize, wireSize) => {
    failure ??= errorStr;
    payload += payloadSize;
    wire += wireSize;
    if (--open > 0) return;
    if (failure === undefined) sent(undefined, payload, wire);
    else sent(failure, 0, 0);
  };
}

/** Starts a computation. A rejection that nobody awaits yet must not end the process. */
function start(compute: () => Promise<unknown>): Promise<unknown> {
  const computed = (async () => compute())();
  computed.catch(() => undefined);
  return computed;
}
