import { setFlagsFromString } from 'node:v8';
import { runInNewContext } from 'node:vm';

setFlagsFromString('--expose-gc');
export const collectGarbage: () => void = runInNewContext('gc');

const heapBytes = () => {
  collectGarbage();
  return process.memoryUsage().heapUsed;
};

/** Returns the bytes of the heap in use after some work, its return value included. */
export function bytesKept(work: () => unknown): number {
  const before = heapBytes();
  const kept = work();
  const after = heapBytes();
  return kept === heapBytes ? 0 : after - before; // `kept` is read here, so that it is not collected before.
}
