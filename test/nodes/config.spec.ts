import assert from 'node:assert/strict';
import { type Item, logged, type Msg, run } from '../helpers/flow';
import { closedPort, wsClient, wsServer } from '../helpers/peers';
import { onTeardown } from '../helpers/teardown';
import { inNodeRed, nodesOf, until, waitQuietly, watchers } from './suite';

const refused = (uri: string) => assert.rejects(wsClient(uri), /ECONNREFUSED/);
/** The events node reports the flow's servers, so no URL of Node-RED's own server is needed. */
const clientEvents: Item = { id: 'e', type: 'ix-client-events', client: 'c' };

describe('config nodes', () => {
  inNodeRed();

  describe('autoStart', () => {
    for (const autoStart of [true, 'true']) {
      it(`${JSON.stringify(autoStart)}: a client is open when the flows have started, and its Open is received`, async () => {
        const peer = await wsServer();
        const flow = await run([{ id: 'c', type: 'ix-client', URL: peer.url, autoStart }, clientEvents]);
        assert.equal((await flow.out('e.1').take('Open')).socket, 1);
      });
      it(`${JSON.stringify(autoStart)}: a server listens when the flows have started`, async () => {
        const port = await closedPort();
        const flow = await run([
          { id: 's', type: 'ix-server', port, autoStart },
          { id: 'e', type: 'ix-server-events', server: 's' },
        ]);
        await until(() => flow.status('e').fill === 'green', 'a server that listens');
        await wsClient(`ws://127.0.0.1:${port}/`);
        await flow.out('e.1').take('Open');
      });
    }

    for (const autoStart of [false, undefined, '', 'false']) {
      it(`${JSON.stringify(autoStart)}: a socket waits for a start command`, async () => {
        const peer = await wsServer();
        const port = await closedPort();
        const flow = await run([
          { id: 'c', type: 'ix-client', URL: peer.url, autoStart },
          { id: 's', type: 'ix-server', port, autoStart },
          { id: 'start client', type: 'ix-client-start', client: 'c' },
          { id: 'start server', type: 'ix-server-start', server: 's' },
        ]);
        await waitQuietly(50);
        assert.equal(peer.peers.all.length, 0);
        await refused(`ws://127.0.0.1:${port}/`);
        assert.equal((await flow.command('start client')).payload.success, true);
        assert.equal((await flow.command('start server')).payload.uri, `ws://127.0.0.1:${port}`);
      });
    }

    it('a client keeps trying before its peer exists, and then opens', async () => {
      const port = await closedPort();
      const flow = await run([
        { id: 'c', type: 'ix-client', URL: `ws://127.0.0.1:${port}/`, autoStart: true, minWaitBetweenReconnectionRetries: 10 },
        clientEvents,
      ]);
      assert.equal((await flow.out('e.3').take('the first Error')).payload.retries, 1);
      assert.equal((await flow.out('e.3').take('the second Error')).payload.retries, 2);
      await wsServer({ port });
      await flow.out('e.1').take('Open');
    });

    it('a client of this flow finds a server of this flow, whichever starts first', async () => {
      const port = await closedPort();
      const flow = await run([
        { id: 'c', type: 'ix-client', URL: `ws://127.0.0.1:${port}/`, autoStart: true, minWaitBetweenReconnectionRetries: 10 },
        { id: 's', type: 'ix-server', port, autoStart: true },
        clientEvents,
      ]);
      await flow.out('e.1').take('Open');
    });

    it('a client without automatic reconnection tries once, and the failure is an Error and an error', async () => {
      const port = await closedPort();
      const flow = await run([
        { id: 'c', type: 'ix-client', URL: `ws://127.0.0.1:${port}/`, autoStart: true, enableAutomaticReconnection: false },
        clientEvents,
        ...watchers(),
      ]);
      const { retries, wait_time } = (await flow.out('e.3').take('Error')).payload;
      assert.deepEqual([retries, wait_time], [0, 0]);
      assert.match((await flow.out('caught').take()).error.message, /refused/);
      await waitQuietly(150);
      assert.ok(flow.out('e.3').isEmpty);
    });

    it('a server whose port is in use: a red status, and an error that Catch nodes see', async () => {
      const peer = await wsServer();
      const flow = await run([
        { id: 's', type: 'ix-server', port: peer.port, autoStart: true },
        { id: 'e', type: 'ix-server-events', server: 's' },
        ...watchers(),
      ]);
      const { error } = await flow.out('caught').take('what the Catch node heard');
      assert.ok(error.message.includes(String(peer.port)));
      assert.equal(error.source.type, 'ix-server');
      await until(() => flow.status('s').fill === 'red', 'a red status');
    });

    it('a server whose port is in use listens when it is free, and a deploy meanwhile ends the tries', async () => {
      const peer = await wsServer();
      const items: Item[] = [
        { id: 's', type: 'ix-server', port: peer.port, autoStart: true },
        { id: 'e', type: 'ix-server-events', server: 's', wires: [[], [], [], ['errors']] },
        { id: 'errors', type: 'helper' },
      ];
      const flow = await run(items);
      const { payload } = await flow.out('errors').take('an Error event');
      assert.match(payload.reason, /is in use/);
      const before = flow.node('s').socket;
      await flow.deploy(items, 'full');
      await flow.out('errors').take('an Error event of the new server');
      assert.equal(before.state, 'cleared');
      await peer.die();
      await until(() => flow.status('s').fill === 'green', 'a server that listens');
    });
  });

  describe('a deploy', () => {
    for (const type of ['full', 'nodes'] as const) {
      it(`of a changed server (${type}) ends its connections, and listens on the same port at once, three times over`, async () => {
        const port = await closedPort();
        const items = (name: string): Item[] => [
          { id: 's', type: 'ix-server', port, autoStart: true, name },
          { id: 'e', type: 'ix-server-events', server: 's' },
          ...watchers(),
        ];
        const flow = await run(items('0'));
        for (let i = 1; i <= 3; i++) {
          await until(() => flow.status('e').fill === 'green', 'a server that listens');
          const peer = await wsClient(`ws://127.0.0.1:${port}/`);
          await flow.deploy(items(String(i)), type);
          assert.deepEqual(await peer.closes.take(), { code: 1012, reason: 'Service restart' });
        }
        await wsClient(`ws://127.0.0.1:${port}/`);
        assert.ok(flow.out('caught').isEmpty);
        assert.equal(flow.node('s').socket.id, -4);
      });
    }

    it('that a connection does not want to end takes no longer than a second, and the port is free', async () => {
      const port = await closedPort();
      const items = (name: string): Item[] => [
        { id: 's', type: 'ix-server', port, autoStart: true, name },
        { id: 'e', type: 'ix-server-events', server: 's' },
      ];
      const flow = await run(items('before'));
      await until(() => flow.status('e').fill === 'green', 'a server that listens');
      for (let i = 0; i < 3; i++) (await wsClient(`ws://127.0.0.1:${port}/`)).ws.pause();
      const begin = Date.now();
      await flow.deploy(items('after'));
      assert.ok(Date.now() - begin < 1000, `${Date.now() - begin} ms`);
      await wsClient(`ws://127.0.0.1:${port}/`);
    });

    it('that leaves a config node alone leaves its connections alone, whatever else is deployed', async () => {
      const peer = await wsServer();
      const port = await closedPort();
      const config: Item[] = [
        { id: 'c', type: 'ix-client', URL: peer.url, autoStart: true },
        { id: 's', type: 'ix-server', port, autoStart: true },
      ];
      const users = (name: string): Item[] => [
        { id: 'send c', type: 'ix-client-send', client: 'c', name },
        { id: 'send s', type: 'ix-server-send', server: 's', name },
        { id: 'ce', type: 'ix-client-events', client: 'c', name },
        { id: 'se', type: 'ix-server-events', server: 's', name },
        { id: 'other', type: 'ix-server', port: 0, autoStart: true, name },
      ];
      const flow = await run([...config, ...users('before')]);
      const far = await peer.peers.take();
      await until(() => flow.status('se').fill === 'green', 'a server that listens');
      const near = await wsClient(`ws://127.0.0.1:${port}/`);
      await flow.out('se.1').take('Open');

      await flow.deploy([...config, ...users('after')]);
      assert.equal(flow.node('send c').name, 'after');
      assert.equal((await flow.command('send c', 'still')).payload.success, true);
      assert.equal((await far.messages.take()).data, 'still');
      assert.equal((await flow.command('send s', 'here')).payload.statuses.length, 1);
      assert.equal((await near.messages.take()).data, 'here');
      // The new events nodes listen, and show the current state.
      near.ws.send('x');
      assert.equal((await flow.out('se.0').take()).payload.str, 'x');
      assert.deepEqual([flow.status('ce').fill, flow.status('se').fill], ['green', 'green']);
      assert.ok(flow.out('se.1').isEmpty && flow.out('se.2').isEmpty && flow.out('ce.2').isEmpty);

      await flow.deploy(config);
      assert.deepEqual([far.ws.readyState, near.ws.readyState], [1, 1]);
      assert.deepEqual([flow.node('c').users, flow.node('s').users], [{}, {}], 'users that are gone');
      assert.equal(peer.peers.all.length, 1);
    });

    it('that removes a config node ends everything it made: connections, port and tries', async () => {
      const peer = await wsServer();
      const port = await closedPort();
      const nobody = await closedPort();
      const rest: Item[] = [{ id: 'info', type: 'ix-client-create' }];
      const flow = await run([
        { id: 'c', type: 'ix-client', URL: peer.url, autoStart: true },
        { id: 'd', type: 'ix-client', URL: `ws://127.0.0.1:${nobody}/`, autoStart: true, minWaitBetweenReconnectionRetries: 10 },
        { id: 's', type: 'ix-server', port, autoStart: true },
        { id: 'e', type: 'ix-server-events', server: 's' },
        ...rest,
      ]);
      const far = await peer.peers.take();
      await until(() => flow.status('e').fill === 'green', 'a server that listens');
      const near = await wsClient(`ws://127.0.0.1:${port}/`);
      await flow.deploy(rest);
      assert.equal((await far.closes.take()).code, 1001);
      assert.equal((await near.closes.take()).code, 1001);
      await refused(`ws://127.0.0.1:${port}/`);
      const late = await wsServer({ port: nobody });
      await waitQuietly(100);
      assert.equal(late.peers.all.length, 0);
      for (const id of [1, 2]) assert.equal((await flow.command('info', { id })).payload.errorCode, 'ERR_NO_SOCKET');
    });

    it('forgets what messages had given: the options are the config node’s again', async () => {
      const peer = await wsServer();
      const items: Item[] = [
        { id: 'c', type: 'ix-client', URL: peer.url, subProtocols: ['config'] },
        { id: 'start', type: 'ix-client-start', client: 'c' },
      ];
      const flow = await run(items);
      assert.equal((await flow.command('start', { subProtocols: ['message'] })).payload.protocol, 'message');
      await flow.deploy(items, 'full');
      assert.equal((await flow.command('start')).payload.protocol, 'config');
    });
  });

  it('properties have the types of the options: an object, a list, numbers and booleans', async () => {
    const peer = await wsServer({ perMessageDeflate: true });
    const flow = await run([
      {
        id: 'c',
        type: 'ix-client',
        URL: peer.url,
        headers: { 'X-One': '1' },
        subProtocols: ['a', 'b'],
        enablePerMessageDeflate: true,
        perMessageDeflateOptions: { clientNoContextTakeover: true, clientMaxWindowBits: 10 },
        pingInterval: 30,
      },
      ...nodesOf('client', 'start', 'c'),
    ]);
    assert.equal((await flow.command('start')).payload.success, true);
    const { headers } = (await peer.peers.take()).request ?? { headers: {} as Msg };
    assert.equal(headers['x-one'], '1');
    assert.equal(headers['sec-websocket-protocol'], 'a,b');
    assert.match(String(headers['sec-websocket-extensions']), /client_no_context_takeover/);
    assert.match(String(headers['sec-websocket-extensions']), /client_max_window_bits=10/);
  });

  it('a property that is empty is not set', async () => {
    const peer = await wsServer();
    const names =
      'headers pingInterval enableAutomaticReconnection maxWaitBetweenReconnectionRetries minWaitBetweenReconnectionRetries jitter enablePong enablePerMessageDeflate perMessageDeflateOptions certFile keyFile caFile ciphers tls tlsConfig proxy subProtocols handshakeTimeoutSecs retryFirstConnect maxPayload';
    const serverNames =
      'host backlog handshakeTimeoutSecs addressFamily maxConnections enablePong enablePerMessageDeflate certFile keyFile caFile ciphers tls tlsConfig subProtocols perMessageDeflateOptions pingInterval maxPayload';
    const empty = (names: string) => Object.fromEntries(names.split(' ').map((name) => [name, '']));
    const flow = await run([
      { id: 'c', type: 'ix-client', ...empty(names), URL: peer.url },
      { id: 's', type: 'ix-server', ...empty(serverNames), port: 0 },
      { id: 'start c', type: 'ix-client-start', client: 'c' },
      { id: 'start s', type: 'ix-server-start', server: 's' },
      ...watchers(),
    ]);
    assert.equal((await flow.command('start c')).payload.success, true);
    assert.match((await flow.command('start s')).payload.uri, /^ws:\/\/127\.0\.0\.1:\d+$/);
    assert.ok(flow.out('caught').isEmpty);
  });

  describe('a bad option is reported when the node deploys, as an error that Catch nodes see and in red, and by each command that uses it:', () => {
    const bad: readonly (readonly [side: 'client' | 'server', options: Msg, option: string])[] = [
      ['client', { URL: 'nowhere' }, 'URL'],
      ['client', { pingInterval: 'often' }, 'pingInterval'],
      ['client', { headers: { 'a b': 'c' } }, 'headers'],
      ['client', { maxWaitBetweenReconnectionRetries: '5' }, 'maxWaitBetweenReconnectionRetries'],
      ['client', { perMessageDeflateOptions: { clientMaxWindowBits: 7 } }, 'perMessageDeflateOptions'],
      ['server', { port: '70000' }, 'port'],
      ['server', { addressFamily: '7' }, 'addressFamily'],
      ['server', { host: '::1' }, 'host'],
      ['server', { subProtocols: 'a b' }, 'subProtocols'],
      ['server', { maxPayload: 'unlimited' }, 'maxPayload'],
    ];
    for (const [i, [side, options, option]] of bad.entries()) {
      for (const autoStart of i % 5 === 0 ? [false, true] : [false]) {
        it(`${JSON.stringify(options)} of a ${side}${autoStart ? ' that starts with the flows' : ''}`, async () => {
          const flow = await run([
            { id: 'config', type: `ix-${side}`, URL: 'ws://127.0.0.1:1/', port: 0, autoStart, ...options },
            ...nodesOf(side, 'create start stop send', 'config'),
            { id: 'e', type: `ix-${side}-events`, [side]: 'config' },
            ...watchers(),
          ]);
          const { error } = await flow.out('caught').take('what the Catch node heard');
          assert.ok(error.message.includes(`option ${option}`), error.message);
          assert.equal(error.source.id, 'config');
          await until(() => flow.status('config').fill === 'red', 'a red status');
          // Node-RED reports it to the Catch nodes once for each node that uses the config node; there are five.
          await waitQuietly(20);
          assert.equal(flow.out('caught').all.length, 5, 'told once');

          const id = side === 'client' ? 1 : -1;
          for (const [node, payload] of [
            ['create', { id }],
            ['create', {}],
            ['start', {}],
            ['stop', {}],
            ['send', { message: 'x' }],
          ] as const) {
            const answer = (await flow.command(node, payload)).payload;
            assert.equal(answer.errorCode, 'ERR_OPTION', `${node} ${JSON.stringify(payload)}`);
            assert.ok(answer.errorStr.includes(`option ${option}`), answer.errorStr);
          }
        });
      }
    }

    it('a better one in the start message is taken', async () => {
      const peer = await wsServer();
      const flow = await run([
        { id: 'c', type: 'ix-client', URL: 'nowhere', autoStart: true },
        ...nodesOf('client', 'start send', 'c'),
        clientEvents,
      ]);
      assert.equal((await flow.command('start', { URL: peer.url })).payload.success, true);
      assert.equal((await flow.command('send', 'x')).payload.success, true);
      await flow.out('e.1').take('Open');
      await until(() => flow.status('c').fill === 'green', 'no red status any more');
    });

    it('a client without a URL that starts with the flows says so too', async () => {
      const flow = await run([{ id: 'c', type: 'ix-client', autoStart: true }, clientEvents, ...watchers()]);
      assert.match((await flow.out('caught').take('what the Catch node heard')).error.message, /option URL/);
      await until(() => flow.status('c').fill === 'red', 'a red status');
    });

    it('so does a certificate that cannot be read, when the server starts', async () => {
      const flow = await run([
        { id: 's', type: 'ix-server', port: 0, tls: true, certFile: '/nowhere/cert.pem', keyFile: '/nowhere/key.pem', autoStart: true },
        ...nodesOf('server', 'start', 's'),
        ...watchers(),
      ]);
      assert.match((await flow.out('caught').take('what the Catch node heard')).error.message, /certFile.*\/nowhere\/cert\.pem/s);
      await until(() => flow.status('s').fill === 'red', 'a red status');
      // While an automatic start reads the files again, a command is refused with ERR_STATE.
      const isRefused = async () => (await flow.command('start')).payload.errorCode === 'ERR_OPTION';
      await until(isRefused, 'a start command that names the option');
    });

    it('a config node without users reports it in the log', async () => {
      await run([{ id: 'c', type: 'ix-client', URL: 'nowhere' }]);
      await until(() => logged().includes('option URL'), 'a line in the log');
    });
  });

  it('many config nodes bring no warning of a leak', async () => {
    const warnings: string[] = [];
    const listener = ({ name }: Error) => warnings.push(name);
    process.on('warning', listener);
    onTeardown(() => void process.off('warning', listener));
    const all = Array.from({ length: 12 }, (_, i) => [
      { id: `c${i}`, type: 'ix-client' },
      { id: `s${i}`, type: 'ix-server', port: 0 },
    ]).flat();
    await run([...all, ...Array.from({ length: 12 }, (_, i) => ({ id: `e${i}`, type: 'ix-client-events', client: 'c0' }))]);
    await waitQuietly(20);
    assert.deepEqual(warnings, []);
  });

  it('the status shows the state, on the config node and on those that use it', async () => {
    const peer = await wsServer();
    const flow = await run([{ id: 'c', type: 'ix-client', URL: peer.url }, ...nodesOf('client', 'start stop', 'c'), clientEvents]);
    const both = () => [flow.status('c').fill, flow.status('e').fill];
    assert.deepEqual(both(), ['grey', 'grey']);
    await flow.command('start');
    await until(() => both().every((fill) => fill === 'green'), 'green');
    await flow.command('stop');
    await until(() => both().every((fill) => fill === 'grey'), 'grey again');
  });

  it('a server shows its connections', async () => {
    const flow = await run([{ id: 's', type: 'ix-server', port: 0 }, ...nodesOf('server', 'start', 's')]);
    const { uri } = (await flow.command('start')).payload;
    const before = flow.statuses.length;
    await wsClient(uri);
    await until(() => flow.statuses.slice(before).some(({ id }) => id === 's'), 'a new status');
    assert.equal(flow.status('s').fill, 'green');
  });

  it('a thousand changes make few statuses', async () => {
    const peer = await wsServer();
    const flow = await run([
      { id: 'c', type: 'ix-client', URL: peer.url, enableAutomaticReconnection: false },
      ...nodesOf('client', 'start stop', 'c'),
    ]);
    const before = flow.statuses.length;
    const begin = Date.now();
    for (let i = 0; i < 100; i++) {
      await flow.command('start');
      await flow.command('stop');
    }
    const most = 3 * (Math.ceil((Date.now() - begin) / 250) + 2);
    assert.ok(flow.statuses.length - before <= most, `${flow.statuses.length - before} statuses, at most ${most}`);
  });
});
