// The flows for each kind of nodes: they echo messages, broadcast them, or count them.

const tab = { id: 'tab', type: 'tab', label: 'bench' };
const on = (node) => ({ z: 'tab', x: 0, y: 0, ...node });
const count = ({ messages }) => on({ id: 'count', type: 'bench-count', messages, wires: [['out']] });

/** Node-RED's own nodes. They use Node-RED's port and TLS. */
export function coreFlow(work) {
  const between = {
    echo: [],
    // Without a session the message goes to all.
    broadcast: [on({ id: 'all', type: 'change', rules: [{ t: 'delete', p: '_session', pt: 'msg' }], wires: [['out']] })],
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

/**
 * This package's nodes. They listen on their own port.
 *
 * @param settings of the events node
 */
export function ourFlow(work, port, settings = {}) {
  const between = work.does === 'burst' ? [count(work)] : [];
  const tls = work.certificate ? { tls: true, caFile: 'NONE', ...work.certificate } : {};
  return [
    tab,
    { id: 'server', type: 'ix-server', port, autoStart: true, maxConnections: 10_000, backlog: 511, ...tls },
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
