import type { Asking, Done } from '../../src/index';
import type { Message } from './message';
import { type Finish, type NodeContext, Run, type Send } from './run';

/** The settings of a request node, and what outlives one of its messages. */
export interface RequestSettings {
  /** `result`: the payload is the result, and the status is in `msg.details`. */
  readonly answerAs: unknown;
  readonly timeout: unknown;
  readonly many: boolean;
  /** The ends of the open requests. They are called when the node closes. */
  readonly open: Set<() => void>;
}

/** One message in a request node. It may output several messages before it ends. */
export class RequestRun extends Run implements Asking {
  constructor(
    context: NodeContext,
    msg: Message,
    send: Send,
    done: Finish,
    private readonly settings: RequestSettings,
  ) {
    super(context, msg, send, done);
  }

  get asking(): Asking {
    return this;
  }

  get timeout() {
    return this.settings.timeout;
  }

  get many() {
    return this.settings.many;
  }

  part({ status, socket }: Done): void {
    this.output(status, socket);
  }

  busy(open: number): void {
    this.context.status.requests(open);
  }

  onClose(end: () => void): () => void {
    const { open } = this.settings;
    open.add(end);
    return () => void open.delete(end);
  }

  protected override outgoing(msg: Message, status: unknown, socket: number | undefined): Message {
    if (this.settings.answerAs !== 'result') return super.outgoing(msg, status, socket);
    const { success, result } = status as { success?: boolean; result?: unknown };
    const message = super.outgoing(msg, success ? (result ?? null) : null, socket);
    message.details = status;
    return message;
  }
}
