import type { Sent } from '../connection/load';
import { messageOf } from '../core/errors';
import type { Log } from '../core/log';
import { Beats } from './beats';
import { type Call, type CallAnswer, Calls } from './calls';
import type { Rule } from './description/rules';
import { cite, redactor } from './faults';
import { type Codec, TooLong, Unreadable } from './formats';
import type { Incoming } from './incoming-message';
import { Opening, type OpeningFailure } from './opening';
import type { Protocol } from './protocol';
import type { Requests } from './requests';
import { type ScopeFunctions, scopeFunctions, scopeOf } from './scope';
import { type Peer, Speaker } from './speaker';

/** The owner of a conversation: a client, or a server for one connection. */
export interface ConversationOwner {
  /** Emits a Message event. `call` is set if the message is a call that the flow has to answer. */
  message(incoming: Incoming, call: Call | undefined): void;
  /** Emits an Error event. `str` is what could not be read. */
  error(reason: string, str?: string | Buffer): void;
  /** Called at the end of the opening, once. @param kept the messages that steps kept, by name. */
  opened(kept: Readonly<Record<string, unknown>>): void;
  /** Called if the opening fails, once. The peer is closed afterwards. */
  failed(failure: OpeningFailure): void;
  /** Asks for a new connection. @param url where to, this once. */
  reconnect(url: string | undefined): void;
}

export interface ConversationContext {
  readonly protocol: Protocol;
  readonly codec: Codec;
  readonly secrets: Readonly<Record<string, string>>;
  /** Largest message, bytes; also the limit of what is held during the opening. */
  readonly maxPayload: number;
  readonly peer: Peer;
  readonly owner: ConversationOwner;
  /** The requests of this socket. A client's survive its connections. Absent without `rpc`. */
  readonly requests: Requests | undefined;
  /** More bindings for expressions, from the flow. */
  readonly vars?: Readonly<Record<string, unknown>> | undefined;
  readonly onStep?: ((index: number, message: Incoming | undefined) => void) | undefined;
  readonly log: Log;
}

/** The reasons of the close frames that end an opening. */
const closeReasons: Readonly<Record<number, string>> = { 1000: 'Normal closure', 1009: 'Too much during the opening' };

/**
 * A protocol on one connection: the opening, automatic answers, the heartbeat, requests and calls. A message is read in this order: step,
 * rules, expected heartbeat, answers, errors, calls, Message (contract-2, section 10).
 */
export class Conversation {
  private readonly speaker: Speaker;
  private readonly functions: ScopeFunctions;
  /** Shows each secret of a text as `***`. */
  readonly redact: (text: string) => string;
  private readonly beats: Beats | undefined;
  private readonly calls: Calls | undefined;
  private opening: Opening | undefined;
  private kept: Readonly<Record<string, unknown>> = {};
  private hasEnded = false;
  /** Another connection has replaced this one, which is being closed. */
  private isRetired = false;
  private hasRequests = false;

  constructor(private readonly context: ConversationContext) {
    const { protocol, codec, secrets, maxPayload, peer, owner, log } = context;
    this.speaker = new Speaker(peer, codec);
    this.functions = { ...context.vars, ...scopeFunctions(secrets) };
    this.redact = redactor(secrets);
    const { heartbeat, rpc } = protocol;
    if (heartbeat) {
      this.beats = new Beats({
        heartbeat,
        beat: () => this.say(heartbeat.send, undefined, 'The heartbeat was not sent'),
        lastSent: () => this.speaker.lastSent,
        expired: () => peer.close(1011, 'Heartbeat timeout'),
        log,
      });
    }
    if (rpc?.call) {
      const say = (value: NonNullable<typeof rpc.reply>, more: object, sent: Sent) =>
        this.speaker.say(value, () => scopeOf(undefined, this.functions, { ...this.kept, ...more }), sent);
      this.calls = new Calls({ rpc, shape: rpc.call, say, error: (reason) => owner.error(this.redact(reason)), log });
    }
    this.opening = new Opening({
      steps: protocol.onOpen,
      maxHeld: maxPayload,
      redact: this.redact,
      scope: (input, kept) => scopeOf(input, this.functions, kept),
      say: (value, scope, sent) => this.speaker.say(value, scope, sent),
      consume: (message) => this.applyRules(message) || this.isHeartbeat(message),
      done: (keptMessages, held, unread) => this.opened(keptMessages, held, unread),
      failed: (failure) => this.failed(failure),
      onStep: context.onStep,
      log,
    });
  }

