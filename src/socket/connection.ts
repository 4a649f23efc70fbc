import type { Socket } from 'node:net';
import type { Duplex } from 'node:stream';
import WebSocket from 'ws';
import { messageOf } from '../errors';
import type { ClosePayload } from './events';
import { limitFarewell } from './farewell';
import { textHeader } from './frame';
import { heartbeat } from './heartbeat';
import { idleWatch } from './idle';
import { InFlight } from './in-flight';
import { Incoming } from './incoming';
import { guarded, guardFor, type Log } from './log';
import type { Message, Packed } from './message';
import { ended, Outbox, type Sent } from './outbox';
import { answerPings } from './pong';
import type { Excess, RateLimits } from './rate-limit';
import { isOnlyAnswer } from './turn';
import { violation } from './violation';
import { meteredSizes, plainSizes, type WireSizes } from './wire-size';
import { isReadingClose, stopAtError } from './ws-receiver';

/** How long the peer may take to answer our close frame, ms (plugin: 300). */
export const closeTimeout = 300;

/** What a command says of one message sent (plugin commands `… send`). */
export interface SendStatus {
  success: boolean;
  /** Always false: compressing cannot fail here. Kept because the plugin has it. */
  compressionError: boolean;
  /** The message's bytes; text counts as UTF-8. 0 on failure. */
  payloadSize: number;
  /** The payload bytes as framed. 0 on failure. */
  wireSize: number;
  errorStr?: string;
}

export function sendStatus(errorStr: string | undefined, payloadSize: number, wireSize: number): SendStatus {
  if (errorStr === undefined) return { success: true, compressionError: false, payloadSize, wireSize };
  return { success: false, compressionError: false, payloadSize: 0, wireSize: 0, errorStr };
}

export type Ending = Pick<ClosePayload, 'code' | 'reason' | 'remote'>;

/** What the owner of a connection, a client or a server, hears from it. */
export interface ConnectionOwner {
  onMessage(data: string | Buffer, wireSize: number): void;
  /** The peer broke the protocol, or what it compressed cannot be read; the close follows. */
  onViolation(reason: string, decompressionError: boolean): void;
  /** The last thing a connection says. */
  onClose(ending: Ending): void;
}

export interface ConnectionOptions extends RateLimits {
  readonly enablePong: boolean;
  readonly pingInterval?: number | undefined;
  /** Bytes. */
  readonly maxPayload: number;
  /** After so many seconds of silence the connection is closed with 1001. */
  readonly idleTimeoutSecs?: number | undefined;
  /** What may wait for the peer, bytes; 0 is no limit. */
  readonly maxBufferedAmount: number;
  /** What becomes of a peer for which more waits: its messages are dropped, or it is closed with 1013. */
  readonly slowReaders?: string;
}

/** What `ws` opened. */
export interface OpenSocket {
  readonly ws: WebSocket;
  /** The TCP or TLS socket below. */
  readonly socket: Duplex;
  /** Servers: the window that the peer reads compressed messages with, if compression was negotiated (RFC 7692, section 7.1.2). */
  readonly windowBits?: number | undefined;
}

/** What went over a connection: messages, and their payload bytes before compression. Plain numbers, since every message is counted. */
export interface Traffic {
  messagesIn: number;
  bytesIn: number;
  messagesOut: number;
  bytesOut: number;
}

/**
 * One open WebSocket connection, on either side. It knows which side ended it and why, which `ws` does not tell:
 * `ws` reports the peer's close frame, or 1006 where there was none.
 */
export class Connection {
  readonly traffic: Traffic = { messagesIn: 0, bytesIn: 0, messagesOut: 0, bytesOut: 0 };
  /** From the newest ping that was answered to its pong, ms. */
  roundTrip: number | undefined;
  private readonly ws: WebSocket;
  private readonly outbox: Outbox;
  /** Compression was negotiated. */
  private readonly deflates: boolean;
  private readonly sizes: WireSizes;
  private readonly windowBits: number | undefined;
  private readonly incoming: Incoming;
  private readonly endHeartbeat: () => void;
  private readonly endIdleWatch: () => void;
  private readonly endFarewell: () => void;
  private readonly gone: Promise<void>;
  private ending: Ending | undefined;
  private cut: NodeJS.Timeout | undefined;
  /** Messages that `ws` was given and has not written yet. */
  private readonly atWs = new InFlight<(error?: Error | null) => void>();
  /** Messages are compressed once for all receivers. Begins with the first broadcast and lasts: see `share`. */
  private sharing = false;
  private packing: Promise<void> | undefined;

