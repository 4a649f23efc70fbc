import type { Socket } from 'node:net';
import WebSocket from 'ws';
import type { Ending } from '../core/events';
import { Latch } from '../core/latch';
import { guarded, guardedMethod, guardFor, type Log } from '../core/log';
import { pingFrame } from '../wire/frame';
import type { OutgoingMessage } from '../wire/outgoing-message';
import { peerEnding, violation } from '../wire/violations';
import { meteredSizes } from '../wire/wire-size';
import { isReadingClose, stopAtError } from '../wire/ws-internals';
import { AutoPong, type Pinged } from './auto-pong';
import { heartbeat } from './heartbeat';
import { idleWatch } from './idle-timeout';
import { Incoming } from './incoming';
import type { Sent } from './load';
import { type FrameObserver, Observation } from './observation';
import type { OpenSocket } from './open-socket';
import type { PaceOptions } from './pace';
import { PacedSends, type PacedSettings } from './paced-sends';
import type { Excess, LimitOwner, RateLimits } from './rate-limit';
import { type Holder, noBudget } from './send-budget';
import type { SendLimitOptions } from './send-limits';
import { unwritten } from './send-status';
import { Sender, type SenderOwner } from './sender';
import { TcpEnd } from './tcp-end';

/** Callbacks of the owner of a connection, which is a client or a server. */
export interface ConnectionOwner {
  onMessage(data: string | Buffer, wireSize: number): void;
  /** Called when the peer violated the protocol, or its compressed data cannot be read. The close follows. */
  onViolation(reason: string, decompressionError: boolean): void;
  /** Called last, when the connection has closed. */
  onClose(ending: Ending): void;
}

export interface ConnectionOptions extends RateLimits, SendLimitOptions, PaceOptions {
  readonly enablePong: boolean;
  readonly pingInterval?: number | undefined;
  /** Maximum payload of a received message, bytes. */
  readonly maxPayload: number;
  /** Seconds without received data after which the connection is closed with 1001. */
  readonly idleTimeoutSecs?: number | undefined;
  /** Time that the peer has to answer a close frame, ms. */
  readonly closeTimeoutMs: number;
  /** Action when a send limit is exceeded: `drop` the peer's messages, or `close` the connection with 1013. */
  readonly slowReaders: string;
}

/**
 * Counters of the messages of a connection, and of their payload bytes before compression. They are plain numbers, because every message is
 * counted.
 */
export interface Traffic {
  messagesIn: number;
  bytesIn: number;
  messagesOut: number;
  bytesOut: number;
}

/**
 * An open WebSocket connection, on either side. It records which side closed it and why. `ws` reports only the peer's close frame, or 1006
 * if there was none.
 */
export class Connection implements Holder, SenderOwner, LimitOwner, Pinged {
  readonly traffic: Traffic = { messagesIn: 0, bytesIn: 0, messagesOut: 0, bytesOut: 0 };
  /** Round-trip time of the newest answered ping, ms. */
  roundTrip: number | undefined;
  private readonly ws: WebSocket;
  readonly sender: Sender;
  /** The messages that wait for the rate `maxSendsPerSecond`. Absent without a rate. */
  readonly paced: PacedSends | undefined;
  private readonly incoming: Incoming;
  private readonly endHeartbeat: () => void;
  private readonly endIdleWatch: () => void;
  private readonly tcpEnd: TcpEnd;
  /** Made at the first ping. */
  private pongs: AutoPong | undefined;
  private readonly gone = new Latch();
  private readonly closeTimeoutMs: number;
  private ending: Ending | undefined;
  private cut: NodeJS.Timeout | undefined;
  /** Present only while somebody looks at the frames. */
  private observation: Observation | undefined;

  /** Attaches to an open socket. Call it in the event-loop turn in which `ws` opens, before any frame is read. */
  constructor(
    { ws, socket, windowBits }: OpenSocket,
    isServer: boolean,
    options: ConnectionOptions,
    readonly owner: ConnectionOwner,
    readonly log: Log,
    budget = noBudget,
  ) {
    this.ws = ws;
    this.closeTimeoutMs = options.closeTimeoutMs;
    const deflates = ws.extensions.includes('permessage-deflate');
    this.sender = new Sender({
      ws,
      socket,
      isServer,
      deflation: deflates ? { sizes: meteredSizes(socket), windowBits: windowBits ?? 15 } : undefined,
      options,
      budget,
      owner: this,
      log,
    });
    this.paced = options.maxSendsPerSecond ? this.pace(options) : undefined;
    ws.on('error', guardedMethod(log, this, this.onError));
    this.incoming = new Incoming(ws, socket, isServer, options, this);
    ws.on('close', guardedMethod(log, this, this.onClose));
    if (deflates) stopAtError(ws);
    if (options.enablePong) ws.on('ping', guardedMethod(log, this, this.answerPing));
    this.endHeartbeat = options.pingInterval ? this.beat(options.pingInterval, isServer ? socket : undefined) : nothing;
    this.endIdleWatch = options.idleTimeoutSecs ? this.watchIdle(options.idleTimeoutSecs, socket as Socket) : nothing;
    this.tcpEnd = new TcpEnd(ws, socket, isServer, this.incoming, log);
  }

  get isOpen(): boolean {
    return this.ws.readyState === WebSocket.OPEN;
  }

  /** Bytes not yet passed to the operating system, including frame headers. */
  get bufferedAmount(): number {
    return this.sender.bufferedAmount;
  }

