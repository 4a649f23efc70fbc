import { randomBytes } from 'node:crypto';
import type { NodeMessageInFlow } from '@node-red/registry';
import { entireMark, type Log } from '../../src/index';

export type Message = NodeMessageInFlow & Record<string, unknown>;

export function markEntire<M extends object>(msg: M): M {
  (msg as { [entireMark]?: true })[entireMark] = true;
  return msg;
}

export const isEntire = (msg: object): boolean => (msg as { readonly [entireMark]?: true })[entireMark] === true;

/** Returns a copy without the properties that throw when they are read, so that an answer can always be sent. */
export function readable(msg: Message): Message {
  try {
    return { ...msg };
  } catch {
    return propertyByProperty(msg);
  }
}

function propertyByProperty(msg: Message): Message {
  const copy: Record<string, unknown> = {};
  for (const name of namesIn(msg)) {
    try {
      copy[name] = msg[name];
    } catch {
      // This property is left out.
    }
  }
  return copy as Message;
}

/** Returns the names of an object; a Proxy may throw here too. */
function namesIn(msg: Message): string[] {
  try {
    return Object.keys(msg);
  } catch {
    return [];
  }
}

/** Calls `done` once and logs what it throws: Catch and Complete nodes get a copy of the message, and not every message can be copied. */
export function callDone(done: (error?: Error) => void, error: Error | string | undefined, log: Log): void {
  try {
    done(error as Error | undefined);
  } catch (cause) {
    log.error(cause);
  }
}

const idPrefix = `${randomBytes(4).toString('hex')}-`;
/** The last two digits of an id. Only each 1296th id converts its number. */
const lowDigits = Array.from({ length: 36 * 36 }, (_, number) => number.toString(36).padStart(2, '0'));
let high = 0;
let low = 0;
let highDigits = `${idPrefix}0`;

/** Returns a unique message id. Many times as fast as Node-RED's own. */
export function messageId(): string {
  if (low === lowDigits.length) {
    low = 0;
    highDigits = idPrefix + (++high).toString(36);
  }
  return highDigits + lowDigits[low++];
}
