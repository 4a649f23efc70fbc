import assert from 'node:assert/strict';
import type { Layer } from '../../../../src/options/read';
import { certs } from '../../../helpers/certs';
import { fakeClock } from '../../../helpers/clock';
import { lines, rawClient, readAll, tcpClient, upgradeRequest, wsClient } from '../../../helpers/peers';
import { until, within } from '../../../helpers/queue';
import { client, type ServerHarness, server } from '../../../helpers/sockets';
import { teardown } from '../../../helpers/teardown';

interface RejectedUpgrade {
  readonly status: number;
  readonly head: string;
  readonly body: string;
  readonly localPort: number | undefined;
}

/** Sends an upgrade request that is refused. @returns the response. */
async function refused(harness: ServerHarness, path: string, headers: readonly string[] = []): Promise<RejectedUpgrade> {
  const socket = await tcpClient(harness.port);
  const { localPort } = socket;
  const answered = readAll(socket);
  socket.write(upgradeRequest(path, headers));
  const [head = '', body = ''] = (await answered).split('\r\n\r\n');
  return { status: Number(/^HTTP\/1\.1 (\d+) /.exec(head)?.[1]), head, body, localPort };
}

/** Returns the statuses of upgrades with these headers: 101 if accepted. */
async function status(harness: ServerHarness, path: string, headers: readonly string[] = []): Promise<number> {
  const socket = await tcpClient(harness.port);
  const first = within(new Promise<Buffer>((resolve) => socket.once('data', resolve)), 'an answer');
  socket.write(upgradeRequest(path, headers));
  const code = Number(/^HTTP\/1\.1 (\d+) /.exec((await first).toString('latin1'))?.[1]);
  socket.destroy();
  return code;
}

const basic = (text: string) => `Authorization: Basic ${Buffer.from(text).toString('base64')}`;
const ann = { auth: 'basic', user: 'ann', password: 'sesame' };
const bearer = { auth: 'bearer', token: 'sesame', tokenParameter: 'token' };

describe('an upgrade that the options of a server do not grant', () => {
  afterEach(teardown);

  const rows: [title: string, options: Layer, path: string, headers: string[], status: number, reason: RegExp][] = [
    ['path', { path: '/chat' }, '/other?q', [], 404, /its path is the string "\/other", and path is the string "\/chat"\.$/],
    [
      'allowedOrigins',
      {},
      '/',
      ['Origin: https://evil.example'],
      403,
      /its Origin is the string "https:\/\/evil\.example", its Host the string "localhost", and allowedOrigins lets in no pages from there\. Add https:\/\/evil\.example to it if you trust them\.$/,
    ],
    [
      'allowedOrigins, in the header of version 8,',
      {},
      '/',
      ['Sec-WebSocket-Origin: https://evil.example'],
      403,
      /its Origin is the string "https:\/\/evil\.example"/,
    ],
    ['auth basic', ann, '/', [], 401, /it shows no user and password, which auth asks for\.$/],
    ['auth basic', ann, '/', [basic('ann:open')], 401, /its user or its password is wrong\.$/],
    ['auth bearer', bearer, '/', [], 401, /it shows no token, which auth asks for\.$/],
    ['auth bearer', bearer, '/?token=open', [], 401, /its token is wrong\.$/],
  ];
  for (const [title, options, path, headers, status, reason] of rows) {
    it(`because of ${title} is answered ${status}, and reported as an Error with the client's address`, async () => {
      const harness = await server(options).open();
      const { localPort, head, body, ...answer } = await refused(harness, path, headers);
      assert.equal(answer.status, status);
      assert.match(head, /\r\nConnection: close/);
      assert.equal(/\r\nWWW-Authenticate: (\w+)/.exec(head)?.[1]?.toLowerCase(), status === 401 ? options.auth : undefined);
      assert.equal(Number(/Content-Length: (\d+)/.exec(head)?.[1]), body.length);
      const error = await harness.next('Error');
      assert.match(error.reason, new RegExp(`^The upgrade was refused with ${status}: `));
      assert.match(error.reason, reason);
      assert.deepEqual(
        { ...error, reason: '' },
        {
          retries: 0,
          wait_time: 0,
          http_status: status,
          reason: '',
          decompressionError: false,
          count: 1,
          uri: path.replace('=open', '=***'),
          remoteIp: '127.0.0.1',
          remotePort: localPort,
        },
      );
      assert.deepEqual(harness.names, ['Error']);
    });

    it(`because of ${title} reveals no option to the client: ${status}`, async () => {
      const harness = await server(options).open();
      const { head, body } = await refused(harness, path, headers);
      for (const secret of ['/chat', 'sesame', 'ann', 'evil', 'allowedOrigins', 'auth ']) {
        assert.equal(`${head}${body}`.includes(secret), false, `${secret} in ${head} ${body}`);
      }
    });
  }

  it('leaves the server as it was: the next gets in', async () => {
    const harness = await server(ann).open();
    assert.equal(await status(harness, '/'), 401);
    await harness.next('Error');
    await wsClient(harness.url().replace('://', '://ann:sesame@'));
    await harness.next('Open');
  });

  it('is a failure with that status for a client of ours', async () => {
    const harness = await server(ann).open();
    const { success, http_status, errorStr = '' } = await client({ URL: harness.url(), user: 'ann', password: 'open' }).start();
    assert.deepEqual([success, http_status], [false, 401]);
    assert.match(errorStr, /401/);
  });

  it('is refused over TLS too', async () => {
    const { certFile, keyFile } = certs().server;
    const harness = await server({ tls: true, certFile, keyFile, ...ann }).open();
    await assert.rejects(rawClient(harness.port, { tls: { rejectUnauthorized: false } }), /401/);
    assert.equal((await harness.next('Error')).http_status, 401);
    await rawClient(harness.port, { tls: { rejectUnauthorized: false }, headers: [basic('ann:sesame')] });
    assert.equal((await harness.next('Open')).user, 'ann');
  });

  it('is refused by its path first, then by its origin, then by what it shows, then by its number', async () => {
    const harness = await server({ path: '/chat', maxConnectionsPerIp: 1, ...ann }).open();
    const [origin, wrong, right] = ['Origin: https://evil.example', basic('a:b'), basic('ann:sesame')];
    await rawClient(harness.port, { path: '/chat', headers: [right] });
    assert.equal(await status(harness, '/', [origin, wrong]), 404);
    assert.equal(await status(harness, '/chat', [origin, wrong]), 403);
    assert.equal(await status(harness, '/chat', [wrong]), 401);
    assert.equal(await status(harness, '/chat', [right]), 429);
  });

  it('of a request that is not a WebSocket either is refused by these rules', async () => {
    const harness = await server(ann).open();
    assert.equal(await status(harness, '/', ['Sec-WebSocket-Version: 7']), 401);
  });
});

