import assert from 'node:assert/strict';
import type { ActAnswer, FramesAnswer, LiveAnswer } from '../../nodes/live';
import { admin, type Flow, type Item, run } from '../helpers/flow';
import { httpServer, wsClient, wsServer } from '../helpers/peers';
import { inNodeRed, nodesOf, until } from './suite';

/** Runs a flow. @returns the admin API of its Node-RED. */
async function nodeRed(items: Item[], credentials: Record<string, object> = {}) {
  const flow = await run(items, credentials);
  const port = await httpServer((request, response) => admin()(request, response));
  const url = (path: string, query: Record<string, string | number> = {}) =>
    `http://127.0.0.1:${port}/ix-websocket/live${path}?${new URLSearchParams(query as Record<string, string>)}`;
  const get = (path: string, query?: Record<string, string | number>) => fetch(url(path, query), { headers: { connection: 'close' } });
  const post = (body: unknown, headers: Record<string, string> = { 'content-type': 'application/json' }) =>
    fetch(url('/act'), { method: 'POST', headers: { connection: 'close', ...headers }, body: JSON.stringify(body) });
  const live = async (query?: Record<string, string | number>) => (await (await get('', query)).json()) as LiveAnswer;
  const act = async (body: unknown) => (await (await post(body)).json()) as ActAnswer;
  const frames = async (target: Record<string, string | number>) => ((await (await get('/frames', target)).json()) as FramesAnswer).frames;
  return { flow, get, post, live, act, frames };
}

const server: Item = { id: 's', type: 'ix-server', name: 'mine', port: 0, path: '', maxConnections: 300, autoStart: true };

async function listening(flow: Flow): Promise<string> {
  const { socket } = flow.node('s');
  await until(() => socket.listening, 'a server that listens');
  return socket.listening.uri;
}

