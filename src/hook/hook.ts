import { setMaxListeners } from 'node:events';
import { optionError } from '../core/errors';
import { Fifo } from '../core/fifo';
import type { Log } from '../core/log';
import { backoff } from '../net/backoff';
import type { HookForm, HookOptions } from '../options/hook';
import type { Answer } from './answer';
import { Caller, type Settings } from './caller';
import { describeFailure, type HookFailure, hookFailures } from './failures';
import type { HookStatus, Job, Receiver } from './job';
import { memoryOf } from './json';
import { Outage } from './outage';
import { Semaphore, Sleepers } from './semaphore';
import { Failed } from './transport';
import { calledBy, checkNames } from './wire';

/** Delivers events to 4D: in order per connection, one call at a time for each, with retries. All of them wait in an outage. */
export class Hook<T> {
  private readonly queues = new Map<string, Fifo<Job<T>>>();
  /** All undelivered jobs with their bytes, in order of arrival. Closing the node reports them. */
  private readonly open = new Map<Job<T>, number>();
  private readonly underWay = new Set<Job<T>>();
  /** Connections that wait for a retry, with the failure. */
  private readonly retrying = new Map<string, HookFailure>();
  private readonly ended = new AbortController();
  private readonly sleepers = new Sleepers();
  private readonly semaphore: Semaphore;
  private readonly caller: Caller;
  private readonly outage: Outage<Job<T>>;
  private readonly options: Settings;
  /** The number of responses of 4D. */
  private answers = 0;
  private bytes = 0;
  private full = false;
  /** Number of waiting jobs by connection. */
  private readonly waitingBy = new Map<string, number>();
  /** The connection that held more than half of the queue, if there was one. */
  private busiest = '';

  /** @throws SocketError `ERR_OPTION` if the URL is missing or 4D does not allow a name. */
  constructor(
    options: HookOptions,
    private readonly receiver: Receiver<T>,
    private readonly log: Log,
  ) {
    const { URL } = options;
    if (URL === undefined) throw optionError('The option URL is not set. Set it to the address of the 4D web server.', undefined, 'URL');
    this.options = { ...options, URL, form: options.form as HookForm };
    checkNames(this.options);
    this.semaphore = new Semaphore(options.maxCalls);
    this.caller = new Caller(this.options);
    const changed = () => this.receiver.changed();
    this.outage = new Outage(
      options.giveUpSecs,
      { waiting: () => this.waiting(), giveUp: (...late) => this.giveUp(...late), changed },
      log,
    );
    // Every call listens on it.
    setMaxListeners(0, this.ended.signal);
  }

  get status(): HookStatus {
    const [failure] = this.retrying.values();
    const { since: away } = this.outage;
    return { waiting: this.open.size, limit: this.options.maxQueue, full: this.full, failure: this.outage.failure ?? failure, away };
  }

  /** Queues an event, or reports at once that the queue is full. */
  add(job: Job<T>): void {
    const size = sizeOf(job);
    const failure = this.ended.signal.aborted ? hookFailures.closed(false) : this.noRoomFor(job, size);
    this.full = failure?.brief === 'full';
    if (failure) {
      this.receiver.undelivered(job, describeFailure(this.options.URL, failure, 1));
      return this.receiver.changed();
    }
    this.open.set(job, size);
    this.outage.arrived(job);
    this.bytes += size;
    this.countWaiting(job.connection, 1);
    const queue = this.queues.get(job.connection);
    if (queue) queue.push(job);
    else {
      const own = new Fifo<Job<T>>();
      own.push(job);
      this.queues.set(job.connection, own);
      this.work(job.connection, own).catch((error) => this.log.error(error));
    }
    this.receiver.changed();
  }

  /** Reports an event that does not fit into another queue of the caller. */
  refuse(job: Job<T>): void {
    this.receiver.undelivered(job, describeFailure(this.options.URL, hookFailures.full(`${this.options.maxQueue} events`), 1));
  }

