import assert from 'node:assert/strict';
import { readPreset } from '../../src/conversation';
import { definitions } from '../editor/built';
import { certs, passphrase as rightPassphrase } from '../helpers/certs';
import { type Flow, type Item, logged, type Msg, run } from '../helpers/flow';
import { assertPrintable, hostile } from '../helpers/hostile';
import { closedPort, httpServer, tcpServer, tlsServer, wsServer } from '../helpers/peers';
import { inNodeRed, nodesOf, until, watchers } from './suite';

const secret = 'S3cr3t-pässwörd';
const asUrl = encodeURIComponent(secret);
const asBasic = Buffer.from(`me:${secret}`).toString('base64');

/** Returns everything that a flow, its log or an editor could see, except the messages that the flow itself sent. */
function everything(flow: Flow, ...outputs: string[]): string {
  const messages = outputs.flatMap((id) => flow.out(id).all);
  const errors = flow.calls.map(({ error }) => String(error));
  return JSON.stringify([messages, errors, flow.statuses, logged()]);
}
/** `uri` is the request target, which a flow may need in full. */
const withoutTargets = (text: string) => JSON.stringify(JSON.parse(text, (name, value) => (name === 'uri' ? undefined : value)));
function assertSecret(text: string): void {
  for (const form of [secret, asUrl, asBasic, 'S3cr3t'])
    assert.ok(!text.includes(form), `${form} is told: …${text.slice(Math.max(0, text.indexOf(form) - 200), text.indexOf(form) + 50)}…`);
}
const outputs = ['e.0', 'e.1', 'e.2', 'e.3', 'caught', ...'create start stop send clear'.split(' ').map((name) => `${name}.out`)];

/** Kinds of peers of a client, and the expected results. */
const peers: readonly (readonly [name: string, url: () => Promise<string>])[] = [
  ['that is good', async () => (await wsServer()).url],
  ['that is not there', async () => `ws://127.0.0.1:${await closedPort()}/`],
  ['that answers 401', async () => `ws://127.0.0.1:${await httpServer((_, response) => response.writeHead(401).end())}/`],
  [
    'that redirects',
    async () => {
      const { url } = await wsServer();
      return `ws://127.0.0.1:${await httpServer((_, response) => response.writeHead(302, { Location: url }).end())}/`;
    },
  ],
  [
    'that redirects to nowhere',
    async () => `ws://127.0.0.1:${await httpServer((_, response) => response.writeHead(302, { Location: 'mailto:x' }).end())}/`,
  ],
  ['that is not trusted', async () => `wss://127.0.0.1:${await tlsServer({ cert: certs().foreign.cert, key: certs().foreign.key })}/`],
  [
    'that repeats the request target',
    async () => `ws://127.0.0.1:${await httpServer((request, response) => response.writeHead(403, `No ${request.url} here`).end())}/`,
  ],
  ['whose name does not exist', async () => 'ws://no-such-host.invalid/'],
];