  /** Must be made in the turn in which `ws` opens, before any frame is read. */
  constructor(
    { ws, socket, windowBits }: OpenSocket,
    private readonly isServer: boolean,
    private readonly options: ConnectionOptions,
    private readonly owner: ConnectionOwner,
    readonly log: Log,
  ) {
    this.ws = ws;
    this.windowBits = windowBits;
    this.deflates = ws.extensions.includes('permessage-deflate');
    this.sizes = this.deflates ? meteredSizes(socket) : plainSizes;
    this.outbox = new Outbox(socket, () => this.isOpen, log);
    ws.on(
      'error',
      guarded(log, (error) => this.onError(error)),
    );
    const exceeded = (excess: Excess) => this.onExcess(excess);
    this.incoming = new Incoming({ ws, socket, isServer, options, traffic: this.traffic, owner, exceeded, log });
    const closed = guarded(log, (code: number, reason: Buffer) => this.onClose(code, reason));
    this.gone = new Promise((resolve) => {
      ws.on('close', (code, reason) => {
        closed(code, reason);
        resolve();
      });
    });
    if (this.deflates) stopAtError(ws);
    if (options.enablePong) this.answerPings();
    this.endHeartbeat = options.pingInterval ? this.beat(options.pingInterval) : nothing;
    this.endIdleWatch = options.idleTimeoutSecs ? this.watchIdle(options.idleTimeoutSecs, socket as Socket) : nothing;
    this.endFarewell = limitFarewell(socket, () => ws.terminate(), guardFor(log));
  }

  get isOpen(): boolean {
    return this.ws.readyState === WebSocket.OPEN;
  }

  /** Bytes that wait to be handed to the operating system, frame headers included. */
  get bufferedAmount(): number {
    return this.ws.bufferedAmount + this.outbox.size;
  }

  /**
   * Sends one message: text as a text frame, bytes as a binary one.
   *
   * @param broadcast others receive it too.
   * @param sent is called once: when the operating system has the message, or when it will not get it.
   */
  send(message: Message, broadcast: boolean, sent: Sent): void {
    if (!this.isOpen) return sent('The message was not sent: the connection is closing.', 0, 0);
    const { maxBufferedAmount } = this.options;
    if (maxBufferedAmount > 0 && this.bufferedAmount > maxBufferedAmount) return this.tooSlow(sent);
    this.traffic.messagesOut++;
    this.traffic.bytesOut += message.size;
    if (!this.deflates) this.plain(message, broadcast, sent);
    else if (this.sharing || (broadcast && this.isServer && this.atWs.size === 0)) this.share(message, sent);
    else this.compress(message, sent);
  }

  /** Starts the closing handshake; a peer that does not answer is cut off after `closeTimeout`. */
  close(code: number, reason: string): Promise<void> {
    if (this.isOpen) {
      this.outbox.flush();
      this.ending ??= { code, reason, remote: false };
      this.ws.close(code, reason);
    } else if (this.ws.readyState === WebSocket.CLOSING) {
      // Where the peer sent its FIN without a close frame, `ws` waits without end for it to read what is still to be sent.
      this.cut ??= setTimeout(() => this.ws.terminate(), closeTimeout);
    }
    return this.gone;
  }

  private plain(message: Message, broadcast: boolean, sent: Sent): void {
    const { size } = message;
    // Receivers of a broadcast share one frame. What has to wait for a slow one refers to the text, which the flow keeps for as long anyway.
    const text = (broadcast && !this.outbox.isBehind) || !this.isServer ? undefined : message.ascii;
    if (text !== undefined) this.outbox.pushText(textHeader(size), text, sent);
    else this.outbox.push(this.isServer ? message.frame : message.masked, size, size, sent);
    if (!broadcast && isOnlyAnswer()) this.outbox.flush();
  }

