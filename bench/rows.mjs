// The measured rows: the load, the work of the peer, and the figure. `tiny` is for a run that only checks
// that everything works. Goals are ratios to the reference; if a row has no ratio, they are in its unit.

const echo = ({ tls = false }) => ({ does: 'echo', tls });
const broadcast = ({ deflate = false }) => ({ does: 'broadcast', deflate });
const burst = ({ messages }) => ({ does: 'burst', messages });
const client = () => ({ does: 'client' });
const quiet = (options) => () => ({ does: 'echo', options });

/** Work per CPU second of the peer. */
const perCpu = (unit) => ({ value: ({ count, cpu }) => count / cpu, unit: `${unit}/CPU s`, better: 'higher', ratio: true });
const p50 = { value: (result) => result.p50, unit: 'µs', better: 'lower', ratio: true };
const kilobytes = { value: ({ bytes }) => bytes / 1000, unit: 'kB', better: 'lower', ratio: false };
const share = { value: ({ cpu, seconds }) => (cpu / seconds) * 100, unit: '% of a CPU', better: 'lower', ratio: false };
const untilAllOpen = { value: ({ ms }) => ms / 1000, unit: 's', better: 'lower', ratio: false };
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

const quiets = {
  load: 'quiet',
  connections: 10_000,
  seconds: 20,
  warmup: 6,
  measure: share,
  tiny: { connections: 20, seconds: 1.5 },
};

export const rows = {
  echo64: { title: 'echo 64 B, 32 connections', ...echoes, size: 64, goal: { must: 4.3, aim: 5.2 } },
  echo1k: { title: 'echo 1 KiB, 32 connections', ...echoes, size: 1024, goal: { must: 3.5, aim: 4 } },
  echo64k: {
    title: 'echo 64 KiB, 1 connection',
    ...echoes,
    connections: 1,
    size: 65536,
    goal: { must: 2.6, aim: 3 },
    tiny: { seconds: 0.2 },
  },
  echo64json: {
    title: 'echo 64 B of JSON, 32 connections',
    ...echoes,
    size: 64,
    json: true,
    peers: ['raw', 'core', 'ours', 'ours-json', 'ours-requests'],
    goal: { must: 4.3, aim: 5.2, of: 'without a protocol' },
  },
  echo1000: {
    title: 'echo 64 B, 1,000 connections, one in flight each',
    ...echoes,
    connections: 1000,
    window: 1,
    size: 64,
    goal: { must: 1, aim: 1.3 },
    tiny: { connections: 20, seconds: 0.2 },
  },
  echo10000: {
    title: 'echo 64 B, 10,000 connections, one in flight each',
    ...echoes,
    connections: 10_000,
    window: 1,
    size: 64,
    // The core nodes need almost a minute to accept so many, since each new one goes through all others.
    peers: ['raw', 'ours'],
    goal: { must: 0.9, aim: 1.2 },
    tiny: { connections: 40, seconds: 0.2 },
  },
  client: {
    title: 'a client echoes 64 B, one connection, 64 in flight',
    load: 'clientEcho',
    size: 64,
    window: 64,
    warmup: 2,
    work: client,
    fresh: true,
    measure: perCpu('messages'),
    goal: { must: 2, aim: 3 },
    tiny: { seconds: 0.2, warmup: 0.1 },
  },
  burst: {
    title: 'burst of 100,000 × 64 B into a flow, in order',
    load: 'burst',
    messages: 100_000,
    size: 64,
    work: burst,
    measure: perCpu('messages'),
    goal: { must: 0.6, aim: 0.7 },
    tiny: { messages: 5000, seconds: 0 },
  },
  bcast64: { title: 'broadcast 64 B to 1000', ...broadcasts, size: 64, goal: { must: 3.7, aim: 4 } },
  bcast64one: { title: 'broadcast 64 B to 1000, one in flight', ...broadcasts, window: 1, size: 64, goal: { must: 1, aim: 1.2 } },
  bcast4k: { title: 'broadcast 4 KiB to 1000', ...broadcasts, size: 4096, goal: { must: 2.9, aim: 3.3 } },
  bcast4kpmd: {
    title: 'broadcast 4 KiB to 1000, permessage-deflate',
    ...broadcasts,
    size: 4096,
    deflate: true,
    goal: { must: 45, aim: 45 },
  },
  connects: { title: 'connections accepted, plain', ...connects, goal: { must: 1, aim: 1.2 } },
  tlsconnects: { title: 'connections accepted, TLS, two generators', ...connects, tls: true, generators: 2, goal: { must: 0.95, aim: 1 } },
  storm: {
    title: '1,000 devices connect at the same moment',
    load: 'storm',
    connections: 1000,
    timeoutMs: 10_000,
    work: echo,
    fresh: true,
    measure: untilAllOpen,
    goal: { must: 2, aim: 1 },
    tiny: { connections: 20 },
  },
  pings: {
    title: '10,000 connections, a ping to each every 5 s',
    ...quiets,
    work: quiet({ pingInterval: 5 }),
    peers: ['raw', 'ours'],
    goal: { must: 2, aim: 1 },
  },
  idletimeouts: {
    title: '10,000 connections with idleTimeoutSecs',
    ...quiets,
    work: quiet({ idleTimeoutSecs: 600 }),
    peers: ['ours'],
    goal: { must: 0.5, aim: 0.5 },
  },
  latency: {
    title: 'latency p50, 64 B, one in flight',
    load: 'latency',
    size: 64,
    work: echo,
    measure: p50,
    goal: { must: 1.05, aim: 1 },
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
    goal: { must: 8, aim: 6 },
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
  {
    title: _title,
    work: _work,
    measure: _measure,
    goal: _goal,
    fresh: _fresh,
    gentle: _gentle,
    peers: _peers,
    generators: _generators,
    tiny,
    ...row
  },
  { seconds, isTiny },
) {
  return { seconds, warmup: isTiny ? 0.05 : 0.5, timeoutMs: 30_000, ...row, ...(isTiny && tiny) };
}
