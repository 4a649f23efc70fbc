import { Connection, type ConnectionOwner } from '../connection/connection';
import { drained } from '../connection/drained';
import type { Sent } from '../connection/load';
import { type Conversation, redactor } from '../conversation';
import { type Ending, errorPayload, type MessagePayload, type SocketEvent } from '../core/events';
import { guarded, type Log } from '../core/log';
import { OutgoingMessage } from '../wire/outgoing-message';
import { type ConnectFailure, type ConnectOptions, connect, type Opened } from './connect';
import { type ConverseSettings, converse, offering } from './converse';

/** The client, as its lines see it. */
export interface LineOwner {
  readonly id: number;
  readonly log: Log;
  /** Called in the event-loop turn in which a connection opens. Returns false if it is too late. */
  onConnection(line: Line): boolean;
  /** The line can be used. */
  onOpen(line: Line): void;
  /** The connection has closed after `onOpen`. */
  onClose(line: Line, ending: Ending): void;
  /** A rule of the protocol asks for a new connection, after `onOpen`. @param url where to, this once. */
  onReconnect(line: Line, url: string | undefined): void;
  emit(event: SocketEvent): void;
}

/** The protocol of a line. */
export type Speaking = Pick<ConverseSettings, 'ready' | 'requests' | 'vars'>;

/** The line of a client: one connection, and the conversation on it if the client has a protocol. */
export class Line implements ConnectionOwner {
  connection: Connection | undefined;
  conversation: Conversation | undefined;
  /** The answer to the upgrade request. */
  opened: Opened | undefined;
  /** The messages that the opening conversation kept, by name. */
  kept: Readonly<Record<string, unknown>> | undefined;
  /** Set if a rule asked for another connection during the opening. */
  moved: { readonly url: string | undefined } | undefined;

  constructor(private readonly owner: LineOwner) {}

  /**
   * Connects, and performs the opening conversation. `onOpen` of the owner is called when both have ended.
   *
   * @param seconds one deadline for both.
   * @returns the failure, or `undefined`.
   */
  async open(
    options: ConnectOptions,
    speaking: Speaking | undefined,
    seconds: number,
    stop: AbortSignal,
  ): Promise<ConnectFailure | undefined> {
    const begin = performance.now();
    let opening: Promise<ConnectFailure | undefined> | undefined;
    // The URL may be computed from the secrets.
    const redact = redactor(options.secrets ?? {});
    const connected = (opened: Opened) => {
      this.opened = { ...opened, uri: redact(opened.uri) };
      if (!speaking) return this.attach(opened, options);
      const remaining = begin + seconds * 1000 - performance.now();
      opening = this.converse(opened, { options, ...speaking, stop, remaining });
    };
    const failure =
      (await connect(offering(options, speaking?.ready), seconds, stop, guarded(this.owner.log, connected))) ?? (await opening);
    return failure && { ...failure, uri: redact(failure.uri), errorStr: redact(failure.errorStr) };
  }

  /** Sends a message and calls `sent` once. Without a protocol it must be a string or a Buffer. */
  send(message: unknown, sent: Sent): void {
    if (this.conversation) this.conversation.send(message, sent);
    else this.connection?.send(new OutgoingMessage(message as string | Buffer), false, sent);
  }

  /** Closes the line if it can be used. A line that is opening is closed by its attempt. */
  async stop(code: number, reason: string): Promise<void> {
    if (this.conversation?.isOpen ?? true) await this.connection?.close(code, reason);
  }

  /** Closes the line, because another one has replaced it. It first sends what was given to it. What the peer still sends is emitted. */
  async retire(): Promise<void> {
    if (this.conversation) await this.conversation.retire();
    if (!this.connection) return;
    await drained(this.connection, this.owner.log);
    await this.connection.close(1000, 'Renewed');
  }

  onMessage(str: string | Buffer, wireSize: number): void {
    this.owner.emit({ type: 0, socket: this.owner.id, payload: { str, binary: typeof str !== 'string', wireSize } });
  }

  onViolation(reason: string, decompressionError: boolean): void {
    this.owner.emit({ type: 3, socket: this.owner.id, payload: errorPayload(reason, { decompressionError }) });
  }

  onClose(ending: Ending): void {
    this.owner.onClose(this, ending);
  }

  private attach({ ws, socket }: Opened, options: ConnectOptions): void {
    this.connection = new Connection({ ws, socket }, false, options, this, this.owner.log);
    if (this.owner.onConnection(this)) this.owner.onOpen(this);
    else ws.terminate();
  }

  private converse(
    opened: Opened,
    settings: Pick<Parameters<typeof converse>[1], 'options' | 'ready' | 'requests' | 'vars' | 'stop' | 'remaining'>,
  ): Promise<ConnectFailure | undefined> {
    const { owner } = this;
    const { id, log } = owner;
    const isText = settings.ready.protocol.format === 'text';
    return converse(opened, {
      ...settings,
      log,
      owner: {
        onConnection: ({ connection, conversation }) => {
          this.connection = connection;
          this.conversation = conversation;
          if (!owner.onConnection(this)) opened.ws.terminate();
        },
        onOpen: (kept) => {
          this.kept = kept;
          owner.onOpen(this);
        },
        onMessage: ({ str, wireSize, data }, call) => {
          const payload: MessagePayload = { str, binary: typeof str !== 'string', wireSize };
          if (!isText) payload.data = data;
          if (call) payload.call = call;
          owner.emit({ type: 0, socket: id, payload });
        },
        onError: (reason, str) => {
          owner.emit({ type: 3, socket: id, payload: errorPayload(reason, str === undefined ? {} : { str }) });
        },
        onViolation: (reason, decompressionError) => this.onViolation(reason, decompressionError),
        onReconnect: (url) => {
          if (this.conversation?.isOpen) owner.onReconnect(this, url);
          else this.moved = { url };
        },
        onClose: (ending) => this.onClose(ending),
      },
    });
  }
}
