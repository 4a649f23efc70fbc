import type { Sent } from '../connection/load';
import { isUnwritten, type SendStatus, sendStatus } from '../connection/send-status';
import { type Report, type RequestInput, type Requests, refuseRequest } from '../conversation';
import type { Change } from '../core/endpoint';
import type { Input, State } from '../core/lifecycle';
import { guarded } from '../core/log';
import { type Path, parsePath } from '../core/path';
import type { ClientOptions } from '../options/client';
import { notOpen } from './answers';
import type { Line } from './line';
import { hasOutbox, messageBytes, queueKeyOf } from './outbox-message';
import { type Handed, OutboxQueue, type QueueOwner, type QueuePlace, type Waiting } from './outbox-queue';

export type { Handed } from './outbox-queue';

export type OutboxOptions = Pick<
  ClientOptions,
  'queueSize' | 'queueBytes' | 'queueTtlSecs' | 'queueFull' | 'queueKey' | 'maxSendsPerSecond' | 'protocol'
>;

/** The client, as its outbox sees it. */
export interface OutboxOwner extends QueueOwner {
  readonly state: State;
  /** The line that is in use, if there is one. */
  readonly line: Line | undefined;
  /** The messages that the client of the same node has left. */
  readonly handed: Handed[];
}

/** The messages in queue where only a rate is set. */
const rateQueue = 1000;

/** The most messages and bytes that are handed over before the operating system has taken them. What waits here outlives a connection. */
const maxInFlight = 256;
const maxBytesInFlight = 1048576;

/**
 * The messages of a client that wait for its connection or for the rate. Each is sent at most once, in the order of arrival, and gets one
 * answer (contract-2, section 14).
 */
export class Outbox {
  readonly limit: number;
  /** True if the client has a protocol, which encodes messages of any type. */
  readonly hasProtocol: boolean;
  private readonly queue: OutboxQueue;
  private readonly keyPath: Path | undefined;
  private readonly pumpSoon: () => void;
  private inFlight = 0;
  private bytesInFlight = 0;
  private isPumping = false;
  /** The number of messages handed over so far. */
  private handedOver = 0;

  /** Returns `undefined` if no option asks for an outbox. Takes the messages that were left. */
  static of(options: OutboxOptions, owner: OutboxOwner): Outbox | undefined {
    const outbox = hasOutbox(options) ? new Outbox(options, owner) : undefined;
    for (const { sent, ...left } of owner.handed.splice(0)) {
      if (outbox) outbox.add({ sent, ...left });
      else sent(notSent(`client ${owner.id} was stopped while it waited`));
    }
    return outbox;
  }

  private constructor(
    private readonly options: OutboxOptions,
    private readonly owner: OutboxOwner,
  ) {
    this.limit = options.queueSize || rateQueue;
    this.hasProtocol = options.protocol !== undefined;
    this.keyPath = parsePath(options.queueKey);
    this.queue = new OutboxQueue(options, this.limit, owner);
    this.pumpSoon = guarded(owner.log, () => this.pump());
  }

  /** The number of messages that wait. */
  get size(): number {
    return this.queue.size;
  }

  /** The number of messages that wait, for a status. */
  get waiting(): Pick<Change, 'queued' | 'limit'> {
    return { queued: this.size || undefined, limit: this.limit };
  }

  /** Ends the wait if the client no longer tries to connect. */
  follow(input: Input): void {
    const { id, state } = this.owner;
    if (isTrying(state)) return;
    this.end(input === 'lost' ? `client ${id} stopped connecting while it waited` : `client ${id} was stopped while it waited`);
  }

  /**
   * Sends a message, or lets it wait. `sent` is called once.
   *
   * @param given the message as the flow gave it, from which the key is taken.
   * @param source the sender of the flow, for `handOver`.
   */
  send(data: unknown, sent: (status: SendStatus) => void, given: unknown, source?: unknown): void {
    if (this.isDirect) return this.deliver({ data, bytes: 0, key: undefined, since: performance.now(), source, sent }, 0, given);
    const { id, state } = this.owner;
    if (!isTrying(state)) return sent(notSent(notOpen(id, state).replace(/\.$/, '')));
    this.add({ data, bytes: messageBytes(data), key: queueKeyOf(this.keyPath, given), since: performance.now(), source, sent });
  }

  /** Asks in its turn, under the request's own timeout. Reports and returns as `Requests.request` does. */
  request(requests: Requests, input: RequestInput, report: Report): () => void {
    if (this.isDirect) return requests.request(input, report);
    const { id, state } = this.owner;
    if (!isTrying(state)) return refuseRequest(input, report, `The request was not sent: ${notOpen(id, state)}`);
    return this.queueRequest(requests, input, report);
  }

