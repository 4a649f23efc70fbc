import assert from 'node:assert/strict';
import { once } from 'node:events';
import type { IncomingMessage } from 'node:http';
import { WebSocket } from 'ws';
import { certs } from '../helpers/certs';
import { type Flow, type Item, logged, type Msg, run } from '../helpers/flow';
import { closedPort, wsClient, wsServer } from '../helpers/peers';
import { onTeardown } from '../helpers/teardown';
import { inNodeRed, nodesOf, until, waitQuietly } from './suite';

const events = (side: 'client' | 'server', config: string): Item[] => [
  { id: 'e', type: `ix-${side}-events`, [side]: config, wires: [['all'], ['all'], ['all'], ['all']] },
  { id: 'all', type: 'helper' },
];
/** The questions come to `ask`; the test gives the answers by `reply`. */
const deciding = (type: string, more: Msg = {}): Item[] => [
  { id: 'decide', type, wires: [['ask']], ...more },
  { id: 'ask', type: 'helper' },
  { id: 'reply', type: 'ix-reply' },
];
const answer = (flow: Flow, question: Msg, payload: unknown) => flow.command('reply', payload, { ask: question.ask });

describe('websocket server authorize', () => {
  inNodeRed();

  const serving = async (node: Msg = {}, server: Msg = {}) => {
    const flow = await run([
      { id: 's', type: 'ix-server', port: 0, ...server },
      ...nodesOf('server', 'start stop send tag connections', 's'),
      ...events('server', 's'),
      ...deciding('ix-server-authorize', { server: 's', ...node }),
    ]);
    return { flow, uri: (await flow.command('start')).payload.uri as string };
  };
  /** Resolves with the response to a refused upgrade. */
  const rejected = async (uri: string, headers = {}) => {
    const ws = new WebSocket(uri, { headers });
    onTeardown(() => ws.terminate());
    ws.on('error', () => {});
    const [, response] = (await once(ws, 'unexpected-response')) as [unknown, IncomingMessage];
    return response;
  };
  /** Resolves with the HTTP status and the body of a refused upgrade. */
  const refused = async (uri: string, headers = {}) => {
    const response = await rejected(uri, headers);
    const chunks: Buffer[] = [];
    for await (const chunk of response) chunks.push(chunk);
    return [response.statusCode, String(Buffer.concat(chunks))];
  };

  it('lets in whom the flow accepts, with user, tags and session', async () => {
    const { flow, uri } = await serving();
    const connecting = wsClient(`${uri}/chat?room=1`, ['a', 'b']);
    const question = await flow.out('ask').take('the question');
    assert.deepEqual(
      [question.event, question.topic, question.payload.query, question.payload.subProtocols],
      ['Upgrade', '/chat', { room: '1' }, ['a', 'b']],
    );
    const session = { role: 'reader' };
    const { payload } = await answer(flow, question, {
      accept: true,
      subProtocol: 'b',
      user: 'eve',
      tags: ['t'],
      session,
      headers: { 'X-Room': '1' },
    });
    assert.equal(payload.success, true);
    const peer = await connecting;
    assert.equal(peer.ws.protocol, 'b');
    const open = await flow.out('all').take('Open');
    assert.deepEqual([open.payload.user, open.payload.session], ['eve', session]);
    await flow.command('send', { tag: 't', message: 'hi' });
    assert.equal((await peer.messages.take()).data, 'hi');
    peer.ws.send('x');
    assert.deepEqual((await flow.out('all').take('Message')).payload.session, session);
    assert.deepEqual((await flow.command('connections')).payload.connections[0].session, session);
    await flow.command('tag', { all: true, session: null });
    peer.ws.send('y');
    assert.ok(!('session' in (await flow.out('all').take('Message')).payload));
  });

  it('refuses with the status and the reason of the flow', async () => {
    const { flow, uri } = await serving();
    const answered = refused(uri);
    const reason = '{"why":"not today",\n"see":"https://example.com/?a=b"}.';
    await answer(flow, await flow.out('ask').take(), { accept: false, status: 403, reason });
    assert.deepEqual(await answered, [403, reason]);
    const { event, payload } = await flow.out('all').take();
    assert.deepEqual([event, payload.http_status], ['Error', 403]);
    assert.match(payload.reason, /not today.*[^.]\.$/);
  });

  for (const showCredentials of [false, true]) {
    it(`${showCredentials ? 'shows' : 'hides'} credentials ${showCredentials ? 'if it is told to' : 'otherwise'}`, async () => {
      const { flow, uri } = await serving({ showCredentials });
      const answered = refused(uri, { Authorization: 'Bearer s3cret', Cookie: 'sid=s3cret' });
      const question = await flow.out('ask').take();
      assert.equal(JSON.stringify(question.payload).includes('s3cret'), showCredentials);
      await answer(flow, question, { accept: false });
      assert.equal((await answered)[0], 401);
    });
  }

  it('asks also if its timeout is set wrongly, which is an error', async () => {
    const { flow, uri } = await serving({ askTimeoutSecs: -1 });
    const connecting = wsClient(uri);
    assert.match(logged(), /askTimeoutSecs/);
    await answer(flow, await flow.out('ask').take(), { accept: true });
    await connecting;
  });

  it('shows the certificate of a client that the server has verified', async () => {
    const { server, client, ca } = certs();
    const tls = { tls: true, certFile: server.cert, keyFile: server.key, caFile: ca.cert };
    const { flow, uri } = await serving({}, tls);
    const connecting = wsClient(uri, [], { ca: ca.cert, cert: client.cert, key: client.key });
    const question = await flow.out('ask').take();
    const { subject, issuer, validTo, fingerprint256, serialNumber } = question.payload.certificate;
    assert.deepEqual([subject.CN, issuer.CN, validTo], ['client', 'ca', 'Dec 31 00:00:00 2099 GMT']);
    assert.match(`${fingerprint256} ${serialNumber}`, /^([0-9A-F]{2}:){31}[0-9A-F]{2} [0-9A-F]+$/);
    await answer(flow, question, { accept: true, user: subject.CN });
    await connecting;
  });

  it('a session that the tag node sets is at most 64 KiB', async () => {
    const { flow } = await serving();
    assert.equal((await flow.command('tag', { all: true, session: 'x'.repeat(70_000) })).payload.errorCode, 'ERR_OPTION');
  });

  it('refuses with 503 if no answer comes in time, and a late one fails', async () => {
    const { flow, uri } = await serving({ askTimeoutSecs: 0.05 });
    assert.equal((await refused(uri))[0], 503);
    const { payload } = await answer(flow, await flow.out('ask').take(), { accept: true });
    assert.equal(payload.success, false);
  });

  it('counts open questions as connections, and refuses one more with 503', async () => {
    const { flow, uri } = await serving({}, { maxConnections: 1 });
    const first = wsClient(uri);
    const question = await flow.out('ask').take();
    assert.equal((await refused(uri))[0], 503);
    assert.match((await flow.out('all').take('the refusal')).payload.reason, /1 connections are open or wait for the flow/);
    await answer(flow, question, { accept: true });
    await first;
    const third = new WebSocket(uri);
    onTeardown(() => third.terminate());
    await once(third, 'error');
  });

  it('counts open questions as connections of their address', async () => {
    const { flow, uri } = await serving({}, { maxConnectionsPerIp: 1 });
    const first = wsClient(uri);
    const question = await flow.out('ask').take();
    assert.equal((await refused(uri))[0], 429);
    await answer(flow, question, { accept: true });
    await first;
    assert.equal((await refused(uri))[0], 429);
  });

  for (const [where, more] of [
    ['its own port', {}],
    ['the port of Node-RED', { listenOn: 'node-red', path: '/decided' }],
  ] as const) {
    it(`a stop of a server on ${where} ends the open questions`, async () => {
      const { flow, uri } = await serving({}, { allowedOrigins: '*', ...more });
      const ws = new WebSocket(uri);
      const failed = once(ws, 'error');
      const question = await flow.out('ask').take();
      await flow.command('stop');
      await failed;
      assert.equal((await answer(flow, question, { accept: true })).payload.success, false);
    });
  }

  it('sends each header of a list, and leaves out those that are null or belong to the handshake', async () => {
    const { flow, uri } = await serving();
    const answered = rejected(uri);
    const headers = { 'Set-Cookie': ['a=1', 'b=2'], 'content-type': 'application/json', 'X-None': null, Connection: 'x' };
    await answer(flow, await flow.out('ask').take(), { accept: false, status: 302, headers });
    const { statusCode, headers: got, rawHeaders } = await answered;
    assert.deepEqual(
      [statusCode, got['set-cookie'], got['content-type'], got['x-none'], got.connection],
      [302, ['a=1', 'b=2'], 'application/json', undefined, 'close'],
    );
    assert.equal(rawHeaders.filter((name) => /^content-type$/i.test(name)).length, 1);
  });

  it('takes a number as the user', async () => {
    const { flow, uri } = await serving();
    const connecting = wsClient(uri);
    await answer(flow, await flow.out('ask').take(), { accept: true, user: 42 });
    await connecting;
    assert.equal((await flow.out('all').take('Open')).payload.user, '42');
  });

  it('hides the token in the subprotocols of the question', async () => {
    const { flow, uri } = await serving({}, { tokenSubProtocol: 'token.', subProtocols: 'a' });
    const connecting = wsClient(uri, ['token.s3cret', 'a']);
    const question = await flow.out('ask').take();
    assert.deepEqual(question.payload.subProtocols, ['token.***', 'a']);
    assert.ok(!JSON.stringify(question).includes('s3cret'));
    await answer(flow, question, { accept: true, subProtocol: 'a' });
    await connecting;
  });

  it('a client that is gone makes the answer late', async () => {
    const { flow, uri } = await serving();
    const ws = new WebSocket(uri);
    ws.on('error', () => {});
    const question = await flow.out('ask').take();
    ws.terminate();
    // No event reports that a client has given up.
    await waitQuietly();
    assert.equal((await answer(flow, question, { accept: true })).payload.success, false);
  });

  for (const [what, given] of [
    ['a subprotocol that was not offered', { accept: true, subProtocol: 'x' }],
    ['tags that are none', { accept: true, tags: [5] }],
    ['a session that is too large', { accept: true, session: 'x'.repeat(70_000) }],
    ['a header that is none', { accept: true, headers: { 'X-Split': 'a\r\nb' } }],
  ] as const) {
    it(`answers 500 to ${what}, and reports it at the reply`, async () => {
      const { flow, uri } = await serving();
      const answered = refused(uri);
      const { payload } = await answer(flow, await flow.out('ask').take(), given);
      assert.equal((await answered)[0], 500);
      assert.deepEqual([payload.success, payload.errorCode], [false, 'ERR_OPTION']);
    });
  }

  for (const [what, given, more] of [
    ['no accept', {}, {}],
    ['an accept that is text', { accept: 'true' }, {}],
    ['a status that refuses nobody', { accept: false, status: 200 }, {}],
    ['the data of a peer', { accept: true }, { details: {} }],
  ] as const) {
    it(`refuses with 401 at ${what}, and reports it at the reply`, async () => {
      const { flow, uri } = await serving();
      const answered = refused(uri);
      const { ask } = await flow.out('ask').take();
      const { payload } = await flow.command('reply', given, { ask, ...more });
      assert.equal((await answered)[0], 401);
      assert.deepEqual([payload.success, payload.errorCode], [false, 'ERR_OPTION']);
    });
  }

  for (const type of ['nodes', 'flows'] as const) {
    it(`lets in nobody unasked while the node is deployed again (${type})`, async () => {
      const port = await closedPort();
      const items = (name: string): Item[] => [
        { id: 's', type: 'ix-server', port, autoStart: true },
        ...deciding('ix-server-authorize', { server: 's', name }),
        ...nodesOf('server', 'connections', 's'),
        { id: 'slow', type: 'helper', name },
      ];
      const flow = await run(items('one'));
      await until(() => flow.status('decide').fill === 'green', 'a server that listens');
      // Another node delays the deploy between the old node and the new one.
      const release = new Promise<() => void>((resolve) => {
        flow.node('slow').on('close', (_removed: boolean, done: () => void) => resolve(done));
      });
      const deployed = flow.deploy(items('two'), type);
      const go = await release;
      const connecting = wsClient(`ws://127.0.0.1:${port}/`);
      await waitQuietly();
      go();
      await deployed;
      await answer(flow, await flow.out('ask').take('the question of the new node'), { accept: true });
      await connecting;
    });
  }

  it('a node that names the server goes before one that names none, and a second answer fails', async () => {
    const flow = await run([
      { id: 'any', type: 'ix-server-authorize', wires: [['wrong']] },
      { id: 'wrong', type: 'helper' },
      { id: 's', type: 'ix-server', port: 0 },
      ...nodesOf('server', 'start', 's'),
      ...deciding('ix-server-authorize', { server: 's' }),
    ]);
    const connecting = wsClient((await flow.command('start')).payload.uri);
    const question = await flow.out('ask').take();
    const answers = [await answer(flow, question, { accept: true }), await answer(flow, question, { accept: false })];
    await connecting;
    assert.deepEqual(
      answers.map(({ payload }) => payload.success),
      [true, false],
    );
    assert.equal(flow.out('wrong').all.length, 0);
  });

  it('asks nothing about what path and authentication refuse', async () => {
    const { flow, uri } = await serving({}, { path: '/only' });
    assert.equal((await refused(`${uri}/other`))[0], 404);
    assert.equal(flow.out('ask').all.length, 0);
  });

  it('decides 300 upgrades in random order', async () => {
    const { flow, uri } = await serving({}, { maxConnections: 1100, allowedOrigins: '*' });
    const count = 300;
    const peers = Array.from({ length: count }, (_, n) => wsClient(`${uri}/${n}`));
    const questions: Msg[] = [];
    for (let i = 0; i < count; i++) questions.push(await flow.out('ask').take());
    for (const question of questions.reverse()) await answer(flow, question, { accept: true });
    assert.equal((await Promise.all(peers)).length, count);
  });
});

