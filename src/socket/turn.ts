import type { Log } from './log';

/**
 * Work for the end of the current turn of the event loop. `setImmediate`, not a microtask: Node-RED delivers each message in an
 * immediate of its own, and microtasks run between them.
 */
const jobs: { log: Log; job: () => void }[] = [];
let turn = 0;

/** Has `job` done once, when the messages of this turn have been dealt with. A job that throws is told to its log. */
export function atEndOfTurn(log: Log, job: () => void): void {
  if (jobs.push({ log, job }) === 1) setImmediate(endTurn);
}

/** A number that changes with every turn in which something was asked for. */
export const currentTurn = () => turn;

function endTurn(): void {
  turn++;
  for (const { log, job } of jobs.splice(0)) {
    try {
      job();
    } catch (error) {
      log.error(error);
    }
  }
}
