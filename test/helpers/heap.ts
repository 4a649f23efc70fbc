import { setFlagsFromString } from 'node:v8';
import { runInNewContext } from 'node:vm';

setFlagsFromString('--expose-gc');
export const collectGarbage: () => void = runInNewContext('gc');

const heapBytes = () => {
  collectGarbage();
  return process.memoryUsage().heapUsed;
};

/** How many bytes of the heap are still in use after some work. What the work returns is in use. */
export function bytesKept(work: () => unknown): number {
  const before = heapBytes();
  const kept = work();
  const after = heapBytes();
  return kept === heapBytes ? 0 : after - before; // `kept` is read here, so that it is not collected before.
}