  private queueRequest(requests: Requests, input: RequestInput, report: Report): () => void {
    const since = performance.now();
    const waited = () => Math.round((performance.now() - since) * 10) / 10;
    let place: QueuePlace | undefined;
    let dequeue = () => {};
    let end = () => {
      dequeue();
      leave('The request was not sent: the node that asked was removed.');
    };
    const leave = (errorStr: string) => {
      end = () => {};
      if (place) this.queue.remove(place);
      this.owner.onQueued();
      refuseRequest(input, report, errorStr, waited());
    };
    const counted = requests.queue(input, leave);
    if (typeof counted === 'string') return refuseRequest(input, report, counted);
    dequeue = counted;
    place = this.queue.put({
      bytes: messageBytes(input.message ?? input.params),
      key: undefined,
      since,
      seconds: input.timeout,
      hand: (queued) => {
        dequeue();
        const timeout = Math.max(input.timeout - queued / 1000, 0.001);
        end = requests.request({ ...input, timeout }, (outcome, goesOn) => report({ ...outcome, ms: outcome.ms + queued }, goesOn));
      },
      fail: (why) => {
        dequeue();
        end = refuseRequest(input, report, `The request was not sent: ${why}.`, waited());
      },
    });
    this.pump();
    return () => end();
  }

  /** Removes and returns the waiting messages whose source may leave them to another client. */
  handOver(mayLeave: (source: unknown) => boolean): Handed[] {
    const left = this.queue.takeMessages(mayLeave);
    return left.flatMap(({ message, bytes, key, since }) => (message ? { ...message, bytes, key, since } : []));
  }

  /** Hands over what waits, as far as the connection and the rate allow. */
  pump(): void {
    if (this.isPumping) return;
    this.isPumping = true;
    const before = this.size;
    try {
      while (this.inFlight < maxInFlight && this.bytesInFlight < maxBytesInFlight && this.isReady) {
        const waiting = this.queue.shift();
        if (!waiting) break;
        waiting.hand(Math.round(performance.now() - waiting.since));
      }
    } finally {
      this.isPumping = false;
    }
    if (this.size !== before) this.owner.onQueued();
    const connection = this.owner.line?.connection;
    if (this.size > 0 && connection?.isOpen && !this.isReady) connection.paced?.whenFree(() => this.pump());
  }

  private end(why: string): void {
    if (this.size === 0) return;
    const left: Waiting[] = [];
    for (let waiting = this.queue.shift(); waiting; waiting = this.queue.shift()) left.push(waiting);
    this.owner.onQueued();
    for (const { fail } of left) fail(why);
  }

  /** True if nothing waits, and a message can go now. */
  private get isDirect(): boolean {
    return this.size === 0 && this.isReady;
  }

  private get isReady(): boolean {
    const { state, line } = this.owner;
    const connection = state === 'open' ? line?.connection : undefined;
    return connection?.isOpen === true && (connection.paced === undefined || connection.paced.isFree);
  }

  /** @param given the message as the flow gave it, if it has not waited. */
  private deliver(message: Handed, queued: number, given?: unknown): void {
    const { data, bytes, sent } = message;
    const order = ++this.handedOver;
    this.inFlight++;
    this.bytesInFlight += bytes;
    const settle: Sent = (errorStr, payloadSize, wireSize) => {
      this.inFlight--;
      this.bytesInFlight -= bytes;
      if (errorStr === undefined || !isUnwritten(errorStr) || !this.takeBack(message, order, given)) {
        const status = sendStatus(errorStr, payloadSize, wireSize);
        if (errorStr === undefined) status.queued = queued;
        sent(status);
      }
      if (this.size === 0) return;
      // After a failure others may come back, which are older than what waits.
      if (errorStr === undefined) this.pump();
      else queueMicrotask(this.pumpSoon);
    };
    this.owner.line?.send(data, settle);
  }

  /** Takes back a message of which the operating system has nothing: it waits for the next connection. Returns false if it may not. */
  private takeBack(message: Handed, order: number, given: unknown): boolean {
    if (!isTrying(this.owner.state)) return false;
    const { data } = message;
    const whole = given === undefined ? message : { ...message, bytes: messageBytes(data), key: queueKeyOf(this.keyPath, given) };
    return this.queue.putBack({ ...this.waitingOf(whole), order });
  }

  private add(message: Handed): void {
    this.queue.put(this.waitingOf(message));
    this.pump();
  }

  private waitingOf(message: Handed): Waiting {
    const { data, bytes, key, since, source, sent } = message;
    return {
      ...{ bytes, key, since },
      seconds: this.options.queueTtlSecs,
      message: { data, source, sent },
      hand: (queued) => this.deliver(message, queued),
      fail: (why) => sent(notSent(why)),
    };
  }
}

const isTrying = (state: State) => state === 'open' || state === 'opening' || state === 'waiting';
const notSent = (why: string) => sendStatus(`The message was not sent: ${why}.`, 0, 0);
