import { spawn } from 'node:child_process';
import { availableParallelism, constants, setPriority } from 'node:os';
import { setTimeout as sleep } from 'node:timers/promises';

/**
 * Keeps every CPU awake with work of the lowest priority, so that a latency does not include the wake-up time of a CPU.
 *
 * @returns a function that ends it
 */
export async function keepCpusAwake() {
  const idlers = Array.from({ length: availableParallelism() }, () => spawn(process.execPath, ['-e', 'for (;;);'], { stdio: 'ignore' }));
  for (const { pid } of idlers) setPriority(pid, constants.priority.PRIORITY_LOW);
  await sleep(200);
  return () => {
    for (const idler of idlers) idler.kill('SIGKILL');
  };
}
