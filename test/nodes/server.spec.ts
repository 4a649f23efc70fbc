import assert from 'node:assert/strict';
import { type Flow, type Item, type Msg, run } from '../helpers/flow';
import { type Peer, wsClient, wsServer } from '../helpers/peers';
import { inNodeRed, nodesOf, until, waitQuietly } from './suite';

const server = (more: Item[] = [], options: Msg = {}): Item[] => [
  { id: 's', type: 'ix-server', port: 0, ...options },
  ...nodesOf('server', 'create start stop send tag disconnect', 's').filter(({ id }) => id !== 'create'),
  { id: 'create', type: 'ix-server-create' },
  ...more,
];
async function listening(more: Item[] = [], options: Msg = {}): Promise<{ flow: Flow; uri: string }> {
  const flow = await run(server(more, options));
  return { flow, uri: (await flow.command('start')).payload.uri };
}
const information = async (flow: Flow, id = -1): Promise<Msg> => (await flow.command('create', { id })).payload;

describe("a server's connections", () => {
  inNodeRed();

  it('each has what names it, what it asked for, since when it is there, its traffic and its tags', async () => {
    const { flow, uri } = await listening([{ id: 'e', type: 'ix-server-events' }], { subProtocols: ['p'], pingInterval: 60 });
    const before = Date.now();
    const peer = await wsClient(`${uri}/room?a=1`, ['q', 'p'], { headers: { 'X-oDD-Spelling': 'Yes' } });
    await until(async () => 'roundTrip' in (await information(flow)).connections[0], 'the answer to the first ping');
    peer.ws.send('four');
    await flow.out('e.0').take();
    await flow.command('send', 'hello');
    await flow.command('tag', { uri: '/room?a=1', add: ['x', 'y'] });
    const { clients, connections } = await information(flow);
    assert.deepEqual(clients, ['/room?a=1']);
    assert.equal(connections.length, 1);
    const { client, headers, since, remotePort, roundTrip, ...rest } = connections[0];
    assert.deepEqual(rest, {
      ...{ uri: '/room?a=1', path: '/room', query: { a: '1' }, remoteIp: '127.0.0.1', protocol: 'p' },
      ...{ messagesIn: 1, bytesIn: 4, messagesOut: 1, bytesOut: 5, bufferedAmount: 0, tags: ['x', 'y'] },
    });
    assert.ok(roundTrip >= 0 && roundTrip < 4000, String(roundTrip));
    assert.equal(typeof client, 'string');
    assert.equal(headers['X-oDD-Spelling'], 'Yes');
    assert.equal(remotePort, (peer.ws as unknown as { _socket: { localPort: number } })._socket.localPort);
    assert.match(since, /^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{3}Z$/);
    assert.ok(Date.parse(since) >= before - 1 && Date.parse(since) <= Date.now());
  });

  it('are in the order of connection, and leave when they end', async () => {
    const { flow, uri } = await listening();
    const [, second] = [await wsClient(`${uri}/1`), await wsClient(`${uri}/2`), await wsClient(`${uri}/3`)];
    assert.deepEqual((await information(flow)).clients, ['/1', '/2', '/3']);
    second?.ws.close();
    await until(async () => (await information(flow)).clients.length === 2, 'the second one left');
    await wsClient(`${uri}/4`);
    const { clients, connections } = await information(flow);
    assert.deepEqual(clients, ['/1', '/3', '/4']);
    assert.deepEqual(
      connections.map(({ uri }: Msg) => uri),
      clients,
    );
  });

  it('client names one connection for its whole life and is never used again: not after it ended, a restart, a redeploy, by another server', async () => {
    const items = server([
      { id: 'e', type: 'ix-server-events' },
      { id: 'bare', type: 'ix-server-start' },
    ]);
    const flow = await run(items);
    const seen: string[] = [];
    const meet = async ({ socket, payload: { uri } }: Msg) => {
      const peer = await wsClient(uri);
      const { client } = (await flow.out('e.1').take('Open')).payload;
      peer.ws.send('x');
      assert.equal((await flow.out('e.0').take('Message')).payload.client, client);
      assert.equal((await information(flow, socket)).connections.at(-1)?.client, client);
      peer.ws.close();
      assert.equal((await flow.out('e.2').take('Close')).payload.client, client);
      seen.push(client);
    };
    const started = await flow.command('start');
    for (let i = 0; i < 3; i++) await meet(started);
    await flow.command('stop');
    await meet(await flow.command('start'));
    await flow.deploy(items, 'full');
    await meet(await flow.command('start'));
    const other = (await flow.command('create', { port: 0 })).payload.id;
    const otherUri = (await flow.command('bare', { id: other })).payload.uri;
    await wsClient(otherUri);
    seen.push((await flow.out('e.1').take('Open')).payload.client);
    assert.equal(new Set(seen).size, seen.length, seen.join(' '));
  });

  it('over IPv6 and IPv4 at once: IPv4-mapped addresses are shown as IPv4', async function () {
    const { flow, uri } = await listening([{ id: 'e', type: 'ix-server-events' }], { host: '::', addressFamily: 'IPv6' });
    if (!uri) return this.skip(); // No IPv6 here.
    await wsClient(`ws://127.0.0.1:${new URL(uri).port}/`);
    assert.equal((await information(flow)).connections[0].remoteIp, '127.0.0.1');
    assert.equal((await flow.out('e.1').take('Open')).payload.remoteIp, '127.0.0.1');
  });

  it('what a flow does to the information changes nothing', async () => {
    const { flow, uri } = await listening();
    await wsClient(`${uri}/a`);
    const first = await information(flow);
    const text = JSON.stringify(first);
    first.clients.push('x');
    first.connections[0].headers.Host = 'changed';
    first.connections[0].client = 'changed';
    assert.equal(JSON.stringify(await information(flow)), text);
  });
});

