import assert from 'node:assert/strict';
import { spawn } from 'node:child_process';
import { certs } from '../../helpers/certs';
import { type Held, NodeRed, program } from './runtime';

/** Runs curl. @returns the head and the body of the response, and the exit code. */
async function curl(...args: string[]): Promise<{ status: number; headers: Record<string, string>; body: string; code: number | null }> {
  const child = spawn(
    program('/usr/bin/curl', 'curl'),
    ['--silent', '--show-error', '--include', '--max-time', '5', '--noproxy', '*', ...args],
    { stdio: 'pipe' },
  );
  let out = '';
  child.stdout.setEncoding('latin1').on('data', (chunk) => {
    out += chunk;
  });
  const code = await new Promise<number | null>((resolve) => child.once('close', resolve));
  const end = out.indexOf('\r\n\r\n');
  const [first = '', ...lines] = out.slice(0, end).split('\r\n');
  const headers = Object.fromEntries(
    lines.map((line) => [line.slice(0, line.indexOf(':')).toLowerCase(), line.slice(line.indexOf(':') + 1).trim()]),
  );
  return { status: Number(first.split(' ')[1]), headers, body: out.slice(end + 4), code };
}

const upgrade = ['Connection: Upgrade', 'Upgrade: websocket', 'Sec-WebSocket-Version: 13'].flatMap((header) => ['--header', header]);
const key = ['--header', 'Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ=='];

describe('curl at the port of our server', () => {
  let nodeRed: NodeRed;
  let server: Held;
  before(async () => {
    nodeRed = await NodeRed.start();
    await nodeRed.deploy({ server: { side: 'server' } });
    server = nodeRed.held('server');
  });
  afterEach(() => server.rest());
  after(() => nodeRed?.stop());

  const plain: Record<string, string[]> = {
    'a GET': [],
    'a GET of HTTP/1.0': ['--http1.0'],
    'a POST with a body': ['--data', 'x'.repeat(10_000)],
    'a PUT': ['--request', 'PUT'],
    'a DELETE': ['--request', 'DELETE'],
    'an upgrade to HTTP/2': ['--http2'],
  };
  for (const [what, args] of Object.entries(plain)) {
    it(`is answered 426 for ${what}, with the remedy`, async () => {
      const { port } = await server.start({ tls: false });
      const { status, headers, body, code } = await curl(...args, `http://127.0.0.1:${port}/some/path`);
      assert.deepEqual({ status, code }, { status: 426, code: 0 });
      assert.equal(headers.upgrade, 'websocket');
      assert.match(headers['content-type'] ?? '', /^text\/plain/);
      assert.match(body, /ws:\/\//);
    });
  }

  it('is answered 426 without a body for a HEAD', async () => {
    const { port } = await server.start({ tls: false });
    const { status, body, code } = await curl('--head', `http://127.0.0.1:${port}/`);
    assert.deepEqual({ status, body, code }, { status: 426, body: '', code: 0 });
  });

  it('is answered 426 over TLS', async () => {
    const { certFile, keyFile } = certs().server;
    const { port } = await server.start({ tls: true, certFile, keyFile });
    const { status, code } = await curl('--cacert', certs().ca.certFile, `https://localhost:${port}/`);
    assert.deepEqual({ status, code }, { status: 426, code: 0 });
  });

  it('is dropped where it speaks plain HTTP to TLS, and our Error says so', async () => {
    const { certFile, keyFile } = certs().server;
    const { port } = await server.start({ tls: true, certFile, keyFile });
    assert.notEqual((await curl(`http://127.0.0.1:${port}/`)).code, 0);
    assert.match((await server.event('Error')).reason, /TLS handshake failed/);
  });

  it('is upgraded when it asks as a WebSocket client does', async () => {
    const { port } = await server.start({ tls: false });
    const { status, headers } = await curl('--http1.1', '--max-time', '1', ...upgrade, ...key, `http://127.0.0.1:${port}/upgraded`);
    assert.deepEqual([status, headers['sec-websocket-accept']], [101, 's3pPLMBiTxaQ9kYGzzhZRbK+xOo=']);
    assert.equal((await server.event('Open')).uri, '/upgraded');
    assert.equal((await server.event('Close')).code, 1006);
  });

  it('is refused with 400 when it asks without a key, and our Error says so', async () => {
    const { port } = await server.start({ tls: false });
    const { status, code, body } = await curl('--http1.1', ...upgrade, `http://127.0.0.1:${port}/`);
    assert.deepEqual({ status, code }, { status: 400, code: 0 });
    assert.match(body, /Sec-WebSocket-Key/);
    const { http_status, reason } = await server.event('Error');
    assert.equal(http_status, 400);
    assert.match(reason, /Sec-WebSocket-Key/);
  });

  it('is asked to authenticate, does so, and is upgraded', async () => {
    const { port } = await server.start({ tls: false, auth: 'basic', user: 'ann', password: 'sesame' });
    const ask = (...more: string[]) => curl('--http1.1', '--max-time', '1', ...upgrade, ...key, ...more, `http://127.0.0.1:${port}/`);
    const refused = await ask('--user', 'ann:open');
    assert.deepEqual([refused.status, refused.headers['www-authenticate']], [401, 'Basic realm="WebSocket", charset="UTF-8"']);
    assert.equal((await server.event('Error')).http_status, 401);
    assert.equal((await ask('--user', 'ann:sesame')).status, 101);
    assert.equal((await server.event('Open')).user, 'ann');
    await server.rest();
    await server.start({ auth: 'none' });
  });
});
