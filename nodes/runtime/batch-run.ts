import type { Origin, Unheard } from '../../src/index';
import { unmarkBatch } from './batch';
import type { Message } from './message';
import { type Finish, type NodeContext, Run, type Send } from './run';

/** One message of a batch. Its outcome goes to the batch, not to the flow. */
class BatchedRun extends Run {
  constructor(
    context: NodeContext,
    msg: Message,
    private readonly items: readonly unknown[],
    private readonly index: number,
    private readonly report: (index: number, status: unknown, error: Error | string | undefined) => void,
    private readonly isHeard: boolean,
  ) {
    super(context, msg, nobody, nobody);
  }

  protected override get given(): unknown {
    return this.items[this.index];
  }

  override get unheard(): Unheard | undefined {
    return this.isHeard ? undefined : super.unheard;
  }

  override get sending(): undefined {
    return undefined;
  }

  /** The details of a batch are a list. A message without details is an event, which names its own connection. */
  protected override get origin(): Origin {
    const { details, _session } = this.msg;
    itemOrigin.details = Array.isArray(details) ? details[this.index] : details;
    itemOrigin._session = Array.isArray(details) ? _session : (_session ?? sessionOf(this.given));
    return itemOrigin;
  }

  protected override scope(): Message {
    return { ...this.msg, payload: this.given as Message['payload'], details: this.origin.details };
  }

  protected override end(status: unknown, _socket: number | undefined, error?: Error | string): void {
    this.report(this.index, status, error);
  }

  protected override endUnheard(error: Error | string | undefined): void {
    this.report(this.index, undefined, error);
  }
}

const nobody = () => {};

/** Returns the session of an event of a server. */
function sessionOf(event: unknown): object | undefined {
  const client = typeof event === 'object' && event !== null ? (event as { client?: unknown }).client : undefined;
  if (client === undefined) return undefined;
  itemSession.id = client;
  return itemSession;
}

/** Read at once, and used again for the next item: a batch may have thousands of items. */
const itemOrigin: { details: unknown; _session: unknown } = { details: undefined, _session: undefined };
const itemSession: { readonly type: 'ix'; id: unknown } = { type: 'ix', id: undefined };

/** A whole batch. Its answer is the list of the statuses. */
class BatchRun extends Run {
  finish(statuses: readonly unknown[], failure: Error | string | undefined): void {
    this.end(statuses, undefined, failure);
  }

  finishUnheard(failure: Error | string | undefined): void {
    this.endUnheard(failure);
  }
}

/** Sends each message of a batch. One that cannot be read fails alone. */
export function runBatch(context: NodeContext, msg: Message, items: readonly unknown[], send: Send, done: Finish): void {
  const batchRun = new BatchRun(context, msg, (answer) => send(unmarkBatch(answer)), done);
  let statuses: unknown[];
  try {
    statuses = new Array(items.length);
  } catch (cause) {
    return batchRun.fail(cause);
  }
  const isHeard = context.hasReceivers();
  let outstanding = statuses.length;
  let failure: Error | string | undefined;
  const report = (index: number, status: unknown, error: Error | string | undefined) => {
    statuses[index] = status;
    failure ??= error;
    if (--outstanding > 0) return;
    if (isHeard) batchRun.finish(statuses, failure);
    else batchRun.finishUnheard(failure);
  };
  if (outstanding === 0) return batchRun.finish(statuses, undefined);
  for (let i = 0; i < statuses.length; i++) new BatchedRun(context, msg, items, i, report, isHeard).start();
}
