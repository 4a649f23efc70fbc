import { setMaxListeners } from 'node:events';
import { optionError, SocketError } from '../core/errors';
import { Fifo } from '../core/fifo';
import type { Log } from '../core/log';
import { backoff } from '../net/backoff';
import type { HookForm, HookOptions } from '../options/hook';
import { type Answer, answerOf } from './answer';
import { describeFailure, explain, type HookFailure, hookFailures } from './failures';
import { memoryOf } from './json';
import { Semaphore, Sleepers } from './semaphore';
import { Session } from './session';
import { signatureHeaders } from './signature';
import { Failed, Transport } from './transport';
import { calledBy, checkNames, type HookEvent, type Target, wireOf } from './wire';

/** An event that waits for 4D. `T` belongs to the caller. */
export interface Job<T> {
  /** Jobs of one connection are delivered in order. */
  readonly connection: string;
  readonly event: HookEvent;
  readonly of: T;
}

/** Receives the outcome of each job, exactly once. */
export interface Receiver<T> {
  /** 4D accepted the jobs. The next events of the connection wait until this has ended. */
  delivered(jobs: readonly Job<T>[], answer: Answer): Promise<void>;
  undelivered(job: Job<T>, failure: HookFailure): void;
  /** The status has changed. */
  changed(): void;
}

/** The state of the queue, for the status of a node. */
export interface HookStatus {
  /** Includes jobs whose call is under way. */
  readonly waiting: number;
  readonly limit: number;
  /** The newest event did not fit. */
  readonly full: boolean;
  /** The failure that keeps the oldest job waiting. Its call is retried. */
  readonly failure: HookFailure | undefined;
}

type Settings = HookOptions & Target;

/** Delivers events to 4D: in order per connection, one call at a time for each, with retries. */
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
  private readonly transport: Transport;
  private readonly session: Session;
  private readonly options: Settings;
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
    this.transport = new Transport({ ...options, URL });
    this.session = new Session(this.options, (posted, stop) => this.transport.post(posted, stop));
    // Every call listens on it.
    setMaxListeners(0, this.ended.signal);
  }

  get status(): HookStatus {
    const [failure] = this.retrying.values();
    return { waiting: this.open.size, limit: this.options.maxQueue, full: this.full, failure };
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
    this.transport.close();
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

  private async deliver(connection: string, jobs: readonly Job<T>[]): Promise<void> {
    const { retries, minWaitBetweenRetries, maxWaitBetweenRetries } = this.options;
    const waits = {
      minWaitBetweenReconnectionRetries: minWaitBetweenRetries,
      maxWaitBetweenReconnectionRetries: maxWaitBetweenRetries,
      jitter: false,
    };
    for (let tries = 1; ; tries++) {
      const result = await this.semaphore.run(() => this.call(jobs));
      if (this.ended.signal.aborted) return;
      if ('payload' in result) {
        for (const job of jobs) this.settle(job);
        return this.receiver.delivered(jobs, result);
      }
      if (!result.retryable || tries > retries) {
        for (const job of jobs) this.drop(job, result, tries);
        return;
      }
      this.retrying.set(connection, result);
      this.receiver.changed();
      await this.sleepers.sleep(backoff(tries, waits));
      if (this.ended.signal.aborted) return;
    }
  }

  /** One call. Never throws. */
  private async call(jobs: readonly Job<T>[]): Promise<Answer | HookFailure> {
    const { options, ended } = this;
    if (ended.signal.aborted) return hookFailures.closed(false);
    for (const job of jobs) this.underWay.add(job);
    try {
      const { url, contentType, body } = wireOf(
        options,
        jobs.map(({ event }) => event),
      );
      const signed = options.signingKey ? signatureHeaders(options.signingKey, body) : {};
      const reply = await this.session.call({ url, headers: { 'Content-Type': contentType, ...signed }, body }, ended.signal);
      const { http_status: status, statusText } = reply;
      if (status >= 200 && status <= 299) return answerOf(options.form, reply);
      return status >= 300 && status <= 399 ? hookFailures.redirect(status) : hookFailures.status(status, statusText);
    } catch (error) {
      if (error instanceof Failed) return error.failure;
      // The options of the node or the event itself are wrong, so a retry would fail too.
      return error instanceof SocketError ? hookFailures.callerError(error) : explain(error);
    } finally {
      for (const job of jobs) this.underWay.delete(job);
    }
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

/** Estimates the bytes that a waiting event holds. */
const sizeOf = ({ connection, event }: Job<unknown>) => memoryOf(event.message) + event.method.length + connection.length + 200;
