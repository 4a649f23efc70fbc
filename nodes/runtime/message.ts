import type { NodeMessageInFlow } from '@node-red/registry';
import type { Log } from '../../src/index';

export type Message = NodeMessageInFlow & Record<string, unknown>;

/** A copy without those properties that throw when they are read: an answer has to go out whatever came in. */
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
      // That one stays behind.
    }
  }
  return copy as Message;
}

/** A proxy object may refuse its names too. */
function namesIn(msg: Message): string[] {
  try {
    return Object.keys(msg);
  } catch {
    return [];
  }
}

/** Calls `done` once. A Catch or Complete node gets a copy of the message, and not every message can be copied. */
export function callDone(done: (error?: Error) => void, error: Error | string | undefined, log: Log): void {
  try {
    done(error as Error | undefined);
  } catch (cause) {
    log.error(cause);
  }
}