describe('path', () => {
  afterEach(teardown);

  const rows: [path: string | undefined, target: string, status: number][] = [
    [undefined, '/any/path', 101],
    ['', '/any/path', 101],
    ['/chat', '/chat', 101],
    ['/chat', '/chat?room=1', 101],
    ['/chat', '/chat?', 101],
    ['/chat', '/chat#x', 101],
    ['/chat', 'http://localhost/chat?room=1', 101],
    ['/chat', '/chat/', 404],
    ['/chat', '/chat/room', 404],
    ['/chat', '/Chat', 404],
    ['/chat', '/', 404],
    ['/chat', '/?/chat', 404],
    ['/chat', '//chat', 404],
    ['/chat', '*', 404],
    ['/chat', 'http://chat/', 404],
    ['/', 'http://localhost', 101],
    ['/', '/', 101],
    ['/café', '/caf%C3%A9', 101],
    ['/caf%C3%A9', '/caf%C3%A9', 101],
  ];
  for (const [path, target, code] of rows) {
    it(`${path === undefined ? 'that is not set' : JSON.stringify(path)} answers ${target} with ${code}`, async () => {
      assert.equal(await status(await server({ path }).open(), target), code);
    });
  }

  const named: [path: string, target: string, params: Record<string, string> | undefined][] = [
    ['/ocpp/:id', '/ocpp/CP001', { id: 'CP001' }],
    ['/ocpp/:id', '/ocpp/CP%20001?x=1', { id: 'CP 001' }],
    ['/ocpp/:id', '/ocpp/a%2Fb', { id: 'a/b' }],
    ['/ocpp/:id', '/ocpp/%zz', { id: '%zz' }],
    ['/ocpp/:id', '/ocpp/__proto__', { id: '__proto__' }],
    ['/ocpp/:id', 'http://localhost/ocpp/CP001', { id: 'CP001' }],
    ['/ocpp/:id', `/ocpp/${'x'.repeat(1024)}`, { id: 'x'.repeat(1024) }],
    ['/ocpp/:id', `/ocpp/${'x'.repeat(1025)}`, undefined],
    ['/ocpp/:id', '/ocpp/', undefined],
    ['/ocpp/:id', '/ocpp', undefined],
    ['/ocpp/:id', '/ocpp/a/b', undefined],
    ['/ocpp/:id', '/other/a', undefined],
    ['/:site/ocpp/:id', '/north/ocpp/7', { site: 'north', id: '7' }],
    ['/r\u00f6m/:id', '/r%C3%B6m/7', { id: '7' }],
    ['/ocpp/*', '/ocpp/CP001', { '*': 'CP001' }],
    ['/ocpp/*', '/ocpp/a/b%20c', { '*': 'a/b c' }],
    ['/ocpp/*', '/ocpp/', { '*': '' }],
    ['/ocpp/*', '/ocpp', undefined],
    ['/ocpp/*', '/ocppx/a', undefined],
    ['/:site/*', '/north/a/b', { site: 'north', '*': 'a/b' }],
    ['/*', '/', { '*': '' }],
    ['/*', '/a/b', { '*': 'a/b' }],
  ];
  for (const [path, target, params] of named) {
    it(`${path} answers ${target.slice(0, 30)} with ${params ? `101, and Open and information have ${JSON.stringify(params).slice(0, 30)}` : 404}`, async () => {
      const harness = await server({ path }).open();
      assert.equal(await status(harness, target), params ? 101 : 404);
      if (!params) return;
      assert.deepEqual((await harness.next('Open')).params, params);
    });
  }

  it('whose parts have names gives each event and the information params of its own', async () => {
    const harness = await server({ path: '/ocpp/:id' }).open();
    const peer = await wsClient(harness.url('/ocpp/CP001'));
    const expected = { id: 'CP001' };
    const open = await harness.next('Open');
    assert.deepEqual(open.params, expected);
    Object.assign(open.params ?? {}, { id: 'changed' });
    const [one] = harness.socket.info().connections;
    assert.deepEqual(one?.params, expected);
    Object.assign(one?.params ?? {}, { id: 'changed' });
    peer.ws.send('x');
    const message = await harness.next('Message');
    assert.deepEqual(message.params, expected);
    Object.assign(message.params ?? {}, { id: 'changed' });
    peer.ws.close(1000);
    assert.deepEqual((await harness.next('Close')).params, expected);
  });

  it('that is exact gives no params', async () => {
    const harness = await server({ path: '/chat' }).open();
    await wsClient(harness.url('/chat'));
    assert.equal('params' in (await harness.next('Open')), false);
    assert.equal('params' in (harness.socket.info().connections[0] ?? {}), false);
  });

  it('may be another at another start', async () => {
    const harness = await server({ path: '/one' }).open();
    await harness.stop();
    await harness.open({ path: '/two' });
    assert.deepEqual([await status(harness, '/one'), await status(harness, '/two')], [404, 101]);
    await harness.stop();
    await harness.open({ path: '' });
    assert.equal(await status(harness, '/one'), 101);
  });
});