describe('secrets appear in no log, status, event or answer', () => {
  inNodeRed();

  for (const [name, url] of peers) {
    it(`user and password of the credentials, with a peer ${name}`, async () => {
      const flow = await run(
        [
          { id: 'c', type: 'ix-client', URL: await url(), autoStart: true, minWaitBetweenReconnectionRetries: 10 },
          ...nodesOf('client', 'create start stop send clear', 'c'),
          { id: 'e', type: 'ix-client-events' },
          ...watchers(),
        ],
        { c: { user: 'me', password: secret } },
      );
      const some = ['e.1', 'e.3'];
      await until(() => some.some((id) => flow.out(id).all.length > 0), 'an Open or an Error');
      await flow.command('create', { id: 1 });
      await flow.command('create', {});
      await flow.command('send', 'x');
      await flow.command('stop');
      await flow.command('start', { timeout: 1 });
      await flow.command('start', { timeout: 0 });
      await flow.command('clear');
      assertSecret(everything(flow, ...outputs));
    });

    it(`a password in URL, shown as ***, with a peer ${name}`, async () => {
      const URL = (await url()).replace('://', `://me:${asUrl}@`);
      const flow = await run([
        { id: 'c', type: 'ix-client', URL, autoStart: true, minWaitBetweenReconnectionRetries: 10 },
        ...nodesOf('client', 'create start stop send clear', 'c'),
        { id: 'e', type: 'ix-client-events' },
        ...watchers(),
      ]);
      await until(() => ['e.1', 'e.3'].some((id) => flow.out(id).all.length > 0), 'an Open or an Error');
      const information = (await flow.command('create', { id: 1 })).payload;
      assert.ok(information.URL.includes('://me:***@'), information.URL);
      await flow.command('send', 'x');
      assert.ok((await flow.command('stop')).payload.URL.includes('://me:***@'));
      const { success, errorStr } = (await flow.command('start', { timeout: 1 })).payload;
      if (!success) assert.ok(errorStr.includes('://me:***@') || errorStr.includes('redirected'), errorStr);
      await flow.command('clear');
      assertSecret(everything(flow, ...outputs));
    });
  }

  for (const query of [`access_token=${asUrl}`, asUrl]) {
    for (const [name, url] of peers) {
      it(`the query ?${query.replace(asUrl, '…')} of URL, with a peer ${name}`, async () => {
        process.env.FEED = `${await url()}?${query}`;
        const flow = await run([
          { id: 'c', type: 'ix-client', URL: '${FEED}', autoStart: true, minWaitBetweenReconnectionRetries: 10 },
          ...nodesOf('client', 'create start stop send clear', 'c').map((item) => ({ ...item, raise: true })),
          { id: 'e', type: 'ix-client-events' },
          ...watchers(),
        ]);
        await until(() => ['e.1', 'e.3'].some((id) => flow.out(id).all.length > 0), 'an Open or an Error');
        const shown = `?${query.replace(asUrl, '***')}`;
        assert.ok((await flow.command('create', { id: 1 })).payload.URL.endsWith(shown));
        await flow.command('send', 'x');
        assert.ok((await flow.command('stop')).payload.URL.endsWith(shown));
        await flow.command('start', { timeout: 1 });
        await flow.command('stop');
        await flow.command('start', { URL: `gopher://host/?${query}` });
        await flow.command('clear');
        // The Catch node's message is the flow's own, with the error added.
        const caught = flow.out('caught').all.map(({ error }) => error);
        assertSecret(withoutTargets(JSON.stringify([caught, JSON.parse(everything(flow, ...outputs.filter((id) => id !== 'caught')))])));
      });
    }
  }

  it('the query of URL, in the label that the editor shows', () => {
    const label = (URL: string) => definitions['ix-client']?.label.call({ type: 'ix-client', URL } as never);
    assert.equal(label(`ws://me:${secret}@host/feed?access_token=${secret}`), 'me:***@host/feed');
    assert.equal(label(`host/feed?${secret}`), 'host/feed');
  });

  it('the query of URL, in the warning that nothing is verified', async () => {
    const { url } = await wsServer({ tls: { cert: certs().server.cert, key: certs().server.key } });
    const flow = await run([
      { id: 'c', type: 'ix-client', URL: `${url}?access_token=${asUrl}`, autoStart: true, caFile: 'NONE' },
      { id: 'e', type: 'ix-client-events' },
    ]);
    await flow.out('e.1').take();
    assert.match(logged(), /does not verify the certificate of wss:.*\?access_token=\*\*\*/);
    assertSecret(logged());
  });

  it('the query in the target of a redirect', async () => {
    const location = `ws://127.0.0.1:${await closedPort()}/?token=${asUrl}`;
    const port = await httpServer((_, response) => response.writeHead(302, { Location: location }).end());
    const flow = await run([{ id: 'c', type: 'ix-client', URL: `ws://127.0.0.1:${port}/` }, ...nodesOf('client', 'start', 'c')]);
    const { errorStr } = (await flow.command('start')).payload;
    assert.match(errorStr, /\?token=\*\*\*: .*refused/);
    assertSecret(errorStr);
  });

  for (const URL of [
    `ftp://me:${secret}@host/`,
    `ws://me:${secret}@`,
    `me:${secret}@host`,
    `ws:/me:${secret}@host/`,
    `ws://me:${secret}@host:99999/`,
    `//me:${secret}@host/`,
    `ws://me:${secret}/x@host/`,
    `ws://me:${secret}#x@host/`,
    `ws://me:x?${secret}@host/`,
    `ws://me@corp:${secret}@host:99999/`,
  ]) {
    it(`a password in a URL that cannot be read: ${URL.replace(secret, '…')}`, async () => {
      const flow = await run([
        { id: 'c', type: 'ix-client', URL, autoStart: true },
        ...nodesOf('client', 'create start stop', 'c'),
        { id: 'e', type: 'ix-client-events' },
        ...watchers(),
      ]);
      for (const node of ['create', 'start', 'stop']) assert.equal((await flow.command(node)).payload.success, false);
      await flow.out('caught').take();
      assertSecret(everything(flow, 'caught', 'create.out', 'start.out', 'stop.out', 'e.3'));
    });
  }

  it('a password in the target of a redirect that cannot be followed', async () => {
    const port = await httpServer((_, response) => response.writeHead(302, { Location: `mailto:me:${secret}@host` }).end());
    const flow = await run([{ id: 'c', type: 'ix-client', URL: `ws://127.0.0.1:${port}/` }, ...nodesOf('client', 'start', 'c')]);
    const { errorStr } = (await flow.command('start')).payload;
    assertSecret(errorStr);
  });

  it('a password in URL that a message gives', async () => {
    const peer = await wsServer();
    const flow = await run([...nodesOf('client', 'create start stop clear send'), { id: 'e', type: 'ix-client-events' }, ...watchers()]);
    const URL = peer.url.replace('://', `://me:${asUrl}@`);
    await flow.command('create', { URL });
    await flow.command('create', { URL: URL.replace('ws:', 'gopher:') });
    await flow.command('start', { id: 1 });
    assert.equal((await peer.peers.take()).request?.headers.authorization, `Basic ${asBasic}`);
    await flow.command('start', { id: 1, URL });
    await flow.command('create', { id: 1 });
    await flow.command('stop', { id: 1 });
    // The Catch node's message is the flow's own, with the error added.
    const caught = flow.out('caught').all.map(({ error }) => error);
    assertSecret(JSON.stringify([caught, everything(flow, ...outputs.filter((id) => id !== 'caught'))]));
  });

  for (const [name, passphrase] of [
    ['right', undefined],
    ['wrong', secret],
  ] as const) {
    it(`a passphrase, ${name}`, async () => {
      const { certFile, keyFile } = certs().encrypted;
      const given = passphrase ?? rightPassphrase;
      const config = { certFile, keyFile, autoStart: true };
      const items: Item[] = [
        { id: 's', type: 'ix-server', port: 0, tls: true, ...config },
        { id: 'c', type: 'ix-client', URL: 'wss://127.0.0.1:1/', ...config },
        ...nodesOf('server', 'create start stop send clear', 's'),
        { id: 'e', type: 'ix-server-events' },
        { id: 'ce', type: 'ix-client-events' },
        ...watchers(),
      ];
      const flow = await run(items, { s: { passphrase: given }, c: { passphrase: given } });
      await until(() => flow.out('ce.3').all.length > 0 || flow.out('caught').all.length > 0, 'a failure of the client');
      await flow.command('start');
      await flow.command('create', { id: -1 });
      await flow.command('stop');
      await flow.command('clear');
      const text = everything(flow, ...outputs, 'ce.3');
      assert.ok(!text.includes(given), 'the passphrase is told');
      assertSecret(text);
    });
  }

  it('PEM texts: certificates and keys', async () => {
    const { cert, key } = certs().server;
    const { foreign } = certs();
    const flow = await run([
      { id: 's', type: 'ix-server', port: 0, tls: true, certFile: cert, keyFile: foreign.key, autoStart: true },
      ...nodesOf('server', 'create start stop', 's'),
      { id: 'e', type: 'ix-server-events' },
      ...watchers(),
    ]);
    await flow.out('caught').take();
    await flow.command('start', { keyFile: `${key.slice(0, 100)}\nrubbish\n-----END` });
    await flow.command('start', { certFile: { pem: key } });
    await flow.command('start', { certFile: [key] });
    const text = JSON.stringify([
      flow.out('start.out').all,
      flow.out('caught').all.map(({ error }: Msg) => error),
      flow.statuses,
      logged(),
      flow.calls.map(({ error }) => String(error)),
    ]);
    assert.ok(!text.includes('-----BEGIN') && !text.includes(key.slice(40, 90)), text);
  });

  it('a header value that cannot be sent, an Authorization for instance', async () => {
    const flow = await run([
      { id: 'c', type: 'ix-client', URL: 'ws://127.0.0.1:1/', headers: { Authorization: `Bearer ${secret}\n` } },
      ...nodesOf('client', 'create start', 'c'),
      { id: 'e', type: 'ix-client-events' },
      ...watchers(),
    ]);
    assert.equal((await flow.command('start')).payload.errorCode, 'ERR_OPTION');
    assertSecret(everything(flow, 'start.out', 'caught'));
  });

  it('nothing that a peer answers controls the terminal that shows the log', async () => {
    const text = hostile.replace(/[\0\r\n]/g, '');
    const port = await tcpServer((socket) => socket.once('data', () => socket.end(`HTTP/1.1 403 ${text}\r\nContent-Length: 0\r\n\r\n`)));
    const flow = await run([
      { id: 'c', type: 'ix-client', URL: `ws://127.0.0.1:${port}/`, autoStart: true, minWaitBetweenReconnectionRetries: 10 },
      ...nodesOf('client', 'start', 'c').map((item) => ({ ...item, raise: true })),
      { id: 'e', type: 'ix-client-events' },
      ...watchers(),
    ]);
    const { reason } = (await flow.out('e.3').take()).payload;
    assertPrintable(reason);
    assert.match(reason, /the server answered 403 .*RED/);
    await flow.command('start');
    await flow.out('caught').take();
    for (const { error } of flow.out('caught').all) assertPrintable(error.message);
    for (const { status } of flow.statuses) assertPrintable(status.text ?? '');
    for (const [line] of JSON.parse(logged())) assertPrintable(String(line.msg?.message ?? line.msg));
  });

  /** Kinds of peers of the preset home-assistant, which all know the token and repeat it. */
  const hosts: readonly (readonly [name: string, says: readonly string[]])[] = [
    ['that accepts it', ['{"type":"auth_required"}', '{"type":"auth_ok"}']],
    ['that refuses it and repeats it', ['{"type":"auth_required"}', `{"type":"auth_invalid","message":"${secret}"}`]],
    ['that repeats it instead of a question', [`{"type":"${secret}"}`]],
    ['that repeats it outside the protocol', ['{"type":"auth_required"}', `${secret} is no JSON`]],
  ];
  for (const [name, says] of hosts) {
    it(`a token of a protocol, with a peer ${name}`, async () => {
      const peer = await wsServer();
      const flow = await run(
        [
          { id: 'p', type: 'ix-protocol', ...readPreset('home-assistant') },
          { id: 'c', type: 'ix-client', URL: peer.url, protocol: 'p', enableAutomaticReconnection: false },
          ...nodesOf('client', 'create start stop send clear', 'c'),
          { id: 'e', type: 'ix-client-events' },
          ...watchers(),
        ],
        { c: { secrets: { token: secret } } },
      );
      flow.node('start').receive({ payload: { timeout: 1 } });
      const { ws, messages } = await peer.peers.take();
      for (const each of says) ws.send(each);
      if (says.length > 1) assert.ok(String((await messages.take()).data).includes(secret));
      const opens = says.includes('{"type":"auth_ok"}');
      if (!opens) ws.close(4000, secret);
      await flow.out('start.out').take('the answer of start');
      if (opens) {
        ws.close(4000, secret);
        await flow.out('e.2').take('Close');
      }
      await flow.command('create', { id: 1 });
      await flow.command('create', {});
      await flow.command('stop');
      await flow.command('clear');
      // What a peer sent and could not be read is passed on as it is.
      const events = flow.out('e.3').all.map(({ payload: { str: _, ...payload } }) => payload);
      assertSecret(JSON.stringify([events, JSON.parse(everything(flow, ...outputs.filter((id) => id !== 'e.3')))]));
      const nodes = ['c', 'p'].map((id) =>
        Object.entries(flow.node(id)).filter(([key, value]) => key !== 'credentials' && typeof value !== 'object'),
      );
      assertSecret(JSON.stringify(nodes));
    });
  }

  it('the credentials are no properties of the node in the flow that is deployed', async () => {
    const flow = await run([{ id: 'c', type: 'ix-client', URL: 'ws://127.0.0.1:1/' }], {
      c: { user: 'me', password: secret, passphrase: secret },
    });
    const { credentials, ...rest } = flow.node('c');
    assert.equal(credentials.password, secret);
    assertSecret(JSON.stringify(Object.fromEntries(Object.entries(rest).filter(([, value]) => typeof value !== 'object'))));
  });
});
