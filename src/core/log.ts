/** Where a socket says what no answer and no event can carry. */
export interface Log {
  warn(sentence: string): void;
  /** A mistake of ours: something was thrown where nothing may be thrown. */
  error(cause: unknown): void;
}

/**
 * The guard of every callback that a socket, a timer or a promise calls. In Node-RED an exception that leaves such a
 * callback ends the whole process, with every flow in it.
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

/** Guards the callbacks of one place: see `guarded`. */
export type Guard = <A extends unknown[]>(callback: (...args: A) => void) => (...args: A) => void;

/** Returns the guard of callbacks whose exceptions are logged. */
export const guardFor =
  (log: Log): Guard =>
  (callback) =>
    guarded(log, callback);

/** Returns the guard of callbacks whose exceptions end what they belong to: `failed` is called with each. */
export const guardWith = (failed: (cause: unknown) => void): Guard => guardFor({ warn() {}, error: failed });
