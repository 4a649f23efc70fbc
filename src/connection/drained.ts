import { guarded, type Log } from '../core/log';
import type { Connection } from './connection';

/** Time between two polls, ms. */
const pollMs = 20;
/** A peer that reads nothing for so long has lost the messages, ms. */
const longest = 60_000;

/** Waits until a connection has given all messages to the operating system. Also resolves if the connection is not open, and after a minute. */
export function drained(connection: Pick<Connection, 'isOpen' | 'isBehind' | 'paced'>, log: Log): Promise<void> {
  const end = performance.now() + longest;
  return new Promise((resolve) => {
    const poll = () => {
      const isWaiting = connection.isOpen && (connection.isBehind || connection.paced?.isEmpty === false);
      if (!isWaiting || performance.now() >= end) resolve();
      else setTimeout(guarded(log, poll), pollMs);
    };
    poll();
  });
}
