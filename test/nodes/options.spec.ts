import assert from 'node:assert/strict';
import { type Msg, run } from '../helpers/flow';
import { closedPort, tcpServer, wsClient, wsServer } from '../helpers/peers';
import { inNodeRed, nodesOf, until, waitQuietly } from './suite';

/** Freezes an object recursively, except for Buffers, which cannot be frozen. */
function deepFrozen<T>(value: T): T {
  if (typeof value !== 'object' || value === null || ArrayBuffer.isView(value)) return value;
  for (const one of Object.values(value)) deepFrozen(one);
  return Object.freeze(value);
}

describe('what a command is asked', () => {
  inNodeRed();

  describe("an option of the payload wins over the config node's, which wins over the default", () => {
    const shown: readonly (readonly [option: string, standard: unknown, config: unknown, payload: unknown, information?: string])[] = [
      ['URL', '', 'ws://127.0.0.1:1/config', 'ws://127.0.0.1:1/payload'],
      ['pingInterval', -1, 5, 7],
      ['enablePerMessageDeflate', false, true, false, 'perMessageDeflateOptionsEnabled'],
      ['enableAutomaticReconnection', true, false, true, 'automaticReconnectionEnabled'],
      ['maxWaitBetweenReconnectionRetries', 10000, 5000, 6000],
    ];
    for (const [option, standard, config, payload, information = option] of shown) {
      it(`${option} of a client`, async () => {
        const flow = await run([
          { id: 'c', type: 'ix-client', [option]: config },
          { id: 'bare', type: 'ix-client-create' },
          { id: 'create', type: 'ix-client-create', client: 'c' },
        ]);
        const made = async (node: string, given: Msg) => {
          const { id } = (await flow.command(node, given)).payload;
          return (await flow.command(node, { id })).payload[information];
        };
        assert.equal(await made('bare', {}), standard);
        assert.equal(await made('create', {}), config);
        assert.equal(await made('create', { [option]: payload }), payload);
        // undefined counts as absent.
        assert.equal(await made('create', { [option]: undefined }), config);
      });
    }

    it('subProtocols of a server, which its clients see', async () => {
      const flow = await run([
        { id: 's', type: 'ix-server', port: 0, subProtocols: ['config'] },
        { id: 'create', type: 'ix-server-create', server: 's' },
        ...nodesOf('server', 'start'),
      ]);
      const answered = async (given: Msg) => {
        const { id } = (await flow.command('create', given)).payload;
        const { uri } = (await flow.command('start', { id })).payload;
        return (await wsClient(uri, ['payload', 'config'])).ws.protocol;
      };
      assert.equal(await answered({}), 'config');
      assert.equal(await answered({ subProtocols: ['payload'] }), 'payload');
    });
  });

  describe('an option stays until another start changes it', () => {
    it('one given at create is in force at start', async () => {
      const server = await wsServer();
      const flow = await run(nodesOf('client', 'create start'));
      const { id } = (await flow.command('create', { URL: server.url, headers: { 'X-Given': 'at create' } })).payload;
      await flow.command('start', { id });
      assert.equal((await server.peers.take()).request?.headers['x-given'], 'at create');
    });

    it('one given at start is in force at the next start, and one that is absent keeps its value', async () => {
      const server = await wsServer();
      const flow = await run(nodesOf('client', 'create start stop'));
      const { id } = (await flow.command('create', { URL: server.url, pingInterval: 50, subProtocols: ['one'] })).payload;
      const restart = async (given: Msg) => {
        await flow.command('stop', { id });
        assert.equal((await flow.command('start', { id, ...given })).payload.success, true);
        const { pingInterval } = (await flow.command('create', { id })).payload;
        return [pingInterval, (await server.peers.take()).ws.protocol];
      };
      assert.deepEqual(await restart({}), [50, 'one']);
      assert.deepEqual(await restart({ pingInterval: 60 }), [60, 'one']);
      assert.deepEqual(await restart({ subProtocols: ['two'] }), [60, 'two']);
      assert.deepEqual(await restart({}), [60, 'two']);
    });

    it('one given to a start that failed for the world stays too (client)', async () => {
      const port = await closedPort();
      const flow = await run(nodesOf('client', 'create start'));
      const { id } = (await flow.command('create', { URL: `ws://127.0.0.1:${port}/` })).payload;
      assert.equal((await flow.command('start', { id, subProtocols: ['kept'] })).payload.success, false);
      const server = await wsServer({ port });
      assert.equal((await flow.command('start', { id })).payload.protocol, 'kept');
      assert.equal((await server.peers.take()).ws.protocol, 'kept');
    });

    it('one given to a start that failed for the world stays too (server)', async () => {
      const blocker = await wsServer();
      const flow = await run(nodesOf('server', 'create start'));
      const { id } = (await flow.command('create', { port: blocker.port })).payload;
      assert.equal((await flow.command('start', { id, subProtocols: ['kept'] })).payload.success, false);
      await blocker.die();
      const { success, uri } = (await flow.command('start', { id })).payload;
      assert.equal(success, true);
      assert.equal((await wsClient(uri, ['other', 'kept'])).ws.protocol, 'kept');
    });

    it("what a message gives stays above the config node's property", async () => {
      const server = await wsServer();
      const flow = await run([
        { id: 'c', type: 'ix-client', URL: server.url, subProtocols: ['config'] },
        { id: 'start', type: 'ix-client-start', client: 'c' },
        { id: 'stop', type: 'ix-client-stop', client: 'c' },
      ]);
      await flow.command('start', { subProtocols: ['message'] });
      await flow.command('stop');
      assert.equal((await flow.command('start')).payload.protocol, 'message');
    });

    it('what the flow does later to an object that it gave changes nothing', async () => {
      const server = await wsServer();
      const flow = await run(nodesOf('client', 'create start'));
      const headers = { 'X-Given': 'at create' };
      const subProtocols = ['one'];
      const { id } = (await flow.command('create', { URL: server.url, headers, subProtocols })).payload;
      headers['X-Given'] = 'later';
      subProtocols.push('two');
      await flow.command('start', { id });
      const peer = await server.peers.take();
      assert.equal(peer.request?.headers['x-given'], 'at create');
      assert.equal(peer.request?.headers['sec-websocket-protocol'], 'one');
    });
  });

  describe('a bad start leaves the socket as it was', () => {
    it('ERR_OPTION: none of its options is taken, the good ones neither (client)', async () => {
      const server = await wsServer();
      const flow = await run(nodesOf('client', 'create start'));
      const { id } = (await flow.command('create', { URL: server.url, pingInterval: 9 })).payload;
      const before = (await flow.command('create', { id })).payload;
      for (const bad of [
        { URL: 'http:' },
        { maxPayload: -1 },
        { timeout: 0 },
        { headers: { 'a b': 'c' } },
        { certFile: '/nowhere.pem', keyFile: '/nowhere.key' },
      ]) {
        const URL = 'certFile' in bad ? server.url.replace('ws:', 'wss:') : server.url;
        const { payload } = await flow.command('start', { id, URL, pingInterval: 1, ...bad });
        assert.equal(payload.errorCode, 'ERR_OPTION', JSON.stringify(bad));
        assert.deepEqual((await flow.command('create', { id })).payload, before, JSON.stringify(bad));
      }
      assert.equal((await flow.command('start', { id })).payload.success, true);
    });

    it('ERR_OPTION: none of its options is taken, the good ones neither (server)', async () => {
      const flow = await run(nodesOf('server', 'create start'));
      const { id } = (await flow.command('create', { port: 0, subProtocols: ['before'] })).payload;
      for (const bad of [{ maxPayload: 'x' }, { tls: true }, { tls: true, certFile: '/nowhere.pem', keyFile: '/nowhere.key' }]) {
        const { payload } = await flow.command('start', { id, subProtocols: ['bad'], ...bad });
        assert.equal(payload.errorCode, 'ERR_OPTION', JSON.stringify(bad));
      }
      const { uri } = (await flow.command('start', { id })).payload;
      assert.match(uri, /^ws:/);
      assert.equal((await wsClient(uri, ['bad', 'before'])).ws.protocol, 'before');
    });

    it('ERR_STATE: starting a running client fails; it keeps running with its options', async () => {
      const server = await wsServer();
      const flow = await run(nodesOf('client', 'create start'));
      const { id } = (await flow.command('create', { URL: server.url })).payload;
      await flow.command('start', { id });
      const { payload } = await flow.command('start', { id, pingInterval: 3, URL: 'ws://127.0.0.1:1/' });
      assert.equal(payload.success, false);
      assert.equal(payload.errorCode, 'ERR_STATE');
      const information = (await flow.command('create', { id })).payload;
      assert.equal(information.readyState, 'open');
      assert.equal(information.pingInterval, -1);
      assert.equal(information.URL, server.url);
    });

    it('ERR_STATE: starting a running server fails; it keeps listening', async () => {
      const flow = await run(nodesOf('server', 'create start'));
      const { id } = (await flow.command('create', { port: 0 })).payload;
      const { uri } = (await flow.command('start', { id })).payload;
      const { payload } = await flow.command('start', { id });
      assert.deepEqual([payload.success, payload.errorCode], [false, 'ERR_STATE']);
      await wsClient(uri);
    });

    for (const [option, other] of [
      ['port', 1],
      ['host', '127.0.0.2'],
      ['backlog', 9],
      ['maxConnections', 9],
      ['handshakeTimeoutSecs', 9],
      ['addressFamily', 6],
    ] as const) {
      it(`ERR_STATE: ${option} of a server is fixed when it is made, and the sentence says so`, async () => {
        const flow = await run(nodesOf('server', 'create start'));
        const { id } = (await flow.command('create', { port: 0 })).payload;
        const { payload } = await flow.command('start', { id, [option]: other });
        // An address family that does not match the host is wrong in two ways.
        assert.ok(['ERR_STATE', ...(option === 'addressFamily' ? ['ERR_OPTION'] : [])].includes(payload.errorCode), payload.errorStr);
        assert.ok(payload.errorStr.includes(option));
        assert.equal((await flow.command('start', { id, port: 0 })).payload.success, true);
      });
    }
  });

  describe('belongs to the one command that it came with:', () => {
    it('code and reason of a stop', async () => {
      const server = await wsServer();
      const flow = await run(nodesOf('client', 'create start stop'));
      const { id } = (await flow.command('create', { URL: server.url })).payload;
      for (const [given, seen] of [
        [
          { code: 4001, reason: 'mine' },
          { code: 4001, reason: 'mine' },
        ],
        [{}, { code: 1000, reason: 'Normal closure' }],
      ]) {
        // This includes a start that contains them: they are not its options.
        await flow.command('start', { id, code: 4002, reason: 'not mine' });
        const peer = await server.peers.take();
        await flow.command('stop', { id, ...given });
        assert.deepEqual(await peer.closes.take(), seen);
      }
    });

    it('timeout of a start', async () => {
      const port = await tcpServer();
      const flow = await run([...nodesOf('client', 'create start stop')]);
      const { id } = (await flow.command('create', { URL: `ws://127.0.0.1:${port}/`, timeout: 0.01 })).payload;
      assert.match((await flow.command('start', { id, timeout: 0.1 })).payload.errorStr, /0\.1 s/);
      const second = flow.command('start', { id });
      await waitQuietly(300);
      assert.ok(flow.out('start.out').all.length === 1, 'the second start still waits');
      await flow.command('stop', { id });
      assert.match((await second).payload.errorStr, /stop/);
    });

    it('message, uri and client of a send', async () => {
      const flow = await run(nodesOf('server', 'create start send'));
      const { id } = (await flow.command('create', { port: 0, message: 'x', uri: '/nobody', client: 'nobody' })).payload;
      const { uri } = (await flow.command('start', { id, message: 'x', uri: '/nobody', client: 'nobody' })).payload;
      await wsClient(`${uri}/a`);
      const receivers = async (payload: Msg) => (await flow.command('send', { id, ...payload })).payload.statuses?.length;
      assert.equal(await receivers({ message: 'x', uri: '/nobody' }), 0);
      assert.equal(await receivers({ message: 'x', client: 'nobody' }), 0);
      assert.equal(await receivers({ message: 'x' }), 1);
      assert.equal((await flow.command('send', { id, message: null })).payload.errorCode, 'ERR_OPTION');
    });
  });

  describe('a payload that is not an object counts as {}', () => {
    const plain: readonly (readonly [string, unknown])[] = [
      ['nothing', undefined],
      ['null', null],
      ['a number', 1700000000000],
      ['a text', 'start!'],
      ['a boolean', false],
      ['a list', [{ id: 99 }]],
      ['a Buffer', Buffer.from('id')],
    ];
    for (const [name, payload] of plain) {
      it(`${name} creates, starts, informs, stops and clears`, async () => {
        const server = await wsServer();
        const flow = await run([
          { id: 'c', type: 'ix-client', URL: server.url },
          { id: 's', type: 'ix-server', port: 0 },
          ...['start', 'stop', 'clear'].flatMap((name) => [
            { id: `client ${name}`, type: `ix-client-${name}`, client: 'c' },
            { id: `server ${name}`, type: `ix-server-${name}`, server: 's' },
          ]),
          { id: 'client create', type: 'ix-client-create' },
          { id: 'server create', type: 'ix-server-create' },
        ]);
        assert.deepEqual((await flow.command('client create', payload)).payload, { id: 2 });
        assert.deepEqual((await flow.command('server create', payload)).payload, { id: -2 });
        for (const name of ['start', 'stop', 'clear']) {
          for (const side of ['client', 'server']) {
            assert.equal((await flow.command(`${side} ${name}`, payload)).payload.success, true, `${side} ${name}`);
          }
        }
      });
    }
  });

  describe('for the send nodes a payload that is not an object is the message', () => {
    const messages: readonly (readonly [string, unknown, string | Buffer])[] = [
      ['a text', 'hello', 'hello'],
      ['an empty text', '', ''],
      ['a text that looks like JSON', '{"id":5}', '{"id":5}'],
      ['a Buffer, binary', Buffer.from([0, 255, 1]), Buffer.from([0, 255, 1])],
      ['a Uint8Array, binary', new Uint8Array([1, 2, 3]).subarray(1), Buffer.from([2, 3])],
      ['a number, its text', 42.5, '42.5'],
      ['zero', 0, '0'],
      ['true', true, 'true'],
      ['false', false, 'false'],
      ['a list, its JSON', [1, 'two', { three: 3 }], '[1,"two",{"three":3}]'],
      ['an empty list', [], '[]'],
    ];
    it('ix-client-send', async () => {
      const server = await wsServer();
      const flow = await run([
        { id: 'c', type: 'ix-client', URL: server.url },
        { id: 'start', type: 'ix-client-start', client: 'c' },
        { id: 'send', type: 'ix-client-send', client: 'c' },
      ]);
      await flow.command('start');
      const peer = await server.peers.take();
      for (const [name, payload, expected] of messages) {
        assert.equal((await flow.command('send', payload)).payload.success, true, name);
        assert.deepEqual((await peer.messages.take(name)).data, expected, name);
      }
    });

    it('ix-server-send', async () => {
      const flow = await run([
        { id: 's', type: 'ix-server', port: 0 },
        { id: 'start', type: 'ix-server-start', server: 's' },
        { id: 'send', type: 'ix-server-send', server: 's' },
      ]);
      const peer = await wsClient((await flow.command('start')).payload.uri);
      for (const [name, payload, expected] of messages) {
        assert.equal((await flow.command('send', payload)).payload.success, true, name);
        assert.deepEqual((await peer.messages.take(name)).data, expected, name);
      }
    });

    it('an absent message is refused: ERR_OPTION', async () => {
      const server = await wsServer();
      const flow = await run([
        { id: 'c', type: 'ix-client', URL: server.url },
        { id: 'start', type: 'ix-client-start', client: 'c' },
        { id: 'send', type: 'ix-client-send', client: 'c' },
      ]);
      await flow.command('start');
      for (const payload of [undefined, null, { message: null }, { message: undefined }]) {
        const { success, errorCode, errorStr } = (await flow.command('send', payload)).payload;
        assert.deepEqual([success, errorCode], [false, 'ERR_OPTION']);
        assert.match(errorStr, /^There is nothing to send/);
        await until(() => flow.statuses.some(({ status }) => status.text === 'ix-websocket.failures.nothing'), 'the status');
      }
    });
  });

  describe('the method', () => {
    it('is set by a text or by { method }, and both nodes answer with it', async () => {
      const flow = await run([
        { id: 'set', type: 'ix-set-method' },
        { id: 'get', type: 'ix-get-method' },
      ]);
      assert.equal((await flow.command('get')).payload, '');
      for (const [payload, method] of [
        ['onEvent', 'onEvent'],
        [{ method: 'other' }, 'other'],
        ['', ''],
      ]) {
        assert.equal((await flow.command('set', payload)).payload, method);
        assert.equal((await flow.command('get', { any: 'thing' })).payload, method);
      }
    });

    it('a value that is not a string is ERR_OPTION, and the method stays', async () => {
      const flow = await run([
        { id: 'set', type: 'ix-set-method' },
        { id: 'get', type: 'ix-get-method' },
      ]);
      await flow.command('set', 'kept');
      for (const payload of [undefined, null, 5, true, {}, { method: 5 }, { method: null }, ['a'], Buffer.from('a')]) {
        const answer = (await flow.command('set', payload)).payload;
        assert.deepEqual([answer.success, answer.errorCode], [false, 'ERR_OPTION'], JSON.stringify(payload));
        assert.equal((await flow.command('get')).payload, 'kept');
      }
    });
  });

  describe('the incoming message', () => {
    it('is passed on: payload and socket are replaced, everything else stays the very same', async () => {
      const flow = await run(nodesOf('client', 'create'));
      const held = { live: true };
      const answer = await flow.command('create', {}, { _msgid: 'abc', topic: 'a topic', held, parts: { index: 1 }, socket: 77 });
      assert.equal(answer.held, held);
      assert.deepEqual(answer, {
        _msgid: 'abc',
        topic: 'a topic',
        held: { live: true },
        parts: { index: 1 },
        socket: 1,
        payload: { id: 1 },
      });
    });

    it('keeps its other properties with a refusal too', async () => {
      const flow = await run(nodesOf('client', 'stop'));
      const answer = await flow.command('stop', { id: 5 }, { _msgid: 'abc', topic: 'a topic' });
      assert.equal(answer.topic, 'a topic');
      assert.equal(answer._msgid, 'abc');
      assert.equal(answer.payload.success, false);
    });

    it('may be frozen to the bottom, and is not changed, by any command', async () => {
      const server = await wsServer();
      const flow = await run([
        ...nodesOf('client', 'create start send stop clear'),
        { id: 'set', type: 'ix-set-method' },
        { id: 'get', type: 'ix-get-method' },
      ]);
      const frozen: readonly (readonly [string, unknown])[] = [
        ['create', { URL: server.url, headers: { A: 'b' }, subProtocols: ['x'], perMessageDeflateOptions: { clientMaxWindowBits: 10 } }],
        ['start', { id: 1, pingInterval: 60, headers: { A: 'c' } }],
        ['create', { id: 1 }],
        ['send', { id: 1, message: { a: [1, 2, { b: Buffer.from('x') }] } }],
        ['send', { id: 1, str: Buffer.from('abc') }],
        ['send', { id: 1 }],
        ['stop', { id: 1, code: 1000, reason: 'frozen' }],
        ['clear', { id: 1 }],
        ['set', { method: 'm' }],
        ['get', {}],
      ];
      for (const [node, payload] of frozen) {
        const msg = deepFrozen({ _msgid: 'x', payload, topic: { deep: ['t'] }, socket: 1 });
        const before = JSON.stringify(msg);
        flow.node(node).receive(msg);
        const answer = await flow.out(`${node}.out`).take(node);
        assert.equal(JSON.stringify(msg), before, node);
        assert.notEqual(answer, msg);
        assert.notEqual(answer.payload, payload);
      }
    });

    it('may be frozen to the bottom, and is not changed, by the commands of a server', async () => {
      const flow = await run(nodesOf('server', 'create start send stop clear'));
      for (const [node, payload] of [
        ['create', { port: 0, subProtocols: ['x'] }],
        ['start', { id: -1 }],
        ['create', { id: -1 }],
        ['send', { id: -1, message: { a: 1 }, uri: ['/a', '/b'], client: ['c'] }],
        ['stop', { id: -1, code: 1001 }],
        ['clear', { id: -1 }],
      ] as const) {
        const msg = deepFrozen({ _msgid: 'x', payload });
        const before = JSON.stringify(msg);
        flow.node(node).receive(msg);
        const { payload: status } = await flow.out(`${node}.out`).take(node);
        assert.equal(status.errorCode, undefined, status.errorStr);
        assert.equal(JSON.stringify(msg), before, node);
      }
    });
  });
});
