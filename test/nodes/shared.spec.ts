import assert from 'node:assert/strict';
import type { AddressInfo } from 'node:net';
import type { ProbeAnswer } from '../../nodes/probe';
import { admin, type Item, nodeRedServer, run, settings } from '../helpers/flow';
import { httpServer, wsClient } from '../helpers/peers';
import { within } from '../helpers/queue';
import { inNodeRed, nodesOf, until, watchers } from './suite';

const port = () => (nodeRedServer().address() as AddressInfo).port;
const url = (path: string) => `ws://127.0.0.1:${port()}${path}`;
const shared = (path: string, more: object = {}): Item => ({
  id: 's',
  type: 'ix-server',
  listenOn: 'node-red',
  path,
  autoStart: true,
  ...more,
});
const events: Item = { id: 'e', type: 'ix-server-events', server: 's' };
/** Node-RED's own websocket nodes: messages on their path go to `core.out`. */
const core = (path: string): Item[] => [
  { id: 'core', type: 'websocket-listener', name: '', path, wholemsg: 'false' },
  { id: 'in', type: 'websocket in', server: 'core', client: '', wires: [['core.out']] },
  { id: 'core.out', type: 'helper' },
];

describe("a server on Node-RED's own port", () => {
  inNodeRed();
  afterEach(() => settings({ httpNodeRoot: '/' }));

  it('starts with the flows, beside the editor and the core nodes, and each gets its own', async () => {
    const flow = await run([shared('/ours'), events, ...core('/theirs'), ...nodesOf('server', 'send', 's')]);
    await until(() => flow.status('e').fill === 'green', 'a server that listens');
    const [ours, theirs, editor] = [await wsClient(url('/ours')), await wsClient(url('/theirs')), await wsClient(url('/comms'))];
    assert.equal((await flow.out('e.1').take('Open')).payload.uri, '/ours');
    ours.ws.send('to us');
    theirs.ws.send('to them');
    assert.equal((await flow.out('e.0').take('Message')).payload.str, 'to us');
    assert.equal(String((await flow.out('core.out').take('what the core node heard')).payload), 'to them');
    await flow.command('send', 'from us');
    assert.equal((await ours.messages.take()).data, 'from us');
    assert.deepEqual([theirs.ws.readyState, editor.ws.readyState, theirs.messages.isEmpty], [1, 1, true]);
  });

  it('with parts in its path leaves the core nodes and the editor theirs, and each events node has params of its own', async () => {
    const other: Item = { id: 'o', type: 'ix-server-events', server: 's', output: 'data' };
    const flow = await run([shared('/*'), events, other, ...core('/theirs')]);
    await until(() => flow.status('e').fill === 'green', 'a server that listens');
    const [ours, theirs] = [await wsClient(url('/ocpp/CP%20001')), await wsClient(url('/theirs')), await wsClient(url('/comms'))];
    const { payload } = await flow.out('e.1').take('Open');
    assert.deepEqual([payload.uri, payload.params], ['/ocpp/CP%20001', { '*': 'ocpp/CP 001' }]);
    theirs.ws.send('to them');
    assert.equal(String((await flow.out('core.out').take('what the core node heard')).payload), 'to them');
    ours.ws.send('to us');
    const message = await flow.out('e.0').take('Message');
    message.payload.params['*'] = 'changed';
    assert.deepEqual((await flow.out('o.0').take('Message as data')).details.params, { '*': 'ocpp/CP 001' });
    assert.equal(flow.out('e.1').isEmpty, true);
  });

  it('answers where it is: the port is Node-RED’s, and the path begins at httpNodeRoot', async () => {
    settings({ httpNodeRoot: '/api/' });
    const flow = await run([shared('/ours', { autoStart: false }), ...nodesOf('server', 'start', 's')]);
    const { success, uri, port: told } = (await flow.command('start')).payload;
    assert.deepEqual([success, uri, told], [true, url('/api/ours'), port()]);
    await wsClient(uri);
  });

  it('begins at / where the HTTP nodes are switched off, as the core nodes do', async () => {
    settings({ httpNodeRoot: false });
    const flow = await run([shared('/ours', { autoStart: false }), ...nodesOf('server', 'start', 's')]);
    assert.equal((await flow.command('start')).payload.uri, url('/ours'));
  });

  it('is made by messages too', async () => {
    const flow = await run(nodesOf('server', 'create start clear'));
    const { id } = (await flow.command('create', { listenOn: 'node-red', path: '/made' })).payload;
    const { uri } = (await flow.command('start', { id })).payload;
    const peer = await wsClient(uri);
    await flow.command('clear', { id });
    assert.equal((await peer.closes.take()).code, 1000);
    assert.equal(nodeRedServer().listening, true);
  });

  it('without a path is reported in red and to Catch nodes, as an option', async () => {
    const flow = await run([shared(''), events, ...watchers()]);
    assert.match((await flow.out('caught').take()).error.message, /option path must be given where listenOn is node-red/);
    await until(() => flow.status('s').fill === 'red', 'a red status');
  });

  const taken: [string, Item[], string, RegExp][] = [
    ['another server of the flows has', [shared('/same', { id: 'first' })], '/same', /\/same is in use by another server of the flows/],
    ['a core node has', core('/theirs'), '/theirs', /\/theirs is in use by the websocket-listener core of Node-RED's own nodes/],
    ['the editor has', [], '/comms', /\/comms is in use by the editor/],
  ];
  for (const [title, others, path, sentence] of taken) {
    it(`cannot have the path that ${title}, and says whose it is`, async () => {
      const flow = await run([...others, shared(path, { autoStart: false }), events, ...nodesOf('server', 'start', 's')]);
      if (others[0]?.id === 'first') await until(() => flow.status('first').fill === 'green', 'the first server');
      const { success, errorStr } = (await flow.command('start')).payload;
      assert.equal(success, false);
      assert.match(errorStr, /^Could not listen on the path \/\w+ of Node-RED's HTTP server: /);
      assert.match(errorStr, sentence);
      await until(() => flow.status('e').text?.includes('pathInUse') ?? false, 'the status'); // The test helper shows keys instead of words.
    });
  }

  it('has its path at once again when it is deployed, three times over, and its peers receive 1012', async () => {
    const before = nodeRedServer().listenerCount('upgrade');
    const items = (name: string): Item[] => [shared('/ours', { name }), events, ...watchers()];
    const flow = await run(items('0'));
    for (let i = 1; i <= 3; i++) {
      await until(() => flow.status('e').fill === 'green', 'a server that listens');
      const peer = await wsClient(url('/ours'));
      await flow.deploy(items(String(i)), i === 2 ? 'full' : 'nodes');
      assert.deepEqual(await peer.closes.take(), { code: 1012, reason: 'Service restart' });
    }
    await wsClient(url('/ours'));
    assert.ok(flow.out('caught').isEmpty);
    await flow.deploy([]);
    assert.deepEqual([nodeRedServer().listening, nodeRedServer().listenerCount('upgrade')], [true, before]);
  });

  describe('tried with unsaved options', () => {
    async function ask(items: Item[], options: object, id = 'new'): Promise<ProbeAnswer> {
      const flow = await run(items);
      if (items.length > 0) await until(() => flow.status('s').fill === 'green', 'a server that listens');
      const at = await httpServer((request, response) => admin()(request, response));
      const response = await within(
        fetch(`http://127.0.0.1:${at}/ix-websocket/test-server`, {
          method: 'POST',
          headers: { 'content-type': 'application/json', connection: 'close' },
          body: JSON.stringify({ id, z: '', options: { listenOn: 'node-red', ...options } }),
        }),
        'an answer',
      );
      return (await response.json()) as ProbeAnswer;
    }

    it('reports the address, and does not keep listening', async () => {
      const before = nodeRedServer().listenerCount('upgrade');
      const answer = await ask([], { path: '/tried', tls: true, certFile: '/nowhere.pem', host: '::1' });
      assert.deepEqual(answer, { steps: [{ step: 'listening', values: { uri: url('/tried') } }] });
      assert.equal(nodeRedServer().listenerCount('upgrade'), before);
    });

    it('needs a path', async () => {
      const { failure } = await ask([], { path: '' });
      assert.equal(failure?.option, 'path');
      assert.match(failure?.errorStr ?? '', /option path must be given/);
    });

    it('on the path that it has itself, as it is deployed: says so plainly', async () => {
      assert.deepEqual(await ask([shared('/ours')], { path: '/ours' }, 's'), { steps: [{ step: 'ownPath', values: { path: '/ours' } }] });
    });

    it('on the path of another server of this Node-RED: which one', async () => {
      const { failure } = await ask([shared('/ours', { name: 'the other' })], { path: '/ours' });
      assert.deepEqual(failure, { option: 'path', key: 'probe.pathOfServer', values: { path: '/ours', name: 'the other' } });
    });

    it('on the path of the editor: whose it is', async () => {
      const { failure } = await ask([], { path: '/comms' });
      assert.equal(failure?.option, 'path');
      assert.match(failure?.errorStr ?? '', /in use by the editor/);
    });

    it('a port of its own that is Node-RED’s is reported as that, though a server shares it', async () => {
      const { failure } = await ask([shared('/ours')], { listenOn: 'own', port: port() });
      assert.deepEqual(failure, { option: 'port', key: 'probe.portOfNodeRed', values: { port: port() } });
    });
  });
});
