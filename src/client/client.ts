import { type SendStatus, settling } from '../connection/send-status';
import { type CallAnswer, Dialogue, type Expressions, type Report, type RequestInput, type Requests, refuseRequest } from '../conversation';
import type { Decisions } from '../core/decisions';
import { type Change, type Endpoint, type ShutdownCode, shutdownCodes } from '../core/endpoint';
import { callerErrors } from '../core/errors';
import { type Ending, errorPayload, Listeners, type SocketEvent } from '../core/events';
import { reasonOf } from '../core/failure';
import { type Input, next, readyStates, type State } from '../core/lifecycle';
import { guarded, type Log } from '../core/log';
import type { ClientOptions, clientOptions } from '../options/client';
import type { OptionStore } from '../options/option-store';
import type { Layer } from '../options/read';
import { isUnverified } from '../tls/context';
import { answerFailures } from './answer-failures';
import { type ClientInfo, type ClientStart, clientInfo, notOpen, openedAnswer, type StartMode } from './answers';
import { Attempts } from './attempts';
import { shownTarget } from './computed-options';
import type { ConnectFailure } from './connect';
import { Line, type LineOwner } from './line';
import { clientOptionStore, usableOptions } from './option-layers';
import { type Handed, Outbox, type OutboxOwner } from './outbox';
import { Preparation } from './preparation';
import type { AllowsUrl } from './redirects';
import { notRenewed, Renewal } from './renewal';
import { type RetriedFailure, Retries } from './retries';

/** A client: one outgoing connection, which is made again when it is lost. */
export class ClientSocket implements Endpoint, LineOwner, OutboxOwner {
  readonly side = 'client';
  readonly events: Listeners<SocketEvent>;
  readonly changes: Listeners<Change>;
  state: State = 'idle';
  /** The latest change. */
  status: Change = { state: 'idle' };
  private options: OptionStore<typeof clientOptions>;
  line: Line | undefined;
  outbox: Outbox | undefined;
  readonly handed: Handed[] = [];
  private readonly dialogue: Dialogue;
  readonly attempts: Attempts;
  private readonly renewal: Renewal;
  private stopping: Promise<void> | undefined;
  private retryTimer: NodeJS.Timeout | undefined;
  private warned = false;
  readonly retries = new Retries();
  /** Called with each new line, while somebody looks at the frames. */
  watching: ((line: Line) => void) | undefined;

  constructor(
    readonly id: number,
    base: () => Layer,
    given: Layer,
    readonly log: Log,
    expressions?: Expressions,
    /** Returns whether the client may connect to a URL, for reconnections and redirects too. Absent: to every URL. */
    allows?: AllowsUrl,
    decisions?: Decisions,
  ) {
    this.events = new Listeners(log);
    this.changes = new Listeners(log);
    this.options = clientOptionStore(base, given);
    this.dialogue = new Dialogue(`client ${id}`, expressions, log);
    const preparation = decisions && new Preparation(decisions, id, () => this.retries.series, log);
    this.attempts = new Attempts(id, this.dialogue, allows, preparation);
    this.renewal = this.createRenewal(new Attempts(id, this.dialogue, allows, preparation));
  }

  /** @throws SocketError `ERR_OPTION` if the options are not usable. */
  check(): void {
    this.dialogue.check(this.options.values);
  }

  /** @throws SocketError `ERR_OPTION` if the options are not usable. */
  info(): ClientInfo {
    const buffered = this.line?.connection?.bufferedAmount ?? 0;
    return clientInfo(this.options.values, this.attempts.tried, this.state, buffered, this.outbox?.size ?? 0);
  }

  /**
   * Connects. The options given here also apply to later starts and reconnections.
   *
   * @throws SocketError `ERR_STATE` while it is running, or `ERR_OPTION`. Both leave the client unchanged.
   */
  async start(given: Layer, { timeout, automatic = false }: StartMode): Promise<ClientStart> {
    if (this.state === 'cleared') throw callerErrors.cleared(this.side);
    if (!next(this.state, 'start')) throw callerErrors.running(this.side, this.id, readyStates[this.state]);
    const before = this.options;
    const store = before.with(given);
    const options = store.values;
    const goOn = options.retryFirstConnect || (automatic && options.enableAutomaticReconnection);
    this.options = store;
    this.retries.reset();
    this.outbox = Outbox.of(options, this);
    this.enter('start');
    try {
      const line = new Line(this);
      const failure = await this.attempts.make(line, store, timeout ?? options.handshakeTimeoutSecs);
      if (!failure) return { success: true, ...openedAnswer(line) };
      if (goOn || automatic) this.failed(failure, goOn);
      else this.enter('lost', { failure });
      const { http_status, headers, uri, errorStr } = failure;
      return { success: false, http_status, headers, uri, errorStr, protocol: '' };
    } catch (error) {
      // An unusable certificate, for example. No connection was attempted, so the options are restored.
      this.options = before;
      this.enter('lost', { failure: reasonOf(error) });
      throw error;
    }
  }

