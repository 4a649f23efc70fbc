import { randomUUID } from 'node:crypto';
import type { Sent } from '../connection/load';
import { guarded, type Log } from '../core/log';
import { keyOf } from './calls';
import type { AnswerShape, Rpc } from './description/rpc';
import { DiscardedIds } from './discarded-ids';
import { cite } from './faults';
import type { Incoming } from './incoming-message';
import { QueuedRequests } from './queued-requests';
import { type Entry, outcomeOf, type PartialOutcome, type Report, type RequestInput, type RequestLink, refuseRequest } from './request';

const removedNode = 'The request ended: its node was removed or deployed again.';

/**
 * The requests of one socket. Each gets one outcome, or with `many` one for each part. Those of a client survive its connections if they are
 * kept (contract-2, section 12).
 */
export class Requests {
  /** Open, waiting and kept requests by the text of their id, in order of arrival. */
  private readonly entries = new Map<string, Entry>();
  /** Kept requests whose answer came on this connection, by the text of their id. They are asked again after the next Open. */
  private readonly answeredOnes = new Map<string, Entry>();
  private readonly queued = new QueuedRequests();
  private readonly discarded = new DiscardedIds();
  private link: RequestLink | undefined;
  /** The number of awaited answers, including late ones if the protocol has no ids. */
  private awaited = 0;

  constructor(
    readonly rpc: Rpc,
    /** For sentences: "client 1". */
    private readonly subject: string,
    private readonly redact: (text: string) => string,
    private readonly log: Log,
  ) {}

  /** The number of requests without an outcome, with those that wait in an outbox. */
  get size(): number {
    let size = this.queued.size;
    for (const { state } of this.entries.values()) if (state !== 'late') size++;
    return size;
  }

  /**
   * Asks. `report` is called once, with `many` once for each part, and with `keep` once for each connection.
   *
   * @returns a function that ends the request, because the node that asked is gone.
   */
  request(input: RequestInput, report: Report): () => void {
    const begin = performance.now();
    const refuse = (errorStr: string) => refuseRequest(input, report, errorStr);
    if (!this.link) return refuse(`The request was not sent: ${this.subject} is not connected. Wait for its Open event.`);
    const wrong = this.refusal(input);
    if (wrong !== undefined) return refuse(wrong);
    const id = input.requestId ?? this.nextId();
    const entry: Entry = { input, report, begin, id, key: keyOf(id), state: 'waiting', sent: false, part: 0, renewed: 0, timer: undefined };
    this.entries.set(entry.key, entry);
    this.limit(entry);
    if (this.rpc.concurrency === 0) this.ask(entry);
    else this.dispatch();
    return () => {
      if (this.find(entry.key) === entry && entry.state !== 'late') this.abort(entry, removedNode);
    };
  }

  /**
   * Counts a request that waits in an outbox among the open ones.
   *
   * @param end reports the outcome of the request, if it is cancelled while it waits.
   * @returns a function to call when the wait has ended, or the reason if the request is refused.
   */
  queue(input: RequestInput, end: (errorStr: string) => void): (() => void) | string {
    return this.refusal(input) ?? this.queued.add(input.requestId, end);
  }

  private refusal({ requestId }: RequestInput): string | undefined {
    const { maxPending } = this.rpc;
    if (this.entries.size + this.queued.size >= maxPending)
      return `The request was not sent: ${maxPending} requests of ${this.subject} are open (rpc.maxPending).`;
    if (requestId === undefined || !this.has(keyOf(requestId))) return undefined;
    return `The request was not sent: a request with the id ${keyOf(requestId).slice(0, 80)} is open. Choose another requestId.`;
  }

  private has(key: string): boolean {
    return this.find(key) !== undefined || this.queued.has(key);
  }

  private find(key: string): Entry | undefined {
    return this.entries.get(key) ?? this.answeredOnes.get(key);
  }

