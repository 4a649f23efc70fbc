import type { Job, Log } from '../../../src/index';
import type { Message } from '../message';
import { leave, takeUp } from './handover';
import type { Handed, Waiting } from './job';

/**
 * The events that wait while a node is deployed again: those of the node that it replaces, then those that come before
 * the flows have started. Before that, the nodes behind the outputs may not exist.
 */
export class PendingEvents {
  private left: Handed[];
  private readonly early: Job<Waiting>[] = [];
  /** The messages that `start` sent and that were not received yet, each with its event. */
  private readonly sent = new WeakMap<object, Handed>();

  /** Takes the events of the last node of this id. */
  constructor(private readonly id: string) {
    this.left = takeUp<Handed>(id);
  }

  /** True until `start`, if there are events of the last node. New events go behind them. */
  get isWaiting(): boolean {
    return this.left.length > 0;
  }

  /** Queues an event behind the others. Returns false if `limit` events are queued. */
  hold(job: Job<Waiting>, limit: number): boolean {
    if (this.early.length >= limit) return false;
    this.early.push(job);
    return true;
  }

  /** Has the node receive its events again as messages, so that Node-RED gets a `done` for each. */
  start(receive: (msg: Message) => void, add: (job: Job<Waiting>) => void): void {
    const { left } = this;
    this.left = [];
    for (const handed of left) this.sent.set(handed.msg, handed);
    for (const { msg } of left) receive(msg);
    for (const job of this.early.splice(0)) add(job);
  }

  /** Returns the event of a message that `start` sent, once; `undefined` for any other message. */
  eventOf(msg: object): Handed | undefined {
    const handed = this.sent.get(msg);
    if (handed) this.sent.delete(msg);
    return handed;
  }

  /** Returns all events, and keeps none. */
  take(): { left: readonly Handed[]; early: readonly Job<Waiting>[] } {
    return { left: this.left.splice(0), early: this.early.splice(0) };
  }

  /**
   * Leaves all events and the waiting jobs of a hook to the next node of this id.
   *
   * @param report reports the number of events, if there is no such node when Node-RED ends.
   */
  leave(jobs: readonly Job<Waiting>[], report: (count: number) => void, log: Log): void {
    const { left, early } = this.take();
    const waiting = [...jobs, ...early].map(({ of: { msg, endpoint }, ...job }) => ({ ...job, msg, endpoint }));
    leave(this.id, [...left, ...waiting], report, log);
  }
}
