import { guarded, type Log } from '../core/log';
import type { Recording } from './recording';

/** Sends a message. `sent` is called once, with a sentence if it failed. */
export type SendFrame = (data: string | Buffer, sent: (errorStr?: string) => void) => void;

export interface Played {
  readonly sent: number;
  readonly failed: number;
  /** Messages in one round. */
  readonly frames: number;
  /** Rounds that were played to the end. */
  readonly rounds: number;
  /** Stopped before the end. */
  readonly stopped: boolean;
  /** The first failure. */
  readonly errorStr?: string;
}

export interface PlayerParts {
  readonly speed: number;
  readonly loop: boolean;
  readonly send: SendFrame;
  /** Called after each message, with its number in the round. */
  progress(at: number, of: number): void;
  /** Called once, unless the player is closed. */
  ended(played: Played): void;
  /** Called instead of `ended` if sending throws. */
  failed(cause: unknown): void;
  readonly log: Log;
}

/** Longest delay of a timer of Node.js, ms. */
const longestTimer = 2_147_483_647;
/** Messages without a pause before other work of the process gets its turn. */
const maxBurst = 50;
/** Shortest round of a loop, ms. Without it, a loop without times would never pause. */
const shortestRound = 10;

/**
 * Sends the messages of a recording at their times. The next message waits for the previous one to be sent, so a slow connection delays the
 * replay instead of filling its buffers.
 */
export class Player {
  private next = 0;
  private rounds = 0;
  private sent = 0;
  private failures = 0;
  private errorStr: string | undefined;
  private began = performance.now();
  private timer: NodeJS.Timeout | undefined;
  private immediate: NodeJS.Immediate | undefined;
  private isOver = false;

  constructor(
    private readonly recording: Recording,
    private readonly parts: PlayerParts,
  ) {}

  start(): void {
    this.began = performance.now();
    this.step();
  }

  /** Ends the replay, which reports what was played. */
  stop(): void {
    this.end(true);
  }

  /** Ends the replay without a report. */
  close(): void {
    this.isOver = true;
    clearTimeout(this.timer);
    clearImmediate(this.immediate);
  }

  private step(): void {
    let burst = 0;
    while (!this.isOver) {
      const wait = this.due() - performance.now();
      if (wait > 0) return this.wait(wait);
      if (this.next >= this.recording.frames.length) {
        this.rounds++;
        if (!this.parts.loop || this.recording.frames.length === 0) return this.end(false);
        this.next = 0;
        this.began = performance.now();
        continue;
      }
      if (++burst > maxBurst) return this.pause();
      if (!this.sendNext()) return;
    }
  }

  /** Returns the performance time of the next message, or of the end of the round. */
  private due(): number {
    const { frames, duration } = this.recording;
    const frame = frames[this.next];
    const at = frame ? frame.at : this.parts.loop ? duration : 0;
    const { speed, loop } = this.parts;
    const scaled = speed === 0 ? 0 : at / speed;
    return this.began + (frame || !loop || frames.length === 0 ? scaled : Math.max(scaled, shortestRound));
  }

  private wait(ms: number): void {
    this.timer = setTimeout(
      guarded(this.parts.log, () => this.step()),
      Math.min(Math.ceil(ms), longestTimer),
    );
  }

  private pause(): void {
    this.immediate = setImmediate(guarded(this.parts.log, () => this.step()));
  }

  /** @returns true if the message is already sent, or has failed. */
  private sendNext(): boolean {
    const { frames } = this.recording;
    const frame = frames[this.next++];
    let [isSent, returned] = [false, false];
    const sent = (errorStr?: string) => {
      if (isSent || this.isOver) return;
      isSent = true;
      if (errorStr === undefined) this.sent++;
      else {
        this.failures++;
        this.errorStr ??= errorStr;
      }
      this.parts.progress(this.next, frames.length);
      if (returned) this.step();
    };
    try {
      if (frame) this.parts.send(frame.data, sent);
    } catch (cause) {
      this.close();
      this.parts.failed(cause);
    }
    returned = true;
    return isSent;
  }

  private end(stopped: boolean): void {
    if (this.isOver) return;
    this.close();
    const { sent, failures: failed, rounds, errorStr } = this;
    this.parts.ended({ sent, failed, frames: this.recording.frames.length, rounds, stopped, ...(errorStr !== undefined && { errorStr }) });
  }
}