  /** Cancels an open request, or one that waits in an outbox. Returns what is wrong, if there is none. */
  cancel(requestId: unknown): string | undefined {
    if (this.queued.end(keyOf(requestId), 'cancelled')) return undefined;
    const entry = this.find(keyOf(requestId));
    if (!entry || entry.state === 'late') return `No request with the id ${keyOf(requestId).slice(0, 80)} is open.`;
    this.abort(entry, 'cancelled');
    return undefined;
  }

  private abort(entry: Entry, errorStr: string): void {
    const { rpc, link } = this;
    if (entry.state === 'open' || entry.state === 'answered') {
      if (rpc.cancel && link) link.say(rpc.cancel, this.scope(entry), () => {});
      this.discard(entry.key);
    }
    this.finish(entry, { success: false, errorStr });
  }

  /** Begins to ask on a new connection: the kept requests first. */
  attach(link: RequestLink): void {
    this.link = link;
    this.awaited = 0;
    this.discarded.clear();
    const kept = [...this.entries.values(), ...this.answeredOnes.values()];
    this.entries.clear();
    this.answeredOnes.clear();
    for (const entry of kept) {
      const id = this.nextId();
      Object.assign(entry, { id, key: keyOf(id), state: 'waiting', part: 0, renewed: entry.renewed + 1 } satisfies Partial<Entry>);
      this.entries.set(entry.key, entry);
      this.limit(entry);
    }
    this.dispatch();
  }

  /** The connection has ended: so have its requests, but for the kept ones. */
  detach(): void {
    if (!this.link) return;
    this.link = undefined;
    for (const entry of [...this.entries.values()]) {
      if (entry.state === 'late') this.entries.delete(entry.key);
      else if (entry.input.keep) this.suspend(entry);
      else this.finish(entry, { success: false, errorStr: `The connection of ${this.subject} ended before the answer came.` });
    }
  }

  /** Ends every request. @param why the sentence of their outcome. */
  end(why: string): void {
    this.link = undefined;
    this.queued.endAll(why);
    for (const entry of [...this.entries.values(), ...this.answeredOnes.values()]) {
      if (entry.state === 'late') this.entries.delete(entry.key);
      else this.finish(entry, { success: false, errorStr: why });
    }
  }

  /** Returns true if a message is an answer, and reports it. */
  read({ data, str }: Incoming): boolean {
    const { answer, error } = this.rpc;
    if (answer.when(data)) {
      const entry = this.owner(answer, data);
      if (entry) return this.answered(entry, answer.value(data) ?? null, data);
      if (this.isDiscarded(answer, data)) return true;
    }
    if (!error?.when(data)) return false;
    const entry = this.owner(error, data);
    if (!entry) return this.isDiscarded(error, data);
    if (entry.state === 'late') return this.release(entry);
    const text = cite(str, this.redact);
    this.finish(entry, { success: false, error: error.value(data), errorStr: `The peer answered with an error: ${text}` });
    return true;
  }

  private owner({ id }: AnswerShape, data: unknown): Entry | undefined {
    if (this.rpc.order) {
      for (const entry of this.entries.values()) if (entry.state === 'open' || entry.state === 'late') return entry;
      return undefined;
    }
    const entry = this.entries.get(keyOf(id?.get(data)));
    return entry?.state === 'open' ? entry : undefined;
  }

  private answered(entry: Entry, result: unknown, data: unknown): boolean {
    if (entry.state === 'late') return this.release(entry);
    const isMore = this.rpc.more?.(data) === true;
    if (!entry.input.many) {
      if (isMore) this.discard(entry.key);
      this.finish(entry, { success: true, result });
      return true;
    }
    entry.part++;
    if (!isMore) {
      this.finish(entry, { success: true, result, part: entry.part });
      return true;
    }
    clearTimeout(entry.timer);
    this.report(entry, { success: true, result, part: entry.part });
    return true;
  }

