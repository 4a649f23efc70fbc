/** The log for what neither a response nor an event can report. */
export interface Log {
  warn(sentence: string): void;
  /** Logs an internal error: an exception where none is expected. */
  error(cause: unknown): void;
}

/**
 * Guards a callback that a socket, a timer or a promise calls. An uncaught exception in such a callback ends the whole Node-RED process,
 * including all flows.
 */
export const guarded =
  <A extends unknown[]>(log: Log, callback: (...args: A) => void) =>
  (...args: A): void => {
    try {
      callback(...args);
    } catch (error) {
      log.error(error);
    }
  };

/**
 * Guards a method as a callback of up to two arguments. It takes half the memory of `guarded` with an arrow function, which counts for the
 * callbacks of each connection.
 */
export const guardedMethod =
  <T, A, B>(log: Log, owner: T, method: (this: T, a: A, b: B) => void) =>
  (a?: A, b?: B): void => {
    try {
      method.call(owner, a as A, b as B);
    } catch (error) {
      log.error(error);
    }
  };

/** Guards the callbacks of one owner: see `guarded`. */
export type Guard = <A extends unknown[]>(callback: (...args: A) => void) => (...args: A) => void;

/** Returns a guard that logs the exceptions of callbacks. */
export const guardFor =
  (log: Log): Guard =>
  (callback) =>
    guarded(log, callback);

/** Returns a guard that calls `failed` with each exception of a callback, to end the operation of that callback. */
export const guardWith = (failed: (cause: unknown) => void): Guard => guardFor({ warn() {}, error: failed });
