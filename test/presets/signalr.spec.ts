import assert from 'node:assert/strict';
import { HttpTransportType, HubConnectionBuilder, LogLevel } from '@microsoft/signalr';
import { ask, askMany, type JsonService, jsonServer, nextCall, presetClient, presetServer } from '../helpers/presets';
import { within } from '../helpers/queue';
import { onTeardown, teardown } from '../helpers/teardown';

const preset = 'signalr-json';
const end = '\u001e';
const record = (message: object) => JSON.stringify(message) + end;

/** A hub, as the hub protocol describes it: `add`, `fail`, the stream `count`, and a question to the client. */
function hub(): JsonService {
  return {
    message({ protocol, type, invocationId, target, arguments: given }, peer) {
      if (protocol !== undefined) return peer.send(protocol === 'json' ? `{}${end}` : record({ error: 'unknown protocol' }));
      if (type === 1 && target === 'add') peer.send(record({ type: 3, invocationId, result: given[0] + given[1] }));
      if (type === 1 && target === 'nothing') peer.send(record({ type: 3, invocationId }));
      if (type === 1 && target === 'fail') peer.send(record({ type: 3, invocationId, error: 'out of order' }));
      if (type === 1 && target === 'ask') {
        peer.send(
          record({ type: 3, invocationId, result: null }) + record({ type: 6 }) + record({ type: 1, target: 'news', arguments: [1] }),
        );
        peer.send(record({ type: 1, invocationId: 'q1', target: 'question', arguments: [5] }));
      }
      if (type === 3) peer.send(record({ type: 1, target: 'heard', arguments: [given ?? 'answered'] }));
      if (type === 4) {
        for (let i = 1; i <= given[0]; i++) peer.send(record({ type: 2, invocationId, item: i }));
        peer.send(record({ type: 3, invocationId }));
      }
    },
  };
}

const hubServer = async (service = hub): Promise<string> => (await jsonServer(service, end)).url;

describe('the preset signalr-json', () => {
  afterEach(teardown);

  it('invokes methods of a hub, and tells its error', async () => {
    const client = await presetClient(preset, { URL: await hubServer() }).open();
    assert.equal((await ask(client, { method: 'add', params: [1, 2] })).result, 3);
    assert.deepEqual(await ask(client, { method: 'nothing', params: [] }).then(({ success, result }) => [success, result]), [true, null]);
    const { success, error } = await ask(client, { method: 'fail', params: [] });
    assert.deepEqual([success, error], [false, 'out of order']);
  });

  it('takes a stream in parts', async () => {
    const client = await presetClient(preset, { URL: await hubServer() }).open();
    const parts = askMany(client, { method: 'count', params: [2] });
    const found = [await parts.take(), await parts.take(), await parts.take()];
    assert.deepEqual(
      found.map(({ success, result, last }) => [success, result, last]),
      [
        [true, 1, undefined],
        [true, 2, undefined],
        [true, null, true],
      ],
    );
  });

  it('emits invocations, and answers those that ask', async () => {
    const client = await presetClient(preset, { URL: await hubServer() }).open();
    await ask(client, { method: 'ask', params: [] });
    assert.deepEqual((await client.next('Message')).data, { type: 1, target: 'news', arguments: [1] });
    const { id, method, params } = await nextCall(client);
    assert.deepEqual([method, params], ['question', [5]]);
    client.socket.answer(id, { result: true }, ({ success }) => assert.equal(success, true));
    assert.deepEqual((await client.next('Message')).data, { type: 1, target: 'heard', arguments: ['answered'] });
  });

  it('cannot start if the hub refuses the protocol', async () => {
    const refusing = () => ({
      message: (_: unknown, peer: { send(message: unknown): void }) => peer.send(record({ error: 'no json here' })),
    });
    const { success, errorStr = '' } = await presetClient(preset, { URL: await hubServer(refusing) }).start();
    assert.equal(success, false);
    assert.match(errorStr, /the peer refused: .*no json here/);
  });

  it('is a hub for @microsoft/signalr', async () => {
    const server = await presetServer(preset).open();
    const connection = new HubConnectionBuilder()
      .withUrl(`http://127.0.0.1:${server.port}/`, { skipNegotiation: true, transport: HttpTransportType.WebSockets })
      .configureLogging(LogLevel.None)
      .build();
    onTeardown(() => connection.stop());
    connection.on('question', (n: number) => n + 1);
    const heard = new Promise<unknown>((resolve) => connection.on('news', resolve));
    await within(connection.start(), 'the start');
    const client = (await server.next('Open')).client as string;
    const asked = within(connection.invoke('add', 1, 2), 'the answer');
    const call = await nextCall(server);
    assert.deepEqual([call.method, call.params], ['add', [1, 2]]);
    server.socket.answer(client, call.id, { result: 3 }, () => {});
    assert.equal(await asked, 3);
    const refused = assert.rejects(within(connection.invoke('add'), 'the answer'), /too few/);
    server.socket.answer(client, (await nextCall(server)).id, { error: { message: 'too few' } }, () => {});
    await refused;
    const outcome = new Promise<{ result?: unknown }>((resolve) => {
      server.socket.requestsOf(client)?.request({ method: 'question', params: [4], timeout: 2, many: false, keep: false }, resolve);
    });
    assert.equal((await within(outcome, 'the outcome')).result, 5);
    server.socket.send({ type: 1, target: 'news', arguments: ['now'] } as never, {}, () => {});
    assert.equal(await within(heard, 'the news'), 'now');
  });
});
