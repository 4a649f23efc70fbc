import type { Node } from '@node-red/registry';
import { type Asking, type Done, guarded, type Log } from '../../src/index';
import type { FlowsStarted } from './flows-started';
import { leave, takeUp } from './hook/handover';
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
  /** Set while the node closes to be deployed again: the messages that the next node outputs. */
  left: Message[] | undefined;
}

/** Outputs what the last node of this id has left, when all receivers exist. */
export function takeAnswers(node: Node, started: FlowsStarted, log: Log): void {
  const left = takeUp<Message>(node.id);
  if (left.length === 0) return;
  const send = guarded(log, () => {
    for (const msg of left) node.send(msg);
  });
  const cancel = started.once('server', send);
  node.on('close', cancel);
}

/**
 * Ends the open requests of a node that closes. If it is deployed again, the next node outputs the outcomes, because the receivers of this
 * one may be closed already.
 */
export function endRequests({ id }: Node, settings: RequestSettings, removed: boolean, log: Log): void {
  const left: Message[] = [];
  if (!removed) settings.left = left;
  for (const end of [...settings.open]) end();
  // Without a warning where Node-RED ends: nobody waits for them then.
  leave(id, left, () => {}, log);
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

  busy(): void {
    this.context.status.requests(this.settings.open.size);
  }

  onClose(end: () => void): () => void {
    const { open } = this.settings;
    open.add(end);
    return () => void open.delete(end);
  }

  protected override output(status: unknown, socket: number | undefined): void {
    const { left } = this.settings;
    if (!left) return super.output(status, socket);
    try {
      if (this.context.hasReceivers()) left.push(this.outgoing(this.msg, status, socket));
    } catch (cause) {
      this.context.log.error(cause);
    }
  }

  protected override outgoing(msg: Message, status: unknown, socket: number | undefined): Message {
    if (this.settings.answerAs !== 'result') return super.outgoing(msg, status, socket);
    const { success, result } = status as { success?: boolean; result?: unknown };
    const message = super.outgoing(msg, success ? (result ?? null) : null, socket);
    message.details = status;
    return message;
  }
}
