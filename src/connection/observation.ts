import type WebSocket from 'ws';
import { guarded, type Log } from '../core/log';

/** The kinds of frames that an observer sees. A message of several fragments is one. */
export type FrameKind = 'text' | 'binary' | 'ping' | 'pong' | 'close';

/** Sees what one connection sends and receives. */
export interface FrameObserver {
  /** @param data a message or a control frame, which belongs to the flow: copy bytes to keep them. */
  onFrame(isOut: boolean, kind: FrameKind, data: string | Buffer): void;
  /** The connection has closed. */
  onEnd(): void;
}

/** The observers of one connection. It exists only while there is one, so a connection that nobody looks at does nothing for it. */
export class Observation {
  private observers: readonly FrameObserver[] = [];
  private readonly onPing: (data: Buffer) => void;
  private readonly onPong: (data: Buffer) => void;

  constructor(
    private readonly ws: WebSocket,
    private readonly log: Log,
  ) {
    this.onPing = guarded(log, (data: Buffer) => this.report(false, 'ping', data));
    this.onPong = guarded(log, (data: Buffer) => this.report(false, 'pong', data));
    // Before the listener that answers it.
    ws.prependListener('ping', this.onPing);
    ws.prependListener('pong', this.onPong);
  }

  get isEmpty(): boolean {
    return this.observers.length === 0;
  }

  add(observer: FrameObserver): void {
    this.observers = [...this.observers, observer];
  }

  delete(observer: FrameObserver): void {
    this.observers = this.observers.filter((each) => each !== observer);
  }

  message(isOut: boolean, data: string | Buffer): void {
    this.report(isOut, typeof data === 'string' ? 'text' : 'binary', data);
  }

  report(isOut: boolean, kind: FrameKind, data: string | Buffer): void {
    for (const observer of this.observers) {
      try {
        observer.onFrame(isOut, kind, data);
      } catch (error) {
        this.log.error(error);
      }
    }
  }

  /** Reports a close frame by its code and reason, as one text. */
  close(isOut: boolean, code: number, reason: string): void {
    this.report(isOut, 'close', `${code} ${reason}`.trim());
  }

  /** Removes the listeners. */
  stop(): void {
    this.ws.off('ping', this.onPing);
    this.ws.off('pong', this.onPong);
  }

  /** The connection has closed. */
  end(): void {
    this.stop();
    for (const observer of this.observers) observer.onEnd();
    this.observers = [];
  }
}
