import type { Duplex } from 'node:stream';
import WebSocket from 'ws';
import { messageOf } from '../core/errors';
import type { Log } from '../core/log';
import { textHeader } from '../wire/frame';
import type { OutgoingMessage, Packed } from '../wire/outgoing-message';
import type { WireSizes } from '../wire/wire-size';
import type { Sent } from './load';
import { atEndOfTurn, isOnlyAnswer } from './loop-scheduler';
import type { SendBudget } from './send-budget';
import { type SendLimitOptions, sendLimits } from './send-limits';
import { ended, WriteQueue } from './write-queue';

export interface SenderSettings {
  readonly ws: WebSocket;
  /** The TCP or TLS socket below. */
  readonly socket: Duplex;
  readonly isServer: boolean;
  /** Present if compression was negotiated. */
  readonly deflation: { readonly sizes: WireSizes; readonly windowBits: number } | undefined;
  readonly options: SendLimitOptions & { readonly slowReaders: string };
  /** What may wait for all connections of the server. */
  readonly budget: SendBudget;
  /** Closes the connection. @param why what follows "the peer reads too slowly, and". */
  readonly closeSlow: (why: string) => void;
  readonly log: Log;
}

/** Sends the messages of one connection: framed for all receivers, or compressed for all, or compressed by `ws`. */
export class Sender {
  private readonly ws: WebSocket;
  private readonly isServer: boolean;
  private readonly outbox: WriteQueue;
  private readonly deflation: SenderSettings['deflation'];
  /** Messages are compressed once for all receivers. Begins with the first broadcast and lasts: see `share`. */
  private sharing = false;
  private packing: Promise<void> | undefined;
  /** A send failed in this turn: at its end it is known whether the peer is at fault. */
  private isSuspected = false;

  constructor(private readonly settings: SenderSettings) {
    const { ws, socket, isServer, deflation, options, budget, log } = settings;
    this.ws = ws;
    this.isServer = isServer;
    this.deflation = deflation;
    this.outbox = new WriteQueue(
      socket,
      () => this.isOpen,
      sendLimits(options),
      budget,
      () => this.late(),
      log,
    );
  }

  /** Bytes that wait to be handed to the operating system, frame headers included. */
  get bufferedAmount(): number {
    return this.ws.bufferedAmount + this.outbox.size;
  }

  /** Bytes that wait for the peer, with what each message takes beside its payload. */
  get heldBytes(): number {
    return this.outbox.heldBytes;
  }

  /** Whether something waits that the operating system has not taken. What was sent in this turn is handed over first. */
  get isBehind(): boolean {
    this.outbox.flush();
    return this.ws.bufferedAmount > 0 || this.outbox.atWs > 0 || this.packing !== undefined;
  }

  /**
   * Sends one message on an open connection.
   *
   * @param broadcast others receive it too.
   * @param sent is called once: when the operating system has the message, or when it will not get it.
   * @returns whether it is on its way.
   */
  send(message: OutgoingMessage, broadcast: boolean, sent: Sent): boolean {
    const { outbox } = this;
    if (outbox.isFull && this.isBehind) return this.tooSlow(sent);
    outbox.hold(message.size);
    if (!this.deflation) this.plain(message, broadcast, sent);
    else if (this.sharing || (broadcast && this.isServer && outbox.atWs === 0)) this.share(message, this.deflation.windowBits, sent);
    else this.compress(message, this.deflation.sizes, sent);
    return true;
  }

  /** Hands over what waits. To be called before `ws` writes what must come after it. */
  flush(): void {
    this.outbox.flush();
  }

  /** Answers all that waits as failed, since the connection is about to be closed. @param why as for `closeSlow`. */
  fail(why: string): void {
    this.outbox.fail(tooSlow(why), false);
  }

  /** The connection has ended: whatever has not been handed over will not be. */
  abandon(): void {
    this.outbox.abandon();
  }

  private get isOpen(): boolean {
    return this.ws.readyState === WebSocket.OPEN;
  }

  private plain(message: OutgoingMessage, broadcast: boolean, sent: Sent): void {
    const { size } = message;
    // Receivers of a broadcast share one frame. What has to wait for a slow one refers to the text, which the flow keeps for as long anyway.
    const text = (broadcast && !this.outbox.isBehind) || !this.isServer ? undefined : message.ascii;
    if (text !== undefined) this.outbox.pushText(textHeader(size), text, sent);
    else this.outbox.push(this.isServer ? message.frame : message.masked, size, size, sent);
    if (!broadcast && isOnlyAnswer()) this.outbox.flush();
  }

  /** `ws` compresses, with what it remembers of the messages before (context takeover). */
  private compress({ bytes, isText, size }: OutgoingMessage, sizes: WireSizes, sent: Sent): void {
    this.ws.send(bytes, { binary: !isText }, this.outbox.follow(size, sizes.sending(), sent));
  }

  /**
   * Sends what is compressed once for all. From then on `ws` must compress nothing here any more: it would refer to messages
   * as it remembers them, and the peer remembers others in between.
   */
  private share(message: OutgoingMessage, windowBits: number, sent: Sent): void {
    this.sharing = true;
    const packed = message.packed(windowBits);
    const put = ({ frame, wireSize }: Packed) => this.outbox.push(frame, message.size, wireSize, sent);
    if (!this.packing && !(packed instanceof Promise)) return put(packed);
    const packing = Promise.all([packed, this.packing])
      .then(([ready]) => (this.isOpen ? put(ready) : this.giveUp(message, ended, sent)))
      .catch((error) => this.giveUp(message, notSent(error), sent))
      .catch((error) => this.settings.log.error(error))
      .finally(() => {
        if (this.packing === packing) this.packing = undefined;
      });
    this.packing = packing;
  }

  private giveUp({ size }: OutgoingMessage, errorStr: string, sent: Sent): void {
    this.outbox.release(1, size);
    sent(errorStr, 0, 0);
  }

  private tooSlow(sent: Sent): false {
    const { closeSlow, socket, options, log } = this.settings;
    sent(tooSlow(this.outbox.whyFull), 0, 0);
    if (this.isSuspected || options.slowReaders !== 'close') return false;
    this.isSuspected = true;
    const runTask = () => {
      this.isSuspected = false;
      // A burst in one turn, or what waits to be compressed, is not the fault of the peer.
      if (this.outbox.isFull && socket.writableLength > 0) closeSlow(this.outbox.whyFull);
    };
    atEndOfTurn({ log, runTask });
    return false;
  }

  /** The oldest write has waited too long. */
  private late(): void {
    const { closeSlow, options } = this.settings;
    const closes = options.slowReaders === 'close';
    const why = this.outbox.whyFull;
    this.outbox.fail(tooSlow(why), !closes);
    if (closes) closeSlow(why);
  }
}

const tooSlow = (why: string) => `The message was not sent: the peer reads too slowly, and ${why}.`;
const notSent = (error: Error) => `The message was not sent: ${messageOf(error)}.`;