describe('the endpoints of the sidebar', () => {
  inNodeRed();

  it('list the sockets of config nodes and of create nodes, each with its node', async () => {
    const peer = await wsServer();
    const { flow, live } = await nodeRed([
      server,
      { id: 'c', type: 'ix-client', URL: peer.url, autoStart: true },
      ...nodesOf('client', 'create'),
    ]);
    await listening(flow);
    await flow.command('create', { URL: 'ws://127.0.0.1:9/?token=t0ken' });
    await until(async () => (await live()).clients[0]?.state === 'open', 'an open client');
    const { servers, clients, total, run: id, now } = await live();
    assert.deepEqual(
      servers.map(({ node, type, name, state, connections }) => [node, type, name, state, connections]),
      [['s', 'ix-server', 'mine', 'open', 0]],
    );
    assert.deepEqual(
      clients.map(({ node, type, state, url }) => [node, type, state, url]),
      [
        ['c', 'ix-client', 'open', peer.url],
        ['create', 'ix-client-create', 'idle', ''],
      ],
    );
    assert.deepEqual([total, typeof id, Math.abs(Date.now() - now) < 5000], [{ servers: 1, clients: 2 }, 'string', true]);
    assert.doesNotMatch(JSON.stringify(clients), /t0ken/);
  });

  it('list the connections of unfolded servers, at most 200, and those that match a filter', async () => {
    const { flow, live } = await nodeRed([server]);
    const uri = await listening(flow);
    const { socket } = flow.node('s');
    for (let i = 0; i < 205; i++) await wsClient(`${uri}/number/${i}`);
    await until(() => socket.members.size === 205, 'all connections');
    const rows = async (query: Record<string, string>) => (await live(query)).servers[0]?.rows?.map((row) => row.uri);
    assert.equal(await rows({}), undefined);
    assert.equal((await rows({ open: String(socket.id) }))?.length, 200);
    assert.deepEqual(await rows({ open: `${socket.id}:203` }), ['/number/203', '/number/204']);
    assert.deepEqual(await rows({ open: String(socket.id), q: 'ER/10' }), [
      '/number/10',
      ...[...Array(5).keys()].map((i) => `/number/10${i}`),
      ...[5, 6, 7, 8, 9].map((i) => `/number/10${i}`),
    ]);
    assert.equal((await rows({ open: String(socket.id), q: 'mine' }))?.length, 200, 'the server itself matches');
    assert.deepEqual((await live({ q: 'nothing like it' })).total, { servers: 0, clients: 0 });
  });

  it('give the frames of what is looked at, and the whole of one', async () => {
    const { flow, get, frames } = await nodeRed([server]);
    const uri = await listening(flow);
    const peer = await wsClient(uri);
    const { socket } = flow.node('s');
    await until(() => socket.members.size === 1, 'a connection');
    const target = { side: 'server', id: socket.id };
    assert.deepEqual(await frames(target), []);
    peer.ws.send(`{"long":"${'x'.repeat(2000)}"}`);
    await until(async () => (await frames(target)).length === 1, 'a frame');
    const [frame] = await frames(target);
    assert.deepEqual([frame?.text?.length, frame?.isCut, frame?.isKept], [1024, true, true]);
    const whole = await get('/frame', { ...target, seq: 1 });
    assert.equal(((await whole.json()) as { text: string }).text.length, 2011);
    assert.deepEqual(await frames({ ...target, after: 1 }), []);
    assert.equal((await get('/frame', { ...target, seq: 2 })).status, 404);
    assert.equal((await get('/frames', { side: 'server', id: -99 })).status, 404);
    assert.equal((await get('/frames', { side: 'both', id: 1 })).status, 400);
    assert.equal(whole.headers.get('cache-control'), 'no-store');
  });

  it('start and stop a socket, and disconnect one connection', async () => {
    const { flow, act } = await nodeRed([{ ...server, autoStart: false }]);
    const { socket } = flow.node('s');
    const target = { side: 'server', id: socket.id };
    assert.equal((await act({ ...target, do: 'start' })).success, true);
    const again = await act({ ...target, do: 'start' });
    assert.equal(again.success, false);
    assert.match(again.errorStr ?? '', /server -\d+ is open|already/);
    const [one, two] = [await wsClient(socket.listening.uri), await wsClient(socket.listening.uri)];
    await until(() => socket.members.size === 2, 'two connections');
    const client = socket.members.choose()[0].ref.client;
    assert.deepEqual(await act({ ...target, client, do: 'disconnect' }), { success: true, count: 1 });
    assert.equal((await one.closes.take()).code, 1000);
    assert.equal(socket.members.size, 1);
    assert.deepEqual(await act({ ...target, do: 'stop' }), { success: true });
    assert.equal((await two.closes.take()).code, 1000);
    assert.equal(socket.state, 'idle');
  });

  it('say why a client does not start', async () => {
    const { flow, act } = await nodeRed([{ id: 'c', type: 'ix-client', URL: 'ws://127.0.0.1:9/' }]);
    const answer = await act({ side: 'client', id: flow.node('c').socket.id, do: 'start' });
    assert.equal(answer.success, false);
    assert.match(answer.errorStr ?? '', /Could not connect to ws:\/\/127\.0\.0\.1:9/);
  });

  it('send a text, JSON and bytes', async () => {
    const { flow, act } = await nodeRed([server]);
    const uri = await listening(flow);
    const [one, two] = [await wsClient(uri), await wsClient(uri)];
    const { socket } = flow.node('s');
    await until(() => socket.members.size === 2, 'two connections');
    const target = { side: 'server', id: socket.id, do: 'send' };
    assert.deepEqual(await act({ ...target, as: 'text', data: 'hello' }), { success: true, count: 2 });
    const { client } = socket.members.choose()[0].ref;
    assert.deepEqual(await act({ ...target, client, as: 'base64', data: 'AAE=' }), { success: true, count: 1 });
    assert.deepEqual(await act({ ...target, client, as: 'json', data: '{"a":1}' }), { success: true, count: 1 });
    const got = [await one.messages.take(), await one.messages.take(), await one.messages.take()];
    assert.deepEqual(
      got.map(({ data }) => data),
      ['hello', Buffer.from([0, 1]), '{"a":1}'],
    );
    assert.equal((await two.messages.take()).data, 'hello');
    const wrong = await act({ ...target, as: 'json', data: '{' });
    assert.equal(wrong.success, false);
    assert.match(wrong.errorStr ?? '', /JSON/);
  });

  it('send a request in the protocol of a client or a connection, and give its answer without secrets', async () => {
    const rpc = {
      request: { type: 'jsonata', value: '{ "id": $id, "ask": $method, "with": $params }' },
      answer: { when: { answer: { exists: true } }, id: 'id', value: 'answer' },
    };
    const peer = await wsServer();
    const items = [
      { id: 'p', type: 'ix-protocol', format: 'json', rpc, secrets: ['token'] },
      { id: 'c', type: 'ix-client', URL: peer.url, protocol: 'p', autoStart: true },
      server,
    ];
    const { flow, act } = await nodeRed(items, { c: { secrets: { token: 't0p s3cret' } } });
    const { ws, messages } = await peer.peers.take();
    const target = { side: 'client', id: flow.node('c').socket.id };
    const asked = act({ ...target, do: 'send', as: 'request', data: '{"method":"sum","params":[1,2]}' });
    const { id, ...request } = JSON.parse(String((await messages.take()).data));
    assert.deepEqual(request, { ask: 'sum', with: [1, 2] });
    ws.send(JSON.stringify({ id, answer: { sum: 3, echo: 't0p s3cret' } }));
    assert.deepEqual(await asked, { success: true, answer: '{"sum":3,"echo":"***"}' });
    const without = await act({ ...target, do: 'send', as: 'request', data: '{"params":1}' });
    assert.match(without.errorStr ?? '', /got no method/);
    const toAll = await act({ side: 'server', id: flow.node('s').socket.id, do: 'send', as: 'request', data: '{"method":"a"}' });
    assert.match(toAll.errorStr ?? '', /goes to one connection/);
  });

  it('refuse what no editor sends', async () => {
    const { flow, post } = await nodeRed([server]);
    const { id } = flow.node('s').socket;
    const target = { side: 'server', id };
    const bodies = [
      ...[[], {}, { side: 'x', id, do: 'stop' }, { side: 'server', id: '1', do: 'stop' }, { ...target, do: 'destroy' }],
      ...[
        { ...target, do: 'disconnect' },
        { ...target, do: 'disconnect', client: ['a'] },
        { ...target, do: 'send', as: 'text' },
      ],
    ];
    for (const body of bodies) assert.equal((await post(body)).status, 400, JSON.stringify(body));
    assert.equal((await post({ ...target, do: 'stop' }, { 'content-type': 'text/plain' })).status, 400);
    assert.equal((await post({ side: 'server', id: -99, do: 'stop' })).status, 404);
  });
});
