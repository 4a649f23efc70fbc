import assert from 'node:assert/strict';
import { randomBytes } from 'node:crypto';
import { certs } from '../../helpers/certs';
import { killPythonPeers, PythonPeer } from './python-peer';
import { data, type Held, type Msg, NodeRed } from './runtime';

const large = 'Grüße, 世界 🎉 '.repeat(40_000);
const messages: readonly (string | Buffer)[] = ['hello', '', large, Buffer.alloc(0), randomBytes(1_000_000), Buffer.from([0, 255, 128])];

/** The permessage-deflate parameters of a Python peer. */
const deflates: Record<string, unknown> = {
  'no compression': null,
  'compression by default': 'default',
  'no context takeover': { server_no_context_takeover: true, client_no_context_takeover: true },
  'a window of 9 bits each way': { server_max_window_bits: 9, client_max_window_bits: 9 },
  'a window of 12 bits and no context takeover': {
    server_max_window_bits: 12,
    client_max_window_bits: 12,
    server_no_context_takeover: true,
    client_no_context_takeover: true,
  },
};

const close = ({ code, reason, remote }: Msg) => ({ code, reason, remote });

/** The system accepts and resets a connection to a process that is ending. */
const goneAway = /refused the connection|closed the connection before it answered/;

describe("Debian's python3-websockets", () => {
  let nodeRed: NodeRed;
  let server: Held;
  let client: Held;
  before(async () => {
    nodeRed = await NodeRed.start();
  });
  after(() => nodeRed.stop());
  afterEach(killPythonPeers);

  /** Sends all messages in both directions, and asserts that they arrive complete, in order and with plausible sizes. */
  async function converse(peer: PythonPeer, held: Held, compressed: boolean, statusOf: (answer: Msg) => Msg): Promise<void> {
    for (const message of [...messages, ...messages]) {
      peer.send(message);
      const heard = await held.event('Message');
      assert.deepEqual(data(heard), message);
      assert.equal(heard.binary, typeof message !== 'string');
      const { success, payloadSize, wireSize } = statusOf(await held.send(message));
      assert.deepEqual({ success, payloadSize }, { success: true, payloadSize: Buffer.byteLength(message) });
      assert.deepEqual(await peer.message(), message);
      for (const size of [heard.wireSize, wireSize]) {
        if (!compressed) assert.equal(size, payloadSize);
        else if (message === large) assert.ok(size < payloadSize / 10, `${size} of ${payloadSize} bytes`);
      }
    }
  }

  describe('as a client of our server', () => {
    before(async () => {
      await nodeRed.deploy({ server: { side: 'server', maxPayload: 2_000_000 } });
      server = nodeRed.held('server');
    });
    afterEach(() => server.rest());
    const url = ({ port }: Msg, path = '/') => `ws://127.0.0.1:${port}${path}`;
    const statusOf = ({ statuses }: Msg) => statuses[0];

    for (const [what, deflate] of Object.entries(deflates)) {
      it(`with ${what} understands us, and we understand it`, async () => {
        const { peer, open } = await PythonPeer.connect({ url: url(await server.start()), deflate });
        assert.equal(open.extensions.length, deflate ? 1 : 0);
        await server.event('Open');
        await converse(peer, server, deflate !== null, statusOf);
        peer.do('close', { code: 3000, reason: 'genug' });
        assert.deepEqual(close(await server.event('Close')), { code: 3000, reason: 'genug', remote: true });
        assert.deepEqual(await peer.hears('close'), { code: 3000, reason: 'genug' });
      });
    }

    it('is distinguished from others by its target and headers', async () => {
      const { port } = await server.start();
      await PythonPeer.connect({ url: url({ port }, '/a%20b?c=d'), headers: { Authorization: 'Bearer x' } });
      const { uri, headers } = await server.event('Open');
      assert.deepEqual([uri, headers.Authorization], ['/a%20b?c=d', 'Bearer x']);
      assert.match(headers['User-Agent'], /Python\/.* websockets\//);
    });

    it('has its fragments joined', async () => {
      const { peer } = await PythonPeer.connect({ url: url(await server.start()), deflate: 'default' });
      await server.event('Open');
      peer.sendFragments('one ', '', 'two ', 'three');
      assert.equal((await server.event('Message')).str, 'one two three');
      peer.sendFragments(Buffer.from([1]), Buffer.from([2, 3]));
      assert.deepEqual(data(await server.event('Message')), Buffer.from([1, 2, 3]));
    });

    it('agrees on a subprotocol', async () => {
      const { open } = await PythonPeer.connect({
        url: url(await server.start({ subProtocols: ['two', 'three'] })),
        subprotocols: ['one', 'two', 'three'],
      });
      assert.equal(open.subprotocol, 'two');
      assert.equal((await server.event('Open')).protocol, 'two');
    });

    it('is accepted with the user and password of its URL', async () => {
      const { port } = await server.start({ auth: 'basic', user: 'ann', password: 'sesame' });
      await PythonPeer.connect({ url: url({ port }).replace('://', '://ann:sesame@') });
      const { user, headers } = await server.event('Open');
      assert.deepEqual([user, headers.Authorization], ['ann', '***']);
      await server.command('stop');
      await server.start({ auth: 'none' });
    });

    it('has its pings answered, and keeps the connection by its own keepalive', async () => {
      const { peer } = await PythonPeer.connect({ url: url(await server.start()), ping_interval: 0.1, ping_timeout: 0.5 });
      await server.event('Open');
      peer.do('ping', { data: 'are you there?' });
      await peer.hears('pong');
      await new Promise((resolve) => setTimeout(resolve, 1200));
      peer.send('still here');
      assert.equal((await server.event('Message')).str, 'still here');
    });

    it('answers our pings', async () => {
      const { peer } = await PythonPeer.connect({ url: url(await server.start({ pingInterval: 0.2 })) });
      await server.event('Open');
      await new Promise((resolve) => setTimeout(resolve, 1200));
      peer.send('still here');
      assert.equal((await server.event('Message')).str, 'still here');
      await server.command('stop', { code: 4000, reason: 'enough' });
      assert.deepEqual(await peer.hears('close'), { code: 4000, reason: 'enough' });
      assert.deepEqual(close(await server.event('Close')), { code: 4000, reason: 'enough', remote: false });
      await server.start({ pingInterval: 0 });
    });

    it('that closes without a code, or just leaves, is reported with its own code', async () => {
      const { port } = await server.start({ subProtocols: [] });
      const first = await PythonPeer.connect({ url: url({ port }) });
      await server.event('Open');
      first.peer.do('abort');
      assert.deepEqual(close(await server.event('Close')), { code: 1006, reason: 'Abnormal closure', remote: false });
      const second = await PythonPeer.connect({ url: url({ port }) });
      await server.event('Open');
      await second.peer.kill();
      assert.deepEqual(close(await server.event('Close')), { code: 1006, reason: 'Abnormal closure', remote: false });
    });

    it('that sends more than maxPayload is closed with 1009', async () => {
      const { peer } = await PythonPeer.connect({ url: url(await server.start()) });
      await server.event('Open');
      peer.send('x'.repeat(2_000_001));
      assert.match((await server.event('Error')).reason, /maxPayload/);
      assert.equal((await server.event('Close')).code, 1009);
      assert.equal((await peer.hears('close')).code, 1009);
    });

    it('receives a broadcast in its own way of compression, whichever that is', async () => {
      const { port } = await server.start();
      const peers: PythonPeer[] = [];
      for (const deflate of Object.values(deflates)) {
        peers.push((await PythonPeer.connect({ url: url({ port }), deflate })).peer);
        await server.event('Open');
      }
      for (const message of [...messages, 'again', ...messages]) {
        const { statuses, success } = await server.send(message);
        assert.deepEqual([statuses.length, success], [peers.length, true]);
        for (const peer of peers) assert.deepEqual(await peer.message(), message);
      }
      for (const peer of peers) {
        peer.send(large);
        assert.equal(data(await server.event('Message')), large);
      }
    });

    describe('over TLS', () => {
      const tls = () => ({ tls: true, certFile: certs().server.certFile, keyFile: certs().server.keyFile });
      const wss = ({ port }: Msg) => `wss://localhost:${port}/`;

      it('trusts our certificate, and converses', async () => {
        const { peer } = await PythonPeer.connect({ url: wss(await server.start(tls())), ca: certs().ca.certFile, deflate: 'default' });
        await server.event('Open');
        await converse(peer, server, true, statusOf);
        peer.do('close');
        assert.equal((await server.event('Close')).code, 1000);
      });

      it('does not connect where it does not trust it, and our Error says so', async () => {
        const peer = await PythonPeer.start();
        peer.do('connect', { url: wss(await server.start(tls())), ca: certs().foreignCa.certFile });
        assert.match((await peer.hears('failed')).reason, /certificate verify failed/i);
        assert.match((await server.event('Error')).reason, /TLS handshake failed/);
      });

      it('is accepted only with the client certificate that caFile requires', async () => {
        const { client: own, ca } = certs();
        const status = await server.start({ ...tls(), caFile: ca.certFile });
        const { peer } = await PythonPeer.connect({ url: wss(status), ca: ca.certFile, cert: own.certFile, key: own.keyFile });
        await server.event('Open');
        peer.do('close');
        await server.event('Close');
        const other = await PythonPeer.start();
        other.do('connect', { url: wss(status), ca: ca.certFile });
        await other.hears('failed');
        assert.match((await server.event('Error')).reason, /TLS handshake failed/);
      });
    });
  });

  describe('as a server of our client', () => {
    const usual = {
      enableAutomaticReconnection: false,
      enablePerMessageDeflate: true,
      perMessageDeflateOptions: {},
      subProtocols: [],
      pingInterval: 0,
      stableAfterMs: 5000,
      caFile: 'SYSTEM',
      headers: {},
    };
    before(async () => {
      await nodeRed.deploy({ client: { side: 'client' } });
      client = nodeRed.held('client');
    });
    afterEach(() => client.rest());
    const connect = (port: number, options: object = {}) =>
      client.start({ ...usual, URL: `ws://127.0.0.1:${port}/some/path?x=1`, ...options });

    for (const [what, deflate] of Object.entries(deflates)) {
      it(`with ${what} understands us, and we understand it`, async () => {
        const { peer, port } = await PythonPeer.serve({ deflate });
        const bits = (deflate as { client_max_window_bits?: number } | null)?.client_max_window_bits;
        await connect(port, { perMessageDeflateOptions: bits ? { clientMaxWindowBits: bits, serverMaxWindowBits: bits } : {} });
        const { path, extensions } = await peer.hears('open');
        assert.deepEqual([path, extensions.length], ['/some/path?x=1', deflate ? 1 : 0]);
        await client.event('Open');
        await converse(peer, client, deflate !== null, (status) => status);
        peer.do('close', { code: 4321, reason: 'genug' });
        assert.deepEqual(await client.event('Close'), { code: 4321, reason: 'genug', remote: true });
        assert.deepEqual(await peer.hears('close'), { code: 4321, reason: 'genug' });
      });
    }

    it('receives our close code and reason', async () => {
      const { peer, port } = await PythonPeer.serve();
      await connect(port);
      await peer.hears('open');
      await client.event('Open');
      await client.command('stop', { code: 3001, reason: 'später' });
      assert.deepEqual(await peer.hears('close'), { code: 3001, reason: 'später' });
      assert.deepEqual(await client.event('Close'), { code: 3001, reason: 'später', remote: false });
    });

    it('agrees on a subprotocol, and sees our headers and Basic authentication', async () => {
      const { peer, port } = await PythonPeer.serve({ subprotocols: ['two'] });
      const { protocol } = await connect(port, {
        URL: `ws://me:pa%20ss@127.0.0.1:${port}/`,
        subProtocols: ['one', 'two'],
        headers: { 'X-Mine': 'yes' },
      });
      assert.equal(protocol, 'two');
      const { headers, subprotocol } = await peer.hears('open');
      assert.equal(subprotocol, 'two');
      assert.deepEqual([headers.Authorization, headers['X-Mine']], [`Basic ${Buffer.from('me:pa ss').toString('base64')}`, 'yes']);
      assert.equal((await client.event('Open')).protocol, 'two');
    });

    it('that refuses us says why in http_status', async () => {
      const { port } = await PythonPeer.serve({ refuse: 403 });
      const { success, http_status, errorStr } = await client.command('start', { ...usual, URL: `ws://127.0.0.1:${port}/` });
      assert.deepEqual({ success, http_status }, { success: false, http_status: 403 });
      assert.match(errorStr, /403/);
    });

    it('that finds our message too big closes with 1009, and our Close says so', async () => {
      const { peer, port } = await PythonPeer.serve({ max_size: 1000 });
      await connect(port, { enablePerMessageDeflate: false });
      await peer.hears('open');
      await client.event('Open');
      await client.send('x'.repeat(1001));
      const { code, remote } = await client.event('Close');
      assert.deepEqual({ code, remote }, { code: 1009, remote: true });
    });

    it('keeps us by its keepalive, and we keep it by ours', async () => {
      const { peer, port } = await PythonPeer.serve({ ping_interval: 0.1, ping_timeout: 0.5 });
      await connect(port, { pingInterval: 0.2 });
      await peer.hears('open');
      await client.event('Open');
      await new Promise((resolve) => setTimeout(resolve, 1200));
      peer.do('ping', { data: 'still there?' });
      await peer.hears('pong');
      peer.send('still here');
      assert.equal((await client.event('Message')).str, 'still here');
    });

    it('that fails and returns is connected again, as the wait says', async () => {
      const { peer, port } = await PythonPeer.serve();
      // With stableAfterMs the first Error would be about the short connection.
      await connect(port, { enableAutomaticReconnection: true, stableAfterMs: 0 });
      await client.event('Open');
      await peer.kill();
      assert.deepEqual(await client.event('Close'), { code: 1006, reason: 'Abnormal closure', remote: false });
      const { retries, wait_time, reason } = await client.event('Error');
      assert.deepEqual({ retries, wait_time }, { retries: 1, wait_time: 100 });
      assert.match(reason, goneAway);
      assert.equal((await client.event('Error')).wait_time, 200);
      const { peer: next } = await PythonPeer.serve({ port });
      await next.hears('open');
      // The number of failed attempts depends on how fast Python starts.
      for (let heard = await client.any(); heard.event !== 'Open'; heard = await client.any()) assert.equal(heard.event, 'Error');
      next.send('here again');
      assert.equal((await client.event('Message')).str, 'here again');
    });

    describe('over TLS', () => {
      const own = () => ({ cert: certs().server.certFile, key: certs().server.keyFile });

      it('is trusted by its CA, and converses', async () => {
        const { peer, port } = await PythonPeer.serve({ ...own(), deflate: 'default' });
        await client.start({ ...usual, URL: `wss://localhost:${port}/`, caFile: certs().ca.certFile });
        await peer.hears('open');
        await client.event('Open');
        await converse(peer, client, true, (status) => status);
      });

      it('is not trusted without it', async () => {
        const { port } = await PythonPeer.serve(own());
        const { success, errorStr } = await client.command('start', { ...usual, URL: `wss://localhost:${port}/` });
        assert.equal(success, false);
        assert.match(errorStr, /not trusted/);
      });

      it('lets us in with a client certificate, and not without', async () => {
        const { ca, client: mine } = certs();
        const { peer, port } = await PythonPeer.serve({ ...own(), ca: ca.certFile });
        const URL = `wss://localhost:${port}/`;
        await client.start({ ...usual, URL, caFile: ca.certFile, certFile: mine.certFile, keyFile: mine.keyFile });
        await peer.hears('open');
        await client.event('Open');
        await client.command('stop');
        await client.event('Close');
        const { success, errorStr } = await client.command('start', { ...usual, URL, caFile: ca.certFile, certFile: '', keyFile: '' });
        assert.equal(success, false);
        assert.match(errorStr, /certificate/);
      });
    });
  });
});