describe('server send', () => {
  inNodeRed();

  const targets = ['/a', '/b', '/b', '/b?x=1', '/'];
  /** Five connections, and the messages that each received of one send. */
  async function five(to?: string): Promise<{ flow: Flow; clients: string[]; receivers(payload: unknown, more?: Msg): Promise<number[]> }> {
    const { flow, uri } = await listening(to ? [{ id: 'send to', type: 'ix-server-send', server: 's', to }] : []);
    const peers: Peer[] = [];
    for (const target of targets) peers.push(await wsClient(uri + target));
    const clients = (await information(flow)).connections.map(({ client }: Msg) => client);
    return {
      flow,
      clients,
      async receivers(payload, more) {
        const { statuses, success, errorStr } = (await flow.command(to ? 'send to' : 'send', payload, more)).payload;
        assert.equal(success, true, errorStr);
        // Another message to everyone proves that no earlier one is still in transit.
        await flow.command('send', 'end');
        const heard: number[] = [];
        for (const [i, peer] of peers.entries()) {
          const first = (await peer.messages.take()).data;
          if (first === 'end') continue;
          heard.push(i);
          assert.equal((await peer.messages.take()).data, 'end');
        }
        assert.deepEqual(
          statuses.map(({ client }: Msg) => clients.indexOf(client)),
          heard,
          'a status for each receiver',
        );
        return heard;
      },
    };
  }
  const everyone = [0, 1, 2, 3, 4];

  it('by uri: a text or a list, matched exactly against the request target; absent, "" and [] are everyone', async () => {
    const { receivers } = await five();
    for (const [uri, expected] of [
      ['/a', [0]],
      ['/b', [1, 2]],
      ['/b?x=1', [3]],
      ['/', [4]],
      ['/B', []],
      ['b', []],
      ['/a/', []],
      ['/b?x', []],
      [
        ['/b?x=1', '/a', '/nobody'],
        [0, 3],
      ],
      [['/nobody'], []],
      [undefined, everyone],
      ['', everyone],
      [[], everyone],
    ] as const) {
      assert.deepEqual(await receivers({ message: 'x', uri }), expected, `uri ${JSON.stringify(uri)}`);
    }
  });

  it('by client: a text or a list, exactly these; it goes before uri', async () => {
    const { receivers, clients } = await five();
    assert.deepEqual(await receivers({ message: 'x', client: clients[2] }), [2]);
    assert.deepEqual(await receivers({ message: 'x', client: [clients[3], clients[0]] }), [0, 3]);
    assert.deepEqual(await receivers({ message: 'x', client: 'nobody' }), []);
    assert.deepEqual(await receivers({ message: 'x', client: [clients[4], 'nobody'] }), [4]);
    assert.deepEqual(await receivers({ message: 'x', client: clients[1], uri: '/a' }), [1]);
    assert.deepEqual(await receivers({ message: 'x', client: 'nobody', uri: '/a' }), []);
  });

  it('To all: everyone, whatever the message names', async () => {
    const { receivers, clients } = await five('all');
    assert.deepEqual(await receivers({ message: 'x' }), everyone);
    assert.deepEqual(await receivers({ message: 'x', uri: '/a', client: clients[0] }), everyone);
  });

  it('To others: everyone but the client named; uri is ignored', async () => {
    const { receivers, clients } = await five('others');
    assert.deepEqual(await receivers({ message: 'x', client: clients[0] }), [1, 2, 3, 4]);
    assert.deepEqual(await receivers({ message: 'x', client: [clients[1], clients[2]], uri: '/a' }), [0, 3, 4]);
    assert.deepEqual(await receivers({ message: 'x', uri: '/a' }), everyone);
  });

  it('To others: the client may be in msg.details, where the payload is the bare text', async () => {
    const { receivers, clients } = await five('others');
    assert.deepEqual(await receivers('x', { details: { client: clients[3] } }), [0, 1, 2, 4]);
  });

  it('To message, written out, is what no setting is', async () => {
    const { receivers, clients } = await five('message');
    assert.deepEqual(await receivers({ message: 'x', uri: '/a' }), [0]);
    assert.deepEqual(await receivers({ message: 'x', client: clients[1] }), [1]);
    assert.deepEqual(await receivers({ message: 'x' }), everyone);
  });

  it('by tag: those that server tag put into the group, in the order of connection', async () => {
    const { flow, receivers, clients } = await five();
    await flow.command('tag', { client: [clients[4], clients[1]], add: 'x' });
    await flow.command('tag', { uri: '/a', add: ['x', 'y'] });
    assert.deepEqual(await receivers({ message: 'x', tag: 'x' }), [0, 1, 4]);
    assert.deepEqual(await receivers({ message: 'x', tag: ['y', 'z'] }), [0]);
    assert.deepEqual(await receivers({ message: 'x', tag: 'z' }), []);
    assert.deepEqual(await receivers({ message: 'x', tag: 'x', client: clients[2], uri: '/b' }), [0, 1, 4]);
    await flow.command('tag', { tag: 'x', remove: 'x' });
    assert.deepEqual(await receivers({ message: 'x', tag: 'x' }), []);
  });

  it('To others, with a tag: everyone in the group but the client named', async () => {
    const { flow, receivers, clients } = await five('others');
    await flow.command('tag', { client: [clients[0], clients[3]], add: 'x' });
    assert.deepEqual(await receivers({ message: 'x', tag: 'x', client: clients[3] }), [0]);
    assert.deepEqual(await receivers({ message: 'x', tag: 'x', client: clients[1] }), [0, 3]);
  });

  it('a chat room: events wired to a send to others reach everyone but the sender', async () => {
    const { flow, uri } = await listening([
      { id: 'e', type: 'ix-server-events', server: 's', wires: [['others'], [], [], []] },
      { id: 'others', type: 'ix-server-send', server: 's', to: 'others' },
    ]);
    const [a, b, c] = [await wsClient(uri), await wsClient(uri), await wsClient(uri)];
    a.ws.send('hello');
    assert.equal((await b.messages.take()).data, 'hello');
    assert.equal((await c.messages.take()).data, 'hello');
    await flow.out('others.out').take();
    await waitQuietly(20);
    assert.ok(a.messages.isEmpty);
  });
});

