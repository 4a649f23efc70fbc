import type { Duplex } from 'node:stream';
import WebSocket from 'ws';
import { messageOf } from '../core/errors';
import type { Log } from '../core/log';
import { textHeader } from '../wire/frame';
import type { OutgoingMessage, Packed } from '../wire/outgoing-message';
import type { WireSizes } from '../wire/wire-size';
import { apart, type Crowd, type CrowdSender, type Kind, plain } from './crowd';
import type { Sent } from './load';
import { atEndOfTurn, isOnlyAnswer } from './loop-scheduler';
import type { SendBudget } from './send-budget';
import { type SendLimitOptions, sendLimits } from './send-limits';
import { ended, type QueueOwner, WriteQueue } from './write-queue';

/** The owner of a sender. */
export interface SenderOwner {
  /** Closes the connection. @param why the clause after "the peer reads too slowly, and". */
  closeSlow(why: string): void;
}

export interface SenderSettings {
  readonly ws: WebSocket;
  /** The underlying TCP or TLS socket. */
  readonly socket: Duplex;
  readonly isServer: boolean;
  /** Present if compression was negotiated. */
  readonly deflation: { readonly sizes: WireSizes; readonly windowBits: number } | undefined;
  readonly options: SendLimitOptions & { readonly slowReaders: string };
  /** Limit on the waiting data of all connections of the server. */
  readonly budget: SendBudget;
  readonly owner: SenderOwner;
  readonly log: Log;
}

/** Sends the messages of one connection. A message is framed for all receivers, compressed for all receivers, or compressed by `ws`. */
export class Sender implements CrowdSender, QueueOwner {
  private readonly ws: WebSocket;
  private readonly isServer: boolean;
  private readonly outbox: WriteQueue;
  private readonly deflation: SenderSettings['deflation'];
  private readonly closesSlow: boolean;
  private readonly owner: SenderOwner;
  private readonly socket: Duplex;
  private readonly log: Log;
  /**
   * True if messages are compressed once for all receivers. It is set by the first broadcast and never reset, for the reason in `share`.
   */
  private sharing = false;
  private packing: Promise<void> | undefined;
  /** True if a send failed in this turn. The end of the turn shows if the peer is the cause. */
  private isSuspected = false;

  /** The messages of this turn that the connection gets together with others. They precede all that follows. */
  crowd: Crowd | undefined;

  constructor({ ws, socket, isServer, deflation, options, budget, owner, log }: SenderSettings) {
    this.owner = owner;
    this.socket = socket;
    this.log = log;
    this.closesSlow = options.slowReaders === 'close';
    this.ws = ws;
    this.isServer = isServer;
    this.deflation = deflation;
    this.outbox = new WriteQueue(socket, this, sendLimits(options), budget, log);
  }

  /** Bytes not yet passed to the operating system, including frame headers. */
  get bufferedAmount(): number {
    this.catchUp();
    return this.ws.bufferedAmount + this.outbox.size;
  }

  /** Bytes waiting for the peer, including the overhead of each message. */
  get heldBytes(): number {
    this.catchUp();
    return this.outbox.heldBytes;
  }

  /** Returns true if a limit on the waiting data is reached. */
  get isFull(): boolean {
    return this.outbox.isFull;
  }

  /** The clause after "the peer reads too slowly, and". */
  get whyFull(): string {
    return this.outbox.whyFull;
  }

  /** Lets more messages wait, as `WriteQueue.allow` does. */
  allow(messages: number, payload: number): void {
    this.outbox.allow(messages, payload);
  }

  /** Counts a message that waits for its turn. */
  hold(size: number): void {
    this.outbox.hold(size);
  }

  /** Stops counting a message that waited for its turn. */
  release(size: number): void {
    this.outbox.release(1, size);
  }

  /** Returns true if data waits that the operating system has not accepted. The messages of this turn are handed over first. */
  get isBehind(): boolean {
    this.flush();
    return this.ws.bufferedAmount > 0 || this.outbox.atWs > 0 || this.packing !== undefined;
  }

  /**
   * Sends one message on an open connection.
   *
   * @param broadcast true if other connections receive it too.
   * @param sent called once: when the operating system has the message, or when it will not get it.
   * @returns true if the message was accepted.
   */
  send(message: OutgoingMessage, broadcast: boolean, sent: Sent): boolean {
    const { outbox } = this;
    if (this.crowd) this.catchUp();
    if (outbox.isFull && this.isBehind) return this.tooSlow(sent);
    outbox.hold(message.size);
    if (!this.deflation) this.plain(message, broadcast, sent);
    else if (this.sharing || (broadcast && this.isServer && outbox.atWs === 0)) this.share(message, this.deflation.windowBits, sent);
    else this.compress(message, this.deflation.sizes, sent);
    return true;
  }

