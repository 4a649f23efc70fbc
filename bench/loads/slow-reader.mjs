import { setTimeout as sleep } from 'node:timers/promises';
import { open } from '../connection.mjs';
import { frameCounter, opcodes, ring } from '../frames.mjs';
import { gauge, residentBytes } from '../gauge.mjs';
import { check, Lane, settled } from '../lane.mjs';

/**
 * One connection sends at a constant rate to three: itself, a second one that reads, and a third one that
 * stops reading. Measures the added resident memory and the effect on the reading one.
 */
export async function slowReader({ target, size, rate, seconds, warmup, timeoutMs }) {
  const messages = ring(size, 128);
  const [sender, healthy] = [await new Lane(messages).open(target), await new Lane(messages).open(target)];
  const both = [sender, healthy];
  await steadily(sender, rate, warmup);
  await settled(both, () => sender.sent, timeoutMs);

  const stuck = await openStuck(target, size);
  const [sentBefore, gotBefore] = [sender.sent, healthy.received];
  const used = gauge(target);
  const before = residentBytes(target.pid);
  let most = before;
  const sample = () => {
    most = Math.max(most, residentBytes(target.pid));
  };
  const sampler = setInterval(sample, 100);
  await steadily(sender, rate, seconds);
  clearInterval(sampler);
  sample();
  const measured = { ...used(), kept: (healthy.received - gotBefore) / (sender.sent - sentBefore) };
  await settled(both, () => sender.sent, timeoutMs);
  const late = await stuck.catchUp();
  check(both);
  await Promise.all(both.map((lane) => lane.leave()));
  return { count: sender.sent - sentBefore, ...measured, bytes: most - before, late };
}

/** A connection that does not read until it has to catch up. Its messages may then have gaps, but must be complete. */
async function openStuck(target, size) {
  let count = 0;
  let problem;
  const read = frameCounter((first, length) => {
    if (first === (0x80 | opcodes.text) && length === size) count++;
    else if ((first & 0x0f) !== opcodes.close) problem ??= `first byte ${first}, ${length} bytes`;
  });
  const socket = await open(target, read);
  socket.pause();
  return {
    async catchUp() {
      socket.resume();
      for (let last = -1; count !== last; await sleep(300)) last = count;
      socket.destroy();
      if (problem) throw new Error(`The connection that had stopped reading got something that was not sent: ${problem}.`);
      return count;
    },
  };
}

/** Sends messages at a fixed rate. */
async function steadily(lane, rate, seconds) {
  const start = performance.now();
  const total = Math.round(rate * seconds);
  for (let sent = 0; sent < total; ) {
    await sleep(5);
    const due = Math.min(total, Math.floor(((performance.now() - start) / 1000) * rate));
    while (sent < due) {
      const count = Math.min(due - sent, lane.ring.length);
      lane.send(count);
      sent += count;
    }
  }
}
