import type { Measured } from '../wire/wire-size';
import type { Link } from './in-flight';

/**
 * Told once what became of a message: both sizes when the operating system has it, or why it will not get it. Numbers, not an object:
 * this is called for every message to every receiver.
 */
export type Sent = (errorStr: string | undefined, payloadSize: number, wireSize: number) => void;

/** A message that waits to be told of. */
interface Entry {
  readonly sent: Sent;
  readonly payloadSize: number;
  readonly wireSize: number;
  next: Entry | undefined;
}

export const noParts: (Buffer | string)[] = [];

/** Messages that leave, and are told of, together. Those for a slow peer stay for long, most of them alone: a chain takes less memory than a list. */
export class Load implements Link<Load> {
  /** Bytes, or characters that stand for one each. */
  parts: (Buffer | string)[];
  /** Payload bytes as framed. */
  bytes = 0;
  /** Payload bytes before compression. */
  payload = 0;
  messages = 0;
  /** The poll before which it was handed over. */
  since = 0;
  /** What was answered as failed and is written nevertheless, bytes: nobody but the socket holds it. */
  failedBytes = 0;
  isSettled = false;
  next: Load | undefined;
  private first: Entry | undefined;
  private last: Entry | undefined;

  /** @param measured the wire size of a message that `ws` writes. */
  constructor(readonly measured?: Measured) {
    this.parts = measured ? noParts : [];
  }

  add(sent: Sent, payloadSize: number, wireSize: number): void {
    const entry: Entry = { sent, payloadSize, wireSize, next: undefined };
    if (this.last) this.last.next = entry;
    else this.first = entry;
    this.last = entry;
    this.bytes += wireSize;
    this.payload += payloadSize;
    this.messages++;
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
