import assert from 'node:assert/strict';
import { randomBytes } from 'node:crypto';
import { certs } from '../../helpers/certs';
import { Nginx } from './nginx';
import { killPythonPeers, PythonPeer } from './python-peer';
import { data, freePort, type Held, NodeRed } from './runtime';

/** nginx terminates TLS in front of one server of ours. */
function nginxBefore(backend: number): Promise<Nginx> {
  const { certFile, keyFile } = certs().server;
  const upgrade = `
      proxy_pass http://127.0.0.1:${backend};
      proxy_http_version 1.1;
      proxy_set_header Upgrade $http_upgrade;
      proxy_set_header Connection "upgrade";
      proxy_set_header Host $host;
      proxy_set_header X-Forwarded-For $remote_addr;`;
  return Nginx.start(
    (port) => `
        server {
          listen 127.0.0.1:${port} ssl;
          ssl_certificate ${certFile}; ssl_certificate_key ${keyFile};
          location / {${upgrade}
          }
          location /impatient {${upgrade}
            proxy_read_timeout 1s;
          }
        }`,
  );
}

/** The system accepts and resets a connection to a process that is ending. */
const goneAway = /refused the connection|closed the connection before it answered/;

describe('nginx, which ends TLS before our server', () => {
  let nodeRed: NodeRed;
  let server: Held;
  let client: Held;
  let nginx: Nginx;

  before(async () => {
    nodeRed = await NodeRed.start();
    await nodeRed.deploy({ server: { side: 'server', port: await freePort(), maxPayload: 10_000_000 }, client: { side: 'client' } });
    [server, client] = [nodeRed.held('server'), nodeRed.held('client')];
    nginx = await nginxBefore((await server.start()).port);
    await server.rest();
  });
  beforeEach(async () => {
    await server.start();
  });
  afterEach(async () => {
    await killPythonPeers();
    await client.rest();
    await server.rest();
  });
  after(async () => {
    await nginx?.kill();
    await nodeRed?.stop();
  });

  const usual = () => ({
    caFile: certs().ca.certFile,
    enableAutomaticReconnection: false,
    enablePerMessageDeflate: true,
    pingInterval: 0,
    stableAfterMs: 5000,
  });
  const url = (path = '/') => `wss://localhost:${nginx.port}${path}`;
  const open = async (options: object = {}) => {
    const status = await client.start({ ...usual(), URL: url('/a%20b?c=d'), ...options });
    await client.event('Open');
    return { status, open: await server.event('Open') };
  };

  it('hands on the target and the headers of our client', async () => {
    const { status, open: heard } = await open({ headers: { 'X-Mine': 'yes' } });
    assert.deepEqual([status.http_status, status.uri], [101, '/a%20b?c=d']);
    assert.match(status.headers.Server, /^nginx/);
    assert.equal(heard.uri, '/a%20b?c=d');
    assert.deepEqual([heard.headers['X-Forwarded-For'], heard.headers['X-Mine']], ['127.0.0.1', 'yes']);
  });

  it('is believed where trustProxy names it, and what the client claims is not', async () => {
    const headers = { 'X-Forwarded-For': '192.0.2.7', Origin: 'https://localhost' };
    await server.rest();
    await server.start({ trustProxy: ['127.0.0.0/8'] });
    const { remoteIp, remotePort } = (await open({ headers })).open;
    // The port in the URL is that of nginx.
    assert.deepEqual([remoteIp, remotePort], ['127.0.0.1', undefined]);
    await client.rest();
    const status = await client.command('start', { ...usual(), URL: url(), headers: { ...headers, Origin: 'https://evil.example' } });
    assert.equal(status.http_status, 403);
    await server.rest();
    await server.start({ trustProxy: [] });
    assert.equal(typeof (await open({ headers })).open.remotePort, 'number');
  });

  for (const enablePerMessageDeflate of [true, false]) {
    it(`hands on messages both ways, small and large, ${enablePerMessageDeflate ? 'compressed' : 'not compressed'}`, async () => {
      const { status } = await open({ enablePerMessageDeflate });
      assert.equal('Sec-WebSocket-Extensions' in status.headers, enablePerMessageDeflate);
      for (const message of ['hello', '', 'Grüße 🎉'.repeat(50_000), randomBytes(2_000_000), Buffer.alloc(0)]) {
        const sent = await client.send(message);
        const heard = await server.event('Message');
        assert.deepEqual(data(heard), message);
        assert.equal(heard.wireSize, sent.wireSize);
        const { statuses } = await server.send(message);
        const answered = await client.event('Message');
        assert.deepEqual(data(answered), message);
        assert.equal(answered.wireSize, statuses[0].wireSize);
      }
    });
  }

  it('hands on 5,000 messages sent in one go, in order', async () => {
    const { peer } = await PythonPeer.connect({ url: url('/burst'), ca: certs().ca.certFile, deflate: 'default' });
    await server.event('Open');
    for (let at = 0; at < 5000; at++) peer.send(`message ${at}`);
    for (let at = 0; at < 5000; at++) assert.equal((await server.event('Message')).str, `message ${at}`);
  });

  it('forwards the code and the reason of a close from either side', async () => {
    await open();
    await client.command('stop', { code: 4001, reason: 'mine' });
    assert.deepEqual(await client.event('Close'), { code: 4001, reason: 'mine', remote: false });
    const { code, reason, remote } = await server.event('Close');
    assert.deepEqual({ code, reason, remote }, { code: 4001, reason: 'mine', remote: true });

    await open();
    await server.command('stop', { code: 4002, reason: 'yours' });
    assert.equal((await server.event('Close')).code, 4002);
    assert.deepEqual(await client.event('Close'), { code: 4002, reason: 'yours', remote: true });
  });

  it('is not trusted by a client that does not know its CA', async () => {
    const { success, errorStr } = await client.command('start', { ...usual(), URL: url(), caFile: 'SYSTEM' });
    assert.equal(success, false);
    assert.match(errorStr, /not trusted/);
  });

  it('answers 502 while our server is stopped, and the client says so', async () => {
    await server.command('stop');
    const { success, http_status, errorStr } = await client.command('start', { ...usual(), URL: url() });
    assert.deepEqual({ success, http_status }, { success: false, http_status: 502 });
    assert.match(errorStr, /502/);
  });

  it('ends a connection that is silent for too long: both sides receive 1006', async () => {
    await open({ URL: url('/impatient') });
    for (const held of [client, server]) {
      const { code, reason, remote } = await held.event('Close');
      assert.deepEqual({ code, reason, remote }, { code: 1006, reason: 'Abnormal closure', remote: false });
    }
  });

  it('keeps one that pingInterval keeps awake', async () => {
    await open({ URL: url('/impatient'), pingInterval: 0.3 });
    await new Promise((resolve) => setTimeout(resolve, 2500));
    assert.equal((await client.send('still here')).success, true);
    assert.equal((await server.event('Message')).str, 'still here');
  });

  it('that fails and returns is connected again', async () => {
    // With stableAfterMs the first Error would be about the short connection.
    await open({ enableAutomaticReconnection: true, stableAfterMs: 0 });
    await nginx.kill();
    assert.equal((await client.event('Close')).code, 1006);
    assert.equal((await server.event('Close')).code, 1006);
    assert.match((await client.event('Error')).reason, goneAway);
    await nginx.run();
    for (let heard = await client.any(); heard.event !== 'Open'; heard = await client.any()) assert.equal(heard.event, 'Error');
    await server.event('Open');
    await client.send('again');
    assert.equal((await server.event('Message')).str, 'again');
  });

  for (const deflate of [null, 'default']) {
    it(`hands on what a Python client says, ${deflate ? 'compressed' : 'not compressed'}`, async () => {
      const { peer } = await PythonPeer.connect({ url: url('/snake'), ca: certs().ca.certFile, deflate });
      assert.equal((await server.event('Open')).uri, '/snake');
      for (const message of ['hello', 'Grüße 🎉'.repeat(20_000), randomBytes(300_000)]) {
        peer.send(message);
        assert.deepEqual(data(await server.event('Message')), message);
        await server.send(message);
        assert.deepEqual(await peer.message(), message);
      }
      peer.do('ping', { data: 'through?' });
      await peer.hears('pong');
      peer.do('close', { code: 3210, reason: 'fertig' });
      const { code, reason } = await server.event('Close');
      assert.deepEqual({ code, reason }, { code: 3210, reason: 'fertig' });
    });
  }
});