  /** Ends every call and every wait. Reports what was not delivered, in order of arrival. */
  close(): void {
    if (this.ended.signal.aborted) return;
    this.ended.abort(new Failed(hookFailures.closed(true)));
    this.sleepers.stop();
    this.outage.stop();
    this.caller.close();
    for (const job of [...this.open.keys()]) this.drop(job, hookFailures.closed(this.underWay.has(job)), 1);
  }

  /** Ends every call and every wait. Returns what was not delivered, in order of arrival, for another hook; reports nothing. */
  handOver(): Job<T>[] {
    const jobs = [...this.open.keys()];
    for (const job of jobs) this.settle(job);
    this.close();
    return jobs;
  }

  private noRoomFor(job: Job<T>, size: number): HookFailure | undefined {
    const { maxQueue, maxQueueBytes } = this.options;
    if (maxQueueBytes > 0 && size > maxQueueBytes) return hookFailures.tooLargeEvent(size, maxQueueBytes);
    if (this.open.size >= maxQueue && !this.evict(job)) return hookFailures.full(`${maxQueue} events`);
    return maxQueueBytes > 0 && this.bytes + size > maxQueueBytes ? hookFailures.full(`events of ${this.bytes} bytes`) : undefined;
  }

  /** Drops and reports the newest event of a connection that holds more than half of the queue, to make room for another. */
  private evict({ connection }: Job<T>): boolean {
    const { busiest } = this;
    if (busiest === connection || (this.waitingBy.get(busiest) ?? 0) * 2 <= this.options.maxQueue) return false;
    const newest = this.queues.get(busiest)?.pop();
    if (newest) this.drop(newest, hookFailures.full(`${this.options.maxQueue} events, most of them of this connection,`), 1);
    return newest !== undefined;
  }

  private countWaiting(connection: string, change: 1 | -1): void {
    const count = (this.waitingBy.get(connection) ?? 0) + change;
    if (count === 0) this.waitingBy.delete(connection);
    else this.waitingBy.set(connection, count);
    if (count * 2 > this.options.maxQueue) this.busiest = connection;
  }

  /** Brings the events of one connection, as long as there are any. */
  private async work(connection: string, queue: Fifo<Job<T>>): Promise<void> {
    // What arrives in the same turn may go in one call.
    if (this.options.eventsPerCall > 1) await new Promise(setImmediate);
    while (queue.length > 0 && !this.ended.signal.aborted) {
      const jobs = this.together(queue);
      try {
        await this.deliver(connection, jobs);
      } catch (error) {
        this.log.error(error);
      } finally {
        this.retrying.delete(connection);
        // Whatever happened, nothing is lost silently.
        for (const job of jobs) this.drop(job, hookFailures.unforeseen(), 1);
        this.receiver.changed();
      }
    }
    this.queues.delete(connection);
  }

  /** Takes the events of a connection that go in the next call. */
  private together(queue: Fifo<Job<T>>): Job<T>[] {
    const { options } = this;
    const jobs: Job<T>[] = [];
    for (let { first } = queue; first && jobs.length < options.eventsPerCall; { first } = queue) {
      const [before] = jobs;
      if (before && calledBy(options, first.event) !== calledBy(options, before.event)) break;
      jobs.push(first);
      queue.shift();
    }
    return jobs;
  }

  /**
   * Delivers events in one call, which is repeated after a failure.
   *
   * @param tries the number of the first attempt. A part of a call that was split continues to count.
   */
  private async deliver(connection: string, given: readonly Job<T>[], tries = 1): Promise<void> {
    const answersBefore = this.answers;
    for (let jobs = given; ; jobs = jobs.filter((job) => this.open.has(job))) {
      const [first] = jobs;
      if (!first || this.ended.signal.aborted) return;
      const result = this.outage.holds(first) ? undefined : await this.semaphore.run(() => this.attempt(jobs));
      if (this.ended.signal.aborted) return;
      if (!result) {
        await this.outage.pass(first);
        continue;
      }
      if ('payload' in result || (result.http_status > 0 && !result.isOutage)) this.answered();
      if ('payload' in result) {
        for (const job of jobs) this.settle(job);
        return this.receiver.delivered(jobs, result);
      }
      if (this.isAway(result, tries, this.answers > answersBefore)) {
        this.outage.failed(jobs, result);
        this.receiver.changed();
        continue;
      }
      this.outage.skipped(first);
      if (!result.retryable || tries > this.options.retries) return this.refused(connection, jobs, result, tries);
      await this.beforeRetry(connection, result, tries++);
    }
  }

