// The measured rows: the load, the work of the peer, and the figure. `tiny` is for a run that only checks
// that everything works. Goals are ratios to the reference; if a row has no ratio, they are in its unit.

const echo = ({ tls = false }) => ({ does: 'echo', tls });
const broadcast = ({ deflate = false }) => ({ does: 'broadcast', deflate });
const burst = ({ messages }) => ({ does: 'burst', messages });

/** Work per CPU second of the peer. */
const perCpu = (unit) => ({ value: ({ count, cpu }) => count / cpu, unit: `${unit}/CPU s`, better: 'higher', ratio: true });
const p50 = { value: (result) => result.p50, unit: 'µs', better: 'lower', ratio: true };
const kilobytes = { value: ({ bytes }) => bytes / 1000, unit: 'kB', better: 'lower', ratio: false };
const megabytes = { value: ({ bytes }) => bytes / 1e6, unit: 'MB', better: 'lower', ratio: false };

/**
 * A warm-up of low traffic, as on most servers. V8 decides once for each place of the code where it puts new objects, by how
 * many survive the first garbage collection. At the start of a flood nearly all do, and the peer may stay slow.
 */
const gentle = { connections: 2, window: 2, seconds: 0.1, warmup: 1.5 };

const echoes = {
  load: 'echo',
  gentle,
  window: 64,
  connections: 32,
  work: echo,
  measure: perCpu('messages'),
  tiny: { connections: 4, seconds: 0.2 },
};
const broadcasts = {
  load: 'broadcast',
  gentle,
  window: 4,
  connections: 1000,
  work: broadcast,
  measure: perCpu('deliveries'),
  tiny: { connections: 20, seconds: 0.2 },
};
const connects = {
  load: 'connects',
  connections: 16,
  work: echo,
  measure: perCpu('connections'),
  tiny: { connections: 4, seconds: 0.2 },
};

export const rows = {
  echo64: { title: 'echo 64 B, 32 connections', ...echoes, size: 64, goal: { must: 2.4, aim: 3.5 } },
  echo1k: { title: 'echo 1 KiB, 32 connections', ...echoes, size: 1024, goal: { must: 1.6, aim: 3 } },
  echo64k: {
    title: 'echo 64 KiB, 1 connection',
    ...echoes,
    connections: 1,
    size: 65536,
    goal: { must: 1.8, aim: 3, of: 'with bufferutil' },
    tiny: { seconds: 0.2 },
  },
  burst: {
    title: 'burst of 100,000 × 64 B into a flow, in order',
    load: 'burst',
    messages: 100_000,
    size: 64,
    work: burst,
    measure: perCpu('messages'),
    goal: { must: 0.4, aim: 0.6 },
    tiny: { messages: 5000, seconds: 0 },
  },
  bcast64: { title: 'broadcast 64 B to 1000', ...broadcasts, size: 64, goal: { must: 3, aim: 3.9 } },
  bcast4k: { title: 'broadcast 4 KiB to 1000', ...broadcasts, size: 4096, goal: { must: 3, aim: 3.8 } },
  bcast4kpmd: {
    title: 'broadcast 4 KiB to 1000, permessage-deflate',
    ...broadcasts,
    size: 4096,
    deflate: true,
    goal: { must: 9, aim: 16 },
  },
  connects: { title: 'connections accepted, plain', ...connects, goal: { must: 1, aim: 1.1 } },
  tlsconnects: { title: 'connections accepted, TLS', ...connects, tls: true, goal: { must: 1, aim: 1.1 } },
  latency: {
    title: 'latency p50, 64 B, one in flight',
    load: 'latency',
    size: 64,
    work: echo,
    measure: p50,
    goal: { must: 1.15, aim: 1.05 },
    tiny: { seconds: 0.2 },
  },
  idle: {
    title: 'memory per idle connection, 2,000 open',
    load: 'idle',
    size: 64,
    connections: 2000,
    warmup: 2,
    work: echo,
    fresh: true,
    measure: kilobytes,
    goal: { must: 13, aim: 10 },
    tiny: { connections: 50, warmup: 0.1 },
  },
  slow: {
    title: 'memory behind a receiver that stops reading, 5,000 × 4 KiB/s for 20 s',
    load: 'slowReader',
    size: 4096,
    rate: 5000,
    seconds: 20,
    warmup: 2,
    work: broadcast,
    fresh: true,
    measure: megabytes,
    // The limit of 16 MiB, and 16 MB.
    goal: { must: 32.8, aim: 32.8 },
    tiny: { rate: 500, seconds: 0.5, warmup: 0.1 },
  },
};

/** Returns a row's load with all its parameters. */
export function jobOf(
  { title: _title, work: _work, measure: _measure, goal: _goal, fresh: _fresh, gentle: _gentle, tiny, ...row },
  { seconds, isTiny },
) {
  return { seconds, warmup: isTiny ? 0.05 : 0.5, timeoutMs: 30_000, ...row, ...(isTiny && tiny) };
}