  /** `ws` compresses, with what it remembers of the messages before (context takeover). */
  private compress({ bytes, isText, size }: Message, sent: Sent): void {
    const wireSize = this.sizes.sending(size);
    // `guarded` by hand: this is called for every message.
    const settle = (error?: Error | null) => {
      try {
        if (!this.atWs.take(settle)) return;
        if (error) sent(notSent(error), 0, 0);
        else sent(undefined, size, wireSize());
      } catch (cause) {
        this.log.error(cause);
      }
    };
    this.atWs.add(settle);
    this.ws.send(bytes, { binary: !isText }, settle);
  }

  /**
   * Sends what is compressed once for all. From then on `ws` must compress nothing here any more: it would refer to messages
   * as it remembers them, and the peer remembers others in between.
   */
  private share(message: Message, sent: Sent): void {
    this.sharing = true;
    const packed = message.packed(this.windowBits ?? 15);
    const put = ({ frame, wireSize }: Packed) => this.outbox.push(frame, message.size, wireSize, sent);
    if (!this.packing && !(packed instanceof Promise)) return put(packed);
    const packing = Promise.all([packed, this.packing])
      .then(([ready]) => (this.isOpen ? put(ready) : sent(ended, 0, 0)))
      .catch((error) => sent(notSent(error), 0, 0))
      .catch((error) => this.log.error(error))
      .finally(() => {
        if (this.packing === packing) this.packing = undefined;
      });
    this.packing = packing;
  }

  private tooSlow(sent: Sent): void {
    const { maxBufferedAmount, slowReaders } = this.options;
    const why = `the peer reads too slowly, and more than ${maxBufferedAmount} bytes (maxBufferedAmount) wait for it`;
    sent(`The message was not sent: ${why}.`, 0, 0);
    if (slowReaders === 'close') void this.close(1013, 'Too slow a reader');
  }

  private onExcess({ reason, sentence }: Excess): void {
    if (!this.isOpen) return;
    this.owner.onViolation(sentence, false);
    void this.close(1008, reason);
  }

  private onError(error: Error): void {
    const { code, reason, remote, decompressionError } = violation(error, isReadingClose(this.ws));
    this.ending ??= { code, reason, remote };
    this.owner.onViolation(reason, decompressionError);
  }

  private onClose(code: number, reason: Buffer): void {
    this.incoming.end();
    this.endHeartbeat();
    this.endIdleWatch();
    this.endFarewell();
    clearTimeout(this.cut);
    for (const settle of this.atWs.all()) settle(new Error('the connection ended'));
    this.outbox.abandon();
    this.owner.onClose(this.ending ?? peerEnding(code, reason.toString('utf8')));
  }

  private answerPings(): void {
    answerPings({
      onPing: (listener) => void this.ws.on('ping', guarded(this.log, listener)),
      pong: (data, sent) => {
        if (this.isOpen) this.ws.pong(data, undefined, guarded(this.log, sent));
      },
    });
  }

  private beat(seconds: number): () => void {
    const peer = {
      ping: (data: string) => {
        if (!this.isOpen) return;
        this.incoming.awaitsPong = true;
        this.ws.ping(data);
      },
      onPong: (listener: (data: Buffer) => void) => void this.ws.on('pong', guarded(this.log, listener)),
    };
    return heartbeat(
      peer,
      seconds,
      guarded(this.log, () => void this.close(1011, 'Ping timeout')),
      (roundTrip) => {
        this.roundTrip = roundTrip;
      },
      guardFor(this.log),
    );
  }

  private watchIdle(seconds: number, socket: Socket): () => void {
    return idleWatch(
      seconds,
      () => socket.bytesRead,
      () => void this.close(1001, 'Idle timeout'),
      guardFor(this.log),
    );
  }
}

const nothing = () => {};

const notSent = (error: Error) => `The message was not sent: ${messageOf(error)}.`;

/** What a close says when the peer, or the network, ended the connection. */
function peerEnding(code: number, reason: string): Ending {
  if (code === 1006) return { code, reason: 'Abnormal closure', remote: false };
  return { code, reason: code === 1005 ? 'No status code' : reason, remote: true };
}