  /** Hands over the waiting messages. Call it before `ws` writes a frame that must follow them. */
  flush(): void {
    this.catchUp();
    this.outbox.flush();
  }

  /** Reports all waiting messages as failed, because the connection is about to be closed. @param why as for `closeSlow`. */
  fail(why: string): void {
    this.catchUp();
    this.outbox.fail(tooSlow(why), false);
  }

  /** Fails the remaining messages, because the connection has ended. */
  abandon(): void {
    this.catchUp();
    this.outbox.abandon();
  }

  /** Takes over the messages of the crowd, before anything that must follow them or that counts them. */
  catchUp(): void {
    this.crowd?.handOver(false);
  }

  /** Joins a crowd, if the messages of others can be sent here as they are. */
  join(crowd: Crowd): Kind {
    this.catchUp();
    const { outbox, deflation } = this;
    if (outbox.isFull || outbox.isBehind) return apart;
    if (deflation) {
      if (this.packing || (!this.sharing && outbox.atWs > 0)) return apart;
      this.sharing = true;
    }
    this.crowd = crowd;
    return deflation ? deflation.windowBits : plain;
  }

  /** The messages and bytes that may be added before a limit is reached. */
  get room(): { messages: number; bytes: number } {
    return this.outbox.room;
  }

  /**
   * Sends several messages at once.
   *
   * @param frames all their frames.
   * @param isLast true if nothing follows in this turn.
   */
  push(frames: Buffer, messages: number, payload: number, wireSize: number, sent: Sent, isLast: boolean): void {
    const { outbox } = this;
    outbox.hold(payload, messages);
    outbox.push([frames], payload, wireSize, sent, messages);
    if (isLast) outbox.flush();
  }

  get isOpen(): boolean {
    return this.ws.readyState === WebSocket.OPEN;
  }

  private plain(message: OutgoingMessage, broadcast: boolean, sent: Sent): void {
    const { size } = message;
    // Receivers of a broadcast share one frame. For a slow peer, the queue refers to the text, which the flow keeps for as long anyway.
    const text = (broadcast && !this.outbox.isBehind) || !this.isServer ? undefined : message.ascii;
    if (text !== undefined) this.outbox.pushText(textHeader(size), text, sent);
    else this.outbox.push(this.isServer ? message.frame : message.masked, size, size, sent);
    if (!broadcast && isOnlyAnswer()) this.outbox.flush();
  }

  /** Sends a message that `ws` compresses with its context of earlier messages (context takeover). */
  private compress({ bytes, isText, size }: OutgoingMessage, sizes: WireSizes, sent: Sent): void {
    this.ws.send(bytes, { binary: !isText }, this.outbox.follow(size, sizes.sending(), sent));
  }

  /**
   * Sends a message that is compressed once for all receivers. From then on `ws` must no longer compress on this connection. Its context
   * would lack the shared messages, which the peer's context includes.
   */
  private share(message: OutgoingMessage, windowBits: number, sent: Sent): void {
    this.sharing = true;
    const packed = message.packed(windowBits);
    const put = ({ frame, wireSize }: Packed) => this.outbox.push(frame, message.size, wireSize, sent);
    if (!this.packing && !(packed instanceof Promise)) return put(packed);
    const packing = Promise.all([packed, this.packing])
      .then(([ready]) => (this.isOpen ? put(ready) : this.giveUp(message, ended, sent)))
      .catch((error) => this.giveUp(message, notSent(error), sent))
      .catch((error) => this.log.error(error))
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
    const { socket, log } = this;
    sent(tooSlow(this.outbox.whyFull), 0, 0);
    if (this.isSuspected || !this.closesSlow) return false;
    this.isSuspected = true;
    const runTask = () => {
      this.isSuspected = false;
      // A burst in one turn, or data that waits for compression, is not caused by the peer.
      if (this.outbox.isFull && socket.writableLength > 0) this.owner.closeSlow(this.outbox.whyFull);
    };
    atEndOfTurn({ log, runTask });
    return false;
  }

  /** Handles an oldest write that has waited too long. */
  late(): void {
    this.catchUp();
    const closes = this.closesSlow;
    const why = this.outbox.whyFull;
    this.outbox.fail(tooSlow(why), !closes);
    if (closes) this.owner.closeSlow(why);
  }
}

const tooSlow = (why: string) => `The message was not sent: the peer reads too slowly, and ${why}.`;
const notSent = (error: Error) => `The message was not sent: ${messageOf(error)}.`;
