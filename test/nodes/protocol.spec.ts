import assert from 'node:assert/strict';
import { createServer } from 'node:http';
import { Server } from 'rpc-websockets';
import { readPreset } from '../../src/conversation';
import { type Item, type Msg, run } from '../helpers/flow';
import { listening, wsClient, wsServer } from '../helpers/peers';
import { onTeardown } from '../helpers/teardown';
import { inNodeRed, nodesOf } from './suite';

const login = {
  format: 'json',
  onOpen: [
    { wait: { type: 'hello' }, as: 'hello' },
    { send: { type: 'jsonata', value: '{ "type": "auth", "token": $secret("token"), "home": $env("IX_HOME") }' } },
    { wait: { type: 'ok' }, fail: { type: 'denied' } },
  ],
  secrets: ['token'],
};

const clientFlow = (protocol: object, client: Msg = {}): Item[] => [
  { id: 'p', type: 'ix-protocol', ...protocol },
  { id: 'c', type: 'ix-client', protocol: 'p', ...client },
  ...nodesOf('client', 'start stop send', 'c'),
  { id: 'e', type: 'ix-client-events', client: 'c', wires: [['all'], ['all'], ['all'], ['all']] },
  { id: 'all', type: 'helper' },
];

describe('a protocol node', () => {
  inNodeRed();

  it('logs a client in, with a secret of its credentials and the environment', async () => {
    process.env.IX_HOME = 'home';
    const peer = await wsServer();
    const flow = await run(clientFlow(login, { URL: peer.url }), { c: { secrets: { token: 't0p' } } });
    flow.node('start').receive({ payload: {} });
    const { ws, messages } = await peer.peers.take();
    ws.send('{"type":"hello"}');
    assert.deepEqual(JSON.parse(String((await messages.take()).data)), { type: 'auth', token: 't0p', home: 'home' });
    ws.send('{"type":"ok"}');
    const { payload } = await flow.out('start.out').take('the answer of start');
    assert.deepEqual([payload.success, payload.opening], [true, { hello: { type: 'hello' } }]);
    assert.equal((await flow.out('all').take('Open')).event, 'Open');
    ws.send('{"n":1}');
    assert.deepEqual((await flow.out('all').take('Message')).payload.data, { n: 1 });
    assert.equal((await flow.command('send', { message: { a: 1 } })).payload.success, true);
    assert.equal((await messages.take()).data, '{"a":1}');
  });

  it('with the fields of a preset asks a real peer and gets its answer', async () => {
    const http = createServer();
    const rpc = new Server({ server: http });
    onTeardown(() => void rpc.close());
    rpc.register('sum', (params: number[]) => params.reduce((sum, each) => sum + each, 0));
    const URL = `ws://127.0.0.1:${await listening(http)}/`;
    const flow = await run([
      ...clientFlow({ ...readPreset('json-rpc-2.0'), preset: 'json-rpc-2.0' }, { URL }),
      { id: 'request', type: 'ix-client-request', client: 'c', wires: [['request.out']] },
      { id: 'request.out', type: 'helper' },
    ]);
    await flow.command('start', {});
    const { payload } = await flow.command('request', { method: 'sum', params: [1, 2, 3] });
    assert.deepEqual([payload.success, payload.result], [true, 6]);
    const failed = await flow.command('request', { method: 'nothing' });
    assert.deepEqual([failed.payload.success, failed.payload.error.code], [false, -32601]);
  });

  it('that lacks a secret refuses the start, and names the place', async () => {
    const flow = await run(clientFlow(login, { URL: 'ws://127.0.0.1:1/' }));
    const { payload } = await flow.command('start');
    assert.equal(payload.errorCode, 'ERR_OPTION');
    assert.match(payload.errorStr, /secrets\.token.*onOpen\[1\]\.send/);
  });

  it('serves each connection of a server', async () => {
    const peerLogin = { format: 'json', onOpen: [{ wait: { login: { exists: true } }, as: 'who', timeout: 5 }] };
    const flow = await run([
      { id: 'p', type: 'ix-protocol', ...peerLogin },
      { id: 's', type: 'ix-server', port: 0, protocol: 'p' },
      ...nodesOf('server', 'start send', 's'),
      { id: 'e', type: 'ix-server-events', server: 's', wires: [['all'], ['all'], ['all'], ['all']] },
      { id: 'all', type: 'helper' },
    ]);
    const { payload } = await flow.command('start');
    const [quiet, one] = [await wsClient(payload.uri), await wsClient(payload.uri)];
    one.ws.send('{"login":"me"}');
    const open = await flow.out('all').take('Open');
    assert.deepEqual([open.event, open.payload.opening], ['Open', { who: { login: 'me' } }]);
    await flow.command('send', { message: { hello: 1 } });
    assert.equal((await one.messages.take()).data, '{"hello":1}');
    assert.equal(quiet.messages.all.length, 0);
  });

  for (const output of ['json', 'auto', 'message']) {
    it(`outputs what it decodes as the message (${output}), to each events node its own`, async () => {
      const peer = await wsServer();
      const flow = await run([
        ...clientFlow({ format: 'msgpack' }, { URL: peer.url }).slice(0, -2),
        ...['e', 'f'].map((id) => ({ id, type: 'ix-client-events', client: 'c', output })),
      ]);
      await flow.command('start');
      const { ws } = await peer.peers.take();
      ws.send(Buffer.from([0x81, 0xa1, 0x61, 0x91, 0x07])); // { "a": [7] }
      const taken = [await flow.out('e.0').take(), await flow.out('f.0').take()];
      const [one, other] = taken.map((msg) => (output === 'message' ? msg : msg.payload)) as [Msg, Msg];
      assert.deepEqual([one.a, other.a], [[7], [7]]);
      assert.notEqual(one.a, other.a);
    });
  }

  it('with the format text has no data beside the text', async () => {
    const flow = await run([
      { id: 'p', type: 'ix-protocol', format: 'text' },
      { id: 's', type: 'ix-server', port: 0, protocol: 'p' },
      ...nodesOf('server', 'start', 's'),
      { id: 'e', type: 'ix-server-events', server: 's', output: 'event' },
    ]);
    const one = await wsClient((await flow.command('start')).payload.uri);
    one.ws.send('hi');
    const { payload } = await flow.out('e.0').take();
    assert.deepEqual([payload.str, 'data' in payload], ['hi', false]);
  });

  it('with a preset of a message needs no node', async () => {
    const peer = await wsServer();
    const flow = await run([
      { id: 'create', type: 'ix-client-create', wires: [['create.out']] },
      { id: 'create.out', type: 'helper' },
      ...nodesOf('client', 'start', ''),
    ]);
    const { payload } = await flow.command('create', { URL: peer.url, protocol: 'json-rpc-2.0' });
    assert.equal((await flow.command('start', { id: payload.id })).payload.success, true);
    const unknown = await flow.command('create', { URL: peer.url, protocol: 'json-rpc' });
    assert.match(unknown.payload.errorStr, /json-rpc-2\.0/);
  });
});
