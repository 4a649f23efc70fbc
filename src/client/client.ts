import { Connection } from '../connection/connection';
import type { Sent } from '../connection/load';
import { type SendStatus, sendStatus } from '../connection/send-status';
import { type Change, type Endpoint, type ShutdownCode, shutdownCodes } from '../core/endpoint';
import { callerErrors, messageOf, optionError, SocketError } from '../core/errors';
import { type Ending, errorPayload, Listeners, type SocketEvent } from '../core/events';
import { reasonOf } from '../core/failure';
import { type Input, next, type ReadyState, readyStates, type State } from '../core/lifecycle';
import { guarded, type Log } from '../core/log';
import { shownUrl } from '../core/text';
import { backoff } from '../net/backoff';
import type { ClientOptions, clientOptions } from '../options/client';
import type { OptionStore } from '../options/option-store';
import type { Layer } from '../options/read';
import { isUnverified } from '../tls/context';
import { OutgoingMessage } from '../wire/outgoing-message';
import { type Answer, type ConnectFailure, type ConnectOptions, connect, type Opened } from './connect';
import { clientOptionStore } from './option-layers';

/** The answer of `client start`. */
export interface ClientStart extends Answer {
  success: boolean;
  /** The negotiated subprotocol, or `''`. */
  protocol: string;
  errorStr?: string;
}

/** The answer of `client` with an id, and of `client stop`. */
export interface ClientInfo {
  readyState: ReadyState;
  /** The configured URL. Its password and the values of its query are shown as `***`. */
  URL: string;
  /** The value of the option, not the negotiated value. */
  perMessageDeflateOptionsEnabled: boolean;
  /** −1 when off. */
  pingInterval: number;
  bufferedAmount: number;
  automaticReconnectionEnabled: boolean;
  maxWaitBetweenReconnectionRetries: number;
}

/** Options for one start: its deadline, and what follows its first failure. */
export interface StartMode {
  /** The deadline of this start, s. Default: the option `handshakeTimeoutSecs`. */
  readonly timeout?: number | undefined;
  /** An automatic start follows the reconnection rules from its first attempt. */
  readonly automatic?: boolean;
}

/** A client: one outgoing connection, which is made again when it is lost. */
export class ClientSocket implements Endpoint {
  readonly side = 'client';
  readonly events: Listeners<SocketEvent>;
  readonly changes: Listeners<Change>;
  private current: State = 'idle';
  private latest: Change = { state: 'idle' };
  private options: OptionStore<typeof clientOptions>;
  private connection: Connection | undefined;
  /** Aborts the current attempt. */
  private trying: AbortController | undefined;
  private tried: Promise<unknown> = Promise.resolve();
  private stopping: Promise<void> | undefined;
  private retryTimer: NodeJS.Timeout | undefined;
  private warned = false;
  private failures = 0;

  constructor(
    readonly id: number,
    base: () => Layer,
    given: Layer,
    private readonly log: Log,
  ) {
    this.events = new Listeners(log);
    this.changes = new Listeners(log);
    this.options = clientOptionStore(base, given);
  }

  get state(): State {
    return this.current;
  }

  /** The latest change. */
  get status(): Change {
    return this.latest;
  }

  /** @throws SocketError `ERR_OPTION` if the options are not usable. */
  check(): void {
    void this.options.values;
  }

  /** @throws SocketError `ERR_OPTION` if the options are not usable. */
  info(): ClientInfo {
    const options = this.options.values;
    return {
      readyState: readyStates[this.current],
      URL: shownUrl(options.URL ?? ''),
      perMessageDeflateOptionsEnabled: options.enablePerMessageDeflate,
      pingInterval: options.pingInterval || -1,
      bufferedAmount: this.connection?.bufferedAmount ?? 0,
      automaticReconnectionEnabled: options.enableAutomaticReconnection,
      maxWaitBetweenReconnectionRetries: options.maxWaitBetweenReconnectionRetries,
    };
  }

