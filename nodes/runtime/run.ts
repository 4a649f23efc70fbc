import {
  type Call,
  type Caller,
  type Command,
  type Done,
  guarded,
  type Layer,
  type Log,
  type Origin,
  type PayloadIs,
  readFieldValues,
  readInput,
  refusalOf,
  type Unheard,
} from '../../src/index';
import { callDone, type Message, readable } from './message';
import type { NodeFields } from './node-fields';
import type { StatusLine } from './status';

/** The parts of a command node that all its messages share. */
export interface NodeContext extends Pick<Call, 'registry' | 'configured' | 'to' | 'create'> {
  /** The id of the node. */
  readonly id: string;
  readonly command: Command;
  readonly payloadIs: PayloadIs;
  /** The typed fields of the node, if any is set. */
  readonly fields: NodeFields | undefined;
  /** Report operational failures as errors too. */
  readonly raise: boolean;
  /** Returns whether the output is wired; otherwise no answer is needed. */
  readonly hasReceivers: () => boolean;
  readonly status: StatusLine;
  readonly log: Log;
}

const nothingYet: Layer = {};

export type Send = (msg: Message) => void;
export type Finish = (error?: Error) => void;

/** One message in a command node, as the command sees it. It ends exactly once. */
export class Run implements Call, Caller, Unheard {
  payload: Layer = nothingYet;
  hasMessage = false;
  message: unknown = undefined;
  isWhole = false;
  sender: string | undefined = undefined;
  session: string | undefined = undefined;
  target: unknown = undefined;
  private ended = false;

  constructor(
    protected readonly context: NodeContext,
    protected readonly msg: Message,
    private readonly send: Send,
    private readonly done: Finish,
  ) {}

  get registry() {
    return this.context.registry;
  }
  get configured() {
    return this.context.configured;
  }
  get to() {
    return this.context.to;
  }
  get create() {
    return this.context.create;
  }
  get fallback() {
    return this.msg.socket;
  }
  get ask() {
    return this.msg.ask;
  }

  /** The message and its send node, which a waiting client leaves to the next one. */
  get sending(): { readonly node: string; readonly msg: Message } | undefined {
    return { node: this.context.id, msg: this.msg };
  }

  /** Set if the output is not wired. The wires are read when the message comes in. */
  get unheard(): Unheard | undefined {
    return this.context.hasReceivers() ? undefined : this;
  }

  sentUnheard(errorStr: string | undefined): void {
    this.ended = true;
    this.endUnheard(this.context.raise ? errorStr : undefined);
  }

  /** Never throws and never rejects: every outcome ends the message. */
  start(): void {
    const { fields } = this.context;
    if (!fields) return this.run(undefined);
    try {
      const values = fields.read(this.scope());
      if (!(values instanceof Promise)) return this.run(values);
      values.then(
        guarded(this.context.log, (read) => this.run(read)),
        guarded(this.context.log, (cause) => this.fail(cause)),
      );
    } catch (cause) {
      this.fail(cause);
    }
  }

  private run(values: Layer | undefined): void {
    try {
      const { command, payloadIs } = this.context;
      const { origin, given } = this;
      readInput(this, command, payloadIs, origin, given);
      if (values) readFieldValues(this, payloadIs, origin, given, values);
      command.run(this, this)?.catch(failing(this));
    } catch (cause) {
      this.fail(cause);
    }
  }

  /** The input that is read from the message. */
  protected get given(): unknown {
    return this.msg.payload;
  }

  /** The origin of the input. */
  protected get origin(): Origin {
    return this.msg as Origin;
  }

  /** The message that the fields of the node are evaluated on. */
  protected scope(): Message {
    return this.msg;
  }

  /** Sends the answer and calls `done`. Both may throw: every wire but the first gets a copy, and not every message can be copied. */
  protected end(status: unknown, socket: number | undefined, error?: Error | string): void {
    this.show(error);
    this.output(status, socket);
    callDone(this.done, error, this.context.log);
  }

  private show(error: Error | string | undefined): void {
    const { status, log } = this.context;
    try {
      if (error === undefined) status.succeed();
      else status.fail(error);
    } catch (cause) {
      log.error(cause);
    }
  }

  /** Ends a message whose answer nobody takes. */
  protected endUnheard(error: Error | string | undefined): void {
    this.show(error);
    callDone(this.done, error, this.context.log);
  }

  /** Sends a message to the output, if it is wired. */
  protected output(status: unknown, socket: number | undefined): void {
    const { context, msg, send } = this;
    try {
      if (context.hasReceivers()) send(this.outgoing(msg, status, socket));
    } catch (cause) {
      context.log.error(cause);
    }
  }

  /** Returns the message of a status. */
  protected outgoing(msg: Message, status: unknown, socket: number | undefined): Message {
    return answer(msg, status, socket);
  }

  /** Ends the message with the answer of its command. */
  reply({ status, socket }: Done): void {
    this.ended = true;
    const { success, errorStr } = status as { success?: boolean; errorStr?: string };
    this.end(status, socket, success === false && this.context.raise ? String(errorStr) : undefined);
  }

  /** Rejects the message, unless it was answered. */
  fail(cause: unknown): void {
    const { command, log } = this.context;
    if (this.ended) return log.error(cause);
    this.ended = true;
    const error = refusalOf(cause);
    const status: Record<string, unknown> = { success: false, ...command.rejection, errorStr: error.message };
    for (const [alias, name] of Object.entries(command.aliases ?? {})) status[alias] = status[name];
    status.errorCode = error.code;
    this.end(status, namedId(this), error);
  }
}

/** A function of its own: one in `run` would take memory for each message. */
const failing = (run: Run) => (cause: unknown) => run.fail(cause);

/** Returns a copy of the message with the answer; the flow's own object stays unchanged. */
function answer(msg: Message, status: unknown, socket: number | undefined): Message {
  // A clone and two stores: V8 does this many times faster than a spread with something after it.
  const message = readable(msg);
  message.payload = status;
  if (socket !== undefined) message.socket = socket;
  return message;
}

/** Returns the id that a rejected call named, if it named one. */
function namedId({ payload, configured }: Call): number | undefined {
  try {
    const id = typeof configured === 'object' ? configured.id : payload.id;
    return typeof id === 'number' ? id : undefined;
  } catch {
    return undefined;
  }
}
