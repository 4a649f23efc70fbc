import {
  type Answer,
  carryOut,
  type Hook,
  type HookFailure,
  type Job,
  type Log,
  messageOf,
  type Receiver,
  type Registry,
  refusalOf,
  type Status,
} from '../../../src/index';
import { callDone, type Message } from '../message';
import type { StatusLine } from '../status';
import type { Arriving } from './arriving';
import type { Waiting } from './job';

/** Ends each event of a hook node: a message from one of the outputs, `done`, and the status. */
export class Outcomes implements Receiver<Waiting> {
  /** The number of events that left by the second output while the node was closing. */
  lostAtClose = 0;
  /** The newest event that left by the second output. */
  private lost: HookFailure | undefined;
  private closing = false;
  private hook: Hook<Waiting> | undefined;
  private isList = false;

  constructor(
    private readonly registry: Registry,
    private readonly status: StatusLine,
    private readonly log: Log,
    private readonly raise: boolean,
    private readonly warn: (why: string) => void,
  ) {}

  /**
   * Shows the state of a hook from now on.
   *
   * @param isList a call can contain several events, so the answer has the list of them.
   */
  show(hook: Hook<Waiting>, isList: boolean): void {
    this.hook = hook;
    this.isList = isList;
    this.changed();
  }

  /** From now on the status does not change, and failures are counted instead of raised. */
  close(): void {
    this.closing = true;
  }

  async delivered(jobs: readonly Job<Waiting>[], answer: Answer): Promise<void> {
    this.lost = undefined;
    const last = jobs[jobs.length - 1] as Job<Waiting>;
    const { socket, client } = last.event;
    const statuses = await carryOut(this.registry, { socket, client, endpoint: last.of.endpoint }, answer.actions);
    const origins = jobs.map(({ of: { msg } }) => msg.details ?? msg.payload);
    this.emit(last.of, [answered(last.of.msg, answer, statuses, this.isList ? origins : origins[0])]);
    const error = firstError(statuses, this.raise);
    for (const { of } of jobs) callDone(of.done, error, this.log);
  }

  undelivered({ of }: Job<Waiting>, failure: HookFailure): void {
    const { errorStr, http_status } = failure;
    if (this.closing) this.lostAtClose++;
    else {
      this.lost = failure;
      this.warn(errorStr);
    }
    this.emit(of, [null, { ...of.msg, errorStr, http_status }]);
    callDone(of.done, failure.callerError || (this.raise && !this.closing) ? errorStr : undefined, this.log);
  }

  /** Ends an event that no job could be made of. */
  rejected(arriving: Arriving, error: unknown): void {
    this.emit(arriving, [null, { ...arriving.msg, errorStr: messageOf(error), http_status: 0 }]);
    callDone(arriving.done, refusalOf(error), this.log);
  }

  changed(): void {
    if (!this.closing && this.hook) this.status.queue({ ...this.hook.status, lost: this.lost });
  }

  /** Sends a message. One that cannot be copied for a second wire must not stop the queue. */
  private emit({ send }: Arriving, ports: Parameters<Waiting['send']>[0]): void {
    try {
      send(ports);
    } catch (error) {
      this.log.error(error);
    }
  }
}

/** Returns the event with the answer of 4D as its payload; the original payload is in `details`. */
const answered = (msg: Message, { payload, http_status }: Answer, actions: readonly Status[], details: unknown): Message => ({
  ...msg,
  payload,
  details,
  http_status,
  actions,
});

/** Returns the error to report for the actions: always a caller error of 4D, and operational failures with Raise failures. */
function firstError(statuses: readonly Status[], raise: boolean): string | undefined {
  for (const status of statuses) {
    const { success, errorStr, errorCode } = status as { success?: boolean; errorStr?: string; errorCode?: string };
    if (success === false && (errorCode !== undefined || raise)) return errorStr;
  }
  return undefined;
}
