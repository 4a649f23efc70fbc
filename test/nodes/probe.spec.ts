import assert from 'node:assert/strict';
import type { IncomingMessage } from 'node:http';
import { createServer } from 'node:net';
import type { ProbeAnswer, ProbedSide } from '../../nodes/probe';
import { certs, passphrase } from '../helpers/certs';
import { fakeClock } from '../helpers/clock';
import { admin, type Item, nodeRedEvents, run } from '../helpers/flow';
import { closedPort, httpServer, lines, rawServer, tcpServer, tlsServer, wsServer } from '../helpers/peers';
import { Queue, within } from '../helpers/queue';
import { inNodeRed, until } from './suite';

import load = require('../../nodes/ix-websocket');

type Options = Record<string, unknown>;

/** Runs this flow for the duration of the test. @returns the admin API of its Node-RED. */
async function nodeRed(items: Item[] = [], credentials: Record<string, object> = {}) {
  await run(items, credentials);
  const port = await httpServer((request, response) => admin()(request, response));
  const post = (side: ProbedSide, body: unknown, more: RequestInit = {}) =>
    fetch(`http://127.0.0.1:${port}/ix-websocket/test-${side}`, {
      method: 'POST',
      headers: { 'content-type': 'application/json', connection: 'close' },
      body: JSON.stringify(body),
      ...more,
    });
  /** Returns the response to the form of a node that is not deployed. */
  const ask = async (side: ProbedSide, options: Options, more: object = {}): Promise<ProbeAnswer> => {
    const response = await within(post(side, { id: 'new', z: '', options, ...more }), 'an answer', 6000);
    assert.equal(response.status, 200);
    return (await response.json()) as ProbeAnswer;
  };
  return { post, ask };
}

const stepsOf = ({ steps }: ProbeAnswer) => steps.map(({ step }) => step);
const valuesOf = ({ steps }: ProbeAnswer, name: string) => steps.find(({ step }) => step === name)?.values as Options | undefined;
const secured = ({ cert, key }: { cert: string; key: string }) => ({ cert, key });

describe('a try of a client with a message', () => {
  inNodeRed();

  it('sends it after the test, and shows each answer', async () => {
    const { ask } = await nodeRed();
    const { url, peers } = await wsServer();
    const asked = ask('client', { URL: url }, { say: { as: 'base64', data: 'AAE=' } });
    const { ws, messages } = await peers.take();
    assert.deepEqual((await messages.take()).data, Buffer.from([0, 1]));
    ws.send('one');
    ws.send(Buffer.from([2, 3]));
    const answer = await asked;
    assert.deepEqual(stepsOf(answer).slice(-4), ['pong', 'sent', 'answered', 'answered']);
    assert.deepEqual(
      answer.steps.slice(-2).map(({ values }) => values),
      [{ message: 'one' }, { message: '2 bytes 0203' }],
    );
  });

  it('shows at most five answers, and ends with the fifth', async () => {
    const { ask } = await nodeRed();
    const { url, peers } = await wsServer();
    const asked = ask('client', { URL: url }, { say: { as: 'text', data: 'all' } });
    const { ws, messages } = await peers.take();
    await messages.take();
    for (let i = 0; i < 100; i++) ws.send(String(i));
    assert.equal(stepsOf(await asked).filter((step) => step === 'answered').length, 5);
  });

  it('says that no answer came', async () => {
    const { ask } = await nodeRed();
    const { url } = await wsServer();
    const answer = await ask('client', { URL: url }, { say: { as: 'text', data: 'hello' } });
    assert.deepEqual(answer.steps.at(-1), { step: 'noAnswer', values: { seconds: 3 } });
  });

  it('refuses text that is not JSON where JSON is said', async () => {
    const { ask } = await nodeRed();
    const { url } = await wsServer();
    assert.match((await ask('client', { URL: url }, { say: { as: 'json', data: '{' } })).failure?.errorStr ?? '', /must be JSON/);
  });
});