describe('websocket client prepare', () => {
  inNodeRed();

  const connecting = async (node: Msg = {}, client: Msg = {}, start: Msg = {}) => {
    const server = await wsServer();
    const flow = await run([
      { id: 'c', type: 'ix-client', URL: server.url, minWaitBetweenReconnectionRetries: 10, ...client },
      ...nodesOf('client', 'start stop', 'c'),
      ...events('client', 'c'),
      ...deciding('ix-client-prepare', { client: 'c', ...node }),
    ]);
    flow.node('start').receive({ payload: start });
    return { flow, server };
  };

  it('adds and removes headers, and chooses URL and subprotocols for one attempt', async () => {
    const { flow, server } = await connecting({}, { headers: { 'X-Old': '1', Authorization: 'secret' } });
    const question = await flow.out('ask').take();
    assert.deepEqual([question.event, question.payload.headers.Authorization, question.payload.retries], ['Connect', '***', 0]);
    await answer(flow, question, { URL: `${server.url}fresh?t=1`, headers: { 'X-Token': 'abc', 'x-old': null } });
    const { request } = await server.peers.take();
    assert.deepEqual(
      [request?.url, request?.headers['x-token'], request?.headers['x-old'], request?.headers.authorization],
      ['/fresh?t=1', 'abc', undefined, 'secret'],
    );
    assert.equal((await flow.out('start.out').take()).payload.success, true);
  });

  it('fails the attempt that the flow refuses, with its reason', async () => {
    const { flow } = await connecting();
    await answer(flow, await flow.out('ask').take(), { accept: false, reason: 'no token today' });
    assert.match((await flow.out('start.out').take()).payload.errorStr, /no token today/);
  });

  it('an answer that gives the question back changes nothing', async () => {
    const server = await wsServer();
    const URL = server.url.replace('://', '://eve:pa%2Fss@');
    const { flow } = await connecting({}, { URL, headers: { Cookie: 'a=1' } });
    const question = await flow.out('ask').take();
    assert.match(question.payload.URL, /eve:\*\*\*@/);
    await answer(flow, question, { ...question.payload, URL: `${question.payload.URL}?t=1` });
    const { request } = await server.peers.take();
    const basic = Buffer.from('eve:pa/ss').toString('base64');
    assert.deepEqual([request?.url, request?.headers.authorization, request?.headers.cookie], ['/?t=1', `Basic ${basic}`, 'a=1']);
  });

  it('an answer that gives hidden secrets back changes nothing', async () => {
    const server = await wsServer();
    const computed = (value: string) => ({ type: 'jsonata', value });
    const flow = await run(
      [
        {
          ...{ id: 'c', type: 'ix-client' },
          URL: computed(`"${server.url}?key=" & $secret("key")`),
          headers: { 'X-Key': computed('"k " & $secret("key")'), 'X-Open': 'o' },
        },
        ...nodesOf('client', 'start', 'c'),
        ...deciding('ix-client-prepare', { client: 'c' }),
      ],
      { c: { secrets: { key: 's3cret' } } },
    );
    flow.node('start').receive({ payload: {} });
    const question = await flow.out('ask').take();
    assert.ok(!JSON.stringify(question).includes('s3cret'));
    const { URL, headers } = question.payload;
    await answer(flow, question, { ...question.payload, URL: `${URL}&more=1`, headers: { ...headers, 'X-More': 'm' } });
    const { url, headers: got } = (await server.peers.take()).request as IncomingMessage;
    assert.deepEqual([url, got['x-key'], got['x-open'], got['x-more']], ['/?key=s3cret&more=1', 'k s3cret', 'o', 'm']);
  });

  it('gives another host nothing of what is hidden', async () => {
    const [server, other] = [await wsServer(), await wsServer()];
    const { flow } = await connecting({}, { URL: server.url.replace('://', '://eve:pass@'), headers: { Cookie: 'a=1' } });
    const question = await flow.out('ask').take();
    const URL = other.url.replace('://', '://eve:***@');
    await answer(flow, question, { ...question.payload, URL });
    const { headers } = (await other.peers.take()).request as IncomingMessage;
    assert.deepEqual([headers.authorization === `Basic ${Buffer.from('eve:pass').toString('base64')}`, headers.cookie], [false, undefined]);
  });

  for (const [what, given] of [
    ['a URL that is none', { URL: 'nowhere' }],
    ['a header that is none', { headers: { 'X-Split': 'a\r\nb' } }],
    ['headers that are text', { headers: 'Authorization: x' }],
    ['the data of a peer', undefined],
  ] as const) {
    it(`fails the attempt at ${what}, and reports it at the reply`, async () => {
      const { flow } = await connecting();
      const { ask } = await flow.out('ask').take();
      const { payload } = await flow.command('reply', given ?? {}, { ask, ...(!given && { details: {} }) });
      assert.deepEqual([payload.success, payload.errorCode], [false, 'ERR_OPTION']);
      assert.equal((await flow.out('start.out').take()).payload.success, false);
    });
  }

  it('ends the question with the deadline of the attempt', async () => {
    const { flow } = await connecting({ askTimeoutSecs: 3600 }, {}, { timeout: 0.05 });
    const question = await flow.out('ask').take();
    assert.match((await flow.out('start.out').take()).payload.errorStr, /did not answer in time \(0.05 s, timeout/);
    assert.equal((await answer(flow, question, {})).payload.success, false);
  });

  it('gives vars to the expressions of the protocol', async () => {
    const onOpen = [{ send: { type: 'jsonata', value: '{ "token": $token }' } }];
    const server = await wsServer();
    const flow = await run([
      { id: 'p', type: 'ix-protocol', format: 'json', onOpen },
      { id: 'c', type: 'ix-client', URL: server.url, protocol: 'p' },
      ...nodesOf('client', 'start', 'c'),
      ...deciding('ix-client-prepare', { client: 'c' }),
    ]);
    flow.node('start').receive({ payload: {} });
    await answer(flow, await flow.out('ask').take(), { vars: { token: 't-1' } });
    assert.equal((await (await server.peers.take()).messages.take()).data, '{"token":"t-1"}');
  });

  it('fails the attempt if no answer comes', async () => {
    const { flow } = await connecting({ askTimeoutSecs: 0.05 });
    assert.match((await flow.out('start.out').take()).payload.errorStr, /did not answer in time/);
  });

  it('is asked before each attempt, and stop ends the question', async () => {
    const { flow, server } = await connecting({}, { stableAfterMs: 0 });
    await answer(flow, await flow.out('ask').take(), {});
    (await server.peers.take()).ws.close(1000);
    const again = await flow.out('ask').take('the second question');
    assert.equal((await flow.command('stop')).payload.success, true);
    assert.equal((await answer(flow, again, {})).payload.success, false);
  });
});

describe('websocket reply', () => {
  inNodeRed();

  it('without ask is refused, and an unknown one fails', async () => {
    const flow = await run([{ id: 'reply', type: 'ix-reply' }]);
    assert.equal((await flow.command('reply', { accept: true })).payload.errorCode, 'ERR_OPTION');
    for (const ask of ['nobody', 5, {}]) assert.equal((await flow.command('reply', { accept: true }, { ask })).payload.success, false);
  });
});
