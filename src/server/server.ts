import { defaultTotal, SendBudget } from '../connection/send-budget';
import type { Expressions, Requests } from '../conversation';
import type { Decisions } from '../core/decisions';
import { type Change, type Endpoint, type ShutdownCode, shutdownCodes } from '../core/endpoint';
import { callerErrors, messageOf } from '../core/errors';
import { errorPayload, Listeners, type SocketEvent } from '../core/events';
import { type Failure, reasonOf } from '../core/failure';
import { type Input, next, readyStates, type State } from '../core/lifecycle';
import type { Log } from '../core/log';
import { OptionStore } from '../options/option-store';
import type { Layer } from '../options/read';
import { type ServerOptions, serverOptions } from '../options/server';
import { authentication } from './admission/authentication';
import { RejectionSummary } from './admission/rejection-summary';
import { askUpgrade, sessionOf } from './admission/upgrade-question';
import { reportRejection, type ServerInfo, type ServerStart, startFailed } from './answers';
import type { ReceiverStatus } from './broadcast';
import { connectionInfo, isOpen, type Member } from './connection-info';
import { ConnectionSetup } from './connection-setup';
import { Dialogues } from './dialogues';
import { rejectFixed } from './fixed-options';
import { LastValues } from './last-values';
import { listen, listenAddress } from './listen';
import type { Listener, ListenerOwner } from './listener';
import { Members, type Receivers, type TagChanges } from './members';
import { Sends } from './sends';
import type { SharedHttp } from './shared-http';
import { mayComeLater, StartRetries } from './start-retries';

/** One server: a listener and its connections. */
export class ServerSocket implements Endpoint {
  readonly side = 'server';
  readonly events: Listeners<SocketEvent>;
  readonly changes: Listeners<Change>;
  private current: State = 'idle';
  private latest: Change = { state: 'idle', connections: 0 };
  private options: OptionStore<typeof serverOptions>;
  private listener: Listener | undefined;
  /** Aborts the pending start. */
  private trying = new AbortController();
  private starting: Promise<unknown> = Promise.resolve();
  private stopping: Promise<void> | undefined;
  readonly retries: StartRetries;
  readonly members = new Members<Member>();
  private readonly dialogues: Dialogues;
  /** The messages that are kept for connections that join later. A stop keeps them, a clear removes them. */
  readonly lastValues: LastValues;
  private readonly sends: Sends;
  private readonly rejections: RejectionSummary;
  readonly setup: ConnectionSetup;

  constructor(
    readonly id: number,
    base: () => Layer,
    given: Layer,
    private readonly log: Log,
    /** The HTTP server that `listenOn` can select instead of its own port. */
    private readonly shared?: SharedHttp,
    expressions?: Expressions,
    private readonly decisions?: Decisions,
  ) {
    this.events = new Listeners(log);
    this.changes = new Listeners(log);
    this.options = new OptionStore(serverOptions, base, given);
    this.dialogues = new Dialogues(`server ${id}`, expressions, log);
    this.lastValues = new LastValues(log);
    this.sends = new Sends(this.members, this.dialogues, this.lastValues, log);
    const { events, members, dialogues, sends } = this;
    this.setup = new ConnectionSetup({ id, events, members, dialogues, sends, log, changed: () => this.changed() });
    this.retries = new StartRetries(() => this.start({}, { automatic: true }), log);
    this.rejections = new RejectionSummary((rejected, count) => reportRejection(this, rejected, count), log);
  }

  get state(): State {
    return this.current;
  }

  /** The latest change. */
  get status(): Change {
    return this.latest;
  }

  /** The bound address while it listens. */
  get listening(): Pick<Listener, 'uri' | 'port' | 'path'> | undefined {
    return this.listener;
  }

  /** @throws SocketError `ERR_OPTION` if the options are not usable. */
  get values(): ServerOptions {
    return this.options.values;
  }

  /** @throws SocketError `ERR_OPTION` if the options are not usable. */
  check(): void {
    const options = this.options.values;
    listenAddress(options);
    authentication(options);
    this.dialogues.dialogue.check(options);
  }

  /** Returns information about all connections, or about the selected ones. */
  info(of?: Receivers): ServerInfo {
    const connections = this.members.choose(of).filter(isOpen).map(connectionInfo);
    const retained = this.lastValues.info;
    return { clients: connections.map(({ uri }) => uri), connections, ...(retained && { retained }) };
  }