describe('server disconnect', () => {
  inNodeRed();

  it('ends the connection of an event that is wired into it, and the events say so', async () => {
    const { flow, uri } = await listening([
      { id: 'e', type: 'ix-server-events', server: 's', wires: [['kick'], ['opened'], ['closed'], []] },
      { id: 'kick', type: 'ix-server-disconnect', server: 's' },
      ...['opened', 'closed'].map((id) => ({ id, type: 'helper' })),
    ]);
    const [bad, good] = [await wsClient(uri), await wsClient(uri)];
    bad.ws.send('something rude');
    assert.deepEqual((await flow.out('kick.out').take()).payload, { closed: 1, success: true });
    assert.deepEqual(await bad.closes.take(), { code: 1000, reason: 'Normal closure' });
    const { client } = (await flow.out('opened').take()).payload;
    const { payload } = await flow.out('closed').take();
    assert.deepEqual([payload.client, payload.code, payload.remote], [client, 1000, false]);
    await flow.command('send', 'hello');
    assert.equal((await good.messages.take()).data, 'hello');
  });

  it('does not take everyone for granted: a plain Inject closes nobody, and an error says how to mean everyone', async () => {
    const { flow, uri } = await listening();
    const peer = await wsClient(uri);
    for (const payload of [Date.now(), '', {}, { uri: '' }]) {
      const { errorCode, errorStr, closed } = (await flow.command('disconnect', payload)).payload;
      assert.deepEqual([errorCode, closed], ['ERR_OPTION', 0]);
      assert.match(errorStr, /or set all to true\.$/);
    }
    assert.equal((await information(flow)).clients.length, 1);
    assert.deepEqual((await flow.command('disconnect', { all: true, code: 4000, reason: 'all out' })).payload, {
      closed: 1,
      success: true,
    });
    assert.deepEqual(await peer.closes.take(), { code: 4000, reason: 'all out' });
  });
});

