// The flows for each kind of nodes: they echo messages, broadcast them, or count them.

const tab = { id: 'tab', type: 'tab', label: 'bench' };
const on = (node) => ({ z: 'tab', x: 0, y: 0, ...node });
const count = ({ messages }) => on({ id: 'count', type: 'bench-count', messages, wires: [['out']] });

/** Without a session the core nodes send to all connections of a server, and to that of a client. */
const withoutSession = on({ id: 'all', type: 'change', rules: [{ t: 'delete', p: '_session', pt: 'msg' }], wires: [['out']] });

/** Node-RED's own client. */
const coreClientFlow = ({ port }) => [
  tab,
  { id: 'client', type: 'websocket-client', path: `ws://127.0.0.1:${port}/`, wholemsg: 'false' },
  on({ id: 'in', type: 'websocket in', server: '', client: 'client', wires: [['all']] }),
  withoutSession,
  on({ id: 'out', type: 'websocket out', server: '', client: 'client', wires: [] }),
];

/** Node-RED's own nodes. They use Node-RED's port and TLS. */
export function coreFlow(work) {
  if (work.does === 'client') return coreClientFlow(work);
  const between = {
    echo: [],
    broadcast: [withoutSession],
    burst: [count(work)],
  }[work.does];
  return [
    tab,
    { id: 'server', type: 'websocket-listener', path: '/bench', wholemsg: 'false' },
    on({ id: 'in', type: 'websocket in', server: 'server', client: '', wires: [[between[0]?.id ?? 'out']] }),
    ...between,
    on({ id: 'out', type: 'websocket out', server: 'server', client: '', wires: [] }),
  ];
}

/** This package's client. */
const ourClientFlow = ({ port }) => [
  tab,
  { id: 'client', type: 'ix-client', URL: `ws://127.0.0.1:${port}/`, autoStart: true },
  on({ id: 'in', type: 'ix-client-events', client: 'client', wires: [['out'], [], [], []] }),
  on({ id: 'out', type: 'ix-client-send', client: 'client', wires: [[]] }),
];

/** Descriptions of the measured protocols. */
const protocols = {
  json: { format: 'json' },
  requests: {
    format: 'json',
    rpc: {
      request: { type: 'jsonata', value: '{ "id": $id, "method": $method }' },
      answer: { when: { result: { exists: true } }, id: 'id', value: 'result' },
    },
  },
};

/**
 * This package's nodes. They listen on their own port, with the defaults of a new node except for the number of connections.
 *
 * @param settings of the events node
 * @param protocol name of a measured protocol
 */
export function ourFlow(work, port, { protocol = '', ...settings } = {}) {
  if (work.does === 'client') return ourClientFlow(work);
  const between = work.does === 'burst' ? [count(work)] : [];
  const tls = work.certificate ? { tls: true, caFile: 'NONE', ...work.certificate } : {};
  return [
    tab,
    { id: 'protocol', type: 'ix-protocol', ...protocols[protocol] },
    {
      id: 'server',
      type: 'ix-server',
      port,
      autoStart: true,
      maxConnections: 20_000,
      protocol: protocol && 'protocol',
      ...work.options,
      ...tls,
    },
    on({
      id: 'in',
      type: 'ix-server-events',
      server: 'server',
      ...settings,
      wires: [[between[0]?.id ?? 'out'], [], [], []],
    }),
    ...between,
    on({ id: 'out', type: 'ix-server-send', server: 'server', to: work.does === 'broadcast' ? 'all' : 'message', wires: [[]] }),
  ];
}
