import assert from 'node:assert/strict';
import { type Flow, type Item, run, unload } from '../helpers/flow';
import { closedPort, type Peer, rawServer, tcpClient, wsClient, wsServer } from '../helpers/peers';
import { inNodeRed, nodesOf, until } from './suite';

const restarted = { code: 1012, reason: 'Service restart' };
const removed = { code: 1001, reason: 'Going away' };

/** Longer than the time for a peer's close frame, and far below Node-RED's own timeout of 15 s. */
const soon = 1000;

async function timed(work: () => Promise<unknown>): Promise<void> {
  const begin = Date.now();
  await work();
  assert.ok(Date.now() - begin < soon, `it took ${Date.now() - begin} ms`);
}

/** A server and a client of a flow, each with a peer, and the same pair created by messages. */
async function four() {
  const [port, far] = [await closedPort(), await wsServer()];
  const items = (more: object = {}): Item[] => [
    { id: 's', type: 'ix-server', port, autoStart: true, ...more },
    { id: 'c', type: 'ix-client', URL: far.url, autoStart: true, ...more },
    { id: 'create server', type: 'ix-server-create', ...more },
    { id: 'create client', type: 'ix-client-create', ...more },
    { id: 'start server', type: 'ix-server-start' },
    { id: 'start client', type: 'ix-client-start' },
    { id: 'e', type: 'ix-server-events', server: 's' },
  ];
  const flow = await run(items());
  const peers = [await far.peers.take('the client')];
  await until(() => [flow.status('e').fill, flow.status('c').fill].every((fill) => fill === 'green'), 'a server and a client');
  peers.push(await wsClient(`ws://127.0.0.1:${port}/`));
  const { id: client } = (await flow.command('create client', { URL: far.url })).payload;
  await flow.command('start client', { id: client });
  peers.push(await far.peers.take('the client made by a message'));
  const { id: server } = (await flow.command('create server', { port: 0 })).payload;
  peers.push(await wsClient((await flow.command('start server', { id: server })).payload.uri));
  return { flow, items, peers };
}

const closes = (peers: readonly Peer[]) => Promise.all(peers.map((peer) => peer.closes.take('the close')));

