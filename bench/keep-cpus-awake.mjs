import { spawn } from 'node:child_process';
import { availableParallelism, constants, setPriority } from 'node:os';
import { setTimeout as sleep } from 'node:timers/promises';

/**
 * Keeps every CPU awake by work of the lowest priority, so that a latency is not the time that a CPU takes to wake up.
 *
 * @returns ends that
 */
export async function keepCpusAwake() {
  const idlers = Array.from({ length: availableParallelism() }, () => spawn(process.execPath, ['-e', 'for (;;);'], { stdio: 'ignore' }));
  for (const { pid } of idlers) setPriority(pid, constants.priority.PRIORITY_LOW);
  await sleep(200);
  return () => {
    for (const idler of idlers) idler.kill('SIGKILL');
  };
}