describe('allowedOrigins', () => {
  afterEach(teardown);

  const rows: [options: Layer, headers: string[], status: number][] = [
    [{}, [], 101],
    [{}, ['Origin: http://localhost:1880'], 101],
    [{}, ['Origin: http://127.0.0.1'], 101],
    [{}, ['Origin: null'], 403],
    [{}, ['Origin: '], 101],
    [{}, ['Origin:   ', 'Sec-WebSocket-Origin: '], 101],
    [{}, ['Origin: ', 'Sec-WebSocket-Origin: http://evil.example'], 403],
    [{}, ['Origin: http://evil.example'], 403],
    [{}, ['Origin: file://', 'User-Agent: arduino-WebSocket-Client'], 101],
    [{}, ['Origin: https://github.com/gilmaimon/TinyWebsockets'], 101],
    [{}, ['Origin: file://', 'User-Agent: Mozilla/5.0'], 403],
    [{ trustProxy: ['127.0.0.1'] }, ['Origin: http://esp.local', 'User-Agent: esp'], 403],
    [{}, ['Origin: http://esp.local', 'User-Agent: esp'], 101],
    [{ allowedOrigins: ['https://a.example'] }, ['Origin: file://', 'User-Agent: arduino-WebSocket-Client'], 403],
    [{ allowedOrigins: ['https://a.example', 'same host'] }, ['Origin: file://', 'User-Agent: arduino-WebSocket-Client'], 101],
    [{}, ['Origin: http://localhost', 'Origin: http://evil.example'], 403],
    [{}, ['origin: http://evil.example'], 403],
    [{}, ['X-Forwarded-Host: evil.example', 'Origin: http://evil.example'], 403],
    [{ trustProxy: ['127.0.0.1'] }, ['X-Forwarded-Host: public.example', 'Origin: https://public.example'], 101],
    [{ trustProxy: ['127.0.0.1'] }, ['X-Forwarded-Host: public.example', 'Origin: https://evil.example'], 403],
    [{ trustProxy: ['127.0.0.2'] }, ['X-Forwarded-Host: public.example', 'Origin: https://public.example'], 403],
    [{ allowedOrigins: ['*'] }, ['Origin: http://evil.example'], 101],
    [{ allowedOrigins: ['*'] }, ['Origin: null'], 101],
    [{ allowedOrigins: ['https://a.example'] }, ['Origin: https://a.example'], 101],
    [{ allowedOrigins: ['https://a.example'] }, ['Origin: http://localhost'], 403],
    [{ allowedOrigins: ['https://a.example', 'same host'] }, ['Origin: http://localhost'], 101],
    [{ allowedOrigins: [] }, ['Origin: http://localhost'], 403],
    [{ allowedOrigins: [] }, [], 101],
  ];
  for (const [options, headers, code] of rows) {
    it(`${JSON.stringify(options)} answers ${headers.join(', ') || 'a request without Origin'} with ${code}`, async () => {
      assert.equal(await status(await server(options).open(), '/', headers), code);
    });
  }

  it('refuses a page whose name resolves to a loopback address, as DNS rebinding has it', async () => {
    const harness = await server().open();
    const socket = await tcpClient(harness.port);
    const first = within(new Promise<Buffer>((resolve) => socket.once('data', resolve)), 'an answer');
    const page = ['Origin: http://rebound.example', 'User-Agent: Mozilla/5.0', 'Pragma: no-cache'];
    socket.write(upgradeRequest('/', page).replace(/Host: .*/, 'Host: rebound.example'));
    assert.match((await first).toString('latin1'), /^HTTP\/1\.1 403 /);
  });

  for (const [origin, host] of [
    ['https://ha.example:8443', 'ha.example'],
    ['https://ha.example', 'ha.example:443'],
    ['http://HA.example.', 'ha.example'],
    ['http://[fd00::1]:1880', '[fd00::1]:8080'],
  ] as const) {
    it(`lets in a program that writes ${origin} and connects to ${host}`, async () => {
      const harness = await server().open();
      const socket = await tcpClient(harness.port);
      const first = within(new Promise<Buffer>((resolve) => socket.once('data', resolve)), 'an answer');
      socket.write(upgradeRequest('/', [`Origin: ${origin}`]).replace(/Host: .*/, `Host: ${host}`));
      assert.match((await first).toString('latin1'), /^HTTP\/1\.1 101 /);
    });
  }

  it('refuses a page without Host, or with a second one', async () => {
    const harness = await server().open();
    const asked = async (...hosts: string[]) => {
      const socket = await tcpClient(harness.port);
      const answered = readAll(socket);
      const request = upgradeRequest('/', ['Origin: http://evil.example']);
      socket.write(request.replace('Host: localhost\r\n', hosts.map((host) => `Host: ${host}\r\n`).join('')));
      return /^HTTP\/1\.1 (\d+)/.exec(await answered)?.[1];
    };
    assert.equal(await asked('localhost'), '403');
    assert.equal(await asked('localhost', 'evil.example'), '403');
    assert.equal(await asked(), '403');
  });
});