  /**
   * Connects. The options given here also apply to later starts and reconnections.
   *
   * @throws SocketError `ERR_STATE` while it is running, or `ERR_OPTION`. Both leave the client unchanged.
   */
  async start(given: Layer, { timeout, automatic = false }: StartMode): Promise<ClientStart> {
    if (this.current === 'cleared') throw callerErrors.cleared(this.side);
    if (!next(this.current, 'start')) throw callerErrors.running(this.side, this.id, readyStates[this.current]);
    const before = this.options;
    const store = before.with(given);
    const options = store.values;
    const goOn = options.retryFirstConnect || (automatic && options.enableAutomaticReconnection);
    this.options = store;
    this.failures = 0;
    this.enter('start');
    let answer: Answer & { protocol?: string } = { http_status: 0, headers: {}, uri: '' };
    try {
      const failure = await this.attempt(timeout ?? options.handshakeTimeoutSecs, (opened) => {
        answer = { http_status: opened.http_status, headers: opened.headers, uri: opened.uri, protocol: opened.ws.protocol };
      });
      if (!failure) return { success: true, ...answer, protocol: answer.protocol ?? '' };
      if (goOn) this.failed(failure, true);
      else if (automatic) this.giveUp(failure);
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

  /** Sends one message and calls `sent` once. If the connection is not open, the send fails; no exception is thrown. */
  send(data: string | Buffer, sent: (status: SendStatus) => void): void {
    const settle: Sent = (errorStr, payloadSize, wireSize) => sent(sendStatus(errorStr, payloadSize, wireSize));
    if (this.current === 'open' && this.connection?.isOpen) return this.connection.send(new OutgoingMessage(data), false, settle);
    settle(`The message was not sent: client ${this.id} is not open (${readyStates[this.current]}). Start it first.`, 0, 0);
  }

  /** Closes the connection and aborts every attempt to open one. No event follows the Close of an open connection. */
  stop(code: number, reason: string): Promise<void> {
    this.enter('stop');
    clearTimeout(this.retryTimer);
    if (this.current !== 'closing') return Promise.resolve();
    this.stopping ??= this.end(code, reason);
    return this.stopping;
  }

  private async end(code: number, reason: string): Promise<void> {
    this.trying?.abort();
    await this.tried;
    await this.connection?.close(code, reason);
    this.stopping = undefined;
    this.enter('closed');
  }

  async clear({ code, reason }: ShutdownCode = shutdownCodes.cleared): Promise<void> {
    // Repeats if the client was started in the meantime.
    while (this.current !== 'idle' && this.current !== 'cleared') await this.stop(code, reason);
    this.enter('clear');
  }

  /** Performs one opening handshake with the current options. */
  private attempt(seconds: number, opened: (opened: Opened) => void = () => {}): Promise<ConnectFailure | undefined> {
    const trying = new AbortController();
    this.trying = trying;
    const attempt = (async () => {
      const options = withUrl(this.options.values, this.id);
      return connect(
        options,
        seconds,
        trying.signal,
        guarded(this.log, (open) => {
          opened(open);
          this.opened(open, options);
        }),
      );
    })();
    this.tried = attempt.catch(() => undefined);
    return attempt;
  }

  private opened({ ws, socket, http_status: _, ...answer }: Opened, options: ClientOptions): void {
    if (this.current !== 'opening') return ws.terminate();
    this.failures = 0;
    const unverified = 'encrypted' in socket && isUnverified(options);
    if (unverified && !this.warned) {
      this.warned = true;
      this.log.warn(`Client ${this.id} does not verify the certificate of ${shownUrl(ws.url)}: caFile is NONE.`);
    }
    this.connection = new Connection({ ws, socket }, false, options, this, this.log);
    this.enter('opened', { unverified });
    this.events.emit({ type: 1, socket: this.id, payload: { ...answer, protocol: ws.protocol } });
  }

  onMessage(str: string | Buffer, wireSize: number): void {
    this.events.emit({ type: 0, socket: this.id, payload: { str, binary: typeof str !== 'string', wireSize } });
  }

  onViolation(reason: string, decompressionError: boolean): void {
    this.events.emit({ type: 3, socket: this.id, payload: errorPayload(reason, { decompressionError }) });
  }

  onClose(ending: Ending): void {
    this.connection = undefined;
    const reconnecting = this.reconnects();
    const { code } = ending;
    // 1001 (going away) is not a failure (RFC 6455, section 7.4.1).
    this.enter('lost', { reconnecting, ...(!reconnecting && code !== 1000 && code !== 1001 && { failure: { brief: 'ended', code } }) });
    this.events.emit({ type: 2, socket: this.id, payload: ending });
    if (this.current === 'waiting') this.retry();
  }

  private reconnects(): boolean {
    try {
      return this.options.values.enableAutomaticReconnection;
    } catch {
      return true; // The next attempt reports an invalid option, or finds it corrected.
    }
  }

  private retry(): void {
    this.enter('retry');
    if (this.current !== 'opening') return;
    this.reconnect().catch((error) => this.log.error(error));
  }

  private async reconnect(): Promise<void> {
    let failure: ConnectFailure | undefined;
    try {
      failure = await this.attempt(this.options.values.handshakeTimeoutSecs);
    } catch (error) {
      if (!(error instanceof SocketError)) throw error;
      failure = { http_status: 0, headers: {}, uri: '', errorStr: messageOf(error), ...reasonOf(error) };
    }
    if (failure && this.current === 'opening') this.failed(failure, this.reconnects());
  }

  /** Reports a failed attempt and schedules the next one. */
  private failed(failure: ConnectFailure, reconnecting: boolean): void {
    if (this.current !== 'opening') return;
    if (!reconnecting) return this.giveUp(failure);
    this.failures++;
    const wait = backoff(this.failures, this.backoffOptions());
    const { errorStr, http_status } = failure;
    this.enter('lost', { reconnecting: true, wait, failure });
    this.retryTimer = setTimeout(
      guarded(this.log, () => this.retry()),
      wait,
    );
    this.events.emit({
      type: 3,
      socket: this.id,
      payload: errorPayload(errorStr, { retries: this.failures, wait_time: wait, http_status }),
    });
  }

  /** Reports the last failure of a client that does not retry and has no pending start command. */
  private giveUp(failure: ConnectFailure): void {
    if (this.current !== 'opening') return;
    const { errorStr, http_status } = failure;
    this.enter('lost', { failure });
    this.events.emit({ type: 3, socket: this.id, payload: errorPayload(errorStr, { http_status }) });
  }

  private backoffOptions() {
    try {
      return this.options.values;
    } catch {
      return { minWaitBetweenReconnectionRetries: 100, maxWaitBetweenReconnectionRetries: 10000, jitter: false };
    }
  }

  private enter(input: Input, { reconnecting = false, ...more }: { reconnecting?: boolean } & Omit<Change, 'state'> = {}): void {
    const state = next(this.current, input, reconnecting);
    if (!state || state === this.current) return;
    this.current = state;
    this.latest = { state, ...more };
    this.changes.emit(this.latest);
  }
}

function withUrl(options: ClientOptions, id: number): ConnectOptions {
  const { URL } = options;
  if (URL === undefined)
    throw optionError(
      `The option URL must be given to start client ${id}, for instance ws://127.0.0.1:8080/; got nothing.`,
      undefined,
      'URL',
    );
  return { ...options, URL };
}
