import type { Sent } from '../connection/load';
import { guarded, type Log } from '../core/log';
import type { CallShape, Rpc } from './description/rpc';
import type { Incoming } from './incoming-message';
import type { Value } from './value';

/** A call of the peer, as a Message event carries it. */
export interface Call {
  readonly id: unknown;
  readonly method: unknown;
  readonly params: unknown;
}

/** The answer of the flow. */
export type CallAnswer = { readonly result: unknown } | { readonly error: unknown };

export interface CallsContext {
  readonly rpc: Rpc;
  readonly shape: CallShape;
  readonly say: (value: Value, more: object, sent: Sent) => void;
  readonly error: (reason: string) => void;
  readonly log: Log;
}

interface OpenCall extends Call {
  readonly timer: NodeJS.Timeout;
}

/** The calls of a peer that the flow has not answered yet. Each gets one answer, after `answerWithin` by itself. */
export class Calls {
  private readonly open = new Map<string, OpenCall>();

  constructor(private readonly context: CallsContext) {}

  /** Returns the call that a message is, if it is one. */
  read({ data }: Incoming): Call | undefined {
    const { shape, rpc, log } = this.context;
    if (!shape.when(data)) return undefined;
    const call: Call = { id: shape.id(data), method: shape.method(data), params: shape.params(data) };
    const key = keyOf(call.id);
    if (this.open.has(key)) return call;
    if (this.open.size >= rpc.maxPending) {
      this.reject(call, { code: 'busy', message: `${rpc.maxPending} calls wait for an answer` });
      return call;
    }
    const late = guarded(log, () => this.late(key));
    this.open.set(key, { ...call, timer: setTimeout(late, rpc.answerWithin * 1000) });
    return call;
  }

  /** Answers a call. `sent` is called once. */
  answer(id: unknown, answer: CallAnswer, sent: Sent): void {
    const { rpc, say } = this.context;
    const call = this.take(keyOf(id));
    if (!call) return sent('The call was not answered: it was answered before, or its connection has ended.', 0, 0);
    const value = 'error' in answer ? rpc.replyError : rpc.reply;
    if (!value) return sent(`The call was not answered: the protocol has no rpc.${'error' in answer ? 'replyError' : 'reply'}.`, 0, 0);
    say(value, { id: call.id, method: call.method, params: call.params, ...answer }, sent);
  }

  end(): void {
    for (const { timer } of this.open.values()) clearTimeout(timer);
    this.open.clear();
  }

  private take(key: string): OpenCall | undefined {
    const call = this.open.get(key);
    if (!call) return undefined;
    clearTimeout(call.timer);
    this.open.delete(key);
    return call;
  }

  private late(key: string): void {
    const call = this.take(key);
    if (!call) return;
    const { answerWithin } = this.context.rpc;
    this.context.error(`The flow did not answer the call ${key} within ${answerWithin} s. Answer each call with a send node.`);
    this.reject(call, { code: 'timeout', message: `No answer within ${answerWithin} s` });
  }

  private reject({ id, method, params }: Call, error: object): void {
    const { rpc, say } = this.context;
    const failed: Sent = (errorStr) => {
      if (errorStr !== undefined) this.context.error(errorStr);
    };
    if (rpc.replyError) say(rpc.replyError, { id, method, params, error }, failed);
  }
}

/** The longest id that is compared, characters. */
const maxKey = 1000;

/** Returns the text by which ids are compared. The id of a peer may be of any type, even one that JSON cannot hold. */
export function keyOf(id: unknown): string {
  if (typeof id === 'string') return id.slice(0, maxKey);
  try {
    return (JSON.stringify(id) ?? '').slice(0, maxKey);
  } catch {
    // A BigInt of CBOR, or lists that are nested too deeply.
    return typeof id === 'bigint' ? String(id) : '';
  }
}
