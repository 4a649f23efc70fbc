import assert from 'node:assert/strict';
import { certs, passphrase } from '../helpers/certs';
import { type Item, type Msg, run } from '../helpers/flow';
import { wsClient, wsServer } from '../helpers/peers';
import { onTeardown } from '../helpers/teardown';
import { inNodeRed, nodesOf, until, waitQuietly, watchers } from './suite';

/** Sets an environment variable for this test. */
function setEnv(name: string, value: string): string {
  const before = process.env[name];
  process.env[name] = value;
  onTeardown(() => {
    if (before === undefined) delete process.env[name];
    else process.env[name] = before;
  });
  return `\${${name}}`;
}
const basic = (text: string) => `Basic ${Buffer.from(text).toString('base64')}`;

describe('${ENV} in a config node', () => {
  inNodeRed();

  describe('is the whole value of every kind of property:', () => {
    const shown: readonly (readonly [kind: string, option: string, value: string, expected: unknown, information?: string])[] = [
      ['a text', 'URL', 'ws://127.0.0.1:1/env', 'ws://127.0.0.1:1/env'],
      ['a number', 'pingInterval', '12.5', 12.5],
      ['a number of milliseconds', 'maxWaitBetweenReconnectionRetries', '2500', 2500],
      ['a boolean', 'enableAutomaticReconnection', 'false', false, 'automaticReconnectionEnabled'],
      ['a boolean', 'enablePerMessageDeflate', 'true', true, 'perMessageDeflateOptionsEnabled'],
    ];
    for (const [kind, option, value, expected, information = option] of shown) {
      it(`${kind}, ${option}`, async () => {
        const flow = await run([
          { id: 'c', type: 'ix-client', [option]: setEnv('IX_TEST_VALUE', value) },
          { id: 'info', type: 'ix-client-create' },
        ]);
        assert.deepEqual((await flow.command('info', { id: 1 })).payload[information], expected);
      });
    }

    it('a value of headers, an entry of a list, a value of an object', async () => {
      const peer = await wsServer({ perMessageDeflate: true });
      const flow = await run([
        {
          id: 'c',
          type: 'ix-client',
          URL: peer.url,
          headers: { 'X-Env': setEnv('IX_TEST_HEADER', 'from env'), 'X-Plain': 'plain' },
          subProtocols: ['first', setEnv('IX_TEST_PROTOCOL', 'from.env')],
          enablePerMessageDeflate: true,
          perMessageDeflateOptions: {
            clientMaxWindowBits: setEnv('IX_TEST_BITS', '11'),
            clientNoContextTakeover: setEnv('IX_TEST_TAKEOVER', 'true'),
          },
        },
        ...nodesOf('client', 'start', 'c'),
      ]);
      assert.equal((await flow.command('start')).payload.success, true);
      const headers = (await peer.peers.take()).request?.headers ?? {};
      assert.equal(headers['x-env'], 'from env');
      assert.equal(headers['x-plain'], 'plain');
      assert.equal(headers['sec-websocket-protocol'], 'first,from.env');
      assert.match(String(headers['sec-websocket-extensions']), /client_max_window_bits=11/);
      assert.match(String(headers['sec-websocket-extensions']), /client_no_context_takeover/);
    });

    it('headers, a list and an object as a whole, in JSON', async () => {
      const peer = await wsServer();
      const flow = await run([
        {
          id: 'c',
          type: 'ix-client',
          URL: peer.url,
          headers: setEnv('IX_TEST_HEADERS', '{"X-Env": "from env"}'),
          subProtocols: setEnv('IX_TEST_PROTOCOLS', '["one","two"]'),
        },
        ...nodesOf('client', 'start', 'c'),
      ]);
      assert.equal((await flow.command('start')).payload.success, true);
      const headers = (await peer.peers.take()).request?.headers ?? {};
      assert.equal(headers['x-env'], 'from env');
      assert.equal(headers['sec-websocket-protocol'], 'one,two');
    });

    it('autoStart, and the port and host of a server', async () => {
      const flow = await run([
        {
          id: 's',
          type: 'ix-server',
          autoStart: setEnv('IX_TEST_START', 'true'),
          port: setEnv('IX_TEST_PORT', '0'),
          host: setEnv('IX_TEST_HOST', '127.0.0.1'),
          maxConnections: setEnv('IX_TEST_MAX', '1'),
        },
        { id: 'e', type: 'ix-server-events', server: 's' },
        ...nodesOf('server', 'start stop', 's'),
      ]);
      await until(() => flow.status('e').fill === 'green', 'a server that listens');
      assert.equal((await flow.command('start')).payload.errorCode, 'ERR_STATE');
      await flow.command('stop');
      const { uri } = (await flow.command('start')).payload;
      await wsClient(uri);
      await assert.rejects(wsClient(uri));
    });

    it('user, password and passphrase', async () => {
      const { certFile, keyFile } = certs().encrypted;
      const flow = await run(
        [
          { id: 's', type: 'ix-server', port: 0, tls: true, certFile, keyFile },
          { id: 'c', type: 'ix-client', caFile: certs().ca.certFile },
          { id: 'e', type: 'ix-server-events' },
          { id: 'start s', type: 'ix-server-start', server: 's' },
          { id: 'start c', type: 'ix-client-start', client: 'c' },
        ],
        {
          s: { passphrase: setEnv('IX_TEST_PASSPHRASE', passphrase) },
          c: { user: setEnv('IX_TEST_USER', 'me'), password: setEnv('IX_TEST_PASSWORD', 'secret:word') },
        },
      );
      const { uri, errorStr } = (await flow.command('start s')).payload;
      assert.ok(uri, errorStr);
      assert.equal((await flow.command('start c', { URL: uri })).payload.success, true);
      assert.equal((await flow.out('e.1').take()).payload.headers.Authorization, basic('me:secret:word'));
    });

    it('the config node a flow node names, and its raise, to and method', async () => {
      const flow = await run([
        { id: 's', type: 'ix-server', port: 0 },
        { id: 'send', type: 'ix-server-send', server: setEnv('IX_TEST_CONFIG', 's'), raise: setEnv('IX_TEST_RAISE', 'true') },
        ...watchers(),
      ]);
      assert.equal((await flow.command('send', 'x')).socket, -1);
      await flow.out('caught').take('the raised failure');
    });
  });

  it('inside a text is replaced too, several in one value', async () => {
    const peer = await wsServer({ perMessageDeflate: true });
    const { hostname, port } = new URL(peer.url);
    const [host, portName] = [setEnv('IX_TEST_HOST', hostname), setEnv('IX_TEST_PORT', port)];
    const flow = await run(
      [
        {
          id: 'c',
          type: 'ix-client',
          URL: `ws://${host}:${portName}/at/${setEnv('IX_TEST_PATH', '${IX_TEST_PORT}')}`,
          headers: { 'X-Env': `Bearer ${setEnv('IX_TEST_TOKEN', 'abc')}` },
          subProtocols: [`v${setEnv('IX_TEST_VERSION', '2')}.json`],
        },
        ...nodesOf('client', 'start', 'c'),
      ],
      { c: { user: 'me', password: `p-${setEnv('IX_TEST_PASSWORD', 'word')}-\${IX_TEST_NOT_SET}` } },
    );
    const { success, errorStr } = (await flow.command('start')).payload;
    assert.equal(success, true, errorStr);
    const { request } = await peer.peers.take();
    // What a variable holds is not read as a variable. Nor is a part of a password that looks like one.
    assert.equal(decodeURI(String(request?.url)), '/at/${IX_TEST_PORT}');
    assert.equal(request?.headers['x-env'], 'Bearer abc');
    assert.equal(request?.headers['sec-websocket-protocol'], 'v2.json');
    assert.equal(request?.headers.authorization, basic('me:p-word-${IX_TEST_NOT_SET}'));
  });

  it('inside a text is that of the group and of the subflow too', async () => {
    const peer = await wsServer();
    const { host } = new URL(peer.url);
    const env = (name: string, value: string) => [{ name, type: 'str', value }];
    await run([
      { id: 'tab', type: 'tab', label: 'tab', env: env('HOST', host) },
      { id: 'sf', type: 'subflow', name: 'sf', in: [], out: [], env: env('WHO', '') },
      { id: 'sfc', type: 'ix-client', z: 'sf', URL: 'ws://${HOST}/${WHO}', autoStart: true },
      { id: 'sfe', type: 'ix-client-events', z: 'sf', x: 1, y: 1, client: 'sfc', wires: [[], [], [], []] },
      { id: 'g', type: 'group', z: 'tab', nodes: ['i1'], env: env('HOST', `${host}/group`) },
      { id: 'i1', type: 'subflow:sf', z: 'tab', g: 'g', x: 1, y: 1, wires: [], env: env('WHO', 'one') },
      { id: 'i2', type: 'subflow:sf', z: 'tab', x: 1, y: 1, wires: [], env: env('WHO', 'two') },
    ]);
    const seen = [await peer.peers.take(), await peer.peers.take()];
    assert.deepEqual(seen.map(({ request }) => request?.url).sort(), ['/group/one', '/two']);
  });

  it('of a message is text: who sends one cannot ask for the environment', async () => {
    setEnv('IX_TEST_VALUE', 'secret');
    const peer = await wsServer();
    const flow = await run(nodesOf('client', 'create start'));
    await flow.command('create', { URL: peer.url, headers: { 'X-Ask': '${IX_TEST_VALUE}' } });
    await flow.command('start', { id: 1 });
    assert.equal((await peer.peers.take()).request?.headers['x-ask'], '${IX_TEST_VALUE}');
  });

  for (const [title, given] of [
    ['as a whole value', { pingInterval: '${IX_TEST_NOT_SET}' }],
    ['inside a text', { URL: 'ws://127.0.0.1:1/${IX_TEST_NOT_SET}/' }],
    ['in a header', { headers: { 'X-Env': 'a ${IX_TEST_NOT_SET}' } }],
    ['in a list', { subProtocols: ['a', '${IX_TEST_NOT_SET}'] }],
  ] as const) {
    it(`that nobody set, ${title}, is ERR_OPTION, which names it and the option`, async () => {
      const flow = await run([
        { id: 'c', type: 'ix-client', URL: 'ws://127.0.0.1:1/', ...given },
        ...nodesOf('client', 'start', 'c'),
        ...watchers(),
      ]);
      const { errorCode, errorStr } = (await flow.command('start')).payload;
      assert.equal(errorCode, 'ERR_OPTION');
      const [option] = Object.keys(given);
      assert.match(errorStr, new RegExp(`^The option ${option} uses \\$\\{IX_TEST_NOT_SET\\}, an environment variable that is not set`));
      assert.match((await flow.out('caught').take()).error.message, /IX_TEST_NOT_SET/);
    });
  }

  it('that nobody set does no harm where a command gives the option', async () => {
    const peer = await wsServer();
    const flow = await run([{ id: 'c', type: 'ix-client', URL: 'ws://${IX_TEST_NOT_SET}/' }, ...nodesOf('client', 'start', 'c')]);
    assert.equal((await flow.command('start', { URL: peer.url })).payload.success, true);
  });

  it('with a value that does not fit is reported as a bad option', async () => {
    const flow = await run([{ id: 's', type: 'ix-server', port: setEnv('IX_TEST_PORT', 'http') }, ...nodesOf('server', 'start', 's')]);
    assert.match((await flow.command('start')).payload.errorStr, /option port .*"http"/);
  });

  describe('is read again', () => {
    it('at each reconnection: URL, headers and subProtocols', async () => {
      const first = await wsServer();
      const second = await wsServer();
      const flow = await run([
        {
          id: 'c',
          type: 'ix-client',
          URL: setEnv('IX_TEST_URL', first.url),
          headers: { 'X-Token': setEnv('IX_TEST_TOKEN', 'one') },
          subProtocols: [setEnv('IX_TEST_PROTOCOL', 'p1')],
          autoStart: true,
        },
        { id: 'e', type: 'ix-client-events', client: 'c' },
      ]);
      const before = await first.peers.take();
      assert.deepEqual([before.request?.headers['x-token'], before.ws.protocol], ['one', 'p1']);
      assert.equal((await flow.out('e.1').take()).payload.protocol, 'p1');
      setEnv('IX_TEST_URL', second.url);
      setEnv('IX_TEST_TOKEN', 'two');
      setEnv('IX_TEST_PROTOCOL', 'p2');
      before.ws.close(1001);
      const after = await second.peers.take();
      assert.deepEqual([after.request?.headers['x-token'], after.ws.protocol], ['two', 'p2']);
    });

    it('at each reconnection: user and password', async () => {
      const peer = await wsServer();
      const flow = await run(
        [
          { id: 'c', type: 'ix-client', URL: peer.url, autoStart: true },
          { id: 'e', type: 'ix-client-events' },
        ],
        {
          c: { user: setEnv('IX_TEST_USER', 'me'), password: setEnv('IX_TEST_PASSWORD', 'one') },
        },
      );
      const before = await peer.peers.take();
      assert.equal(before.request?.headers.authorization, basic('me:one'));
      await flow.out('e.1').take();
      setEnv('IX_TEST_PASSWORD', 'two');
      before.ws.close(1008, 'the token expired');
      assert.equal((await peer.peers.take()).request?.headers.authorization, basic('me:two'));
    });

    it('by a value that is bad for a while: an Error at each try, and an Open when it is mended', async () => {
      const peer = await wsServer();
      const flow = await run([
        {
          ...{ id: 'c', type: 'ix-client', URL: setEnv('IX_TEST_URL', peer.url), autoStart: true },
          ...{ minWaitBetweenReconnectionRetries: 10, stableAfterMs: 0 },
        },
        { id: 'e', type: 'ix-client-events', client: 'c' },
      ]);
      await flow.out('e.1').take('Open');
      setEnv('IX_TEST_URL', 'nonsense');
      (await peer.peers.take()).ws.close();
      assert.match((await flow.out('e.3').take('Error')).payload.reason, /option URL/);
      setEnv('IX_TEST_URL', peer.url);
      await flow.out('e.1').take('Open');
    });

    it('at each start command', async () => {
      const first = await wsServer();
      const second = await wsServer();
      const flow = await run([
        { id: 'c', type: 'ix-client', URL: setEnv('IX_TEST_URL', first.url) },
        ...nodesOf('client', 'start stop', 'c'),
      ]);
      assert.equal((await flow.command('start')).payload.success, true);
      await flow.command('stop');
      setEnv('IX_TEST_URL', second.url);
      assert.equal((await flow.command('start')).payload.success, true);
      await second.peers.take();
    });

    it('at each start of a server', async () => {
      const flow = await run([
        { id: 's', type: 'ix-server', port: 0, subProtocols: [setEnv('IX_TEST_PROTOCOL', 'p1')] },
        ...nodesOf('server', 'start stop', 's'),
      ]);
      const answered = async () => {
        const { uri } = (await flow.command('start')).payload;
        const { protocol } = (await wsClient(uri, ['p1', 'p2'])).ws;
        await flow.command('stop');
        return protocol;
      };
      assert.equal(await answered(), 'p1');
      setEnv('IX_TEST_PROTOCOL', 'p2');
      assert.equal(await answered(), 'p2');
    });
  });

  it('inside a subflow is the environment of that instance', async () => {
    const peer = await wsServer();
    const sub = (items: Item[]): Item[] => [
      { id: 'tab', type: 'tab', label: 'tab' },
      { id: 'sf', type: 'subflow', name: 'sf', in: [], out: [], env: [{ name: 'PATH_OF', type: 'str', value: '' }] },
      { id: 'sfc', type: 'ix-client', z: 'sf', URL: peer.url, headers: { 'X-Instance': '${WHO}' }, autoStart: true },
      { id: 'sfe', type: 'ix-client-events', z: 'sf', x: 1, y: 1, client: 'sfc', wires: [[], [], [], []] },
      ...items,
    ];
    const instance = (id: string, who: string): Msg & Item => ({
      id,
      type: 'subflow:sf',
      z: 'tab',
      x: 1,
      y: 1,
      wires: [],
      env: [{ name: 'WHO', type: 'str', value: who }],
    });
    await run(sub([instance('i1', 'one'), instance('i2', 'two')]));
    const seen = [await peer.peers.take(), await peer.peers.take()];
    assert.deepEqual(seen.map(({ request }) => request?.headers['x-instance']).sort(), ['one', 'two']);
    // And again at a reconnection.
    for (const { ws } of seen) ws.close();
    const again = [await peer.peers.take(), await peer.peers.take()];
    assert.deepEqual(again.map(({ request }) => request?.headers['x-instance']).sort(), ['one', 'two']);
    await waitQuietly(10);
  });
});
