import { Fifo } from '../core/fifo';
import { jsonOf, memoryOf } from '../hook/json';

/** An answer to a poll. */
export interface Polled {
  /** JSON texts of events, in order. */
  readonly events: readonly string[];
  /** The number of events that still wait. */
  readonly more: number;
  /** The number of events that were dropped since the last answer. */
  readonly dropped: number;
}

interface Entry {
  readonly seq: number;
  readonly json: string;
  readonly memory: number;
}

const maxEvents = 10_000;
const maxBytes = 64 * 1024 * 1024;

/** The events of one owner that 4D has not acknowledged. Above the limits the oldest are dropped and counted. */
export class EventQueue {
  private readonly entries = new Fifo<Entry>();
  private seq = 0;
  private bytes = 0;
  private dropped = 0;

  /** Adds an event. Its `seq` counts up from 1, and counts dropped events too. */
  push(event: object): void {
    const seq = ++this.seq;
    const json = jsonOf({ seq, ...event });
    const memory = memoryOf(json);
    this.entries.push({ seq, json, memory });
    this.bytes += memory;
    while (this.entries.length > maxEvents || (this.bytes > maxBytes && this.entries.length > 1)) {
      this.remove();
      this.dropped++;
    }
  }

  /** Removes the events up to and with a number: 4D has them. */
  acknowledge(seq: number): void {
    for (let first = this.entries.first; first && first.seq <= seq; first = this.entries.first) this.remove();
  }

  get hasEvents(): boolean {
    return this.entries.length > 0;
  }

  /** Returns the oldest events. They stay until they are acknowledged. */
  read(max: number): Polled {
    const events = this.entries.peek(max).map(({ json }) => json);
    const { dropped } = this;
    this.dropped = 0;
    return { events, more: this.entries.length - events.length, dropped };
  }

  private remove(): void {
    this.bytes -= this.entries.shift()?.memory ?? 0;
  }
}
