/** Settles like the promise, or rejects with the signal's reason if it is aborted first. */
export function untilAborted<T>(promise: Promise<T>, signal: AbortSignal | undefined): Promise<T> {
  if (!signal) return promise;
  return new Promise((resolve, reject) => {
    const abort = () => reject(signal.reason);
    if (signal.aborted) abort();
    else signal.addEventListener('abort', abort, { once: true });
    promise.finally(() => signal.removeEventListener('abort', abort)).then(resolve, reject);
  });
}

/** A signal that aborts after a timeout, or when another signal aborts. */
export interface Deadline {
  readonly signal: AbortSignal;
  /** True once the timeout has passed. */
  readonly isOver: boolean;
  /** Stops the timer. Call it when the signal is no longer needed. */
  clear(): void;
}

export function deadline(ms: number, stop?: AbortSignal): Deadline {
  const late = new AbortController();
  const timer = setTimeout(() => late.abort(), ms);
  return {
    signal: stop ? AbortSignal.any([stop, late.signal]) : late.signal,
    get isOver() {
      return late.signal.aborted;
    },
    clear: () => clearTimeout(timer),
  };
}
