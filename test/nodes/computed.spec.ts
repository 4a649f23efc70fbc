import assert from 'node:assert/strict';
import { type Flow, type Item, type Msg, run } from '../helpers/flow';
import { wsServer } from '../helpers/peers';
import { inNodeRed, nodesOf } from './suite';

const jsonata = (value: string) => ({ type: 'jsonata', value });
const nodes = (client: Msg, more: Item[] = []): Item[] => [
  { id: 'c', type: 'ix-client', minWaitBetweenReconnectionRetries: 10, ...client },
  ...nodesOf('client', 'start stop', 'c'),
  ...nodesOf('client', 'create'),
  { id: 'e', type: 'ix-client-events', client: 'c', wires: [['all'], ['all'], ['all'], ['all']] },
  { id: 'all', type: 'helper' },
  ...more,
];
const start = async (flow: Flow, payload: Msg = {}) => (await flow.command('start', payload)).payload;

describe('URL and headers that are computed', () => {
  inNodeRed();

  it('are evaluated for each attempt, with secrets and the environment', async () => {
    process.env.IX_ROOM = 'kitchen';
    const server = await wsServer();
    const client = {
      URL: jsonata(`"${server.url}" & $env("IX_ROOM") & "?n=" & $uuid()`),
      headers: { 'X-Plain': 'plain', 'X-Time': jsonata('$string($millis())'), Authorization: jsonata('"Bearer " & $secret("token")') },
    };
    const flow = await run(nodes(client), { c: { secrets: { token: 'open sesame' } } });
    assert.equal((await start(flow)).success, true);
    const { request: first, ws } = await server.peers.take();
    assert.match(String(first?.url), /^\/kitchen\?n=[\da-f-]{36}$/);
    const { headers } = first as NonNullable<typeof first>;
    assert.deepEqual([headers['x-plain'], headers.authorization], ['plain', 'Bearer open sesame']);
    ws.close(1001);
    const { request: second } = await server.peers.take('the reconnection');
    assert.notEqual(second?.url, first?.url);
    assert.ok(Number(second?.headers['x-time']) >= Number(headers['x-time']));
  });

  it('show no secret in events, statuses and information', async () => {
    const server = await wsServer();
    const client = { URL: jsonata(`"${server.url}" & $secret("path") & "?token=" & $encodeUrlComponent($secret("token"))`) };
    const flow = await run(nodes(client), { c: { secrets: { path: 'hidden-path', token: 'open sesame' } } });
    const started = await start(flow);
    assert.equal((await server.peers.take()).request?.url, '/hidden-path?token=open%20sesame');
    const open = await flow.out('all').take('Open');
    const info = (await flow.command('create', { id: flow.node('c').socket.id })).payload;
    assert.equal(info.URL, `${server.url}***?token=***`);
    const told = JSON.stringify([started, open, info, flow.statuses]);
    assert.doesNotMatch(told, /hidden-path|open sesame|open%20sesame/);
  });

  it('take values from the flow and global context', async () => {
    const server = await wsServer();
    const client = { URL: { type: 'global', value: 'address' }, headers: { 'X-Key': { type: 'global', value: 'key' } } };
    const flow = await run(nodes(client));
    const context = flow.node('c').context().global;
    context.set('address', `${server.url}from-context`);
    context.set('key', 'k1');
    assert.equal((await start(flow)).success, true);
    const { request } = await server.peers.take();
    assert.deepEqual([request?.url, request?.headers['x-key']], ['/from-context', 'k1']);
  });

  it('of the types str and env are texts', async () => {
    const server = await wsServer();
    process.env.IX_URL = server.url;
    const flow = await run(nodes({ URL: { type: 'env', value: 'IX_URL' }, headers: { 'X-Text': { type: 'str', value: 'as it is' } } }));
    assert.equal((await start(flow)).success, true);
    assert.equal((await server.peers.take()).request?.headers['x-text'], 'as it is');
  });

  it('fail the attempt with the sentence of the expression, without secrets', async () => {
    const flow = await run(nodes({ URL: jsonata('$error("no address, not even with " & $secret("token"))') }), {
      c: { secrets: { token: 'open sesame' } },
    });
    const { success, errorStr } = await start(flow);
    assert.equal(success, false);
    assert.match(errorStr, /^Could not connect: the value of URL could not be computed: no address, not even with \*\*\*\./);
  });

  it('fail the attempt if the result is no URL', async () => {
    const flow = await run(nodes({ URL: jsonata('"kitchen"') }));
    assert.match((await start(flow)).errorStr, /the expression of URL gave no ws:\/\/ or wss:\/\/ URL/);
  });

  it('fail the attempt if the result cannot be in a header', async () => {
    const server = await wsServer();
    const flow = await run(nodes({ URL: server.url, headers: { 'X-A': jsonata('"a\\nb"') } }));
    assert.match((await start(flow)).errorStr, /the expression of headers\.X-A gave no text that a header can hold/);
  });

  it('that do not parse are options that cannot be used', async () => {
    const flow = await run(nodes({ URL: jsonata('1 +') }));
    const { payload } = await flow.command('start', {});
    assert.equal(payload.success, false);
    assert.match(
      payload.errorStr,
      /^The option URL must be a JSONata expression that can be parsed \(.+\); got the string "an expression"\.$/,
    );
  });

  it('of a message are refused, because a message never brings an expression', async () => {
    const server = await wsServer();
    const flow = await run(nodes({ URL: server.url }));
    const url = await flow.command('start', { URL: jsonata(`"${server.url}"`) });
    assert.match(url.payload.errorStr, /^The option URL must be a URL/);
    const headers = await flow.command('start', { headers: { 'X-A': jsonata('"a"') } });
    assert.match(headers.payload.errorStr, /^The option headers\.X-A must be a valid HTTP header value/);
  });

  it('give no credentials to a host that a message names', async () => {
    const [home, other] = [await wsServer(), await wsServer()];
    const client = { URL: jsonata(`"${home.url}"`), headers: { 'X-Key': jsonata('"computed"') } };
    const flow = await run(nodes(client), { c: { user: 'ann', password: 'pw' } });
    assert.equal((await start(flow, { URL: other.url })).success, true);
    const { request } = await other.peers.take();
    assert.deepEqual([request?.headers['x-key'], request?.headers.authorization], [undefined, undefined]);
  });

  it('have the variables of websocket reply', async () => {
    const server = await wsServer();
    const client = { URL: server.url, headers: { Authorization: jsonata('"Bearer " & $token') } };
    const decide = [
      { id: 'decide', type: 'ix-client-prepare', client: 'c', wires: [['ask']] },
      { id: 'ask', type: 'helper' },
      { id: 'reply', type: 'ix-reply' },
    ];
    const flow = await run(nodes(client, decide));
    flow.node('start').receive({ payload: {} });
    const question = await flow.out('ask').take('the question');
    await flow.command('reply', { vars: { token: 'fetched' } }, { ask: question.ask });
    assert.equal((await server.peers.take()).request?.headers.authorization, 'Bearer fetched');
  });

  it('are computed for a renewal as well', async () => {
    const server = await wsServer();
    const flow = await run(nodes({ URL: jsonata(`"${server.url}?" & $uuid()`), maxAgeSecs: 0.2 }));
    assert.equal((await start(flow)).success, true);
    const first = await server.peers.take();
    const second = await server.peers.take('the renewed connection');
    assert.notEqual(second.request?.url, first.request?.url);
  });
});