describe('what a message may be', () => {
  inNodeRed();

  const messages: readonly (readonly [name: string, message: unknown, data: string | Buffer])[] = [
    ['a text is a text frame', 'text', 'text'],
    ['an empty text is a message', '', ''],
    ['a Buffer is a binary frame', Buffer.from([1, 0, 255]), Buffer.from([1, 0, 255])],
    ['an empty Buffer is a message', Buffer.alloc(0), Buffer.alloc(0)],
    ['an object is its JSON', { a: [1, null], b: { c: 'é' } }, '{"a":[1,null],"b":{"c":"é"}}'],
    ['a list is its JSON', [1, 'a'], '[1,"a"]'],
    ['a number is its JSON', 1.5, '1.5'],
    ['a boolean is its JSON', false, 'false'],
    ['an object that looks like an id is only a message', { id: 99 }, '{"id":99}'],
  ];

  async function bothSides(): Promise<{ flow: Flow; far: { client: Peer; server: Peer } }> {
    const peer = await wsServer();
    const { flow, uri } = await listening([
      { id: 'c', type: 'ix-client', URL: peer.url },
      { id: 'client start', type: 'ix-client-start', client: 'c' },
      { id: 'client send', type: 'ix-client-send', client: 'c' },
    ]);
    await flow.command('client start');
    return { flow, far: { client: await peer.peers.take(), server: await wsClient(uri) } };
  }

  for (const [name, message, data] of messages) {
    it(name, async () => {
      const { flow, far } = await bothSides();
      for (const [node, peer] of [
        ['client send', far.client],
        ['send', far.server],
      ] as const) {
        const { success, payloadSize, statuses } = (await flow.command(node, { message })).payload;
        assert.equal(success, true);
        assert.equal(payloadSize ?? statuses[0].payloadSize, Buffer.byteLength(data));
        assert.deepEqual(await peer.messages.take(), { data, binary: typeof data !== 'string' });
      }
    });
  }

  it('str is the message where message is absent, and message goes first', async () => {
    const { flow, far } = await bothSides();
    for (const [payload, data] of [
      [{ str: 'str' }, 'str'],
      [{ str: '' }, ''],
      [{ str: Buffer.from('b') }, Buffer.from('b')],
      [{ message: 'message', str: 'str' }, 'message'],
      [{ message: '', str: 'str' }, ''],
    ] as const) {
      await flow.command('client send', payload);
      assert.deepEqual((await far.client.messages.take()).data, data);
      await flow.command('send', payload);
      assert.deepEqual((await far.server.messages.take()).data, data);
    }
  });

  const cyclic: Msg = {};
  cyclic.self = cyclic;
  for (const [name, message] of [
    ['a cyclic object', cyclic],
    ['a function', () => {}],
    ['a symbol', Symbol('s')],
    ['an object whose JSON is nothing', { toJSON: () => undefined }],
  ] as const) {
    it(`${name} is ERR_OPTION`, async () => {
      const { flow, far } = await bothSides();
      for (const node of ['client send', 'send']) {
        const { errorCode, errorStr } = (await flow.command(node, { message })).payload;
        assert.equal(errorCode, 'ERR_OPTION');
        assert.match(errorStr, /message/);
      }
      await waitQuietly(20);
      assert.ok(far.client.messages.isEmpty && far.server.messages.isEmpty);
    });
  }

  it('an event wired straight into a send node is an echo, on both sides, text and binary, from one connection only', async () => {
    const { flow, uri } = await listening([
      { id: 'se', type: 'ix-server-events', server: 's', wires: [['echo'], [], [], []] },
      // Both know a socket only from the message.
      { id: 'echo', type: 'ix-server-send' },
      { id: 'ce', type: 'ix-client-events', wires: [['answer'], [], [], []] },
      { id: 'answer', type: 'ix-client-send' },
      { id: 'make', type: 'ix-client-create' },
      { id: 'go', type: 'ix-client-start' },
    ]);
    const [one, other] = [await wsClient(`${uri}/same`), await wsClient(`${uri}/same`)];
    for (const data of ['text', '', Buffer.from([0, 1, 2]), Buffer.alloc(0), 'é'.repeat(70000)]) {
      one.ws.send(data);
      assert.deepEqual(await one.messages.take(), { data, binary: typeof data !== 'string' });
    }
    assert.ok(other.messages.isEmpty);

    const peer = await wsServer();
    const { id } = (await flow.command('make', { URL: peer.url })).payload;
    await flow.command('go', { id });
    const far = await peer.peers.take();
    for (const data of ['text', '', Buffer.from([0, 1, 2])]) {
      far.ws.send(data);
      assert.deepEqual(await far.messages.take(), { data, binary: typeof data !== 'string' });
    }
  });

  it('a bare text from an events node is sent back as it came', async () => {
    const { uri } = await listening([
      { id: 'e', type: 'ix-server-events', output: 'data', wires: [['echo'], [], [], []] },
      { id: 'echo', type: 'ix-server-send' },
    ]);
    const peer = await wsClient(uri);
    for (const data of ['text', '{"id":99}', '', Buffer.from([0, 1, 2])]) {
      peer.ws.send(data);
      assert.deepEqual((await peer.messages.take()).data, data);
    }
  });
});

