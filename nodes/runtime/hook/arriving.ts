import type { Log } from '../../../src/index';
import { batchOf, unmarkBatch } from '../batch';
import { callDone, type Message, readable } from '../message';

/** An event that came in a message, with what its outcome needs. */
export interface Arriving {
  readonly msg: Message;
  readonly send: (ports: [answer: Message | null, undelivered?: Message]) => void;
  readonly done: (error?: Error | string) => void;
  /** The error of reading the event, which therefore cannot be delivered. */
  readonly unreadable?: unknown;
}

/** The properties of a message that make an event. */
const eventProperties = ['type', 'socket', 'method', 'payload', 'details', '_session'];

/** Returns the events of a message: one, or those of a batch. A batch is done when all its events are. */
export function eachEvent(given: Message, { send, done }: Omit<Arriving, 'msg'>, log: Log): Arriving[] {
  const msg = readable(given);
  try {
    // A property that threw is missing in the copy and throws here.
    for (const name of eventProperties) if (!(name in msg)) void given[name];
    const items = batchOf(msg);
    if (!items) return [{ msg, send, done }];
    const { payload: _payload, details, batch: _batch, ...rest } = unmarkBatch(msg);
    const ended = doneAfter(items.length, (error) => callDone(done, error, log));
    return Array.from({ length: items.length }, (_, i) => ({ ...entryOf(rest, items, details, i), send, done: ended }));
  } catch (unreadable) {
    return [{ msg, send, done, unreadable }];
  }
}

/** Reads one event of a batch. If it cannot be read, only this one is undelivered. */
function entryOf(rest: object, payload: readonly unknown[], details: unknown, i: number): Pick<Arriving, 'msg' | 'unreadable'> {
  try {
    return { msg: { ...rest, payload: payload[i], ...(Array.isArray(details) && { details: details[i] }) } as Message };
  } catch (unreadable) {
    return { msg: { ...rest } as Message, unreadable };
  }
}

/** Returns a callback that calls `done` with the first error after a number of calls. */
function doneAfter(count: number, done: Arriving['done']): Arriving['done'] {
  let outstanding = count;
  let failure: Error | string | undefined;
  if (count === 0) done();
  return (error) => {
    failure ??= error;
    if (--outstanding === 0) done(failure);
  };
}
