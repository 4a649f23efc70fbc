import { setTimeout as sleep } from 'node:timers/promises';

/** Waits for an effect of another process. Polls every few milliseconds and leaves the processor idle in between. */
export async function eventually(holds: () => boolean | Promise<boolean>, what: string, ms = 8000): Promise<void> {
  const end = performance.now() + ms;
  while (!(await holds())) {
    if (performance.now() > end) throw new Error(`${what} did not come within ${ms} ms`);
    await sleep(10);
  }
}