describe('per-connection limits of a server', () => {
  inNodeRed();

  const events: Item[] = [{ id: 'e', type: 'ix-server-events', server: 's' }];
  const limits: [string, Msg, (peer: Peer) => void, number, RegExp | undefined][] = [
    [
      'maxMessagesPerSecond',
      { maxMessagesPerSecond: '3' },
      ({ ws }) => ['1', '2', '3', '4', '5', '6', '7'].map((text) => ws.send(text)),
      1008,
      /3 messages/,
    ],
    ['maxBytesPerSecond', { maxBytesPerSecond: '3' }, ({ ws }) => ws.send('four'), 1008, /3 bytes/],
    ['maxFragments', { maxFragments: '1' }, ({ ws }) => ['a', 'b'].map((text) => ws.send(text, { fin: false })), 1008, /fragments/],
    ['idleTimeoutSecs', { idleTimeoutSecs: '0.1' }, () => {}, 1001, undefined],
  ];
  for (const [option, given, send, code, sentence] of limits) {
    for (const where of ['the form', 'a message']) {
      it(`${option} is taken from ${where}, and reported with the connection`, async () => {
        const flow = await run(server(events, where === 'the form' ? given : {}));
        const { uri } = (await flow.command('start', where === 'the form' ? {} : given)).payload;
        const peer = await wsClient(`${uri}/much`);
        const { client, remotePort } = (await flow.out('e.1').take('Open')).payload;
        const origin = { uri: '/much', remoteIp: '127.0.0.1', remotePort, client };
        send(peer);
        assert.equal((await peer.closes.take()).code, code);
        if (sentence) {
          const { reason, ...rest } = (await flow.out('e.3').take('Error')).payload;
          assert.match(reason, sentence);
          assert.match(reason, new RegExp(option));
          assert.deepEqual(rest, { retries: 0, wait_time: 0, http_status: 0, decompressionError: false, ...origin });
        }
        const { reason: _, ...close } = (await flow.out('e.2').take('Close')).payload;
        assert.deepEqual(close, { code, remote: false, ...origin });
      });
    }
  }
});
