import type { SendStatus } from '../connection/send-status';
import { type Link, LinkedList } from '../core/linked-list';
import { guarded, type Log } from '../core/log';
import type { ClientOptions } from '../options/client';

/** A message that the client of a node leaves to the next client of that node. */
export interface Handed {
  readonly data: unknown;
  readonly bytes: number;
  readonly key: string | undefined;
  /** Performance time of the arrival, ms. */
  readonly since: number;
  /** The sender of the flow. */
  readonly source: unknown;
  readonly sent: (status: SendStatus) => void;
}

/** Something that waits for the connection, or for the rate. */
export interface Waiting {
  readonly bytes: number;
  /** Only the newest of each key waits. */
  readonly key: string | undefined;
  /** Performance time of the arrival, ms. */
  readonly since: number;
  /** The longest wait, s. */
  readonly seconds: number | undefined;
  /** The place in the order of handing over. Absent before the first time. */
  readonly order?: number;
  /** The message. A request has none. */
  readonly message?: Pick<Handed, 'data' | 'source' | 'sent'>;
  /** Hands it over. @param queued the time that it waited, ms. */
  readonly hand: (queued: number) => void;
  /** @param why the clause after "The message was not sent: ". */
  readonly fail: (why: string) => void;
}

interface Place {
  waiting: Waiting;
  timer: NodeJS.Timeout | undefined;
}

/** The place of something that waits. It is valid until `hand` or `fail` is called. */
export type QueuePlace = Link<Place>;

export interface QueueOwner {
  readonly id: number;
  readonly log: Log;
  /** Called when the number of waiting messages has changed. */
  onQueued(): void;
}

/** The memory of a waiting message besides its bytes: the message of the flow and its pending answer. Measured in Node-RED, rounded up. */
const overhead = 2048;

/** The overhead that is not counted, bytes. Memory stays below `queueBytes` and 16 MB, however small the messages are. */
const freeOverhead = 12582912;

/** The queue of an outbox: its order, its limits, and the time that each may wait. */
export class OutboxQueue {
  private readonly places = new LinkedList<Place>();
  private readonly byKey = new Map<string, QueuePlace>();
  private bytes = 0;
  /** The latest that was put back, as long as it waits. */
  private latestBack: QueuePlace | undefined;

  constructor(
    private readonly options: Pick<ClientOptions, 'queueBytes' | 'queueFull'>,
    private readonly limit: number,
    private readonly owner: QueueOwner,
  ) {}

  get size(): number {
    return this.places.size;
  }

  /** Adds something at the end, or in the place of the older one of its key. Returns its place, unless it is refused. */
  put(waiting: Waiting): QueuePlace | undefined {
    const { bytes, key } = waiting;
    const old = key === undefined ? undefined : this.byKey.get(key);
    const dropped = this.makeRoom(bytes, old);
    if (typeof dropped === 'string') {
      waiting.fail(dropped);
      return undefined;
    }
    const replaced = old?.item.waiting;
    const place = old ?? this.places.add({ waiting, timer: undefined });
    if (key !== undefined) this.byKey.set(key, place);
    clearTimeout(place.item.timer);
    this.bytes += bytes - (replaced?.bytes ?? 0);
    place.item.waiting = waiting;
    this.limitWait(place);
    this.owner.onQueued();
    // Called last, because the flow may send or stop in them.
    replaced?.fail(replacement);
    for (const one of dropped) one.fail(`it was dropped, because the queue of client ${this.owner.id} was full`);
    return place;
  }

  /** Puts a message back that was handed over but not written, before all newer ones. Returns false if the queue is full. */
  putBack(waiting: Waiting & { readonly order: number }): boolean {
    const { bytes, key, order } = waiting;
    if (this.size >= this.limit || this.held(bytes, 1) > this.options.queueBytes) return false;
    const same = key === undefined ? undefined : this.byKey.get(key);
    if (same && !isOlder(same, order)) {
      waiting.fail(replacement);
      return true;
    }
    const replaced = same && this.remove(same);
    const from = this.latestBack && isOlder(this.latestBack, order) ? this.latestBack.after : this.places.first;
    let next = from;
    while (next && isOlder(next, order)) next = next.after;
    const place = this.places.add({ waiting, timer: undefined }, next);
    this.latestBack = place;
    if (key !== undefined) this.byKey.set(key, place);
    this.bytes += bytes;
    this.limitWait(place);
    this.owner.onQueued();
    replaced?.fail(replacement);
    return true;
  }

  /** Removes and returns the oldest. */
  shift(): Waiting | undefined {
    const { first } = this.places;
    return first && this.remove(first);
  }

  /** Removes and returns the messages that may leave. Requests stay. */
  takeMessages(mayLeave: (source: unknown) => boolean): Waiting[] {
    const taken: Waiting[] = [];
    for (const place of this.places) {
      const { message } = place.item.waiting;
      if (message && mayLeave(message.source)) taken.push(this.remove(place));
    }
    return taken;
  }

  remove(place: QueuePlace): Waiting {
    const { waiting, timer } = place.item;
    clearTimeout(timer);
    if (this.latestBack === place) this.latestBack = undefined;
    this.places.remove(place);
    this.bytes -= waiting.bytes;
    if (waiting.key !== undefined) this.byKey.delete(waiting.key);
    return waiting;
  }

  /** Returns the bytes that count for `queueBytes`, with those of a change. */
  private held(bytes = 0, messages = 0): number {
    return this.bytes + bytes + Math.max(0, (this.size + messages) * overhead - freeOverhead);
  }

  /** Makes room for a message. Returns what was dropped, or why the message is refused. */
  private makeRoom(bytes: number, old: QueuePlace | undefined): readonly Waiting[] | string {
    const { queueBytes, queueFull } = this.options;
    if (bytes > queueBytes) return `a queue of ${queueBytes} bytes (queueBytes) is full before a message of ${bytes} bytes fits`;
    const oldBytes = old?.item.waiting.bytes ?? 0;
    const hasTooMany = () => !old && this.size >= this.limit;
    const isFull = () => hasTooMany() || this.held(bytes - oldBytes, old ? 0 : 1) > queueBytes;
    if (isFull() && queueFull !== 'drop-oldest') {
      const what = hasTooMany() ? `${this.limit} messages (queueSize)` : `${this.held()} of ${queueBytes} bytes (queueBytes)`;
      return `the queue of client ${this.owner.id} is full: ${what} wait`;
    }
    const dropped: Waiting[] = [];
    for (const place of this.places) {
      if (!isFull()) break;
      // The older message of the key makes room anyway, and the new one takes its place.
      if (place !== old) dropped.push(this.remove(place));
    }
    return dropped;
  }

  private limitWait(place: QueuePlace): void {
    const { seconds, since } = place.item.waiting;
    if (!seconds) return;
    const expired = () => {
      const { fail } = this.remove(place);
      this.owner.onQueued();
      fail(`it expired after it had waited for ${seconds} s`);
    };
    const remaining = Math.max(since + seconds * 1000 - performance.now(), 1);
    place.item.timer = setTimeout(guarded(this.owner.log, expired), remaining);
  }
}

const replacement = 'it was replaced by a newer message of the same key (queueKey)';

/** Returns whether something was handed over earlier. */
const isOlder = ({ item }: QueuePlace, order: number) => item.waiting.order !== undefined && item.waiting.order < order;