describe('auth', () => {
  afterEach(teardown);

  it('basic accepts user and password, and its Open contains the user', async () => {
    const harness = await server(ann).open();
    await wsClient(harness.url().replace('://', '://ann:sesame@'));
    const { user, headers } = await harness.next('Open');
    assert.equal(user, 'ann');
    assert.equal(headers.Authorization, '***');
  });

  it('basic accepts a client of ours, by its credentials and by its URL', async () => {
    const harness = await server(ann).open();
    await client({ URL: harness.url(), user: 'ann', password: 'sesame' }).open();
    await client({ URL: harness.url().replace('://', '://ann:sesame@') }).open();
    assert.equal((await harness.next('Open')).user, 'ann');
    assert.equal((await harness.next('Open')).user, 'ann');
  });

  it('bearer accepts the token in the header, and reports no user', async () => {
    const harness = await server(bearer).open();
    await client({ URL: harness.url(), headers: { Authorization: 'Bearer sesame' } }).open();
    const open = await harness.next('Open');
    assert.equal('user' in open, false);
    assert.equal(open.headers.Authorization, '***');
  });

  it('bearer accepts the token in the query, if tokenParameter names it', async () => {
    const harness = await server(bearer).open();
    assert.equal(await status(harness, '/?a=b&token=sesame'), 101);
    assert.equal(await status(harness, '/?other=sesame'), 401);
  });

  it('bearer looks at no query, where tokenParameter names none', async () => {
    const harness = await server({ ...bearer, tokenParameter: '' }).open();
    assert.equal(await status(harness, '/?token=sesame'), 401);
    assert.equal(await status(harness, '/?=sesame'), 401);
  });

  it('none leaves Authorization to the flow, which may look at it', async () => {
    const harness = await server().open();
    await rawClient(harness.port, { headers: ['Authorization: Custom abc'] });
    assert.equal((await harness.next('Open')).headers.Authorization, 'Custom abc');
  });

  for (const [title, options] of [
    ['no password', { auth: 'basic', user: 'ann' }],
    ['no token', { auth: 'bearer' }],
    ['a variable that is not set', { auth: 'bearer', token: '${IX_NO_SUCH}' }],
  ] as const) {
    it(`with ${title} does not start, and stays as it was`, async () => {
      const harness = server();
      await assert.rejects(harness.start(options), { code: 'ERR_OPTION' });
      await harness.open();
      assert.equal(await status(harness, '/'), 101);
    });

    it(`with ${title} is reported when the options are checked`, () => {
      assert.throws(() => server(options).socket.check(), { code: 'ERR_OPTION' });
    });
  }

  it('shows the token nowhere, at any place and in any escaped form', async () => {
    const harness = await server({ ...bearer, token: 'a b+c/d', path: '/chat' }).open();
    const forms = ['a b+c/d', 'a%20b+c/d', 'a%20b%2Bc%2Fd', 'a+b%2Bc%2Fd'];
    for (const form of forms.slice(1)) {
      await refused(harness, `/chat?Token=${form}`, [`Referer: http://here.example/login?next=/chat?token=${form}`]);
      assert.equal((await harness.next('Error')).uri, '/chat?Token=***');
      await refused(harness, `/${form}`);
      assert.match((await harness.next('Error')).reason, /its path is the string "\/\*\*\*"/);
    }
    await wsClient(harness.url('/chat?token=a%20b%2Bc%2Fd'), [], { headers: { 'X-Args': forms.join(' token=') } });
    const open = await harness.next('Open');
    assert.deepEqual([open.uri, open.headers['X-Args']], ['/chat?token=***', '*** token=*** token=*** token=***']);
  });

  it('shows the token in no event, no information and no status of a send', async () => {
    const harness = await server(bearer).open();
    const secret = 's%65same';
    const peer = await wsClient(harness.url(`/chat?token=${secret}&room=1`), [], { headers: { 'X-Original-URI': '/chat?token=sesame' } });
    const shown = '/chat?token=***&room=1';
    assert.equal((await harness.next('Open')).uri, shown);
    peer.ws.send('hello');
    assert.equal((await harness.next('Message')).uri, shown);
    assert.deepEqual(harness.socket.info().clients, [shown]);
    const statuses = await harness.send('hi', { uri: [shown] });
    assert.deepEqual(
      statuses.map(({ uri }) => uri),
      [shown],
    );
    assert.deepEqual(await harness.send('hi', { uri: [`/chat?token=${secret}&room=1`] }), []);
    const information = JSON.stringify(harness.socket.info());
    peer.ws.close();
    assert.equal((await harness.next('Close')).uri, shown);
    for (const bad of [`/?token=${secret}x`, '/?token=sesame&x=%']) {
      await status(harness, bad, ['Sec-WebSocket-Version: 7', 'Authorization: Bearer sesame']);
    }
    await refused(harness, '/?token=sesame', ['Upgrade: h2c']);
    await until(() => harness.names.filter((name) => name === 'Error').length >= 2, 'the errors');
    const told = JSON.stringify([harness.events.all, information, statuses, harness.log.warnings, harness.changes]);
    assert.equal(/s(e|%65)same/.test(told), false, told);
  });
});

