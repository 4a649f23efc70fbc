import assert from 'node:assert/strict';
import { convertCore, type FlowItem } from '../../nodes/editor/core-conversion';
import { actions } from './built';

const listener = (id: string, path: string, more: object = {}): FlowItem => ({
  id,
  type: 'websocket-listener',
  path,
  wholemsg: 'false',
  ...more,
});
const client = (id: string, path: string, more: object = {}): FlowItem => ({
  ...{ id, type: 'websocket-client', path, tls: '', wholemsg: 'false', hb: '0', subprotocol: '', headers: [] },
  ...more,
});
const place = { z: 'tab', x: 100, y: 200 };
const wsIn = (id: string, of: object, more: object = {}): FlowItem => ({
  ...{ id, type: 'websocket in', ...place, name: '', server: '', client: '', ...of, wires: [['next', 'other']] },
  ...more,
});
const wsOut = (id: string, of: object, more: object = {}): FlowItem => ({
  ...{ id, type: 'websocket out', ...place, name: '', server: '', client: '', ...of, wires: [] },
  ...more,
});

/** Options that every converted config node has. */
const options = { name: '', autoStart: true, subProtocols: '', maxPayload: 104857600, maxBufferedAmount: 104857600 };
const serverOptions = { ...options, listenOn: 'node-red', allowedOrigins: ['*'], subProtocolFallback: 'first', maxConnections: 65535 };
const clientOptions = { ...options, headers: '', pingInterval: '', tlsConfig: '' };
const sends = { name: '', sends: 'payload', payloadIs: 'message', message: 'payload', messageType: 'msg', wires: [[]] };

const flows: Readonly<Record<string, { core: FlowItem[]; ours: FlowItem[] }>> = {
  'an echo server': {
    core: [listener('l', '/echo'), wsIn('i', { server: 'l' }), wsOut('o', { server: 'l' })],
    ours: [
      { id: 'l', type: 'ix-server', path: '/echo', ...serverOptions },
      {
        id: 'i',
        type: 'ix-server-events',
        ...place,
        name: '',
        server: 'l',
        output: 'data',
        method: '',
        wires: [['next', 'other'], [], [], []],
      },
      { id: 'o', type: 'ix-server-send', ...place, server: 'l', to: 'session', ...sends },
    ],
  },
  'entire messages': {
    core: [listener('l', '/m', { wholemsg: 'true' }), wsIn('i', { server: 'l' }), wsOut('o', { server: 'l' })],
    ours: [
      { id: 'l', type: 'ix-server', path: '/m', ...serverOptions },
      {
        id: 'i',
        type: 'ix-server-events',
        ...place,
        name: '',
        server: 'l',
        output: 'message',
        method: '',
        wires: [['next', 'other'], [], [], []],
      },
      { id: 'o', type: 'ix-server-send', ...place, server: 'l', to: 'session', ...sends, sends: 'message' },
    ],
  },
  'a client': {
    core: [client('c', 'ws://h/p'), wsIn('i', { client: 'c' }), wsOut('o', { client: 'c' })],
    ours: [
      { id: 'c', type: 'ix-client', URL: 'ws://h/p', ...clientOptions },
      {
        id: 'i',
        type: 'ix-client-events',
        ...place,
        name: '',
        client: 'c',
        output: 'data',
        method: '',
        wires: [['next', 'other'], [], [], []],
      },
      { id: 'o', type: 'ix-client-send', ...place, client: 'c', ...sends },
    ],
  },
  'a client with TLS, heartbeat, subprotocols and headers': {
    core: [
      client('c', 'wss://h/', {
        ...{ tls: 't', hb: '30', subprotocol: 'one, two,', wholemsg: 'true' },
        headers: [
          { keyType: 'Authorization', keyValue: '', valueType: 'env', valueValue: 'TOKEN' },
          { keyType: 'User-Agent', keyValue: '', valueType: 'Mozilla/5.0', valueValue: '' },
          { keyType: 'other', keyValue: 'X-Own', valueType: 'other', valueValue: 'a b' },
          { keyType: 'other', keyValue: 'X-Made', valueType: 'env', valueValue: '${A}-${B}' },
          { keyType: 'other', keyValue: '', valueType: 'other', valueValue: 'no name' },
        ],
      }),
    ],
    ours: [
      {
        ...{ id: 'c', type: 'ix-client', URL: 'wss://h/', ...clientOptions },
        ...{ tlsConfig: 't', pingInterval: 30, subProtocols: ['one', 'two'] },
        headers: { Authorization: '${TOKEN}', 'User-Agent': 'Mozilla/5.0', 'X-Own': 'a b', 'X-Made': '${A}-${B}' },
      },
    ],
  },
  'environment variables': {
    core: [listener('l', '${WS_PATH}'), client('c', '${WS_URL}', { hb: '${HB}', subprotocol: '${SUB}' })],
    ours: [
      { id: 'l', type: 'ix-server', path: '${WS_PATH}', ...serverOptions },
      { id: 'c', type: 'ix-client', URL: '${WS_URL}', ...clientOptions, pingInterval: '${HB}', subProtocols: '${SUB}' },
    ],
  },
  'names, groups, disabled nodes, labels and icons': {
    core: [
      listener('l', 'no/slash', { z: 'tab', d: true, info: 'why' }),
      wsIn('i', { server: 'l' }, { name: 'from them', g: 'group', d: true, l: false, info: 'what', icon: 'font-awesome/fa-bolt' }),
      wsOut('o', { server: 'l' }, { name: 'to them', g: 'group', inputLabels: ['in'] }),
    ],
    ours: [
      { id: 'l', type: 'ix-server', z: 'tab', d: true, info: 'why', path: '/no/slash', ...serverOptions },
      {
        ...{ id: 'i', type: 'ix-server-events', ...place, name: 'from them', server: 'l', output: 'data', method: '' },
        ...{ g: 'group', d: true, l: false, info: 'what', icon: 'font-awesome/fa-bolt', wires: [['next', 'other'], [], [], []] },
      },
      { id: 'o', type: 'ix-server-send', ...place, server: 'l', to: 'session', ...sends, name: 'to them', g: 'group', inputLabels: ['in'] },
    ],
  },
  'a listener with a URL, which is a client': {
    core: [listener('l', 'ws://h/'), wsOut('o', { server: 'l' })],
    ours: [
      { id: 'l', type: 'ix-client', URL: 'ws://h/', ...clientOptions },
      { id: 'o', type: 'ix-client-send', ...place, client: 'l', ...sends },
    ],
  },
  'both a server and a client, of which the core nodes use the client': {
    core: [listener('l', '/'), client('c', 'ws://h/'), wsOut('o', { server: 'l', client: 'c' })],
    ours: [
      { id: 'l', type: 'ix-server', path: '/', ...serverOptions },
      { id: 'c', type: 'ix-client', URL: 'ws://h/', ...clientOptions },
      { id: 'o', type: 'ix-client-send', ...place, client: 'c', ...sends },
    ],
  },
};

