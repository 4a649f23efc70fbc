import { messageOf } from '../core/errors';
import { Fifo } from '../core/fifo';
import { guarded, type Log } from '../core/log';
import type { Step, WaitStep } from './description/steps';
import { cite } from './faults';
import type { Incoming } from './incoming-message';
import type { Scope, Value } from './value';

/** The end of an attempt during the opening conversation. */
export interface OpeningFailure {
  /** A clause: "failed at step 2, …". */
  readonly why: string;
  /** The close code for the peer: 1008, 1009, or 1000 if a rule asks for another connection. */
  readonly code: number;
  /** A `fail` pattern matched. The next attempt waits for the longest time, because wrong credentials in a fast loop get an address banned. */
  readonly refused: boolean;
}

export interface OpeningContext {
  readonly steps: readonly Step[];
  /** Largest number of bytes that may be held until the opening has ended; 0 disables the limit. */
  readonly maxHeld: number;
  readonly redact: (text: string) => string;
  readonly scope: (input: unknown, kept: Readonly<Record<string, unknown>>) => Scope;
  readonly say: (value: Value, scope: () => Scope, sent: (errorStr: string | undefined) => void) => void;
  /** Rules and the heartbeat. Returns true if the message was consumed. */
  readonly consume: (message: Incoming) => boolean;
  /** Called at the end of the last step, with the messages that no rule has seen apart. */
  readonly done: (kept: Readonly<Record<string, unknown>>, held: readonly Incoming[], unread: readonly Incoming[]) => void;
  readonly failed: (failure: OpeningFailure) => void;
  /** Called with each step that begins, for *Test connection*. */
  readonly onStep?: ((index: number, message: Incoming | undefined) => void) | undefined;
  readonly log: Log;
}

/** The comparison of a message with a step. */
type StepMatch = 'answer' | 'rejection' | 'other';

/** The most messages that are held, whatever their size. Each takes some memory besides its bytes. */
const maxMessages = 100_000;

/** Returns the bytes of a message. A frame that holds several counts once, with the first. */
const bytesOf = ({ str, wireSize }: Incoming) => (wireSize === 0 ? 0 : Buffer.byteLength(str));

/**
 * The opening conversation: sends and waits in the order of the steps, and holds the messages that no step awaits. An expression takes some
 * event-loop turns; what arrives meanwhile is read after it, so the order is kept.
 */
export class Opening {
  private readonly kept: Record<string, unknown> = {};
  private readonly unread = new Fifo<Incoming>();
  private held: Incoming[] = [];
  private bytes = 0;
  private index = 0;
  /** The message that `$` is. */
  private last: unknown;
  private isBusy = false;
  private hasEnded = false;
  private timer: NodeJS.Timeout | undefined;

  constructor(private readonly context: OpeningContext) {}

  start(): void {
    this.advance();
  }

  /** Reads a message that arrived. */
  take(message: Incoming): void {
    const { maxHeld } = this.context;
    this.bytes += bytesOf(message);
    this.unread.push(message);
    this.drain();
    // After the answers to steps, which are not held.
    if (maxHeld > 0 && this.bytes > maxHeld) this.fail(`more than ${maxHeld} bytes came before its end`, 1009);
    else if (this.held.length + this.unread.length > maxMessages) this.fail(`more than ${maxMessages} messages came before its end`, 1009);
  }

  /** Ends it, because the connection has ended. @param how the clause: "the connection ended with 1006". */
  lost(how: string): void {
    this.fail(this.context.redact(how), 1008);
  }

  /** Ends it without a report. */
  cancel(): void {
    this.hasEnded = true;
    clearTimeout(this.timer);
  }

  private drain(): void {
    while (!this.isBusy && !this.hasEnded && this.unread.length > 0) this.read(this.unread.shift() as Incoming);
  }

  private read(message: Incoming): void {
    const step = this.waiting;
    if (!step) return this.pass(message);
    const read = (match: StepMatch) => {
      if (match === 'answer') this.accept(step, message);
      else if (match === 'rejection') this.refuse(message);
      else this.pass(message);
    };
    const match = this.judge(step, message);
    if (typeof match === 'string') read(match);
    else this.compute(match, read);
  }

  private get waiting(): WaitStep | undefined {
    const step = this.context.steps[this.index];
    return step && 'wait' in step ? step : undefined;
  }