describe('a try of unsaved options', () => {
  inNodeRed();

  describe('of a client with a protocol', () => {
    const protocol = {
      id: 'p',
      type: 'ix-protocol',
      format: 'json',
      onOpen: [
        { wait: { type: 'hello' } },
        { send: { type: 'jsonata', value: '{ "type": "auth", "token": $secret("token"), "sum": $hash("sha256", $secret("token")) }' } },
        { wait: { type: 'ok' }, fail: { type: 'denied' } },
      ],
    };
    const options = { protocol: 'p', secrets: '{"token":"t0p s3cret"}' };

    it('sends a message in the format of the protocol, and shows the answer without the secrets', async () => {
      const { ask } = await nodeRed([protocol]);
      const { url, peers } = await wsServer();
      const asked = ask('client', { URL: url, ...options }, { say: { as: 'json', data: '{"ask": 1}' } });
      const { ws, messages } = await peers.take();
      ws.send('{"type":"hello"}');
      await messages.take();
      ws.send('{"type":"ok"}');
      assert.equal((await messages.take()).data, '{"ask":1}');
      ws.send('{"answer":"t0p s3cret"}');
      const answer = await asked;
      assert.deepEqual(stepsOf(answer).slice(-3), ['conversed', 'sent', 'answered']);
      assert.deepEqual(valuesOf(answer, 'answered'), { message: '{"answer":"***"}' });
    });

    it('shows each step of the opening conversation, without the secrets', async () => {
      const { ask } = await nodeRed([protocol]);
      const { url, peers } = await wsServer();
      const asked = ask('client', { URL: url, ...options });
      const { ws, messages, closes } = await peers.take();
      ws.send('{"type":"hello"}');
      assert.equal(JSON.parse(String((await messages.take()).data)).token, 't0p s3cret');
      ws.send('{"type":"ok","echo":"t0p s3cret"}');
      const answer = await asked;
      assert.equal(answer.failure, undefined);
      assert.deepEqual(stepsOf(answer).slice(-4), ['heard', 'said', 'heard', 'conversed']);
      const [first, second, third] = answer.steps.slice(-4).map(({ values }) => values as { step: number; message: string });
      assert.deepEqual(
        [first, third],
        [
          { step: 1, message: '{"type":"hello"}' },
          { step: 3, message: '{"type":"ok","echo":"***"}' },
        ],
      );
      assert.match(second?.message ?? '', /^\{"type":"auth","token":"\*\*\*","sum":"[0-9a-f]{64}"\}$/);
      assert.doesNotMatch(JSON.stringify(answer), /s3cret/);
      assert.equal((await closes.take()).code, 1000);
    });

    it('says at which step it failed, and why', async () => {
      const { ask } = await nodeRed([protocol]);
      const { url, peers } = await wsServer();
      const asked = ask('client', { URL: url, ...options });
      const { ws, messages } = await peers.take();
      ws.send('{"type":"hello"}');
      await messages.take();
      ws.send('{"type":"denied","token":"t0p s3cret"}');
      const { failure } = await asked;
      assert.equal(failure?.option, 'protocol');
      assert.match(failure?.errorStr ?? '', /failed at step 3 of 3.*refused: \{"type":"denied","token":"\*\*\*"\}/);
    });

    it('names the secret that is missing', async () => {
      const { ask } = await nodeRed([protocol]);
      const { url } = await wsServer();
      const { failure } = await ask('client', { URL: url, protocol: 'p' });
      assert.equal(failure?.option, 'secrets');
      assert.match(failure?.errorStr ?? '', /secrets\.token.*onOpen\[1\]\.send/);
    });
  });

  it('is offered once, when the package is loaded, to those who may change the node', () => {
    const offered: unknown[] = [];
    const denied = {};
    const asked: string[] = [];
    load({
      log: {},
      settings: {},
      events: nodeRedEvents,
      nodes: { registerType() {} },
      auth: {
        needsPermission(name: string) {
          asked.push(name);
          return denied;
        },
      },
      httpAdmin: { post: (path: string, first: unknown) => offered.push([path, first]), get() {} },
    } as never);
    assert.deepEqual(offered.slice(0, 2), [
      ['/ix-websocket/test-client', denied],
      ['/ix-websocket/test-server', denied],
    ]);
    assert.deepEqual(asked.slice(0, 2), ['ix-client.write', 'ix-server.write']);
  });

  it('is refused to what no editor sends', async () => {
    const { post } = await nodeRed();
    assert.equal((await post('client', {})).status, 400);
    const form = { headers: { 'content-type': 'application/x-www-form-urlencoded' }, body: 'options[URL]=ws://127.0.0.1/' };
    assert.equal((await post('client', {}, form)).status, 400);
  });

  describe('of a client', () => {
    it('that works: TCP, HTTP, the subprotocol, compression and a ping', async () => {
      const peer = await wsServer({ perMessageDeflate: true });
      const { ask } = await nodeRed();
      const options = { URL: peer.url, subProtocols: ['one'], enablePerMessageDeflate: true };
      const answer = await ask('client', options);
      assert.deepEqual(stepsOf(answer), ['tcp', 'http', 'protocol', 'compressed', 'pong']);
      assert.equal(answer.failure, undefined);
      assert.deepEqual(valuesOf(answer, 'tcp'), { address: '127.0.0.1', port: peer.port });
      assert.deepEqual(valuesOf(answer, 'http'), { status: 101, text: 'Switching Protocols' });
      assert.deepEqual(valuesOf(answer, 'protocol'), { protocol: 'one' });
      assert.equal(typeof valuesOf(answer, 'pong')?.ms, 'number');
      assert.deepEqual(await (await peer.peers.take()).closes.take('the close'), { code: 1000, reason: '' });
    });

    it('of a host that has a name: whether it was found', async () => {
      const { port } = await wsServer();
      const { ask } = await nodeRed();
      const answer = await ask('client', { URL: `ws://localhost:${port}/` });
      assert.equal(stepsOf(answer)[0], 'name');
      assert.equal(valuesOf(answer, 'name')?.host, 'localhost');
    });

    it('of TLS: whose certificate it is, who issued it and how long it is valid', async () => {
      const peer = await wsServer({ tls: secured(certs().server) });
      const { ask } = await nodeRed();
      const answer = await ask('client', { URL: peer.url, caFile: certs().ca.certFile });
      assert.deepEqual(stepsOf(answer), ['tcp', 'certificate', 'tls', 'http', 'pong']);
      assert.deepEqual(valuesOf(answer, 'certificate'), { subject: 'server', issuer: 'ca', validTo: '2099-12-31T00:00:00.000Z' });
      assert.equal(valuesOf(answer, 'tls')?.protocol, 'TLSv1.3');
    });

    it('of TLS that nobody verifies: says so', async () => {
      const peer = await wsServer({ tls: secured(certs().foreign) });
      const { ask } = await nodeRed();
      assert.ok(stepsOf(await ask('client', { URL: peer.url, caFile: 'NONE' })).includes('unverified'));
    });

    it('follows redirects', async () => {
      const { url } = await wsServer();
      const port = await httpServer((_, response) => response.writeHead(302, { Location: url }).end());
      const { ask } = await nodeRed();
      const answer = await ask('client', { URL: `ws://127.0.0.1:${port}/` });
      assert.deepEqual(stepsOf(answer), ['tcp', 'http', 'redirect', 'tcp', 'http', 'pong']);
      assert.deepEqual(valuesOf(answer, 'redirect'), { url });
    });

    it('that does not compress, does not answer the ping, or closes at once: reports each', async () => {
      const { ask } = await nodeRed();
      const silent = await rawServer();
      const answer = await ask('client', { URL: silent.url, enablePerMessageDeflate: true });
      assert.deepEqual([stepsOf(answer).slice(-2), answer.failure], [['uncompressed', 'noPong'], undefined]);
      const rude = await wsServer();
      void rude.peers.take().then(({ ws }) => ws.close(1008, 'not you'));
      assert.deepEqual(valuesOf(await ask('client', { URL: rude.url }), 'closed'), { code: 1008, reason: 'not you' });
    });

    const failures: readonly (readonly [
      what: string,
      options: () => Promise<Options>,
      steps: string[],
      sentence: RegExp,
      option: string,
    ])[] = [
      ['a name that does not exist', async () => ({ URL: 'ws://no-such-host.invalid/' }), [], /the name .* was not found/, 'URL'],
      ['a port where nobody listens', async () => ({ URL: `ws://127.0.0.1:${await closedPort()}/` }), [], /refused the connection/, 'URL'],
      [
        'a server that does not speak TLS',
        async () => ({ URL: `wss://127.0.0.1:${(await wsServer()).port}/` }),
        ['tcp'],
        /does not speak TLS|closed the connection/,
        'URL',
      ],
      [
        'a certificate that is not trusted',
        async () => ({ URL: (await wsServer({ tls: secured(certs().foreign) })).url, caFile: certs().ca.certFile }),
        ['tcp', 'certificate'],
        /is not trusted/,
        'caFile',
      ],
      [
        'a certificate for another host',
        async () => ({ URL: (await wsServer({ tls: secured(certs().wrongHost) })).url, caFile: certs().ca.certFile }),
        ['tcp', 'certificate'],
        /is for another host/,
        'URL',
      ],
      [
        'a server that demands a client certificate',
        async () => {
          const tls = { ...secured(certs().server), ca: certs().ca.cert, requestCert: true, rejectUnauthorized: true };
          return { URL: (await wsServer({ tls })).url, caFile: certs().ca.certFile };
        },
        ['tcp', 'certificate', 'tls'],
        /client certificate/,
        'certFile',
      ],
      [
        'a server that wants a password',
        async () => ({ URL: `ws://127.0.0.1:${await httpServer((_, response) => response.writeHead(401).end())}/` }),
        ['tcp', 'http'],
        /answered 401/,
        'user',
      ],
      [
        'a subprotocol that the server does not speak',
        async () => ({ URL: (await wsServer({ handleProtocols: () => false })).url, subProtocols: ['mine'] }),
        ['tcp', 'http'],
        /no subprotocol was negotiated/,
        'subProtocols',
      ],
      [
        'a server that answers the handshake wrongly',
        async () => ({
          URL: (await rawServer({ answer: () => lines('HTTP/1.1 101 Switching Protocols', 'Upgrade: websocket', 'Connection: Upgrade') }))
            .url,
        }),
        ['tcp', 'http'],
        /Sec-WebSocket-Accept/,
        'URL',
      ],
      [
        'a server that says nothing within the handshake timeout',
        async () => ({ URL: `ws://127.0.0.1:${await tcpServer()}/`, handshakeTimeoutSecs: 0.2 }),
        ['tcp'],
        /timed out after 0.2 s in the phase HTTP/,
        'URL',
      ],
      [
        'a certificate file that is not there',
        async () => ({ URL: 'wss://127.0.0.1/', caFile: certs().missing }),
        [],
        /file does not exist/,
        'caFile',
      ],
      [
        'a key that its passphrase does not open',
        async () => ({
          URL: 'wss://127.0.0.1/',
          certFile: certs().encrypted.certFile,
          keyFile: certs().encrypted.keyFile,
          passphrase: 'wrong',
        }),
        [],
        /passphrase does not open it/,
        'passphrase',
      ],
    ];
    for (const [what, options, steps, sentence, option] of failures) {
      it(`of ${what}: how far it got, why no further, and which option to look at`, async () => {
        const { ask } = await nodeRed();
        const answer = await ask('client', await options());
        assert.deepEqual(stepsOf(answer), steps);
        assert.match(answer.failure?.errorStr ?? '', sentence);
        assert.equal(answer.failure?.option, option);
      });
    }

    it('with an invalid option: its name, and the constraint', async () => {
      const { ask } = await nodeRed();
      assert.deepEqual((await ask('client', { URL: 'ftp://x/' })).failure, { option: 'URL', key: 'constraints.url', path: '' });
      assert.deepEqual((await ask('client', { URL: 'ws://x/', perMessageDeflateOptions: { clientMaxWindowBits: 3 } })).failure, {
        option: 'perMessageDeflateOptions',
        key: 'constraints.integerRange',
        path: '.clientMaxWindowBits',
        values: { min: 8, max: 15 },
      });
      assert.deepEqual((await ask('client', { URL: '' })).failure, { option: 'URL', key: 'form.needed' });
    });

    it('reads numbers and booleans as a form writes them', async () => {
      const { url } = await wsServer();
      const { ask } = await nodeRed();
      const options = { URL: url, pingInterval: '5', enablePerMessageDeflate: 'false', maxPayload: '1000', headers: '', caFile: null };
      assert.equal((await ask('client', options)).failure, undefined);
    });

    it('takes the TLS configuration that the form names, and says so where it is not deployed', async () => {
      const peer = await wsServer({ tls: secured(certs().server) });
      const tls = { cert: '', key: '', certname: '', keyname: '', caname: '', servername: '', alpnprotocol: '' };
      const { ask } = await nodeRed([{ id: 't', type: 'tls-config', ...tls, ca: certs().ca.certFile, verifyservercert: true }]);
      assert.equal((await ask('client', { URL: peer.url, tlsConfig: 't' })).failure, undefined);
      assert.deepEqual((await ask('client', { URL: peer.url, tlsConfig: 'u' })).failure, { option: 'tlsConfig', key: 'probe.notDeployed' });
    });

    it('points to the TLS configuration if it replaces the faulty option', async () => {
      const peer = await wsServer({ tls: secured(certs().foreign) });
      const tls = { cert: '', key: '', certname: '', keyname: '', caname: '', servername: '', alpnprotocol: '' };
      const { ask } = await nodeRed([{ id: 't', type: 'tls-config', ...tls, ca: certs().ca.certFile, verifyservercert: true }]);
      assert.equal((await ask('client', { URL: peer.url, tlsConfig: 't' })).failure?.option, 'tlsConfig');
    });
  });

  describe('of a server', () => {
    it('that can listen: where', async () => {
      const port = await closedPort();
      const { ask } = await nodeRed();
      const answer = await ask('server', { port });
      assert.deepEqual(answer, { steps: [{ step: 'listening', values: { uri: `ws://127.0.0.1:${port}` } }] });
    });

    it('with TLS: whose certificate', async () => {
      const { ask } = await nodeRed();
      const { certFile, keyFile } = certs().encrypted;
      const answer = await ask('server', { port: 0, tls: true, certFile, keyFile, passphrase });
      assert.deepEqual(stepsOf(answer), ['certificate', 'listening']);
      assert.equal(valuesOf(answer, 'certificate')?.subject, 'server');
    });

    it('with a certificate that has expired: says so', async () => {
      const { ask } = await nodeRed();
      const { certFile, keyFile } = certs().expired;
      assert.deepEqual(stepsOf(await ask('server', { port: 0, tls: true, certFile, keyFile })), ['certificate', 'expired', 'listening']);
    });

    it('on a port that another program uses', async () => {
      const { port } = await wsServer();
      const { ask } = await nodeRed();
      const { failure } = await ask('server', { port });
      assert.match(failure?.errorStr ?? '', /is in use/);
      assert.equal(failure?.option, 'port');
    });

    it('on a port that another server of the flows uses: names it', async () => {
      const port = await closedPort();
      const { ask } = await nodeRed([{ id: 's', type: 'ix-server', name: 'the other', port, autoStart: true }]);
      await until(async () => (await ask('server', { port })).failure?.key === 'probe.portOfServer', 'the other');
      assert.deepEqual((await ask('server', { port })).failure, {
        option: 'port',
        key: 'probe.portOfServer',
        values: { port, name: 'the other' },
      });
    });

    it('on the port that it uses itself, as it is deployed: says so plainly', async () => {
      const port = await closedPort();
      const { ask } = await nodeRed([{ id: 's', type: 'ix-server', port, autoStart: true }]);
      await until(async () => stepsOf(await ask('server', { port }, { id: 's' })).includes('own'), 'its own');
      assert.deepEqual(await ask('server', { port }, { id: 's' }), { steps: [{ step: 'own', values: { port } }] });
    });

    const wrong: readonly (readonly [Options, option: string, sentence: RegExp])[] = [
      [{ host: '::1' }, 'host', /name or an IPv4 address/],
      [{ host: '203.0.113.7' }, 'host', /not an address of this machine/],
      [{ tls: true }, 'certFile', /needs a certificate/],
      [{ tls: true, certFile: '/nowhere.pem', keyFile: '/nowhere.key' }, 'certFile', /file does not exist/],
      [{ ciphers: 'nonsense', tls: true }, 'ciphers', /cipher/],
      [{ auth: 'bearer' }, 'token', /option token is required because auth is bearer/],
      [{ auth: 'basic', user: 'ann' }, 'password', /option password is required because auth is basic/],
    ];
    for (const [options, option, sentence] of wrong) {
      it(`with ${JSON.stringify(options)}: why not, and to look at ${option}`, async () => {
        const { ask } = await nodeRed();
        const { failure } = await ask('server', { port: 0, ...options });
        assert.match(failure?.errorStr ?? '', sentence);
        assert.equal(failure?.option, option);
      });
    }
  });

  describe('of credentials', () => {
    const secret = 'Open-Sesame-1';
    async function asking(): Promise<{ url: string; authorizations: Queue<string | undefined> }> {
      const authorizations = new Queue<string | undefined>();
      const { url } = await wsServer({
        verifyClient: ({ req }: { req: IncomingMessage }) => {
          authorizations.push(req.headers.authorization);
          return true;
        },
      });
      return { url, authorizations };
    }
    const basic = (user: string, password: string) => `Basic ${Buffer.from(`${user}:${password}`).toString('base64')}`;

    it('takes those that were typed', async () => {
      const { url, authorizations } = await asking();
      const { ask } = await nodeRed();
      await ask('client', { URL: url, user: 'me', password: secret });
      assert.equal(await authorizations.take(), basic('me', secret));
    });

    it('takes the one that is kept where it was not changed', async () => {
      const { url, authorizations } = await asking();
      const { ask } = await nodeRed([{ id: 'c', type: 'ix-client', URL: url }], { c: { user: 'old', password: secret } });
      await ask('client', { URL: url, user: 'me', password: '__PWRD__' }, { id: 'c' });
      assert.equal(await authorizations.take(), basic('me', secret));
    });

    it('takes none where the field was emptied', async () => {
      const { url, authorizations } = await asking();
      const { ask } = await nodeRed([{ id: 'c', type: 'ix-client', URL: url }], { c: { user: 'me', password: secret } });
      await ask('client', { URL: url, user: '', password: '' }, { id: 'c' });
      assert.equal(await authorizations.take(), undefined);
    });

    it('takes none that another type of node keeps', async () => {
      const { url, authorizations } = await asking();
      const { ask } = await nodeRed([{ id: 's', type: 'ix-server', port: 0 }], { s: { passphrase: secret, password: secret } });
      await ask('client', { URL: url, user: 'me', password: '__PWRD__' }, { id: 's' });
      assert.equal(await authorizations.take(), basic('me', ''));
    });

    it('shows none, though the server returns them', async () => {
      const port = await httpServer((request, response) => {
        const [user, password] = Buffer.from(String(request.headers.authorization).slice(6), 'base64').toString().split(':');
        response.writeHead(403, `${user} ${password} ${request.headers.authorization}`).end();
      });
      const { ask } = await nodeRed();
      const text = JSON.stringify(await ask('client', { URL: `ws://127.0.0.1:${port}/`, user: 'me', password: secret }));
      for (const told of [secret, basic('me', secret).slice(6), ' me ']) assert.ok(!text.includes(told), `${told} in ${text}`);
    });
  });

  describe('of environment variables', () => {
    /** Sets variables of the process until the test ends. */
    function environment(variables: Record<string, string>): void {
      Object.assign(process.env, variables);
      set.push(...Object.keys(variables));
    }
    const set: string[] = [];
    afterEach(() => {
      for (const name of set.splice(0)) delete process.env[name];
    });

    it("takes the process's, the global ones and those of the flow that the node is in", async () => {
      const heard = new Queue<Record<string, unknown>>();
      const { url } = await wsServer({
        verifyClient: ({ req }: { req: IncomingMessage }) => {
          heard.push(req.headers);
          return true;
        },
      });
      environment({ IX_PROCESS: 'of the process', IX_BOTH: 'of the process' });
      const { ask } = await nodeRed([
        { id: 'tab', type: 'tab', label: 'tab', env: [{ name: 'IX_BOTH', value: 'of the flow', type: 'str' }] },
        { id: 'other', type: 'ix-client', z: 'tab' },
      ]);
      const options = { URL: url, headers: { 'X-Process': '${IX_PROCESS}', 'X-Both': '${IX_BOTH}' } };
      await ask('client', options, { z: 'tab' });
      await ask('client', options);
      const headers = [await heard.take(), await heard.take()].map((all) => [all['x-process'], all['x-both']]);
      assert.deepEqual(headers, [
        ['of the process', 'of the flow'],
        ['of the process', 'of the process'],
      ]);
    });

    it('says which is not set', async () => {
      const { ask } = await nodeRed();
      const { failure } = await ask('client', { URL: '${IX_NOT_SET}' });
      assert.deepEqual(failure, { option: 'URL', key: 'probe.noVariable', values: { name: 'IX_NOT_SET' } });
    });

    const long = `hush-${'0123456789'.repeat(12)}`;
    const told: readonly (readonly [what: string, ProbedSide, Options, variables: () => Promise<Record<string, string>>])[] = [
      [
        'a URL',
        'client',
        { URL: '${IX_URL}' },
        async () => ({ IX_URL: `ws://hush-user:hush-word@127.0.0.1:${await closedPort()}/hush-path?key=hush-key` }),
      ],
      ['a URL whose host is not found', 'client', { URL: '${IX_URL}' }, async () => ({ IX_URL: 'ws://hush-host.invalid/' })],
      ['a URL that is none', 'client', { URL: '${IX_URL}' }, async () => ({ IX_URL: 'hush://hush' })],
      [
        'a URL whose server redirects',
        'client',
        { URL: '${IX_URL}' },
        async () => ({ IX_URL: `ws://localhost:${await redirecting()}/hush-path` }),
      ],
      ['a number', 'server', { port: '${IX_PORT}' }, async () => ({ IX_PORT: 'hush-4242' })],
      ['a long text for a number', 'server', { port: '${IX_PORT}' }, async () => ({ IX_PORT: long })],
      ['a port', 'server', { port: '${IX_PORT}' }, async () => ({ IX_PORT: String(await closedPort()) })],
      ['a port in use', 'server', { port: '${IX_PORT}' }, async () => ({ IX_PORT: String((await wsServer()).port) })],
      ['an address', 'server', { port: 0, host: '${IX_HOST}' }, async () => ({ IX_HOST: '[::1]' })],
      ['a file', 'server', { port: 0, tls: true, certFile: '${IX_FILE}', keyFile: 'x' }, async () => ({ IX_FILE: '/hush/file.pem' })],
      ['ciphers', 'server', { port: 0, tls: true, ciphers: '${IX_CIPHERS}' }, async () => ({ IX_CIPHERS: 'hush-cipher' })],
      [
        'headers',
        'client',
        { URL: 'ws://127.0.0.1/', headers: '${IX_HEADERS}' },
        async () => ({ IX_HEADERS: '{"hush name":"hush value"}' }),
      ],
      [
        'a header that the server says back',
        'client',
        { headers: { 'X-Secret': '${IX_HEADER}' } },
        async () => ({ IX_HEADER: 'hush value' }),
      ],
      ['a subprotocol', 'client', { subProtocols: ['${IX_PROTOCOL}'] }, async () => ({ IX_PROTOCOL: 'hush-protocol' })],
    ];
    const redirecting = () => httpServer((_, response) => response.writeHead(302, { Location: '/hush-path' }).end());
    const echoing = () =>
      httpServer((request, response) => {
        const { 'x-secret': secret, 'sec-websocket-protocol': protocol } = request.headers;
        response.writeHead(404, `no ${secret ?? protocol}`).end();
      });

    for (const [what, side, options, variables] of told) {
      it(`shows the name and not the value of ${what}`, async () => {
        const values = await variables();
        environment(values);
        const { ask } = await nodeRed();
        const answer = await ask(side, side === 'client' ? { URL: `ws://127.0.0.1:${await echoing()}/`, ...options } : options);
        const text = JSON.stringify(answer);
        assert.ok(!/hush/.test(text), text);
        for (const value of Object.values(values)) assert.ok(!text.includes(value), text);
        for (const port of Object.values(values).flatMap((value) => /\d{4,5}(?=\/|$)/.exec(value) ?? [])) {
          assert.ok(!text.includes(port), text);
        }
      });
    }
  });

  describe('leaves nothing open', () => {
    const resources = () =>
      process
        .getActiveResourcesInfo()
        .filter((kind) => !/Immediate|TickObject|FSReq/.test(kind))
        .sort()
        .join();

    it('when it has succeeded, or has not', async () => {
      const { url } = await wsServer();
      const { ask } = await nodeRed();
      const all: readonly (readonly [ProbedSide, Options])[] = [
        ['client', { URL: url }],
        ['client', { URL: `ws://127.0.0.1:${await closedPort()}/` }],
        ['client', { URL: `ws://127.0.0.1:${await tcpServer((socket) => socket.resume())}/`, handshakeTimeoutSecs: 0.1 }],
        ['server', { port: 0 }],
        ['server', { port: 'x' }],
      ];
      const askAll = async () => {
        for (const [side, options] of all) await ask(side, options);
      };
      await askAll();
      const before = resources();
      for (let i = 0; i < 5; i++) await askAll();
      await until(() => resources() === before, 'what there was before').catch(() => assert.equal(resources(), before));
    });

    it('on a server whose port is tried: it is free again', async () => {
      const port = await closedPort();
      const { ask } = await nodeRed();
      await ask('server', { port });
      const server = createServer();
      await new Promise<void>((resolve, reject) => server.once('error', reject).listen(port, '127.0.0.1', resolve));
      await new Promise((resolve) => server.close(resolve));
    });

    const silent: readonly (readonly [phase: string, (closed: () => void) => Promise<string>])[] = [
      ['TCP', async (closed) => `wss://127.0.0.1:${await tcpServer((socket) => socket.resume().on('close', closed))}/`],
      [
        'TLS',
        async (closed) => `wss://127.0.0.1:${await tlsServer(secured(certs().server), (socket) => socket.resume().on('close', closed))}/`,
      ],
      ['HTTP', async (closed) => `ws://127.0.0.1:${await tcpServer((socket) => socket.resume().on('close', closed))}/`],
      [
        'ping',
        async (closed) => {
          const { url, peers } = await rawServer();
          void peers.take().then(({ ended }) => ended.then(closed));
          return url;
        },
      ],
    ];
    for (const [phase, serve] of silent) {
      it(`when the form is closed in the phase ${phase}`, async () => {
        let wasClosed = false;
        const URL = await serve(() => {
          wasClosed = true;
        });
        const { post } = await nodeRed();
        const closing = new AbortController();
        const asked = post('client', { id: 'new', options: { URL, caFile: 'NONE' } }, { signal: closing.signal });
        setTimeout(() => closing.abort(), 100);
        await assert.rejects(asked, { name: 'AbortError' });
        await until(() => wasClosed, 'the end of the connection', 1000);
      });
    }

    it('after 8 s without an answer, whatever the options say', async () => {
      const connected = new Queue<void>();
      const port = await tcpServer(() => connected.push());
      const { ask } = await nodeRed();
      const clock = fakeClock();
      const asked = ask('client', { URL: `ws://127.0.0.1:${port}/`, handshakeTimeoutSecs: 60 });
      await connected.take('a connection');
      await clock.tickAsync(8000);
      assert.match((await asked).failure?.errorStr ?? '', /timed out after 8 s/);
    });

    it('runs few at once, and is free again when they have ended', async () => {
      const { post, ask } = await nodeRed();
      const { url } = await wsServer();
      const closing = new AbortController();
      const port = await tcpServer();
      const three = [1, 2, 3].map(() =>
        post('client', { id: 'new', options: { URL: `ws://127.0.0.1:${port}/` } }, { signal: closing.signal }).catch(() => undefined),
      );
      await until(async () => (await post('client', { id: 'new', options: { URL: url } })).status === 429, 'too many');
      closing.abort();
      await Promise.all(three);
      await until(async () => (await post('client', { id: 'new', options: { URL: url } })).status === 200, 'room again');
      assert.equal((await ask('client', { URL: url })).failure, undefined);
    });
  });
});
