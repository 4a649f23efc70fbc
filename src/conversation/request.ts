import type { Sent } from '../connection/load';
import type { Value } from './value';

/** A request of a flow. */
export interface RequestInput {
  readonly method?: unknown;
  readonly params?: unknown;
  /** A whole message, into which the id is put, in place of method and params. */
  readonly message?: unknown;
  /** Seconds from now to the answer, or to the first part. */
  readonly timeout: number;
  /** The id of the request. Default: chosen as the protocol says. */
  readonly requestId?: unknown;
  /** Each answer is a message of its own. */
  readonly many: boolean;
  /** Ask again after each reconnection, until cancelled. */
  readonly keep: boolean;
}

/** One outcome of a request, or one part of it. */
export interface Outcome {
  success: boolean;
  result?: unknown;
  requestId: unknown;
  /** Milliseconds since the request was given. */
  ms: number;
  /** True if the request may have reached the peer, so that asking again may do something twice. */
  sent: boolean;
  /** The peer's error. */
  error?: unknown;
  errorStr?: string;
  part?: number;
  last?: boolean;
  renewed?: number;
}
/** @param goesOn true if more follows: parts, or the answers on later connections. */
export type Report = (outcome: Outcome, goesOn?: boolean) => void;

/** A request without its last outcome. */
export interface Entry {
  readonly input: RequestInput;
  readonly report: Report;
  readonly begin: number;
  id: unknown;
  key: string;
  /**
   * `waiting` for a place, `open`, `down` until the next Open (kept requests), `late`: timed out, but its answer is still due, or
   * `answered`: kept, and its answer came on this connection.
   */
  state: 'waiting' | 'open' | 'down' | 'late' | 'answered';
  sent: boolean;
  part: number;
  renewed: number;
  timer: NodeJS.Timeout | undefined;
}

export type PartialOutcome = Partial<Outcome> & { readonly success: boolean };

/** Adds to an outcome what the request knows. */
export function outcomeOf({ input, id, begin, sent, renewed }: Entry, outcome: PartialOutcome, isLast: boolean): Outcome {
  const ms = Math.round((performance.now() - begin) * 10) / 10;
  return { ...outcome, requestId: id, ms, sent, ...(input.many && isLast && { last: true }), ...(renewed > 0 && { renewed }) };
}

/** Reports a request that was not sent. @param ms how long it waited. @returns a function that does nothing, because there is nothing to end. */
export function refuseRequest({ requestId, many }: RequestInput, report: Report, errorStr: string, ms = 0): () => void {
  report({ success: false, requestId, ms, sent: false, errorStr, ...(many && { last: true }) });
  return () => {};
}

/** The connection, as requests see it. */
export interface RequestLink {
  say(value: Value, more: object, sent: Sent): void;
  send(message: unknown, sent: Sent): void;
  /** Returns the next number of the connection: `$next("id")` of expressions counts on. */
  nextNumber(): number;
}