describe('maxConnectionsPerIp', () => {
  afterEach(teardown);

  it('refuses one more with 429, and says who has how many', async () => {
    const harness = await server({ maxConnectionsPerIp: 2 }).open();
    await wsClient(harness.url());
    await wsClient(harness.url());
    assert.equal((await refused(harness, '/')).status, 429);
    await harness.next('Open');
    await harness.next('Open');
    const { reason, remoteIp } = await harness.next('Error');
    assert.match(reason, /refused with 429: 127\.0\.0\.1 has 2 connections, as many as maxConnectionsPerIp allows\.$/);
    assert.equal(remoteIp, '127.0.0.1');
  });

  for (const none of [{}, { maxConnectionsPerIp: 0 }]) {
    it(`${JSON.stringify(none)} means no limit`, async () => {
      const harness = await server(none).open();
      for (let i = 0; i < 10; i++) await wsClient(harness.url());
    });
  }

  it('gives the place of one that has gone to the next, however it went', async () => {
    const harness = await server({ maxConnectionsPerIp: 1 }).open();
    for (const leave of ['close', 'terminate'] as const) {
      const peer = await wsClient(harness.url());
      await harness.next('Open');
      assert.equal(await status(harness, '/'), 429);
      await harness.next('Error');
      peer.ws[leave]();
      await harness.next('Close');
    }
    await wsClient(harness.url());
  });

  it('counts those who stay, when one has gone', async () => {
    const harness = await server({ maxConnectionsPerIp: 2 }).open();
    const first = await wsClient(harness.url());
    await wsClient(harness.url());
    await harness.next('Open');
    await harness.next('Open');
    first.ws.close();
    await harness.next('Close');
    await wsClient(harness.url());
    assert.equal(await status(harness, '/'), 429);
  });

  it('does not count who was refused, or is in the handshake', async () => {
    const harness = await server({ maxConnectionsPerIp: 1, ...ann }).open();
    for (let i = 0; i < 3; i++) assert.equal(await status(harness, '/'), 401);
    await tcpClient(harness.port);
    assert.equal(await status(harness, '/', [basic('ann:sesame')]), 101);
  });

  it('counts nobody of before a stop', async () => {
    const harness = await server({ maxConnectionsPerIp: 1 }).open();
    for (let i = 0; i < 3; i++) {
      await wsClient(harness.url());
      await harness.stop();
      await harness.open();
    }
  });

  it('counts each address for itself', async () => {
    const harness = await server({ maxConnectionsPerIp: 1, trustProxy: ['127.0.0.1'] }).open();
    const from = (address: string) => [`X-Forwarded-For: ${address}`];
    await rawClient(harness.port, { headers: from('192.0.2.7') });
    await rawClient(harness.port, { headers: from('192.0.2.8') });
    assert.equal(await status(harness, '/', from('192.0.2.7')), 429);
    assert.equal(await status(harness, '/', from('192.0.2.9, 192.0.2.8')), 429, 'what a client claims does not count');
  });

  it('counts an IPv6 address by its /64, and an IPv4-mapped one as IPv4', async () => {
    const harness = await server({ maxConnectionsPerIp: 1, trustProxy: ['127.0.0.1'] }).open();
    const from = (address: string) => [`X-Forwarded-For: ${address}`];
    await rawClient(harness.port, { headers: from('2001:db8:1:2::1') });
    assert.equal(await status(harness, '/', from('2001:DB8:1:2:ffff::2')), 429);
    await rawClient(harness.port, { headers: from('2001:db8:1:3::1') });
    await rawClient(harness.port, { headers: from('192.0.2.7') });
    assert.equal(await status(harness, '/', from('0:0:0:0:0:ffff:192.0.2.7')), 429);
  });

  it('counts the proxy itself, where it is not trusted', async () => {
    const harness = await server({ maxConnectionsPerIp: 1 }).open();
    await rawClient(harness.port, { headers: ['X-Forwarded-For: 192.0.2.7'] });
    assert.equal(await status(harness, '/', ['X-Forwarded-For: 192.0.2.8']), 429);
  });
});