  /** Compares a message with a step. An expression takes some event-loop turns. */
  private judge({ wait, fail }: WaitStep, { data }: Incoming): StepMatch | Promise<StepMatch> {
    const otherwise = () => (fail?.(data) ? 'rejection' : 'other');
    if (typeof wait === 'function') return wait(data) ? 'answer' : otherwise();
    const { input, bindings } = this.context.scope(data, this.kept);
    return wait.evaluate(input, bindings).then((matches) => (matches === true ? 'answer' : otherwise()));
  }

  private refuse({ str }: Incoming): void {
    this.fail(`the peer refused: ${cite(str, this.context.redact)}`, 1008, true);
  }

  private accept(step: WaitStep, message: Incoming): void {
    clearTimeout(this.timer);
    this.timer = undefined;
    this.release(message);
    this.last = message.data;
    if (step.as) this.kept[step.as] = message.data;
    this.context.onStep?.(this.index, message);
    this.index++;
    this.advance();
  }

  /** Offers a message to the rules, and otherwise holds it. */
  private pass(message: Incoming): void {
    if (this.context.consume(message)) this.release(message);
    else this.held.push(message);
  }

  /** Counts a consumed message no longer. Another message of its frame may hold the frame. */
  private release(message: Incoming): void {
    if (!message.isShared) this.bytes -= bytesOf(message);
  }

  /** Performs steps until one has to wait. */
  private advance(): void {
    while (!this.isBusy && !this.hasEnded) {
      const step = this.context.steps[this.index];
      if (!step) return this.finish();
      if ('send' in step) {
        this.send(step.send);
        continue;
      }
      this.await(step);
      if (this.held.length > 0) this.search(step, 0);
      return;
    }
  }

  private send(value: Value): void {
    const index = this.index++;
    // The message is not handed over before the expression has a result, and the next step must not overtake it.
    this.isBusy = 'evaluate' in value;
    const scope = () => this.context.scope(this.last, this.kept);
    this.context.say(value, scope, (errorStr) => {
      if (this.hasEnded) return;
      if (errorStr !== undefined) {
        this.index = index;
        return this.fail(this.context.redact(errorStr), 1008);
      }
      this.context.onStep?.(index, undefined);
      if (!this.isBusy) return;
      this.isBusy = false;
      this.advance();
      this.drain();
    });
  }

  private await(step: WaitStep): void {
    this.timer ??= setTimeout(
      guarded(this.context.log, () => this.fail(`no answer came within ${step.timeout} s`, 1008)),
      step.timeout * 1000,
    );
  }

  /** Looks through the held messages, in order of arrival, for the answer to a step. */
  private search(step: WaitStep, from: number): void {
    for (let i = from; i < this.held.length; i++) {
      const match = this.judge(step, this.held[i] as Incoming);
      if (typeof match !== 'string') {
        return this.compute(match, (found) => {
          if (!this.found(step, i, found)) this.search(step, i + 1);
        });
      }
      if (this.found(step, i, match)) return;
    }
  }

  private found(step: WaitStep, i: number, match: StepMatch): boolean {
    if (match === 'other') return false;
    const [message] = this.held.splice(i, 1) as [Incoming];
    if (match === 'answer') this.accept(step, message);
    else this.refuse(message);
    return true;
  }

  /** Waits for an expression. No message is read meanwhile. */
  private compute(result: Promise<StepMatch>, then: (match: StepMatch) => void): void {
    this.isBusy = true;
    result
      .then(
        (match) => {
          this.isBusy = false;
          if (this.hasEnded) return;
          then(match);
          this.drain();
        },
        (error) => this.fail(`the expression failed: ${this.context.redact(messageOf(error))}`, 1008),
      )
      .catch((error) => this.context.log.error(error));
  }

  private finish(): void {
    this.cancel();
    const unread: Incoming[] = [];
    for (let message = this.unread.shift(); message; message = this.unread.shift()) unread.push(message);
    const { held } = this;
    this.held = [];
    this.context.done(this.kept, held, unread);
  }

  private fail(how: string, code: number, refused = false): void {
    if (this.hasEnded) return;
    this.cancel();
    const { steps, failed, redact } = this.context;
    const step = steps[this.index];
    const place = `failed at step ${Math.min(this.index + 1, steps.length)} of ${steps.length}`;
    const doing = step && 'wait' in step ? `, which waits for ${redact(step.awaited)}` : step ? ', which sends' : '';
    const came = this.held[this.held.length - 1];
    const cited = came && !refused ? ` The latest message was ${cite(came.str, redact)}` : '';
    failed({ why: `${place}${doing}: ${how}.${cited}`, code, refused });
  }
}
