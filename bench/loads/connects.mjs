import { setTimeout as sleep } from 'node:timers/promises';
import { leave, open } from '../connection.mjs';
import { gauge } from '../gauge.mjs';

/** Connects, upgrades and closes with 1000 repeatedly, with a fixed concurrency. With TLS every handshake is a full one. */
export async function connects({ target, connections, seconds, warmup }) {
  let done = 0;
  let running = true;
  const one = async () => {
    while (running) {
      await leave(await open(target, () => {}));
      done++;
    }
  };
  const all = Promise.all(Array.from({ length: connections }, one));
  all.catch(() => {});
  await Promise.race([all, sleep(warmup * 1000)]);
  const before = done;
  const used = gauge(target);
  await Promise.race([all, sleep(seconds * 1000)]);
  const measured = { count: done - before, ...used() };
  running = false;
  await all;
  return measured;
}
