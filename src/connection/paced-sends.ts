import { Fifo } from '../core/fifo';
import { guarded, type Log } from '../core/log';
import { maxTimerMs } from '../options/shared';
import type { OutgoingMessage } from '../wire/outgoing-message';
import type { Sent } from './load';
import { Pace, type PaceOptions } from './pace';
import type { Sender } from './sender';

/** The most automatic answers that may wait for their turn. A peer that causes more of them is faster than the rate. */
const maxUrgent = 1000;

/** Something that waits for its turn. */
interface Turn {
  run(): void;
  fail(errorStr: string): void;
}

export interface PacedSettings {
  readonly options: PaceOptions;
  readonly sender: Pick<Sender, 'isFull' | 'whyFull' | 'hold' | 'release'>;
  /** Sends a message whose turn it is. */
  readonly put: (message: OutgoingMessage, broadcast: boolean, sent: Sent) => void;
  readonly log: Log;
}

/**
 * The messages of a connection that wait for the rate `maxSendsPerSecond`. Urgent ones go first: automatic answers, heartbeats and pongs.
 * Waiting messages count towards the limits of buffered messages.
 */
export class PacedSends {
  private readonly pace: Pace;
  private readonly urgent = new Fifo<Turn>();
  private readonly waiting = new Fifo<Turn>();
  private timer: NodeJS.Timeout | undefined;
  private onFree: (() => void) | undefined;

  /** Returns `undefined` if no rate is set. */
  static of(settings: PacedSettings): PacedSends | undefined {
    return settings.options.maxSendsPerSecond ? new PacedSends(settings, settings.options.maxSendsPerSecond) : undefined;
  }

  private constructor(
    private readonly settings: PacedSettings,
    perSecond: number,
  ) {
    this.pace = new Pace(perSecond, settings.options.sendBurst);
  }

  /** Returns true if a message would go now. */
  get isFree(): boolean {
    return this.isEmpty && this.pace.delay(performance.now()) === 0;
  }

  /** Returns true if no message waits here. */
  get isEmpty(): boolean {
    return this.urgent.length === 0 && this.waiting.length === 0;
  }

  /** Calls back once when a message may go and none waits here. The latest callback replaces an earlier one. */
  whenFree(callback: () => void): void {
    this.onFree = callback;
    this.arm();
  }

  /** Sends a message in its turn. `sent` is called once. */
  send(message: OutgoingMessage, broadcast: boolean, sent: Sent, isUrgent: boolean): void {
    const { sender, put } = this.settings;
    if (this.mayGo(isUrgent)) {
      this.pace.take(performance.now());
      return put(message, broadcast, sent);
    }
    const why = isUrgent && this.urgent.length >= maxUrgent ? `${maxUrgent} automatic answers wait for it` : this.whyFull;
    if (why !== undefined) {
      const errorStr = `The message was not sent: the peer gets ${this.pace.perSecond} messages per second (maxSendsPerSecond), and ${why}.`;
      return sent(errorStr, 0, 0);
    }
    const { size } = message;
    sender.hold(size);
    this.queue(isUrgent, {
      run: () => {
        sender.release(size);
        put(message, broadcast, sent);
      },
      fail: (errorStr) => {
        sender.release(size);
        sent(errorStr, 0, 0);
      },
    });
  }

  /** Runs something urgent that counts as a message: a ping or a pong. */
  control(run: () => void): void {
    if (!this.mayGo(true)) return this.queue(true, { run, fail: () => {} });
    this.pace.take(performance.now());
    run();
  }

  /** Fails everything that waits, because the connection has ended. */
  end(errorStr: string): void {
    clearTimeout(this.timer);
    this.onFree = undefined;
    for (let turn = this.shift(); turn; turn = this.shift()) turn.fail(errorStr);
  }

  private get whyFull(): string | undefined {
    const { sender } = this.settings;
    return sender.isFull ? sender.whyFull : undefined;
  }

  /** A rate below one per second would delay a pong or a heartbeat for so long that the peer would give up. */
  private mayGo(isUrgent: boolean): boolean {
    if (!isUrgent) return this.isFree;
    return this.pace.perSecond < 1 || (this.urgent.length === 0 && this.pace.delay(performance.now()) === 0);
  }

  private queue(isUrgent: boolean, turn: Turn): void {
    (isUrgent ? this.urgent : this.waiting).push(turn);
    this.arm();
  }

  private shift(): Turn | undefined {
    return this.urgent.shift() ?? this.waiting.shift();
  }

  private arm(): void {
    if (this.timer) return;
    const wait = Math.min(Math.max(1, Math.ceil(this.pace.delay(performance.now()))), maxTimerMs);
    this.timer = setTimeout(
      guarded(this.settings.log, () => this.run()),
      wait,
    );
  }

  private run(): void {
    this.timer = undefined;
    try {
      this.takeTurns();
    } finally {
      if (this.onFree || this.urgent.length > 0 || this.waiting.length > 0) this.arm();
    }
  }

  private takeTurns(): void {
    while (this.pace.delay(performance.now()) === 0) {
      const turn = this.shift();
      if (!turn) break;
      this.pace.take(performance.now());
      turn.run();
    }
    const { onFree } = this;
    if (!onFree || !this.isFree) return;
    this.onFree = undefined;
    onFree();
  }
}