  /** True if the client has a protocol: it then sends messages of any type, in the protocol's format. */
  get hasProtocol(): boolean {
    return this.outbox?.hasProtocol ?? this.line?.conversation !== undefined;
  }

  /** Sends one message and calls `sent` once. If it can neither be sent nor wait, the send fails. @param given, source as for `Outbox.send`. */
  send(data: unknown, sent: (status: SendStatus) => void, given: unknown = data, source?: unknown): void {
    if (this.outbox) return this.outbox.send(data, sent, given, source);
    const settle = settling(sent);
    if (this.state === 'open' && this.line?.connection?.isOpen) return this.line.send(data, settle);
    settle(`The message was not sent: ${notOpen(this.id, this.state)}`, 0, 0);
  }

  /**
   * Asks the peer something. `report` is called once, or with `many` once for each part.
   *
   * @throws SocketError `ERR_OPTION` if the protocol describes no requests.
   */
  request(input: RequestInput, report: Report): () => void {
    const requests = this.dialogue.describedRequests(this.options.values);
    if (this.outbox && requests) return this.outbox.request(requests, input, report);
    if (this.state === 'open' && requests) return requests.request(input, report);
    return refuseRequest(input, report, `The request was not sent: ${notOpen(this.id, this.state)}`);
  }

  /** The requests, once the protocol has described some. */
  get requests(): Requests | undefined {
    return this.dialogue.requests;
  }

  /** Answers a call of the peer. */
  answer(call: unknown, answer: CallAnswer, sent: (status: SendStatus) => void): void {
    const settle = settling(sent);
    const { conversation } = this.line ?? {};
    if (this.state === 'open' && conversation) return conversation.answer(call, answer, settle);
    settle(`The call was not answered: client ${this.id} is not open, or has no protocol.`, 0, 0);
  }

  /** Closes the connection and aborts every attempt to open one. No event follows the Close of an open connection. */
  stop(code: number, reason: string): Promise<void> {
    this.enter('stop');
    clearTimeout(this.retryTimer);
    this.dialogue.requests?.end(`Client ${this.id} was stopped, so the request ended.`);
    if (this.state !== 'closing') return Promise.resolve();
    this.stopping ??= this.end(code, reason);
    return this.stopping;
  }

  private async end(code: number, reason: string): Promise<void> {
    // All at once, because each peer may take closeTimeoutMs to answer.
    await Promise.all([this.attempts.abort(), this.renewal.stop(code, reason), this.line?.stop(code, reason)]);
    await this.line?.connection?.close(code, reason);
    this.stopping = undefined;
    this.enter('closed');
  }

  async clear({ code, reason }: ShutdownCode = shutdownCodes.cleared): Promise<void> {
    // Repeats if the client was started in the meantime.
    while (this.state !== 'idle' && this.state !== 'cleared') await this.stop(code, reason);
    this.enter('clear');
  }

  private createRenewal(attempts: Attempts): Renewal {
    return new Renewal({
      options: () => this.retryOptions(),
      createLine: () => new Line(this),
      connect: (line, url) => attempts.again(line, this.options, url),
      abort: () => attempts.abort(),
      failed: (failure, retry) => this.events.emit(notRenewed(this.id, failure, retry)),
      adoptedFailed: (failure) => this.failed(failure, this.retryOptions().enableAutomaticReconnection),
      log: this.log,
    });
  }

  onConnection(line: Line): boolean {
    this.watching?.(line);
    if (this.state === 'open' && line === this.renewal.line) return true;
    if (this.state !== 'opening') return false;
    this.line = line;
    return true;
  }