describe('maxRefusalsPerAddress', () => {
  afterEach(teardown);

  const [wrong, right] = [basic('ann:open'), basic('ann:sesame')];
  const from = (address: string) => `X-Forwarded-For: ${address}`;

  it('answers 429 after 5 wrong logins, with Retry-After, to right ones too, and reports an Error', async () => {
    const clock = fakeClock({ withPerformance: true });
    const harness = await server(ann).open();
    for (let i = 0; i < 5; i++) assert.equal(await status(harness, '/', [wrong]), 401);
    assert.match((await refused(harness, '/', [right])).head, /^HTTP\/1\.1 429 .*\r\n(.*\r\n)*Retry-After: 1(\r\n|$)/);
    assert.equal((await harness.next('Error')).http_status, 401);
    const { reason, http_status } = await harness.next('Error');
    assert.match(
      reason,
      /refused with 429: 127\.0\.0\.1 showed wrong credentials too often, and is blocked for 1 s \(maxRefusalsPerAddress\)\.$/,
    );
    assert.equal(http_status, 429);
    clock.tick(1000);
    const { http_status: gathered, count } = await harness.next('Error');
    assert.deepEqual([gathered, count], [401, 4]);
    assert.equal(await status(harness, '/', [right]), 101);
  });

  it('blocks for twice as long with each further wrong login', async () => {
    const clock = fakeClock({ withPerformance: true });
    const harness = await server({ ...ann, maxRefusalsPerAddress: 1 }).open();
    for (const seconds of [1, 2, 4]) {
      assert.equal(await status(harness, '/', [wrong]), 401);
      clock.tick(seconds * 1000 - 1);
      assert.equal(await status(harness, '/', [right]), 429);
      clock.tick(1);
    }
    assert.equal(await status(harness, '/', [right]), 101);
  });

  it('counts from 0 after right credentials', async () => {
    const harness = await server({ ...ann, maxRefusalsPerAddress: 2 }).open();
    for (const [shown, code] of [
      [wrong, 401],
      [right, 101],
      [wrong, 401],
      [right, 101],
      [wrong, 401],
      [wrong, 401],
      [right, 429],
    ] as const) {
      assert.equal(await status(harness, '/', [shown]), code);
    }
  });

  it('does not count requests without credentials', async () => {
    const harness = await server({ ...ann, maxRefusalsPerAddress: 1 }).open();
    for (let i = 0; i < 3; i++) assert.equal(await status(harness, '/'), 401);
    assert.equal(await status(harness, '/', [right]), 101);
  });

  it('0 blocks nobody', async () => {
    const harness = await server({ ...ann, maxRefusalsPerAddress: 0 }).open();
    for (let i = 0; i < 10; i++) assert.equal(await status(harness, '/', [wrong]), 401);
    assert.equal(await status(harness, '/', [right]), 101);
  });

  it('counts each address for itself, an IPv6 address by its /64, and an IPv4-mapped one as IPv4', async () => {
    const harness = await server({ ...ann, maxRefusalsPerAddress: 1, trustProxy: ['127.0.0.1'] }).open();
    assert.equal(await status(harness, '/', [from('2001:db8::1'), wrong]), 401);
    assert.equal(await status(harness, '/', [from('2001:db8::ffff:2'), right]), 429);
    assert.equal(await status(harness, '/', [from('2001:db8:0:1::1'), right]), 101);
    assert.equal(await status(harness, '/', [from('::ffff:c000:207'), wrong]), 401);
    assert.equal(await status(harness, '/', [from('192.0.2.7'), right]), 429);
    assert.equal(await status(harness, '/', [from('192.0.2.8'), right]), 101);
  });
});

