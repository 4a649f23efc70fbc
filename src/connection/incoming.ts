import type { Duplex } from 'node:stream';
import type WebSocket from 'ws';
import { guarded, guardedMethod, type Log } from '../core/log';
import { fastPathReader } from '../wire/fast-reader';
import { isControl, isLastFragment } from '../wire/frame-feed';
import type { Reader, ReaderOwner } from '../wire/reader';
import { meterReceived } from '../wire/wire-size';
import { askForShare, isTurnFull, mayRead, readingTurn, share, type Task } from './loop-scheduler';
import type { Observation } from './observation';
import { type Allowance, type LimitOwner, type RateLimits, rateLimit } from './rate-limit';

export interface IncomingOptions extends RateLimits {
  /** Maximum payload of a message, bytes. */
  readonly maxPayload: number;
}

/** The connection whose messages are delivered. */
export interface IncomingContext extends LimitOwner {
  /** Counters of the received messages. */
  readonly traffic: { messagesIn: number; bytesIn: number };
  readonly owner: { onMessage(data: string | Buffer, wireSize: number): void };
  readonly log: Log;
}

/**
 * Delivers the received messages of one connection, within its share of an event-loop turn and the rate limits. Every frame counts, because
 * a ping, a pong or a fragment costs as much as a message.
 */
export class Incoming implements Task, ReaderOwner {
  /** True if a ping was sent that has no pong yet. */
  awaitsPong = false;
  readonly log: Log;
  readonly masked: boolean;
  readonly maxPayload: number;
  private readonly ws: WebSocket;
  private readonly traffic: IncomingContext['traffic'];
  private readonly receiver: IncomingContext['owner'];
  /** The receiver, or while somebody looks at the frames, what reports them first. */
  private owner: IncomingContext['owner'];
  private readonly reader: Reader;
  /** Absent if no rate limit is set. */
  private readonly allows: Allowance | undefined;
  private turn = -1;
  private readFrames = 0;
  private readBytes = 0;
  private waits = false;

  /** Attaches to an open socket. Call it in the event-loop turn in which `ws` opens, before any frame is read. */
  constructor(ws: WebSocket, socket: Duplex, isServer: boolean, options: IncomingOptions, context: IncomingContext) {
    const { traffic, owner, log } = context;
    this.ws = ws;
    this.traffic = traffic;
    this.owner = this.receiver = owner;
    this.log = log;
    this.masked = isServer;
    this.maxPayload = options.maxPayload;
    const quick = fastPathReader(ws, this);
    if (quick) {
      this.reader = quick;
      ws.on('message', guardedMethod(log, this, this.onMessage));
    } else {
      this.reader = new PassThroughReader(ws);
      this.readAllByWs(socket);
    }
    this.allows = rateLimit(options, context);
    if (this.allows) this.countControlFrames(this.allows);
  }

  /** True while reading is paused until the next share of an event-loop turn. */
  get isWaiting(): boolean {
    return this.waits;
  }

  /** Reports each message to an observation before its receiver, until it is called again without one. */
  observe(observation: Observation | undefined): void {
    const { receiver } = this;
    this.owner = observation
      ? {
          onMessage(data, wireSize) {
            observation.message(false, data);
            receiver.onMessage(data, wireSize);
          },
        }
      : receiver;
  }

  /** Reads what waits for a turn, because the socket ends. */
  finish(): void {
    this.reader.finish();
  }

  /** Releases the buffers when the connection has ended. */
  end(): void {
    this.reader.end();
  }

  /** Receives a message of one frame. It contains its own `try`, as `guarded` would, because it is called for every message. */
  deliver(data: string | Buffer, size: number): void {
    try {
      this.traffic.messagesIn++;
      this.traffic.bytesIn += size;
      this.spend(1, size);
      if (this.allows && !this.allows(size)) return;
      this.owner.onMessage(data, size);
    } catch (error) {
      this.log.error(error);
    }
  }

  /** Receives a pong that `ws` did not read, and reports it like `ws`. */
  ponged(data: Buffer): void {
    try {
      this.ws.emit('pong', data);
    } catch (error) {
      this.log.error(error);
    }
  }

  /** Receives a frame that was passed to `ws`, or a pong. */
  passed(first: number, size: number): void {
    try {
      this.spend(1, size);
      if (this.allows && !isControl(first) && !isLastFragment(first)) this.allows(size);
    } catch (error) {
      this.log.error(error);
    }
  }

  /** Receives a message that `ws` read. Its frames are counted separately. Text of more than 512 MiB cannot be a string, and throws. */
  private onMessage(data: WebSocket.RawData, isBinary: boolean): void {
    const { length } = data as Buffer;
    const { messageBytes, fragmentBytes } = this.reader;
    this.traffic.messagesIn++;
    this.traffic.bytesIn += length;
    if (length > messageBytes) this.spend(0, length - messageBytes);
    if (this.allows && !this.allows(Math.max(0, length - fragmentBytes))) return;
    this.owner.onMessage(isBinary ? (data as Buffer) : data.toString('utf8'), messageBytes);
  }

  /** Counts the messages that `ws` reports. Frames cannot be counted, because the reader of `ws` is not a known one. */
  private readAllByWs(socket: Duplex): void {
    const { ws, log } = this;
    const wireSize = ws.extensions.includes('permessage-deflate') ? meterReceived(socket, log) : (size: number) => size;
    ws.on(
      'message',
      guarded(log, (data: Buffer, isBinary: boolean) => {
        const { length } = data;
        const received = wireSize(length);
        this.traffic.messagesIn++;
        this.traffic.bytesIn += length;
        this.spend(1, length);
        if (this.allows && !this.allows(length)) return;
        this.owner.onMessage(isBinary ? data : data.toString('utf8'), received);
      }),
    );
    const spend = guarded(log, (data: Buffer) => this.spend(1, data.length));
    ws.on('ping', spend);
    ws.on('pong', spend);
  }

  /** Counts pings and unsolicited pongs. A solicited pong does not count. */
  private countControlFrames(allows: Allowance): void {
    const count = guarded(this.log, (data: Buffer) => void allows(data.length));
    this.ws.on('ping', count);
    const countUnasked = guarded(this.log, (data: Buffer) => {
      if (!this.awaitsPong) count(data);
      this.awaitsPong = false;
    });
    this.ws.on('pong', countUnasked);
  }

  /**
   * Pauses the connection until the next event-loop turn if enough was read in this one. Otherwise a fast peer would block all other peers,
   * and the flow.
   */
  private spend(frames: number, bytes: number): void {
    const turn = readingTurn(frames, bytes);
    if (this.turn !== turn) {
      this.turn = turn;
      this.readFrames = this.readBytes = 0;
    }
    this.readFrames += frames;
    this.readBytes += bytes;
    if (this.readFrames < share.frames && this.readBytes < share.bytes && !isTurnFull()) return;
    if (this.waits) return;
    this.waits = true;
    this.reader.pause();
    askForShare(this);
  }

  mayRead(): boolean {
    if (mayRead()) return true;
    if (!this.waits) {
      this.waits = true;
      askForShare(this);
    }
    return false;
  }

  /** Resumes reading after a pause. */
  runTask(): void {
    this.waits = false;
    this.reader.resume();
  }
}

/** Pass-through reader, for connections where `ws` reads everything. */
class PassThroughReader implements Reader {
  readonly fragmentBytes = 0;
  readonly messageBytes = 0;

  constructor(private readonly ws: WebSocket) {}

  pause(): void {
    this.ws.pause();
  }

  resume(): void {
    this.ws.resume();
  }

  finish(): void {}

  end(): void {}
}