  onOpen(line: Line): void {
    const old = this.state === 'open' && line === this.renewal.line ? this.line : undefined;
    if ((this.state !== 'opening' && !old) || !line.opened) return;
    this.line = line;
    this.retries.opened();
    this.renewal.opened();
    if (old) this.renewal.retire(old);
    const unverified = 'encrypted' in line.opened.socket && isUnverified(this.options.values);
    if (unverified && !this.warned) {
      this.warned = true;
      this.log.warn(
        `Client ${this.id} does not verify the certificate of ${shownTarget({ ...this.attempts.tried, URL: line.opened.ws.url })}: caFile is NONE.`,
      );
    }
    this.enter('opened', { unverified });
    const { http_status: _, ...payload } = openedAnswer(line);
    this.emit({ type: 1, socket: this.id, payload: old ? { ...payload, renews: true } : payload });
    queueMicrotask(guarded(this.log, () => this.outbox?.pump()));
  }

  emit(event: SocketEvent): void {
    this.events.emit(event);
  }

  onReconnect(line: Line, url: string | undefined): void {
    if (line === this.line && this.state === 'open') this.renewal.request(url);
  }

  onClose(line: Line, ending: Ending): void {
    if (line !== this.line) return;
    this.line = undefined;
    const close: SocketEvent = { type: 2, socket: this.id, payload: ending };
    if (readyStates[this.state] !== 'open') return this.events.emit(close);
    const options = this.retryOptions();
    const adopted = options.enableAutomaticReconnection ? this.renewal.adopt() : undefined;
    if (adopted) {
      this.line = adopted;
      this.enter('lost', { reconnecting: true });
      this.enter('retry');
      return this.events.emit(close);
    }
    void this.renewal.stop(1000, 'Normal closure');
    if (!options.enableAutomaticReconnection) {
      // 1001 (going away) is not a failure (RFC 6455, section 7.4.1).
      this.enter('lost', { ...(ending.code !== 1000 && ending.code !== 1001 && { failure: { brief: 'ended', code: ending.code } }) });
      return this.events.emit(close);
    }
    const lasted = this.retries.endedEarly(options);
    if (lasted !== undefined) {
      const failure = answerFailures.endedEarly(shownTarget(this.attempts.tried), lasted, ending);
      return this.retryLater({ ...failure, http_status: 0, code: ending.code }, close);
    }
    this.enter('lost', { reconnecting: true });
    this.events.emit(close);
    if (this.state === 'waiting') this.retry();
  }

  private retry(): void {
    this.enter('retry');
    if (this.state !== 'opening') return;
    this.attempts
      .again(new Line(this), this.options)
      .then((failure) => failure && this.failed(failure, this.retryOptions().enableAutomaticReconnection))
      .catch((error) => this.log.error(error));
  }

  /** Reports a failed attempt, and schedules the next one if one follows. */
  private failed(failure: ConnectFailure, reconnecting: boolean): void {
    if (this.state !== 'opening') return;
    if (reconnecting) return this.retryLater(failure);
    this.enter('lost', { failure });
    this.events.emit({ type: 3, socket: this.id, payload: errorPayload(failure.errorStr, { http_status: failure.http_status }) });
  }

  /**
   * Counts a failure, reports it, and schedules the next attempt if one follows.
   *
   * @param close the Close event of the connection that failed, which comes first.
   */
  private retryLater(failure: RetriedFailure, close?: SocketEvent): void {
    const { retries, wait } = this.retries.failed(this.retryOptions(), failure);
    this.enter('lost', { reconnecting: wait !== undefined, failure, ...(wait !== undefined && { wait }) });
    const { state } = this;
    const retry = guarded(this.log, () => this.retry());
    if (wait !== undefined) this.retryTimer = setTimeout(retry, wait);
    if (close) this.events.emit(close);
    if (this.state !== state) return; // A listener of the Close has stopped or started the client.
    const payload = errorPayload(failure.errorStr, { retries, wait_time: wait ?? 0, http_status: failure.http_status });
    if (wait === undefined) payload.final = true;
    this.events.emit({ type: 3, socket: this.id, payload });
  }

  private readonly retryOptions = (): ClientOptions => usableOptions(this.options, this.attempts.tried);

  private enter(input: Input, { reconnecting = false, ...more }: { reconnecting?: boolean } & Omit<Change, 'state'> = {}): void {
    const state = next(this.state, input, reconnecting);
    if (!state || state === this.state) return;
    this.state = state;
    this.status = { state, ...more, ...this.outbox?.waiting };
    this.outbox?.follow(input);
    this.changes.emit(this.status);
  }

  onQueued(): void {
    this.status = { ...this.status, ...this.outbox?.waiting };
    this.changes.emit(this.status);
  }
}