  /**
   * Starts to listen. Options given here are kept for later starts. An automatic start that fails is repeated until it succeeds, and a
   * start meanwhile does not wait for the next one.
   *
   * @throws SocketError `ERR_STATE` while it runs or for a change of a fixed option; `ERR_OPTION` for an unusable option. Both leave
   * the socket unchanged.
   */
  async start(given: Layer, { automatic = false } = {}): Promise<ServerStart> {
    if (this.current === 'cleared') throw callerErrors.cleared(this.side);
    const isRetried = this.current === 'waiting';
    const input = isRetried ? 'retry' : 'start';
    if (!next(this.current, input)) throw callerErrors.running(this.side, this.id, readyStates[this.current]);
    const before = this.options;
    const store = before.with(given);
    const options = store.values;
    const address = listenAddress(options);
    rejectFixed(this.id, before, options, given);
    this.dialogues.dialogue.check(options);
    this.options = store;
    this.retries.pause();
    this.enter(input);
    this.sends.budget = new SendBudget(options.maxBufferedTotal ?? defaultTotal(), () =>
      this.members.choose().map(({ connection }) => connection),
    );
    this.trying = new AbortController();
    const owner: ListenerOwner = {
      admitted: (admitted) => this.setup.admit(admitted, options),
      ask: this.decisions && askUpgrade(this.decisions, this.id),
      rejected: (rejected) => this.rejections.add(rejected),
      warned: (sentence) => this.events.emit({ type: 3, socket: this.id, payload: errorPayload(sentence) }),
    };
    const begin = (ready: ServerOptions) => {
      this.lastValues.configure(options, this.dialogues.format);
      return listen({ ...ready, ...address }, owner, this.log, this.trying.signal, this.shared);
    };
    this.dialogues.reset();
    const started = options.protocol === undefined ? begin(options) : this.dialogues.prepare(options).then(begin);
    this.starting = started.catch(() => undefined);
    try {
      const outcome = await started;
      if ('errorStr' in outcome) return this.lost(outcome, automatic || isRetried);
      this.listener = outcome;
      if (this.current !== 'opening') return startFailed(`Server ${this.id} was stopped before it listened.`);
      this.retries.end();
      this.enter('opened');
      const { uri, port } = outcome;
      return { success: true, http_status: 0, headers: {}, uri, port };
    } catch (error) {
      // Only unusable options throw, for instance a certificate. The server did not try to listen, so the options are restored.
      this.options = before;
      const answer = this.lost({ errorStr: messageOf(error), ...reasonOf(error) }, isRetried || (automatic && mayComeLater(error)));
      if (automatic && this.current === 'waiting') return answer;
      throw error;
    }
  }

  /** Handles a start that failed. @param isRepeated schedule the next one. */
  private lost(failure: Failure, isRepeated: boolean): ServerStart {
    const { errorStr } = failure;
    if (isRepeated && this.current === 'opening') {
      const { wait, retries, isNew } = this.retries.failed(failure);
      this.enter('lost', { failure, wait });
      if (isNew) this.events.emit({ type: 3, socket: this.id, payload: errorPayload(errorStr, { retries, wait_time: wait }) });
    } else this.enter('lost', { failure });
    return startFailed(errorStr);
  }

  /** Sends one message to each receiver. `sent` is called once, with one status per receiver in the order of connection. */
  send(data: unknown, to: Receivers, sent: (statuses: ReceiverStatus[]) => void): void {
    this.sends.send(data, to, sent);
  }

  /** Sends like `send`, for a caller that takes no statuses. */
  sendUnheard(...given: Parameters<Sends['sendUnheard']>): void {
    this.sends.sendUnheard(...given);
  }

  /** Sends a message, and keeps it for connections that come later, as `Sends.retain` does. @throws SocketError `ERR_OPTION` */
  retain(...given: Parameters<Sends['retain']>): void {
    this.sends.retain(...given);
  }

  /** Answers a call of a connection. */
  answer(...given: Parameters<Sends['answer']>): void {
    this.sends.answer(...given);
  }

  /** True if the server has a protocol: it then sends messages of any type, in the protocol's format. */
  get hasProtocol(): boolean {
    return this.dialogues.isActive;
  }

  /** Returns the requests of a connection, if it is open. @throws SocketError `ERR_OPTION` if the protocol describes no requests. */
  requestsOf(client: string): Requests | undefined {
    this.dialogues.dialogue.checkRequests(this.options.values);
    return this.members.get(client)?.speaking?.requests;
  }

  /**
   * Adds connections to groups, and removes them from others. A session is a JSON value for each of them; `null` takes it away.
   *
   * @returns the number of selected connections.
   */
  tag(which: Receivers, changes: TagChanges, session?: unknown): number {
    const members = this.members.choose(which);
    this.members.retag(members, changes, (member, joined) => this.sends.sendKept(member, joined));
    if (session !== undefined) for (const member of members) member.session = sessionOf(session);
    return members.length;
  }

  /** Closes connections. Resolves when the last has closed, with the number that were open at the call. */
  async disconnect(which: Receivers, code: number, reason: string): Promise<number> {
    const members = this.members.choose(which);
    const closed = members.filter(({ connection }) => connection.isOpen).length;
    await Promise.all(members.map(({ connection }) => connection.close(code, reason)));
    return closed;
  }

  /** Stops listening, and closes every connection. */
  stop(code: number, reason: string): Promise<void> {
    this.retries.end();
    this.enter('stop');
    if (this.current !== 'closing') return Promise.resolve();
    this.stopping ??= this.end(code, reason);
    return this.stopping;
  }

  async clear({ code, reason }: ShutdownCode = shutdownCodes.cleared): Promise<void> {
    // A flow can start the server again during a stop, so the stop is repeated.
    while (this.current !== 'idle' && this.current !== 'cleared') await this.stop(code, reason);
    this.enter('clear');
    this.lastValues.clear();
  }

  private async end(code: number, reason: string): Promise<void> {
    this.trying.abort();
    await this.starting;
    const listener = this.listener;
    this.listener = undefined;
    // The listener closes first, so no connection is admitted while the others close.
    const silent = listener?.close();
    const opening = this.dialogues.close(code, reason);
    await Promise.all(this.members.choose().map(({ connection }) => connection.close(code, reason)));
    await opening;
    await silent;
    this.rejections.flush();
    this.stopping = undefined;
    this.enter('closed');
  }

  private changed(more: Pick<Change, 'failure' | 'wait'> = {}): void {
    this.latest = { state: this.current, connections: this.members.size, ...more };
    this.changes.emit(this.latest);
  }

  private enter(input: Input, more: Pick<Change, 'failure' | 'wait'> = {}): void {
    const state = next(this.current, input, more.wait !== undefined);
    if (!state || state === this.current) return;
    this.current = state;
    this.changed(more);
  }
}
