import type { Measured } from '../wire/wire-size';
import type { Link } from './in-flight';

/**
 * Called once with the result of a message: both sizes when the operating system has it, or the failure. The arguments are numbers, not an
 * object, because this is called for every message to every receiver.
 */
export type Sent = (errorStr: string | undefined, payloadSize: number, wireSize: number) => void;

/** A message whose result is not reported yet. */
interface Entry {
  readonly sent: Sent;
  readonly payloadSize: number;
  readonly wireSize: number;
  next: Entry | undefined;
}

export const noParts: (Buffer | string)[] = [];

/**
 * Messages that are written, and reported, together. Loads for a slow peer are kept for long, and most hold one message. A linked list
 * takes less memory than an array.
 */
export class Load implements Link<Load> {
  /** Buffers, or Latin-1 strings with one character per byte. */
  parts: (Buffer | string)[];
  /** Payload bytes as framed. */
  bytes = 0;
  /** Payload bytes before compression. */
  payload = 0;
  messages = 0;
  /** The poll count when the load was handed over. */
  since = 0;
  /** Bytes reported as failed that are written nevertheless. Only the socket holds them. */
  failedBytes = 0;
  isSettled = false;
  next: Load | undefined;
  private first: Entry | undefined;
  private last: Entry | undefined;

  /** @param measured wire size of a message that `ws` writes. */
  constructor(readonly measured?: Measured) {
    this.parts = measured ? noParts : [];
  }

  /** @param messages number of messages that have one result. */
  add(sent: Sent, payloadSize: number, wireSize: number, messages = 1): void {
    const entry: Entry = { sent, payloadSize, wireSize, next: undefined };
    if (this.last) this.last.next = entry;
    else this.first = entry;
    this.last = entry;
    this.bytes += wireSize;
    this.payload += payloadSize;
    this.messages += messages;
  }

  settle(error: string | undefined): void {
    let entry = this.first;
    this.first = this.last = undefined;
    while (entry) {
      const { sent, payloadSize, wireSize, next } = entry;
      if (error === undefined) sent(undefined, payloadSize, this.measured ? this.measured.size : wireSize);
      else sent(error, 0, 0);
      entry.next = undefined;
      entry = next;
    }
  }
}
