import { guarded, type Log } from '../core/log';

/** Pending writes to one peer, with a limit on the age of the oldest. */
export interface Watched {
  readonly log: Log;
  /** Fails the writes that have waited too long. @returns true if any write is still waiting. */
  poll(polls: number): boolean;
}

const intervalMs = 1000;
const watched = new Set<Watched>();
let timer: NodeJS.Timeout | undefined;
let polls = 0;

/** Returns the number of polls so far, as a clock that costs nothing to read. A blocked process polls once, however long it was blocked. */
export const pollCount = (): number => polls;

/** Polls once a second until `poll` returns false or `unwatch` is called. All watched items share one timer. */
export function watch(one: Watched): void {
  watched.add(one);
  timer ??= setInterval(pollAll, intervalMs).unref();
}

export function unwatch(one: Watched): void {
  watched.delete(one);
  if (watched.size > 0) return;
  clearInterval(timer);
  timer = undefined;
}

function pollAll(): void {
  polls++;
  for (const one of watched) {
    let isWaiting = false;
    guarded(one.log, () => {
      isWaiting = one.poll(polls);
    })();
    if (!isWaiting) unwatch(one);
  }
}
