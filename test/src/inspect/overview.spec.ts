import assert from 'node:assert/strict';
import { clientRow, serverRow } from '../../../src/inspect/overview';
import { closedPort, wsClient, wsServer } from '../../helpers/peers';
import { until } from '../../helpers/queue';
import { client, server } from '../../helpers/sockets';
import { teardown } from '../../helpers/teardown';

const all = { filter: '', part: { offset: 0, limit: 200 } };

describe('the row of a client', () => {
  afterEach(teardown);

  it('has its state, counters and URL without secrets', async () => {
    const peer = await wsServer();
    const { socket } = await client({ URL: `${peer.url}?token=s3cret` }).open();
    (await peer.peers.take()).ws.send('four');
    await until(() => clientRow(socket).traffic.messagesIn === 1, 'a message');
    const { side, state, url, traffic, waiting, failure, error } = clientRow(socket);
    assert.deepEqual([side, state, url, waiting, failure, error], ['client', 'open', `${peer.url}?token=***`, 0, undefined, undefined]);
    assert.deepEqual(traffic, { messagesIn: 1, bytesIn: 4, messagesOut: 0, bytesOut: 0 });
  });

  it('has the time of the next attempt, the latest error, and the queue', async () => {
    const URL = `ws://127.0.0.1:${await closedPort()}/`;
    const { socket } = client({
      URL,
      retryFirstConnect: true,
      queueSize: 5,
      minWaitBetweenReconnectionRetries: 60_000,
      maxWaitBetweenReconnectionRetries: 60_000,
      jitter: false,
    });
    const before = Date.now();
    await socket.start({}, { timeout: 2 });
    socket.send('x', () => {});
    const { state, retryAt = 0, error, failure, queued, limit } = clientRow(socket);
    assert.deepEqual([state, failure?.brief, queued, limit], ['waiting', 'refused', 1, 5]);
    assert.match(error?.text ?? '', /refused the connection/);
    assert.ok(retryAt >= before + 59_000 && retryAt <= Date.now() + 60_000, String(retryAt - before));
    assert.equal(JSON.parse(JSON.stringify(clientRow(socket))).failure.errorStr, undefined);
  });
});

describe('the row of a server', () => {
  afterEach(teardown);

  it('has its connections with address, tags and session, and the counters of all', async () => {
    const harness = await server({ path: '' }).open();
    const { socket } = harness;
    const one = await wsClient(harness.url('/one'));
    const two = await wsClient(harness.url('/two'));
    await until(() => socket.members.size === 2, 'two connections');
    one.ws.send('abc');
    two.ws.send('de');
    await until(() => serverRow(socket, all).traffic.bytesIn === 5, 'both messages');
    const names = socket.members.choose().map(({ ref }) => ref.client);
    socket.tag({ client: names.slice(0, 1) }, { add: Array.from({ length: 30 }, (_, i) => `tag${i}`) }, { room: 1 });
    const row = serverRow(socket, all);
    assert.deepEqual([row.connections, row.matching, row.rows?.map(({ uri }) => uri)], [2, undefined, ['/one', '/two']]);
    const [first] = row.rows ?? [];
    assert.match(first?.remote ?? '', /^127\.0\.0\.1:\d+$/);
    assert.deepEqual([first?.client, first?.tags.length, first?.tagCount, first?.session], [names[0], 20, 30, '{"room":1}']);
    two.ws.close();
    await until(() => socket.members.size === 1, 'the end of one');
    assert.equal(serverRow(socket, all).traffic.bytesIn, 5, 'the ended ones still count');
    assert.equal(serverRow(socket, { filter: '' }).rows, undefined);
  });

  it('has only the connections that match, from an offset', async () => {
    const harness = await server({ path: '' }).open();
    const { socket } = harness;
    for (const path of ['/room/1', '/other', '/room/2', '/ROOM/3']) await wsClient(harness.url(path));
    await until(() => socket.members.size === 4, 'four connections');
    const { matching, rows } = serverRow(socket, { filter: 'room', part: { offset: 1, limit: 1 } });
    assert.deepEqual([matching, rows?.map(({ uri }) => uri)], [3, ['/room/2']]);
    const [member] = socket.members.choose();
    socket.tag({ client: [member?.ref.client ?? ''] }, { add: ['Blue'] });
    assert.equal(serverRow(socket, { filter: 'blue' }).matching, 1);
  });
});
