import { guarded, type Log } from '../core/log';
import { EventQueue, type Polled } from './event-queue';

/** A socket that a call has made. */
export interface OwnedSocket {
  readonly id: number;
  /** The lease does not clear it. */
  readonly keep: boolean;
}

interface Poll {
  readonly max: number;
  readonly answer: (polled: Polled) => void;
  readonly timer: NodeJS.Timeout;
}

/** Maximum number of owners. Their names come from calls. */
export const maxOwners = 1000;
const nothing: Polled = { events: [], more: 0, dropped: 0 };

/** A 4D application: its sockets, its events, and its lease. */
export class Owner {
  readonly queue = new EventQueue();
  readonly sockets = new Map<number, OwnedSocket>();
  /** Performance time of the latest call or poll, ms. */
  latest = performance.now();
  private poll: Poll | undefined;

  constructor(
    readonly name: string,
    private readonly log: Log,
  ) {}

  get isPolling(): boolean {
    return this.poll !== undefined;
  }

  push(event: object): void {
    this.queue.push(event);
    this.wake();
  }

  /**
   * Waits for an event. An earlier poll ends without events, because an owner has one reader.
   *
   * @param wait seconds.
   * @returns a function that gives up.
   */
  read(wait: number, max: number, answer: (polled: Polled) => void): () => void {
    this.endPoll();
    if (this.queue.hasEvents || wait <= 0) {
      answer(this.queue.read(max));
      return () => {};
    }
    const late = guarded(this.log, () => this.finish(poll, this.queue.read(max)));
    const poll: Poll = { max, answer, timer: setTimeout(late, wait * 1000) };
    this.poll = poll;
    return () => {
      if (this.poll === poll) this.release();
    };
  }

  /** Ends the waiting poll without events. */
  endPoll(): void {
    if (this.poll) this.finish(this.poll, nothing);
  }

  private wake(): void {
    const { poll } = this;
    if (poll) this.finish(poll, this.queue.read(poll.max));
  }

  private finish(poll: Poll, polled: Polled): void {
    if (this.poll !== poll) return;
    this.release();
    poll.answer(polled);
  }

  private release(): void {
    clearTimeout(this.poll?.timer);
    this.poll = undefined;
    this.latest = performance.now();
  }
}