describe('a redeploy', () => {
  inNodeRed();

  describe('close codes for peers', () => {
    for (const type of ['nodes', 'flows', 'full'] as const) {
      it(`1012 where their node is changed (${type})`, async () => {
        const { flow, items, peers } = await four();
        await timed(() => flow.deploy(items({ name: 'changed' }), type));
        assert.deepEqual(await closes(peers), [restarted, restarted, restarted, restarted]);
      });

      it(`1001 where it is deleted (${type})`, async () => {
        const { flow, peers } = await four();
        await timed(() => flow.deploy([{ id: 'other', type: 'helper' }], type));
        assert.deepEqual(await closes(peers), [removed, removed, removed, removed]);
      });
    }

    it('1012 where all flows are restarted, changed or not', async () => {
      const { flow, items, peers } = await four();
      await timed(() => flow.deploy(items(), 'full'));
      assert.deepEqual(await closes(peers), [restarted, restarted, restarted, restarted]);
    });

    it('1001 where it is disabled', async () => {
      const { flow, items, peers } = await four();
      await timed(() => flow.deploy(items({ d: true })));
      assert.deepEqual(await closes(peers), [removed, removed, removed, removed]);
    });

    it('1012 where Node-RED stops', async () => {
      const { peers } = await four();
      await timed(unload);
      assert.deepEqual(await closes(peers), [restarted, restarted, restarted, restarted]);
    });

    it('1000, as ever, where a command clears', async () => {
      const far = await wsServer();
      const flow = await run([{ id: 'c', type: 'ix-client', URL: far.url, autoStart: true }, ...nodesOf('client', 'clear', 'c')]);
      const peer = await far.peers.take();
      await until(() => flow.status('clear').fill === 'green', 'a client that is connected');
      await flow.command('clear');
      assert.deepEqual(await peer.closes.take(), { code: 1000, reason: 'Normal closure' });
    });
  });

  it('a client of the flow comes back by itself after the server that it is connected to was deployed', async () => {
    const port = await closedPort();
    const items = (name: string): Item[] => [
      { id: 's', type: 'ix-server', port, autoStart: true, name },
      { id: 'c', type: 'ix-client', URL: `ws://127.0.0.1:${port}/`, autoStart: true },
      { id: 'e', type: 'ix-client-events', client: 'c' },
    ];
    const flow = await run(items('before'));
    await flow.out('e.1').take('Open');
    await flow.deploy(items('after'));
    const { code, remote } = (await flow.out('e.2').take('Close')).payload;
    assert.deepEqual([code, remote], [1012, true]);
    await flow.out('e.1').take('Open again');
  });

  describe('what is being sent', () => {
    const [large, huge] = [Buffer.alloc(2 * 1024 * 1024, 'x'), Buffer.alloc(16 * 1024 * 1024, 'x')];

    /** Sends to the peer of a config node, and redeploys the node in the same event-loop turn. */
    async function sendAndDeploy(flow: Flow, items: (name: string) => Item[], message: unknown) {
      flow.node('send').receive({ payload: { message } });
      await timed(() => flow.deploy(items('after')));
      return (await flow.out('send.out').take('the answer of the send')).payload;
    }

    const ofServer = (port: number) => (name: string) => [
      { id: 's', type: 'ix-server', port, autoStart: true, maxBufferedAmount: 0, name },
      { id: 'e', type: 'ix-server-events', server: 's' },
      { id: 'send', type: 'ix-server-send', server: 's' },
    ];
    const ofClient = (URL: string) => (name: string) => [
      { id: 'c', type: 'ix-client', URL, autoStart: true, maxBufferedAmount: 0, name },
      { id: 'send', type: 'ix-client-send', client: 'c' },
    ];

    for (const [title, message] of [
      ['a text', 'last words'],
      ['2 MiB', large],
    ] as const) {
      it(`${title} to a peer that reads is handed over before the close, and answered so (server)`, async () => {
        const port = await closedPort();
        const flow = await run(ofServer(port)('before'));
        await until(() => flow.status('e').fill === 'green', 'a server that listens');
        const peer = await wsClient(`ws://127.0.0.1:${port}/`);
        await flow.out('e.1').take('Open');
        const { success, statuses } = await sendAndDeploy(flow, ofServer(port), message);
        assert.deepEqual([success, statuses[0].payloadSize], [true, message.length]);
        const { data } = await peer.messages.take('the message');
        assert.equal(data.length, message.length);
        assert.deepEqual(await peer.closes.take(), restarted);
      });

      it(`${title} to a peer that reads is handed over before the close, and answered so (client)`, async () => {
        const far = await wsServer();
        const flow = await run(ofClient(far.url)('before'));
        const peer = await far.peers.take();
        await until(() => flow.status('send').fill === 'green', 'a client that is connected');
        const { success, payloadSize } = await sendAndDeploy(flow, ofClient(far.url), message);
        assert.deepEqual([success, payloadSize], [true, message.length]);
        assert.equal((await peer.messages.take('the message')).data.length, message.length);
        assert.deepEqual(await peer.closes.take(), restarted);
      });
    }

    it('what a peer does not read is answered success: false, and keeps nobody waiting (server)', async () => {
      const port = await closedPort();
      const flow = await run(ofServer(port)('before'));
      await until(() => flow.status('e').fill === 'green', 'a server that listens');
      const peer = await wsClient(`ws://127.0.0.1:${port}/`);
      await flow.out('e.1').take('Open');
      peer.ws.pause();
      const { success, errorStr, statuses } = await sendAndDeploy(flow, ofServer(port), huge);
      assert.deepEqual([success, statuses.map((one: { success: boolean }) => one.success)], [false, [false]]);
      assert.match(errorStr, /not sent: the connection ended/);
    });

    it('what a peer does not read is answered success: false, and keeps nobody waiting (client)', async () => {
      const far = await rawServer();
      const flow = await run(ofClient(far.url)('before'));
      const peer = await far.peers.take();
      await until(() => flow.status('send').fill === 'green', 'a client that is connected');
      peer.socket.pause();
      const { success, errorStr } = await sendAndDeploy(flow, ofClient(far.url), huge);
      assert.equal(success, false);
      assert.match(errorStr, /not sent: the connection ended/);
    });

    it('a start that is in progress is answered success: false', async () => {
      const far = await rawServer({ answer: () => '' });
      const items = (name: string): Item[] => [{ id: 'c', type: 'ix-client', URL: far.url, name }, ...nodesOf('client', 'start', 'c')];
      const flow = await run(items('before'));
      flow.node('start').receive({ payload: {} });
      await far.peers.take('the try');
      await timed(() => flow.deploy(items('after')));
      const { success, errorStr } = (await flow.out('start.out').take()).payload;
      assert.equal(success, false);
      assert.match(errorStr, /aborted by stop or clear/);
    });
  });

  it('nobody keeps it waiting: not who is silent, nor who is in the handshake, nor who does not answer the close', async () => {
    const port = await closedPort();
    const [silent, unanswering, nobody] = [await rawServer({ answer: () => '' }), await rawServer(), await closedPort()];
    const items = (name: string): Item[] => [
      { id: 's', type: 'ix-server', port, autoStart: true, handshakeTimeoutSecs: 60, name },
      { id: 'e', type: 'ix-server-events', server: 's' },
      { id: 'opening', type: 'ix-client', URL: silent.url, autoStart: true, name },
      { id: 'unanswered', type: 'ix-client', URL: unanswering.url, autoStart: true, name },
      {
        id: 'waiting',
        type: 'ix-client',
        URL: `ws://127.0.0.1:${nobody}/`,
        autoStart: true,
        minWaitBetweenReconnectionRetries: 10000,
        name,
      },
    ];
    const flow = await run(items('before'));
    await until(() => flow.status('e').fill === 'green', 'a server that listens');
    await silent.peers.take('the client that gets no answer');
    await unanswering.peers.take('the client whose close is not answered');
    await tcpClient(port);
    for (let i = 0; i < 100; i++) (await wsClient(`ws://127.0.0.1:${port}/`)).ws.pause();
    await timed(() => flow.deploy(items('after')));
    await timed(unload);
  });
});
