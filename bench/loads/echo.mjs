import { setTimeout as sleep } from 'node:timers/promises';
import { inTurns } from '../connection.mjs';
import { ring } from '../frames.mjs';
import { gauge } from '../gauge.mjs';
import { check, Lane, settled } from '../lane.mjs';

/** Every connection keeps a fixed number of messages in flight; each is echoed to its connection. */
export async function echo({ target, connections, window, size, json = false, seconds, warmup, timeoutMs }) {
  const messages = ring(size, window * 2, { json });
  const lanes = await inTurns(connections, 32, () => new Lane(messages).open(target));
  const total = () => lanes.reduce((sum, lane) => sum + lane.received, 0);
  let running = true;
  for (const lane of lanes) {
    lane.onRead = () => {
      const room = window - (lane.sent - lane.received);
      if (running && room > 0 && !lane.problem) lane.send(room);
    };
    lane.send(window);
  }
  await sleep(warmup * 1000);
  const before = total();
  const used = gauge(target);
  await sleep(seconds * 1000);
  const measured = { count: total() - before, ...used() };
  running = false;
  check(lanes);
  await settled(lanes, (lane) => lane.sent, timeoutMs);
  await inTurns(connections, 64, (index) => lanes[index].leave());
  return measured;
}
