import { setTimeout as sleep } from 'node:timers/promises';
import { inTurns } from '../connection.mjs';
import { ring } from '../frames.mjs';
import { gauge, residentBytes } from '../gauge.mjs';
import { Lane, settled } from '../lane.mjs';

/** Opens many idle connections and measures their resident memory. Afterwards each must still answer. */
export async function idle({ target, connections, size, warmup, timeoutMs }) {
  const messages = ring(size, 2);
  const openAll = (count) => inTurns(count, 32, () => new Lane(messages).open(target));
  const leaveAll = (lanes) => inTurns(lanes.length, 32, (index) => lanes[index].leave());
  // The first connections load code that all share.
  await leaveAll(await openAll(Math.ceil(connections / 10)));
  await sleep(warmup * 1000);
  const used = gauge(target);
  const before = residentBytes(target.pid);
  const lanes = await openAll(connections);
  await sleep(warmup * 1000);
  const bytes = (residentBytes(target.pid) - before) / connections;
  const measured = used();
  await inTurns(connections, 32, async (index) => {
    lanes[index].send(1);
    await settled([lanes[index]], () => 1, timeoutMs);
  });
  await leaveAll(lanes);
  return { count: connections, ...measured, bytes };
}
