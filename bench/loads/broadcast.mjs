import { setTimeout as sleep } from 'node:timers/promises';
import { createInflateRaw } from 'node:zlib';
import { inTurns, leave, open } from '../connection.mjs';
import { frameReader, ring } from '../frames.mjs';
import { gauge } from '../gauge.mjs';
import { check, Lane, settled } from '../lane.mjs';
import { payload } from '../payload.mjs';

/**
 * The first connection sends messages to all, with a fixed number in flight. The next one is sent when the oldest has
 * reached everyone. Compressed messages are counted on all connections, and compared on one more.
 */
export async function broadcast({ target, connections, window, size, deflate = false, seconds, warmup, timeoutMs }) {
  const messages = ring(size, 64);
  const witness = deflate ? await openWitness(target, messages) : undefined;
  const lanes = await inTurns(connections, 32, () => new Lane(messages).open(target, { deflate }));
  const [sender] = lanes;
  const reached = new Uint32Array(64);
  let running = true;
  let delivered = 0;
  for (const lane of lanes) {
    lane.onMessage = (index) => {
      delivered++;
      if (++reached[index % 64] < connections) return;
      reached[index % 64] = 0;
      if (running) sender.send(1);
    };
  }
  sender.send(window);
  await sleep(warmup * 1000);
  const before = delivered;
  const used = gauge(target);
  await sleep(seconds * 1000);
  const measured = { count: delivered - before, ...used() };
  running = false;
  check(lanes);
  await settled(lanes, () => sender.sent, timeoutMs);
  await witness?.saw(sender.sent, timeoutMs);
  await Promise.all(lanes.map((lane) => lane.leave()));
  return measured;
}

/** A connection that inflates its messages and compares every byte. */
async function openWitness(target, { length, size }) {
  const expected = Array.from({ length }, (_, number) => Buffer.from(payload(size, number)));
  const inflate = createInflateRaw();
  let frames = 0;
  let bytes = 0;
  let problem;
  inflate.on('data', (chunk) => {
    for (let at = 0; at < chunk.length; ) {
      const message = expected[Math.floor(bytes / size) % length];
      const from = bytes % size;
      const part = Math.min(size - from, chunk.length - at);
      if (message.compare(chunk, at, at + part, from, from + part) !== 0)
        problem ??= `message ${Math.floor(bytes / size)} is not what was sent`;
      at += part;
      bytes += part;
    }
  });
  inflate.on('error', (error) => {
    problem ??= `what came cannot be inflated: ${error.message}`;
  });
  const read = frameReader(({ payload: data }) => {
    frames++;
    // The tail that permessage-deflate removes (RFC 7692, section 7.2.2).
    inflate.write(Buffer.concat([data, Buffer.from([0x00, 0x00, 0xff, 0xff])]));
  });
  const socket = await open(target, read, { deflate: true });
  return {
    async saw(count, timeoutMs) {
      const end = performance.now() + timeoutMs;
      while (bytes < count * size && !problem && performance.now() < end) await sleep(5);
      if (problem) throw new Error(`The connection that inflates: ${problem}.`);
      if (frames !== count || bytes !== count * size) {
        throw new Error(`The connection that inflates got ${frames} frames and ${bytes} bytes of ${count} messages of ${size} bytes.`);
      }
      await leave(socket);
    },
  };
}
