import { leave, open } from '../connection.mjs';
import { gauge } from '../gauge.mjs';

/** All connections are made at the same moment. Measures the time until the last is open; after `timeoutMs` it counts as that. */
export async function storm({ target, connections, timeoutMs }) {
  const used = gauge(target);
  const start = performance.now();
  const times = [];
  const one = async () => {
    const socket = await open(target, () => {}, { timeoutMs });
    times.push(performance.now() - start);
    return socket;
  };
  const results = await Promise.allSettled(Array.from({ length: connections }, one));
  const measured = used();
  await Promise.all(results.map(({ value }) => value && leave(value)));
  const refused = results.filter(({ status }) => status === 'rejected').length;
  return { count: times.length, ...measured, ms: refused ? timeoutMs : times.at(-1), refused };
}