  /** Starts the opening, or ends it at once if the protocol has none. Call it when the connection has opened. */
  start(): void {
    const { heartbeat } = this.context.protocol;
    if (this.beats && typeof heartbeat?.every === 'number') this.beats.start(heartbeat.every);
    this.opening?.start();
  }

  get isOpen(): boolean {
    return this.opening === undefined && !this.hasEnded;
  }

  /** Reads one WebSocket message. */
  receive(str: string | Buffer, wireSize: number): void {
    if (this.hasEnded) return;
    const { codec } = this.context;
    let decoded: readonly unknown[];
    try {
      decoded = codec.decode(str);
    } catch (error) {
      if (error instanceof TooLong) return this.tooLong(error);
      return this.unreadable(messageOf(error), str);
    }
    const isShared = decoded.length > 1;
    let size = wireSize;
    for (let i = 0; i < decoded.length && !this.hasEnded; i++) {
      const data = decoded[i];
      if (data instanceof Unreadable) this.unreadable(data.reason, data.str);
      else {
        this.read({ str, wireSize: size, isShared, data });
        size = 0;
      }
    }
  }

  /** Sends a message of the flow. `sent` is called once. */
  send(message: unknown, sent: Sent): void {
    this.speaker.send(message, sent);
  }

  /** Notes that a broadcast was sent past this conversation. */
  noteSent(): void {
    this.speaker.lastSent = performance.now();
  }

  /** Answers a call of the peer. `sent` is called once. */
  answer(id: unknown, answer: CallAnswer, sent: Sent): void {
    if (this.calls) this.calls.answer(id, answer, sent);
    else sent('The call was not answered: the protocol has no rpc.call. Add one to the protocol.', 0, 0);
  }

  /**
   * Hands requests and the heartbeat over to the connection that replaces this one. What the peer still sends is emitted.
   *
   * @returns resolves when all messages given so far were handed to the connection.
   */
  retire(): Promise<void> {
    this.isRetired = true;
    this.beats?.stop();
    this.calls?.end();
    this.detachRequests();
    return this.speaker.idle();
  }

  /** Releases everything when the connection has ended. @param how the clause: "the connection ended with 1006". */
  end(how: string): void {
    if (this.hasEnded) return;
    this.opening?.lost(how);
    this.close();
  }

  /** Releases everything without a report. */
  close(): void {
    if (this.hasEnded) return;
    this.hasEnded = true;
    this.opening?.cancel();
    this.beats?.stop();
    this.calls?.end();
    this.detachRequests();
  }

  /** A connection that is being opened shares them with the one that it replaces. */
  private detachRequests(): void {
    if (!this.hasRequests) return;
    this.hasRequests = false;
    this.context.requests?.detach();
  }

  private opened(kept: Readonly<Record<string, unknown>>, held: readonly Incoming[], unread: readonly Incoming[]): void {
    const { owner, requests } = this.context;
    this.opening = undefined;
    this.kept = kept;
    owner.opened(kept);
    if (this.hasEnded) return;
    this.startBeats();
    this.hasRequests = requests !== undefined;
    requests?.attach({
      say: (value, more, sent) => this.speaker.say(value, () => scopeOf(undefined, this.functions, { ...this.kept, ...more }), sent, false),
      send: (message, sent) => this.speaker.send(message, sent),
      nextNumber: () => this.functions.next('id'),
    });
    for (let i = 0; i < held.length && !this.hasEnded; i++) this.deliver(held[i] as Incoming);
    for (let i = 0; i < unread.length && !this.hasEnded; i++) this.pass(unread[i] as Incoming);
  }

