import { setTimeout as sleep } from 'node:timers/promises';
import { inTurns, leave, open } from '../connection.mjs';
import { clientFrame, frameReader, opcodes } from '../frames.mjs';
import { gauge } from '../gauge.mjs';

/** Opens many connections that send nothing but the answers to pings. Measures what they cost the peer. All must stay open. */
export async function quiet({ target, connections, seconds, warmup }) {
  let pings = 0;
  let closed = 0;
  const sockets = await inTurns(connections, 32, async () => {
    // A ping may come with the answer to the upgrade, before `open` has resolved.
    const early = [];
    let answer = (pong) => early.push(pong);
    const read = frameReader(({ opcode, payload }) => {
      if (opcode !== opcodes.ping) return;
      pings++;
      answer(clientFrame(opcodes.pong, payload));
    });
    const socket = await open(target, read);
    answer = (pong) => socket.write(pong);
    for (const pong of early) answer(pong);
    socket.once('close', () => closed++);
    return socket;
  });
  await sleep(warmup * 1000);
  const before = pings;
  const used = gauge(target);
  await sleep(seconds * 1000);
  const measured = { count: pings - before, ...used() };
  if (closed > 0) throw new Error(`${closed} of ${connections} connections were closed.`);
  await inTurns(connections, 64, (index) => leave(sockets[index]));
  return measured;
}