  /** Frees the place of a request that had timed out. Its answer is a Message. */
  private release(entry: Entry): false {
    this.entries.delete(entry.key);
    this.awaited--;
    this.dispatch();
    return false;
  }

  /** Asks what waits, as far as `concurrency` allows. */
  private dispatch(): void {
    const { concurrency } = this.rpc;
    if (concurrency > 0 && this.awaited >= concurrency) return;
    for (const entry of this.entries.values()) {
      if (entry.state !== 'waiting') continue;
      this.ask(entry);
      if (concurrency > 0 && this.awaited >= concurrency) return;
    }
  }

  private ask(entry: Entry): void {
    const { link, rpc } = this;
    if (!link) return;
    const { input, id } = entry;
    entry.state = 'open';
    entry.sent = true;
    this.awaited++;
    const { renewed } = entry;
    const sent: Sent = (errorStr) => {
      if (errorStr === undefined || this.entries.get(entry.key) !== entry || entry.renewed !== renewed) return;
      entry.sent = false;
      this.finish(entry, { success: false, errorStr: this.redact(errorStr) });
    };
    if (input.message !== undefined) link.send(rpc.id ? rpc.id.set(input.message, id) : input.message, sent);
    else if (rpc.request) link.say(rpc.request, this.scope(entry), sent);
    else sent('The request was not sent: the protocol has no rpc.request. Give message instead of method.', 0, 0);
  }

  private scope({ input, id }: Entry): object {
    return { id, method: input.method, params: input.params, message: input.message, many: input.many };
  }

  private limit(entry: Entry): void {
    clearTimeout(entry.timer);
    const { timeout } = entry.input;
    entry.timer = setTimeout(
      guarded(this.log, () => this.late(entry)),
      timeout * 1000,
    );
  }

  private late(entry: Entry): void {
    const keepsPlace = this.rpc.order && entry.state === 'open';
    const doing = entry.state === 'open' ? 'no answer came' : 'it waited for a place';
    const errorStr = `The request timed out: ${doing} within ${entry.input.timeout} s.`;
    this.finish(entry, { success: false, errorStr }, keepsPlace);
  }

  private suspend(entry: Entry): void {
    clearTimeout(entry.timer);
    entry.state = 'down';
  }

  /** Reports the last outcome of a request. @param keepsPlace its answer is still due, and must not go to another request. */
  private finish(entry: Entry, outcome: PartialOutcome, keepsPlace = false): void {
    clearTimeout(entry.timer);
    const wasOpen = entry.state === 'open';
    if (keepsPlace) entry.state = 'late';
    else {
      this.entries.delete(entry.key);
      this.answeredOnes.delete(entry.key);
      if (wasOpen) this.awaited--;
    }
    const goesOn = outcome.success && entry.input.keep && !entry.input.many;
    if (goesOn) {
      entry.state = 'answered';
      this.answeredOnes.set(entry.key, entry);
    }
    this.report(entry, outcome, true, goesOn);
    if (wasOpen && !keepsPlace && this.rpc.concurrency > 0) this.dispatch();
  }

  private report(entry: Entry, outcome: PartialOutcome, isLast = false, goesOn = !isLast): void {
    try {
      entry.report(outcomeOf(entry, outcome, isLast), goesOn);
    } catch (error) {
      this.log.error(error);
    }
  }

  private nextId(): unknown {
    const { ids } = this.rpc;
    if (ids === 'uuid') return randomUUID();
    for (;;) {
      const number = this.link?.nextNumber() ?? 0;
      if (!this.has(String(number))) return ids === 'text' ? String(number) : number;
    }
  }

  private discard(key: string): void {
    if (this.rpc.more && !this.rpc.order) this.discarded.add(key);
  }

  private isDiscarded({ id }: AnswerShape, data: unknown): boolean {
    if (this.discarded.size === 0) return false;
    return this.discarded.has(keyOf(id?.get(data)), !this.rpc.more?.(data));
  }
}
