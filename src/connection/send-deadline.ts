import { guarded, type Log } from '../core/log';

/** Writes to one peer, of which the oldest may wait too long. */
export interface Watched {
  readonly log: Log;
  /** Fails what has waited too long. @returns whether anything is still waiting. */
  poll(polls: number): boolean;
}

const intervalMs = 1000;
const watched = new Set<Watched>();
let timer: NodeJS.Timeout | undefined;
let polls = 0;

/** The number of polls so far: a clock that costs nothing to read. A blocked process polls once, however long it was blocked. */
export const pollCount = (): number => polls;

/** Polls once a second, with one timer for all, until `poll` returns false or `unwatch` is called. */
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