  private answered(): void {
    this.answers++;
    this.outage.end();
  }

  /**
   * Returns whether a failure means that 4D is away. A lost connection can also be the fault of the event, so it means that only if 4D
   * has answered no other call during all retries.
   */
  private isAway({ isOutage, retryable, http_status, brief }: HookFailure, tries: number, hasAnswered: boolean): boolean {
    if (isOutage || !retryable || http_status > 0) return isOutage === true;
    return this.outage.isOn || (brief === 'closed' && tries > this.options.retries && !hasAnswered);
  }

  /** Reports events that 4D refused. Of several events it may have refused one, so each half is tried alone. */
  private async refused(connection: string, jobs: readonly Job<T>[], failure: HookFailure, tries: number): Promise<void> {
    if (jobs.length === 1 || !isOfEvent(failure)) {
      for (const job of jobs) this.drop(job, failure, tries);
      return;
    }
    const middle = Math.ceil(jobs.length / 2);
    await this.deliver(connection, jobs.slice(0, middle), tries);
    await this.deliver(connection, jobs.slice(middle), tries);
  }

  private beforeRetry(connection: string, failure: HookFailure, tries: number): Promise<void> {
    const { minWaitBetweenRetries: min, maxWaitBetweenRetries: max } = this.options;
    this.retrying.set(connection, failure);
    this.receiver.changed();
    const wait = backoff(tries, { minWaitBetweenReconnectionRetries: min, maxWaitBetweenReconnectionRetries: max, jitter: false });
    return this.sleepers.sleep(Math.max(wait, failure.retryAfterMs ?? 0));
  }

  /** Calls, unless an outage began or events were given up while the call waited for its turn. */
  private async attempt(jobs: readonly Job<T>[]): Promise<Answer | HookFailure | undefined> {
    const isHeld = () => this.outage.holds(jobs[0] as Job<T>);
    if (isHeld() || !jobs.every((job) => this.open.has(job))) return undefined;
    if (this.ended.signal.aborted) return hookFailures.closed(false);
    for (const job of jobs) this.underWay.add(job);
    const events = jobs.map(({ event }) => event);
    const result = await this.caller.call(events, this.ended.signal, isHeld);
    for (const job of jobs) this.underWay.delete(job);
    return result;
  }

  private *waiting(): Generator<Job<T>> {
    for (const job of this.open.keys()) if (!this.underWay.has(job)) yield job;
  }

  /** Drops an event that waited too long in an outage. It is the first of its queue, or in a call that waits. */
  private giveUp(job: Job<T>, failure: HookFailure): void {
    const queue = this.queues.get(job.connection);
    if (queue?.first === job) queue.shift();
    this.drop(job, failure, 1);
  }

  /** Removes a job from the list. Returns false if its outcome was reported before. */
  private settle(job: Job<T>): boolean {
    const size = this.open.get(job);
    if (size === undefined) return false;
    this.open.delete(job);
    this.bytes -= size;
    this.countWaiting(job.connection, -1);
    this.full = false;
    return true;
  }

  private drop(job: Job<T>, failure: HookFailure, tries: number): void {
    if (this.settle(job)) this.receiver.undelivered(job, describeFailure(this.options.URL, failure, tries));
  }
}

/** Returns whether the events can be the cause of a refusal. A 2xx response accepts them; a redirect and a 401 are about the address and the login. */
const isOfEvent = ({ http_status }: HookFailure) => http_status >= 400 && http_status !== 401;

/** Estimates the bytes that a waiting event holds. */
const sizeOf = ({ connection, event }: Job<unknown>) => memoryOf(event.message) + event.method.length + connection.length + 200;
