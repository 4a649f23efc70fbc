import { Connection, type ConnectionOptions } from '../connection/connection';
import type { OpenSocket } from '../connection/open-socket';
import type { SendBudget } from '../connection/send-budget';
import type { Ending } from '../core/events';
import type { Log } from '../core/log';
import { OutgoingMessage } from '../wire/outgoing-message';
import type { Call } from './calls';
import { Conversation } from './conversation';
import type { Codec } from './formats';
import type { Incoming } from './incoming-message';
import type { OpeningFailure } from './opening';
import type { Protocol } from './protocol';
import type { Requests } from './requests';
import type { Peer } from './speaker';

/** Callbacks of the owner of a connection that speaks a protocol. */
export interface ProtocolOwner {
  /** The opening has ended: the connection can be used. @param kept the messages that steps kept, by name. */
  onOpen(kept: Readonly<Record<string, unknown>>): void;
  /** The opening failed, and the connection is being closed. Neither `onOpen` nor `onClose` is called. */
  onOpeningFailed(failure: OpeningFailure): void;
  onMessage(message: Incoming, call: Call | undefined): void;
  /** @param str a message that could not be read. */
  onError(reason: string, str?: string | Buffer): void;
  onViolation(reason: string, decompressionError: boolean): void;
  /** A rule asks for a new connection. */
  onReconnect(url: string | undefined): void;
  /** Called last, after `onOpen`, when the connection has closed. */
  onClose(ending: Ending): void;
}

export interface ProtocolSettings {
  readonly protocol: Protocol;
  readonly codec: Codec;
  readonly secrets: Readonly<Record<string, string>>;
  readonly requests: Requests | undefined;
  /** More bindings for expressions, from the flow. */
  readonly vars?: Readonly<Record<string, unknown>> | undefined;
  readonly onStep?: ((index: number, message: Incoming | undefined) => void) | undefined;
  /** Called with each message that the conversation sends, for *Test connection*. */
  readonly onSend?: ((data: string | Buffer) => void) | undefined;
}

/** A connection and its conversation. */
export class ProtocolConnection {
  readonly connection: Connection;
  readonly conversation: Conversation;

  /** Attaches to an open socket. Call it in the event-loop turn in which `ws` opens, before any frame is read, and `start` after it. */
  constructor(
    open: OpenSocket,
    isServer: boolean,
    options: ConnectionOptions,
    settings: ProtocolSettings,
    private readonly owner: ProtocolOwner,
    log: Log,
    budget?: SendBudget,
  ) {
    this.connection = new Connection(
      open,
      isServer,
      options,
      {
        onMessage: (str, wireSize) => this.conversation.receive(str, wireSize),
        onViolation: (reason, decompressionError) => owner.onViolation(reason, decompressionError),
        onClose: (ending) => this.onClose(ending),
      },
      log,
      budget,
    );
    const { onSend } = settings;
    const send: Peer['send'] = (data, sent, isUrgent) => this.connection.send(new OutgoingMessage(data), false, sent, isUrgent);
    const watched: Peer['send'] = (data, sent, isUrgent) => {
      onSend?.(data);
      send(data, sent, isUrgent);
    };
    this.conversation = new Conversation({
      ...settings,
      maxPayload: options.maxPayload,
      peer: {
        send: onSend ? watched : send,
        close: (code, reason) => void this.connection.close(code, reason),
      },
      owner: {
        message: (message, call) => owner.onMessage(message, call),
        error: (reason, str) => owner.onError(reason, str),
        opened: (kept) => owner.onOpen(kept),
        failed: (failure) => owner.onOpeningFailed(failure),
        reconnect: (url) => owner.onReconnect(url),
      },
      log,
    });
  }

  start(): void {
    this.conversation.start();
  }

  private onClose(ending: Ending): void {
    const { conversation, owner } = this;
    const wasOpen = conversation.isOpen;
    conversation.end(`the connection ended with ${ending.code}${ending.reason === '' ? '' : ` (${ending.reason})`}`);
    if (wasOpen) owner.onClose({ ...ending, reason: conversation.redact(ending.reason) });
  }
}