describe('refusals of one address within a second', () => {
  afterEach(teardown);

  it('are distinguished by their reason if their status is the same', async () => {
    const harness = await server({ ...ann }).open();
    assert.equal(await status(harness, '/'), 401);
    assert.equal(await status(harness, '/', [basic('ann:open')]), 401);
    assert.match((await harness.next('Error')).reason, /shows no user/);
    assert.match((await harness.next('Error')).reason, /is wrong/);
  });

  it('are reported before a stop is over', async () => {
    const harness = await server({ path: '/chat' }).open();
    for (const path of ['/1', '/2', '/3']) assert.equal(await status(harness, path), 404);
    await harness.stop();
    assert.deepEqual(
      [await harness.next('Error'), await harness.next('Error')].map(({ uri, count }) => [uri, count]),
      [
        ['/1', 1],
        ['/3', 2],
      ],
    );
  });
});

describe('trustProxy', () => {
  afterEach(teardown);

  it('gives the address of the client in each event, in information, and in an Error', async () => {
    const harness = await server({ trustProxy: ['127.0.0.0/8'], path: '/' }).open();
    const headers = ['X-Forwarded-For: 1.1.1.1, 192.0.2.7:1234'];
    const peer = await rawClient(harness.port, { headers });
    const place = { remoteIp: '192.0.2.7', remotePort: 1234 };
    const of = ({ remoteIp, remotePort }: { remoteIp?: string | undefined; remotePort?: number | undefined }) => ({ remoteIp, remotePort });
    assert.deepEqual(of(await harness.next('Open')), place);
    assert.deepEqual(of(harness.socket.info().connections[0] ?? {}), place);
    peer.send(1, 'hi');
    assert.deepEqual(of(await harness.next('Message')), place);
    peer.socket.destroy();
    assert.deepEqual(of(await harness.next('Close')), place);
    await status(harness, '/other', headers);
    assert.deepEqual(of(await harness.next('Error')), place);
  });

  it('leaves the port open where the proxy does not say it: the one there is belongs to the proxy', async () => {
    const harness = await server({ trustProxy: ['127.0.0.1'] }).open();
    await rawClient(harness.port, { headers: ['X-Forwarded-For: 192.0.2.7'] });
    const { remoteIp, remotePort } = await harness.next('Open');
    assert.deepEqual([remoteIp, remotePort], ['192.0.2.7', undefined]);
  });

  it('believes nobody by default', async () => {
    const harness = await server().open();
    const { socket } = await rawClient(harness.port, { headers: ['X-Forwarded-For: 192.0.2.7'] });
    const { remoteIp, remotePort } = await harness.next('Open');
    assert.deepEqual([remoteIp, remotePort], ['127.0.0.1', socket.localPort]);
  });

  it('reads a header that came in two lines as one', async () => {
    const harness = await server({ trustProxy: ['127.0.0.1'] }).open();
    await rawClient(harness.port, { headers: ['X-Forwarded-For: 1.1.1.1', 'X-Forwarded-For: 192.0.2.7'] });
    assert.equal((await harness.next('Open')).remoteIp, '192.0.2.7');
  });

  it('answers a malformed request at once', async () => {
    const harness = await server({ trustProxy: ['127.0.0.1'] }).open();
    const socket = await tcpClient(harness.port);
    const answered = readAll(socket);
    socket.write(lines('NONSENSE'));
    assert.match(await answered, /^HTTP\/1\.1 400 /);
    assert.equal((await harness.next('Error')).remoteIp, '127.0.0.1');
  });
});

describe('a header without a value is an absent one', () => {
  afterEach(teardown);

  for (const header of [
    'Sec-WebSocket-Protocol: ',
    'Sec-WebSocket-Protocol:   ',
    'Sec-WebSocket-Protocol: ocpp1.6, ',
    'Sec-WebSocket-Protocol: , chat',
    'Sec-WebSocket-Protocol: chat, chat',
    'Sec-WebSocket-Extensions: ',
    'Sec-WebSocket-Extensions:   ',
    'Sec-WebSocket-Extensions: x-webkit-deflate-frame',
  ]) {
    it(`${JSON.stringify(header)} is accepted`, async () => {
      for (const given of [{}, { subProtocols: ['chat'], enablePerMessageDeflate: false }]) {
        assert.equal(await status(await server(given).open(), '/', [header]), 101);
      }
    });
  }

  it('the others of a list are agreed', async () => {
    const harness = await server({ subProtocols: ['chat'] }).open();
    await status(harness, '/', ['Sec-WebSocket-Protocol: , chat, chat, ']);
    assert.equal((await harness.next('Open')).protocol, 'chat');
  });
});

