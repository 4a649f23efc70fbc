import type { Log } from '../core/log';
import { largePayload } from '../wire/frame';
import type { OutgoingMessage } from '../wire/outgoing-message';
import type { Sent } from './load';
import { atEndOfTurn, type Task } from './loop-scheduler';
import { messageOverhead, type SendBudget } from './send-budget';

/** The form in which a connection gets the messages of a crowd: none, plain frames, or the bits of its compression window. */
export type Kind = number;
export const apart: Kind = 0;
export const plain: Kind = 1;

/** A message of a crowd, which waits for the outcomes. */
export interface Shared {
  /** Records the outcome for one receiver. */
  settle(receiver: number, errorStr: string | undefined, wireSize: number): void;
  /** Records that all receivers have got it, with one size. */
  succeed(wireSize: number): void;
}

/** The sender of a connection, as a crowd sees it. `Sender` describes its methods. */
export interface CrowdSender {
  crowd: Crowd | undefined;
  readonly room: { readonly messages: number; readonly bytes: number };
  join(crowd: Crowd): Kind;
  push(frames: Buffer, messages: number, payload: number, wireSize: number, sent: Sent, isLast: boolean): void;
}

interface Receiver {
  readonly connection: {
    readonly sender: CrowdSender;
    /** The sender, unless the connection must get each message on its own. */
    readonly shared: CrowdSender | undefined;
    readonly traffic: { messagesOut: number; bytesOut: number };
  };
}

const nobody: readonly Receiver[] = [];

/** The frames for the connections of one kind. */
class Share {
  private frames: Buffer[] = [];
  /** Payload bytes as framed, of each message. */
  readonly wireSizes: number[] = [];
  wireBytes = 0;

  constructor(readonly kind: Kind) {}

  /** @returns false if the message is still being compressed. */
  add(message: OutgoingMessage): boolean {
    const packed = this.kind === plain ? message : message.packed(this.kind);
    if (packed instanceof Promise) return false;
    const wireSize = packed === message ? message.size : (packed as { wireSize: number }).wireSize;
    this.frames.push(packed.frame[0] as Buffer);
    this.wireSizes.push(wireSize);
    this.wireBytes += wireSize;
    return true;
  }

  /** Removes a message that another kind could not add. */
  drop(): void {
    this.frames.pop();
    this.wireBytes -= this.wireSizes.pop() as number;
  }

  /** Returns all frames as one, and forgets them. */
  take(): Buffer {
    const { frames } = this;
    this.frames = [];
    return frames.length === 1 ? (frames[0] as Buffer) : Buffer.concat(frames);
  }
}

/**
 * The messages that the same connections get in one event-loop turn. They are framed and joined once for all, and each connection gets them
 * as one write with one result. Otherwise each message to each connection would need an entry of its own.
 *
 * A connection whose order or limits would be affected hands over its part first: see `Sender.catchUp`.
 */
export class Crowd implements Task {
  /** The connections that take part. */
  readonly size: number;
  private receivers: readonly Receiver[];
  private readonly kinds: Uint8Array;
  private readonly shares: Share[] = [];
  private messages: Shared[] = [];
  private failures: (string | undefined)[] | undefined;
  private outstanding: number;
  private payload = 0;
  /** The least that a connection may still get before it reaches a limit. */
  private roomMessages = Number.POSITIVE_INFINITY;
  private roomBytes = Number.POSITIVE_INFINITY;

  constructor(
    receivers: readonly Receiver[],
    private readonly budget: SendBudget,
    readonly log: Log,
  ) {
    this.receivers = receivers;
    this.kinds = new Uint8Array(receivers.length);
    let size = 0;
    for (let i = 0; i < receivers.length; i++) {
      const { shared } = (receivers[i] as Receiver).connection;
      const kind = shared ? shared.join(this) : apart;
      if (!shared || kind === apart) continue;
      size++;
      this.kinds[i] = kind;
      const { messages, bytes } = shared.room;
      this.roomMessages = Math.min(this.roomMessages, messages);
      this.roomBytes = Math.min(this.roomBytes, bytes);
      if (!this.shares.some((share) => share.kind === kind)) this.shares.push(new Share(kind));
    }
    this.size = this.outstanding = size;
    atEndOfTurn(this, size);
  }

  /** Returns whether it is for these connections and nothing was handed over. */
  isFor(receivers: readonly Receiver[]): boolean {
    return this.receivers === receivers;
  }

  has(receiver: number): boolean {
    return this.kinds[receiver] !== apart;
  }

  /** Adds a message. @returns false if each connection has to get it on its own, or in another crowd. */
  add(message: OutgoingMessage, shared: Shared): boolean {
    const { shares } = this;
    const count = this.messages.length;
    if (message.size >= largePayload || count >= this.roomMessages || this.payload + count * messageOverhead > this.roomBytes) return false;
    for (let i = 0; i < shares.length; i++) {
      if ((shares[i] as Share).add(message)) continue;
      while (i-- > 0) (shares[i] as Share).drop();
      return false;
    }
    this.messages.push(shared);
    this.payload += message.size;
    this.budget.held += this.size * messageOverhead;
    return true;
  }

  runTask(): void {
    this.handOver(true);
  }

  /**
   * Hands the messages over to their connections.
   *
   * @param isLast true if nothing follows in this turn, so that the connections write at once.
   */
  handOver(isLast: boolean): void {
    const { receivers } = this;
    const count = this.messages.length;
    // A slow connection keeps the crowd for long, which must not keep connections that have closed.
    this.receivers = nobody;
    this.budget.held -= this.size * messageOverhead * count;
    for (const share of this.shares) {
      const whole = count > 0 ? share.take() : undefined;
      for (let i = 0; i < receivers.length; i++) {
        if (this.kinds[i] !== share.kind) continue;
        try {
          this.handTo((receivers[i] as Receiver).connection, i, share, whole, isLast);
        } catch (error) {
          this.log.error(error);
        }
      }
    }
  }

  private handTo(
    { sender, traffic }: Receiver['connection'],
    receiver: number,
    share: Share,
    whole: Buffer | undefined,
    isLast: boolean,
  ): void {
    sender.crowd = undefined;
    if (!whole) return;
    const { payload } = this;
    const { length } = this.messages;
    traffic.messagesOut += length;
    traffic.bytesOut += payload;
    sender.push(whole, length, payload, share.wireBytes, (errorStr) => this.settle(receiver, errorStr), isLast);
  }

  private settle(receiver: number, errorStr: string | undefined): void {
    if (errorStr !== undefined) {
      this.failures ??= new Array(this.kinds.length);
      this.failures[receiver] = errorStr;
    }
    if (--this.outstanding === 0) this.finish();
  }

  private finish(): void {
    const { messages, shares, kinds, failures } = this;
    this.messages = [];
    const isUniform = !failures && shares.length === 1 && this.size === kinds.length;
    for (let m = 0; m < messages.length; m++) {
      const message = messages[m] as Shared;
      try {
        if (isUniform) message.succeed((shares[0] as Share).wireSizes[m] as number);
        else this.settleEach(message, m);
      } catch (error) {
        this.log.error(error);
      }
    }
  }

  private settleEach(message: Shared, index: number): void {
    const { kinds, failures, shares } = this;
    const sizes = new Map(shares.map(({ kind, wireSizes }) => [kind, wireSizes[index] as number]));
    for (let i = 0; i < kinds.length; i++) {
      const kind = kinds[i] as Kind;
      if (kind !== apart) message.settle(i, failures?.[i], failures?.[i] === undefined ? (sizes.get(kind) as number) : 0);
    }
  }
}
