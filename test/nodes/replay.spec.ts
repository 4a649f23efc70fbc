import assert from 'node:assert/strict';
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { folder } from '../helpers/files';
import { type Flow, type Item, type Msg, run } from '../helpers/flow';
import { wsClient, wsServer } from '../helpers/peers';
import { inNodeRed, nodesOf, until, waitQuietly, watchers } from './suite';

const frame = (at: number, direction: string, data: string, type = 'text') => ({ at, direction, type, data });
const recording = {
  'ix-recording': 1,
  socket: { side: 'client', name: 'feed' },
  frames: [frame(0, 'out', 'a'), frame(5, 'in', 'b'), frame(10, 'out', 'AAEC', 'binary')],
};
const endless = { ...recording, frames: [frame(0, 'out', 'a'), frame(3_600_000, 'out', 'z')] };

const replay = (more: Msg): Item[] => [
  { id: 'replay', type: 'ix-replay', wires: [['result']], ...more },
  { id: 'result', type: 'helper' },
  ...watchers('replay'),
];
/** Waits for the next output of the node. */
const result = async (flow: Flow): Promise<Msg> => (await flow.out('result').take('the result')).payload;
const dones = (flow: Flow) => flow.dones('replay').length;

describe('websocket replay', () => {
  inNodeRed();

  /** A node at a client that is connected to a peer. */
  const atClient = async (more: Msg = {}) => {
    const server = await wsServer();
    const flow = await run([
      { id: 'c', type: 'ix-client', URL: server.url, autoStart: false },
      ...nodesOf('client', 'start stop', 'c'),
      ...replay({ client: 'c', ...more }),
    ]);
    await flow.command('start');
    return { flow, peer: await server.peers.take() };
  };
  const send = (flow: Flow, payload: unknown, more: Msg = {}) => flow.node('replay').receive({ payload, ...more });

  it('sends what a client has sent, text and binary, and outputs one message', async () => {
    const { flow, peer } = await atClient({ recording: JSON.stringify(recording) });
    send(flow, 'now', { topic: 'kept' });
    const message = await flow.out('result').take();
    assert.deepEqual(message.payload, { success: true, sent: 2, failed: 0, frames: 2, rounds: 1, stopped: false });
    assert.deepEqual([message.topic, typeof message.socket], ['kept', 'number']);
    assert.deepEqual((await peer.messages.take()).data, 'a');
    assert.deepEqual((await peer.messages.take()).data, Buffer.from([0, 1, 2]));
    assert.equal(dones(flow), 1);
  });

  it('takes recording and options of the message before those of the node', async () => {
    const { flow, peer } = await atClient({ recording: endless, speed: 1 });
    send(flow, { recording, direction: 'both', speed: '0' });
    assert.deepEqual((await result(flow)).sent, 3);
    assert.deepEqual([(await peer.messages.take()).data, (await peer.messages.take()).data], ['a', 'b']);
  });

  it('reads a file that the node names, at each start', async () => {
    const file = join(folder(), 'recording.json');
    writeFileSync(file, JSON.stringify(recording));
    const { flow, peer } = await atClient({ file, direction: 'in' });
    send(flow, { file: '/etc/hostname' });
    assert.equal((await result(flow)).sent, 1);
    assert.equal((await peer.messages.take()).data, 'b');
    writeFileSync(file, JSON.stringify({ ...recording, 'ix-recording': 3 }));
    send(flow, '');
    assert.match((await result(flow)).errorStr, /must have the version 1/);
  });

  it('is stopped by a message, and by the next replay', async () => {
    const { flow } = await atClient({ recording: endless });
    send(flow, '');
    await until(() => flow.statuses.some(({ status }) => /1 of 2|playing/.test(status.text ?? '')), 'a status of the replay');
    send(flow, { stop: true });
    assert.deepEqual(await result(flow), { success: true, sent: 1, failed: 0, frames: 2, rounds: 0, stopped: true });
    assert.equal(dones(flow), 2);
    send(flow, '');
    send(flow, { recording });
    assert.equal((await result(flow)).stopped, true);
    assert.equal((await result(flow)).sent, 2);
    assert.equal(dones(flow), 4);
  });

  it('says that nothing plays by being silent: stop without a replay ends, and outputs nothing', async () => {
    const { flow } = await atClient({ recording });
    send(flow, { stop: true });
    await until(() => dones(flow) === 1, 'the end of the message');
    await waitQuietly(50);
    assert.ok(flow.out('result').isEmpty);
  });

  it('goes on in a loop until it is stopped', async () => {
    const { flow, peer } = await atClient({ recording, loop: true, speed: 0 });
    send(flow, '');
    for (let count = 0; count < 10; count++) await peer.messages.take();
    send(flow, { stop: true });
    const { success, rounds, stopped } = await result(flow);
    assert.ok(success && stopped && rounds >= 4, String(rounds));
  });

  it('sends to all connections of a server, or to those that the message selects', async () => {
    const flow = await run([
      { id: 's', type: 'ix-server', port: 0 },
      ...nodesOf('server', 'start connections', 's'),
      ...replay({ server: 's', recording }),
    ]);
    const { uri } = (await flow.command('start')).payload;
    const [one, other] = [await wsClient(`${uri}/one`), await wsClient(`${uri}/other`)];
    send(flow, { uri: '/one' });
    assert.equal((await result(flow)).success, true);
    assert.equal((await one.messages.take()).data, 'a');
    send(flow, '');
    await result(flow);
    assert.equal((await other.messages.take()).data, 'a');
  });

  it('counts what could not be sent, and goes on', async () => {
    const { flow } = await atClient({ recording });
    await flow.command('stop');
    send(flow, '');
    const { success, sent, failed, errorStr } = await result(flow);
    assert.deepEqual([success, sent, failed], [false, 0, 2]);
    assert.match(errorStr, /not connected|not sent/);
  });

  it('reports a failure to Catch nodes if it is told to', async () => {
    const { flow } = await atClient({ recording, raise: true });
    await flow.command('stop');
    send(flow, '');
    assert.match((await flow.out('caught').take()).error.message, /not connected|not sent/);
    assert.equal(dones(flow), 1);
  });

  it('takes what a peer sent as data: it chooses no recording, and stops nothing', async () => {
    const { flow } = await atClient({ recording: endless });
    send(flow, '');
    await waitQuietly(20);
    send(flow, { stop: true }, { details: { str: '{"stop":true}' } });
    const { stopped, frames } = await result(flow);
    assert.deepEqual([stopped, frames], [true, 2], 'a message starts again');
    send(flow, { recording, speed: 0 }, { _session: { type: 'ix', id: 'x' } });
    await result(flow);
    await waitQuietly(50);
    assert.ok(flow.out('result').isEmpty, 'the recording of the node plays');
  });

  const rejected: readonly [title: string, node: Msg, payload: unknown, sentence: RegExp, code: string][] = [
    ['no recording', {}, '', /^The option recording must be given/, 'ERR_OPTION'],
    ['a recording that is none', { recording: '{"a":1}' }, '', /must have the property ix-recording/, 'ERR_OPTION'],
    ['a recording of another version', {}, { recording: { 'ix-recording': 2 } }, /must have the version 1/, 'ERR_OPTION'],
    ['a file that is not there', { file: '/nowhere/x.json' }, '', /cannot be read: ENOENT/, 'ERR_OPTION'],
    ['a speed that is too low', { recording, speed: 0.05 }, '', /speed must be 0, or from 0\.1 to 100/, 'ERR_OPTION'],
    ['a speed that is too high', { recording }, { speed: 101 }, /speed must be a number from 0 to 100/, 'ERR_OPTION'],
    ['a client that does not exist', { recording, client: 'gone' }, '', /The client selected in this node does not exist/, 'ERR_NO_SOCKET'],
    ['no client and no server', { recording, client: '' }, '', /No client or server is selected/, 'ERR_NO_SOCKET'],
    ['a client and a server', { recording, client: 'c', server: 's' }, '', /A client and a server are selected/, 'ERR_NO_SOCKET'],
  ];
  for (const [title, node, payload, sentence, code] of rejected) {
    it(`rejects ${title}`, async () => {
      const flow = await run([
        { id: 'c', type: 'ix-client', URL: 'ws://127.0.0.1:9/', autoStart: false },
        { id: 's', type: 'ix-server', port: 0, autoStart: false },
        ...replay({ client: 'c', ...node }),
      ]);
      send(flow, payload);
      const { success, sent, errorStr, errorCode } = await result(flow);
      assert.deepEqual([success, sent, errorCode], [false, 0, code]);
      assert.match(errorStr, sentence);
      assert.equal(dones(flow), 1);
      assert.equal((await flow.out('caught').take()).error.code, code);
    });
  }

  it('ends its message when the node closes, and sends nothing more', async () => {
    const { flow, peer } = await atClient({ recording: { ...recording, frames: [frame(0, 'out', 'a'), frame(80, 'out', 'b')] } });
    send(flow, '');
    assert.equal((await peer.messages.take()).data, 'a');
    await flow.node('replay').close();
    assert.equal(dones(flow), 1);
    await waitQuietly(120);
    assert.ok(peer.messages.isEmpty);
  });
});