  /**
   * Sends one message. Text becomes a text frame, bytes a binary frame.
   *
   * @param broadcast true if other connections receive it too.
   * @param sent called once: when the operating system has the message, or when it will not get it.
   * @param isUrgent true if it goes before the messages that wait for the rate.
   */
  send(message: OutgoingMessage, broadcast: boolean, sent: Sent, isUrgent = false): void {
    if (this.paced) this.paced.send(message, broadcast, sent, isUrgent);
    else this.put(message, broadcast, sent);
  }

  private put(message: OutgoingMessage, broadcast: boolean, sent: Sent): void {
    if (!this.isOpen) return sent(unwritten.closing, 0, 0);
    if (!this.sender.send(message, broadcast, sent)) return;
    this.traffic.messagesOut++;
    this.traffic.bytesOut += message.size;
    if (this.observation) this.observation.message(true, message.value);
  }

  /** The sender, if the connection can get messages together with others; absent if each message needs a turn or an observer. */
  get shared(): Sender | undefined {
    return this.paced || this.observation ? undefined : this.sender;
  }

  /** Reports what is sent and received from now on. Returns the function that ends it. */
  observe(observer: FrameObserver): () => void {
    if (!this.observation) {
      this.observation = new Observation(this.ws, this.log);
      this.incoming.observe(this.observation);
    }
    this.observation.add(observer);
    return () => {
      this.observation?.delete(observer);
      if (!this.observation?.isEmpty) return;
      this.observation.stop();
      this.observation = undefined;
      this.incoming.observe(undefined);
    };
  }

  /** Starts the closing handshake. If the peer does not answer, the connection is terminated after `closeTimeoutMs`. */
  close(code: number, reason: string): Promise<void> {
    if (this.isOpen) {
      this.sender.flush();
      this.ending ??= { code, reason, remote: false };
      this.observation?.close(true, code, reason);
      this.ws.close(code, reason);
    } else if (this.ws.readyState === WebSocket.CLOSING) {
      // After a FIN without a close frame, `ws` waits without limit for the peer to read the remaining data.
      this.cut ??= setTimeout(() => this.ws.terminate(), this.closeTimeoutMs);
    }
    return this.gone.opened();
  }

  /** Bytes waiting for the peer, including the overhead of each message. */
  get heldBytes(): number {
    return this.sender.heldBytes;
  }

  get isBehind(): boolean {
    return this.sender.isBehind;
  }

  /** Closes the connection, because all connections of the server together hold too much and this one holds the most. */
  evict(why: string): void {
    this.sender.fail(why);
    this.closeSlow(why);
  }

  /** Closes the connection to a slow peer. @param why the clause after "the peer reads too slowly, and". */
  closeSlow(why: string): void {
    if (!this.isOpen) return;
    this.owner.onViolation(`The connection was closed with 1013: the peer reads too slowly, and ${why}.`, false);
    void this.close(1013, 'Too slow a reader');
  }

  exceeded({ reason, sentence }: Excess): void {
    if (!this.isOpen) return;
    this.owner.onViolation(sentence, false);
    void this.close(1008, reason);
  }

  private onError(error: Error): void {
    const { code, reason, remote, decompressionError } = violation(error, isReadingClose(this.ws));
    this.ending ??= { code, reason, remote };
    this.observation?.close(!remote, code, reason);
    this.owner.onViolation(reason, decompressionError);
  }

  private onClose(code: number, reason: Buffer): void {
    this.gone.open(); // Those who wait go on after this function, even if it throws.
    this.incoming.end();
    this.endHeartbeat();
    this.endIdleWatch();
    this.tcpEnd.stop();
    clearTimeout(this.cut);
    this.paced?.end(unwritten.ended);
    this.sender.abandon();
    const ending = this.ending ?? peerEnding(code, reason.toString('utf8'));
    if (!this.ending) this.observation?.close(false, ending.code, ending.reason);
    this.observation?.end();
    this.owner.onClose(ending);
  }

  private pace(options: ConnectionOptions): PacedSends | undefined {
    const put: PacedSettings['put'] = (message, broadcast, sent) => this.put(message, broadcast, sent);
    return PacedSends.of({ options, sender: this.sender, put, log: this.log });
  }

  /** Sends a ping or a pong, which count for the rate. */
  private control(run: () => void): void {
    if (this.paced) this.paced.control(run);
    else run();
  }

  private answerPing(data: Buffer): void {
    this.pongs ??= new AutoPong(this);
    this.pongs.answer(data);
  }

  pong(data: Buffer, sent: () => void): void {
    this.control(() => {
      if (!this.isOpen) return;
      this.observation?.report(true, 'pong', data);
      this.ws.pong(data, undefined, guarded(this.log, sent));
    });
  }

  /** @param socket servers: where a ping is written. A client masks each ping, so there `ws` writes it. */
  private beat(seconds: number, socket: OpenSocket['socket'] | undefined): () => void {
    const peer = {
      ping: (data: string) => {
        this.control(() => {
          if (!this.isOpen) return;
          this.incoming.awaitsPong = true;
          this.observation?.report(true, 'ping', Buffer.from(data));
          if (socket) socket.write(pingFrame(data));
          else this.ws.ping(data);
        });
      },
      onPong: (listener: (data: Buffer) => void) => void this.ws.on('pong', guarded(this.log, listener)),
      isReading: () => !this.incoming.isWaiting,
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