  private failed(failure: OpeningFailure): void {
    const { owner, peer } = this.context;
    this.close();
    owner.failed(failure);
    peer.close(failure.code, closeReasons[failure.code] ?? 'Opening conversation failed');
  }

  private tooLong(error: TooLong): void {
    const { owner, peer } = this.context;
    if (this.opening) return this.failed({ why: `failed: ${messageOf(error)}.`, code: 1009, refused: false });
    owner.error(`${messageOf(error)}. The connection is closed with 1009.`);
    peer.close(1009, 'Message too big');
  }

  private unreadable(reason: string, str: string | Buffer): void {
    this.context.owner.error(this.redact(`The message could not be read as ${this.context.protocol.format}: ${reason}.`), str);
  }

  private read(message: Incoming): void {
    if (this.opening) this.opening.take(message);
    else this.pass(message);
  }

  /** Reads a message after the opening. */
  private pass(message: Incoming): void {
    if (!this.applyRules(message) && !this.isHeartbeat(message)) this.deliver(message);
  }

  private deliver(message: Incoming): void {
    const { requests, owner } = this.context;
    // Ids of requests start at 1 again on the connection that replaces this one.
    if (this.isRetired) return owner.message(message, undefined);
    if (requests?.read(message)) return;
    owner.message(message, this.calls?.read(message));
  }

  private isHeartbeat({ data }: Incoming): boolean {
    if (!this.beats || !this.context.protocol.heartbeat?.expect?.(data)) return false;
    this.beats.answered();
    return true;
  }

  /** Applies the first rule that matches. Returns true if the message is consumed. */
  private applyRules(message: Incoming): boolean {
    const { answers } = this.context.protocol;
    for (let i = 0; i < answers.length; i++) {
      const rule = answers[i] as Rule;
      if (!rule.when(message.data)) continue;
      this.apply(rule, message);
      return !rule.emit || rule.consequence === 'drop';
    }
    return false;
  }

  private apply({ send, consequence, URL }: Rule, { data }: Incoming): void {
    if (send) this.say(send, data, 'An automatic answer was not sent');
    if (consequence === 'close') this.context.peer.close(1000, 'Normal closure');
    if (consequence === 'reconnect') this.reconnect(URL, data);
  }

  private reconnect(url: Rule['URL'], input: unknown): void {
    if (!url) return this.renew(undefined);
    if ('literal' in url) return this.renew(String(url.literal));
    const { owner, log } = this.context;
    url
      .evaluate(scopeOf(input, this.functions, this.kept))
      .then(
        (text) => this.renew(String(text)),
        (error) => owner.error(this.redact(`The URL of a rule could not be computed: ${messageOf(error)}. Check the expression.`)),
      )
      .catch((error) => log.error(error));
  }

  private renew(url: string | undefined): void {
    if (this.hasEnded || this.isRetired) return;
    this.context.owner.reconnect(url);
    if (this.opening) this.failed({ why: 'ended: a rule asks for a new connection.', code: 1000, refused: false });
  }

  private say(value: NonNullable<Rule['send']>, input: unknown, what: string): void {
    this.speaker.say(
      value,
      () => scopeOf(input, this.functions, this.kept),
      (errorStr) => {
        if (errorStr !== undefined && !this.hasEnded) this.context.owner.error(this.redact(`${what}. ${errorStr}`));
      },
    );
  }

  private startBeats(): void {
    const every = this.context.protocol.heartbeat?.every;
    if (!this.beats || every === undefined || typeof every === 'number') return;
    const failed = (reason: string) => this.context.owner.error(`The heartbeat is off: ${cite(reason, this.redact)}`);
    this.beats.startBy(every, scopeOf(undefined, this.functions, this.kept), failed);
  }
}