describe('a client whose subprotocols the server does not have', () => {
  afterEach(teardown);

  it('is open, and its Open and its sudden end name what it offered', async () => {
    const harness = await server({ subProtocols: ['chat'] }).open();
    await assert.rejects(wsClient(harness.url(), ['ocpp1.6', 'ocpp1.5']), /subprotocol/);
    const open = await harness.next('Open');
    assert.deepEqual([open.protocol, open.notTaken], ['', ['ocpp1.6', 'ocpp1.5']]);
    const { code, reason } = await harness.next('Close');
    assert.equal(code, 1006);
    assert.match(
      reason,
      /^Abnormal closure; the client offered the subprotocols ocpp1\.6, ocpp1\.5, and none was agreed\. Name one in subProtocols/,
    );
  });

  it('that stays and ends later is reported like any other', async () => {
    const harness = await server().open();
    const peer = await rawClient(harness.port, { headers: ['Sec-WebSocket-Protocol: ocpp1.6'] });
    await harness.next('Open');
    const now = Date.now;
    Date.now = () => now() + 5001;
    try {
      peer.socket.destroy();
      assert.equal((await harness.next('Close')).reason, 'Abnormal closure');
    } finally {
      Date.now = now;
    }
  });

  it('has nothing of it in its Open where one was agreed, or none offered', async () => {
    const harness = await server({ subProtocols: ['chat'] }).open();
    await wsClient(harness.url(), ['chat', 'other']);
    assert.equal('notTaken' in (await harness.next('Open')), false);
    await wsClient(harness.url());
    assert.equal('notTaken' in (await harness.next('Open')), false);
  });

  for (const [subProtocols, offered, answer] of [
    [undefined, ['ocpp1.6', 'ocpp1.5'], 'ocpp1.6'],
    [['chat'], ['ocpp1.6'], 'ocpp1.6'],
    [['chat'], ['ocpp1.6', 'chat'], 'chat'],
  ] as const) {
    it(`with subProtocolFallback first and ${subProtocols ?? 'none'} is answered ${answer} of ${offered}`, async () => {
      const harness = await server({ subProtocols, subProtocolFallback: 'first' }).open();
      assert.equal((await wsClient(harness.url(), [...offered])).ws.protocol, answer);
      assert.equal((await harness.next('Open')).protocol, answer);
    });
  }
});

describe('tokenSubProtocol', () => {
  afterEach(teardown);

  const given = { auth: 'bearer', token: 's3cret/+token', tokenSubProtocol: 'bearer.', subProtocols: ['chat', 'bearer.x'] };
  const base64url = Buffer.from('s3cret/+token').toString('base64url');

  for (const [title, options, token] of [
    ['as it is', { token: 's3cret' }, 's3cret'],
    ['in base64url', {}, base64url],
  ] as const) {
    it(`accepts the token ${title}, answers the other subprotocol, and hides the token`, async () => {
      const harness = await server({ ...given, ...options }).open();
      const peer = await wsClient(harness.url(), [`bearer.${token}`, 'chat']);
      assert.equal(peer.ws.protocol, 'chat');
      const open = await harness.next('Open');
      assert.equal(open.headers['Sec-WebSocket-Protocol'], 'bearer.***,chat');
      assert.equal(JSON.stringify([open, harness.socket.info()]).includes(token), false);
    });
  }

  it('refuses a wrong one with 401, counts it as a guess, and shows it nowhere', async () => {
    const harness = await server({ ...given, maxRefusalsPerAddress: 1 }).open();
    const header = ['Sec-WebSocket-Protocol: bearer.wrong-guess, chat'];
    assert.equal(await status(harness, '/', header), 401);
    assert.equal(await status(harness, '/', header), 429);
    assert.match((await harness.next('Error')).reason, /its token is wrong/);
    assert.equal(JSON.stringify(harness.events.all).includes('wrong-guess'), false);
  });

  it('is not needed for the prefix of Kubernetes, which is known and hidden', async () => {
    const harness = await server({ ...given, tokenSubProtocol: '' }).open();
    const peer = await wsClient(harness.url(), [`base64url.bearer.authorization.k8s.io.${base64url}`, 'chat']);
    assert.equal(peer.ws.protocol, 'chat');
    const open = await harness.next('Open');
    assert.equal(open.headers['Sec-WebSocket-Protocol'], 'base64url.bearer.authorization.k8s.io.***,chat');
  });

  it('takes no token where the option is off, whatever is offered', async () => {
    const harness = await server({ ...given, tokenSubProtocol: '' }).open();
    assert.equal(await status(harness, '/', [`Sec-WebSocket-Protocol: bearer.${base64url}`]), 401);
  });

  it('is never agreed, and not named as one that was not taken', async () => {
    const harness = await server({ ...given, subProtocols: ['bearer.x'], auth: 'none', subProtocolFallback: 'first' }).open();
    const peer = await rawClient(harness.port, { headers: ['Sec-WebSocket-Protocol: bearer.x'] });
    assert.equal(peer.head.headers['sec-websocket-protocol'], undefined);
    assert.equal('notTaken' in (await harness.next('Open')), false);
  });
});