describe('the conversion of core nodes', () => {
  for (const [name, { core, ours }] of Object.entries(flows)) {
    it(`of ${name}`, () => {
      const { nodes, kept, along } = convertCore(core);
      assert.deepEqual(nodes, ours);
      assert.deepEqual({ kept, along }, { kept: [], along: 0 });
    });
  }

  it('ignores other nodes', () => {
    assert.deepEqual(convertCore([{ id: 'd', type: 'debug', server: 'x' }]).nodes, []);
  });

  it('keeps nodes whose client or server is missing, and clients without a WebSocket URL', () => {
    const core = [
      wsIn('i', { server: 'gone' }),
      wsOut('o', {}),
      client('c', 'http://h/'),
      wsOut('of', { client: 'c' }),
      client('empty', ''),
    ];
    const { nodes, kept } = convertCore(core);
    assert.deepEqual(nodes, []);
    assert.deepEqual(kept, [
      { id: 'i', reason: 'missing' },
      { id: 'o', reason: 'missing' },
      { id: 'of', reason: 'address' },
      { id: 'empty', reason: 'address' },
    ]);
  });

  const two = [
    listener('a', '/a'),
    wsIn('ai', { server: 'a' }),
    wsOut('ao', { server: 'a' }),
    listener('b', '/b'),
    wsIn('bi', { server: 'b' }),
  ];

  it('of a selection takes along what uses the same server, and nothing else', () => {
    const { nodes, along } = convertCore([...two, listener('unused', '/u')], { selected: new Set(['ai']) });
    assert.deepEqual(
      nodes.map(({ id }) => id),
      ['a', 'ai', 'ao'],
    );
    assert.equal(along, 1);
  });

  it('of a selection without core nodes is empty', () => {
    assert.deepEqual(convertCore(two, { selected: new Set(['x']) }), { nodes: [], kept: [], along: 0, hasServer: false });
  });

  it('keeps a server with all its nodes if one of them may not be changed', () => {
    const { nodes, kept } = convertCore(two, { keep: ({ id }) => (id === 'ao' ? 'locked' : undefined) });
    assert.deepEqual(
      nodes.map(({ id }) => id),
      ['b', 'bi'],
    );
    assert.deepEqual(kept, [
      { id: 'ai', reason: 'locked' },
      { id: 'ao', reason: 'locked' },
    ]);
  });
});

describe('the page', () => {
  it('adds the conversion to the command palette and to the main menu, and the sidebar to the command palette', () => {
    const name = 'ix:convert-core-websockets';
    assert.deepEqual(actions.slice(0, 3), [name, `red-ui-header-button-sidemenu: ${name}`, 'ix:show-websockets']);
  });
});
