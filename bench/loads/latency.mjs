import { ring } from '../frames.mjs';
import { gauge } from '../gauge.mjs';
import { keepCpusAwake } from '../keep-cpus-awake.mjs';
import { check, Lane } from '../lane.mjs';

/** Measures the round trip of one message in flight on one connection. */
export async function latency({ target, size, seconds, warmup, timeoutMs }) {
  const lane = await new Lane(ring(size, 64)).open(target);
  const sleepAgain = await keepCpusAwake();
  const during = (time) =>
    new Promise((resolve) => {
      const taken = [];
      const end = performance.now() + time * 1000;
      let sent;
      const next = () => {
        if (performance.now() > end || lane.problem) return resolve(taken);
        sent = process.hrtime.bigint();
        lane.send(1);
      };
      lane.onMessage = () => {
        taken.push(Number(process.hrtime.bigint() - sent) / 1000);
        next();
      };
      lane.socket.once('close', () => resolve(taken));
      next();
    });
  lane.socket.setTimeout(timeoutMs, () => lane.socket.destroy());
  try {
    await during(warmup);
    const used = gauge(target);
    const taken = await during(seconds);
    const measured = used();
    check([lane]);
    taken.sort((a, b) => a - b);
    const at = (share) => taken[Math.min(taken.length - 1, Math.floor(taken.length * share))];
    await lane.leave();
    return { count: taken.length, ...measured, p50: at(0.5), p99: at(0.99) };
  } finally {
    sleepAgain();
  }
}
