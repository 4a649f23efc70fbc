import assert from 'node:assert/strict';
import { type Flow, type Item, logged, type Msg, run } from '../helpers/flow';
import { rawClient, wsClient } from '../helpers/peers';
import { onTeardown } from '../helpers/teardown';
import { inNodeRed, nodesOf, until, watchers } from './suite';

const secret = 'S3cr3t-pässwörd';

/** A server of the flow, with its commands and events. */
const items = (options: Msg = {}): Item[] => [
  { id: 's', type: 'ix-server', port: 0, ...options },
  ...nodesOf('server', 'create start stop send clear', 's'),
  { id: 'e', type: 'ix-server-events', server: 's' },
  ...watchers(),
];
async function listening(options: Msg = {}, credentials: object = {}): Promise<{ flow: Flow; uri: string; port: number }> {
  const flow = await run(items(options), { s: credentials });
  const { success, errorStr, uri, port } = (await flow.command('start')).payload;
  assert.equal(success, true, errorStr);
  return { flow, uri, port };
}
const outputs = ['e.0', 'e.1', 'e.2', 'e.3', 'caught', ...'create start stop send clear'.split(' ').map((name) => `${name}.out`)];
/** Returns everything that a flow, its log or an editor could see. */
const everything = (flow: Flow) =>
  JSON.stringify([outputs.map((id) => flow.out(id).all), flow.calls.map(({ error }) => String(error)), flow.statuses, logged()]);

function assertSecret(flow: Flow): void {
  const text = everything(flow);
  for (const form of [secret, encodeURIComponent(secret), 'S3cr3t', Buffer.from(`ann:${secret}`).toString('base64')]) {
    const at = text.indexOf(form);
    assert.equal(at, -1, `${form} is told: …${text.slice(Math.max(0, at - 200), at + 50)}…`);
  }
}
const status = async (uri: string, headers: Record<string, string> = {}): Promise<number> =>
  wsClient(uri, [], { headers }).then(
    ({ ws }) => {
      ws.terminate();
      return 101;
    },
    (error) => Number(/: (\d+)$/.exec(error.message)?.[1]),
  );

describe('connections that a server of a flow accepts', () => {
  inNodeRed();

  it('path, from the config node: another is an Error event', async () => {
    const { flow, uri } = await listening({ path: '/chat' });
    assert.deepEqual([await status(`${uri}/chat`), await status(`${uri}/other`)], [101, 404]);
    const { http_status, uri: target, remoteIp } = (await flow.out('e.3').take('an Error')).payload;
    assert.deepEqual([http_status, target, remoteIp], [404, '/other', '127.0.0.1']);
  });

  it('allowedOrigins: no other host by default, and those of a list', async () => {
    const { flow, uri } = await listening();
    const from = (Origin: string) => status(uri, { Origin });
    assert.deepEqual([await from('http://127.0.0.1:1880'), await from('https://evil.example')], [101, 403]);
    assert.match((await flow.out('e.3').take('an Error')).payload.reason, /https:\/\/evil\.example/);
    await flow.command('stop');
    const again = (await flow.command('start', { allowedOrigins: ['https://evil.example'] })).payload.uri;
    assert.deepEqual(
      [await status(again, { Origin: 'https://evil.example' }), await status(again, { Origin: 'http://127.0.0.1' })],
      [101, 403],
    );
  });

  it('maxConnectionsPerIp and trustProxy, as texts of a form', async () => {
    const { flow, uri, port } = await listening({ maxConnectionsPerIp: '1', trustProxy: '127.0.0.1, 10.0.0.0/8' });
    await rawClient(port, { headers: ['X-Forwarded-For: 192.0.2.7'] });
    assert.equal((await flow.out('e.1').take('an Open')).payload.remoteIp, '192.0.2.7');
    assert.equal(await status(uri, { 'X-Forwarded-For': '192.0.2.7' }), 429);
    assert.equal(await status(uri, { 'X-Forwarded-For': '192.0.2.8' }), 101);
  });

  describe('auth basic', () => {
    it('has user and password among the credentials, and Open says who it is', async () => {
      const { flow, uri } = await listening({ auth: 'basic' }, { user: 'ann', password: secret });
      await wsClient(uri, [], { headers: { Authorization: `Basic ${Buffer.from(`ann:${secret}`).toString('base64')}` } });
      const { user, headers } = (await flow.out('e.1').take('an Open')).payload;
      assert.deepEqual([user, headers.Authorization], ['ann', '***']);
      assert.equal(await status(uri), 401);
      await flow.out('e.3').take('an Error');
      const [connection] = (await flow.command('create', { id: -1 })).payload.connections;
      assert.deepEqual([connection.user, connection.headers.Authorization], ['ann', '***']);
      await flow.command('send', 'x');
      await flow.command('stop');
      assertSecret(flow);
    });

    it('goes with the user and password of a client in the same flow', async () => {
      const flow = await run(
        [
          { id: 's', type: 'ix-server', port: 0, auth: 'basic', autoStart: true },
          { id: 'start', type: 'ix-server-start', server: 's' },
          { id: 'stop', type: 'ix-server-stop', server: 's' },
          { id: 'c', type: 'ix-client' },
          { id: 'connect', type: 'ix-client-start', client: 'c' },
          { id: 'e', type: 'ix-server-events' },
        ],
        { s: { user: 'ann', password: secret }, c: { user: 'ann', password: secret } },
      );
      await flow.command('stop');
      const { uri } = (await flow.command('start')).payload;
      assert.equal((await flow.command('connect', { URL: uri })).payload.success, true);
      assert.equal((await flow.out('e.1').take('an Open')).payload.user, 'ann');
    });
  });

  describe('auth bearer', () => {
    it('has the token among the credentials, and shows it nowhere, not in the query either', async () => {
      const { flow, uri } = await listening({ auth: 'bearer', tokenParameter: 'key' }, { token: secret });
      const peer = await wsClient(`${uri}/a?key=${encodeURIComponent(secret)}&b=c`);
      assert.equal((await flow.out('e.1').take('an Open')).payload.uri, '/a?key=***&b=c');
      peer.ws.send('hello');
      assert.equal((await flow.out('e.0').take('a Message')).payload.uri, '/a?key=***&b=c');
      const { clients, connections } = (await flow.command('create', { id: -1 })).payload;
      assert.deepEqual([clients, connections[0].uri], [['/a?key=***&b=c'], '/a?key=***&b=c']);
      assert.deepEqual(connections[0].query, { key: '***', b: 'c' });
      assert.equal((await flow.command('send', 'x')).payload.statuses[0].uri, '/a?key=***&b=c');
      peer.ws.close();
      assert.equal((await flow.out('e.2').take('a Close')).payload.uri, '/a?key=***&b=c');
      assert.equal(await status(`${uri}/?key=${encodeURIComponent(secret)}x`), 401);
      assert.equal((await flow.out('e.3').take('an Error')).payload.uri, '/?key=***');
      assert.equal(await status(uri, { Authorization: `Bearer ${Buffer.from(secret).toString('latin1')}` }), 101);
      await flow.command('stop');
      assertSecret(flow);
    });

    it('takes the token from a message, and leaves it out of the answer', async () => {
      const flow = await run([{ id: 's', type: 'ix-server', port: 0 }, ...items().slice(1)]);
      const { uri } = (await flow.command('start', { auth: 'bearer', token: secret, tokenParameter: 'key' })).payload;
      assert.deepEqual([await status(uri), await status(`${uri}/?key=${encodeURIComponent(secret)}`)], [401, 101]);
      assertSecret(flow);
    });

    it('takes the token from the environment, as it is at the start', async () => {
      onTeardown(() => delete process.env.IX_TEST_TOKEN);
      process.env.IX_TEST_TOKEN = 'first';
      const flow = await run(items({ auth: 'bearer' }), { s: { token: '${IX_TEST_TOKEN}' } });
      const asked = async (token: string) => status((await flow.command('start')).payload.uri, { Authorization: `Bearer ${token}` });
      assert.equal(await asked('first'), 101);
      await flow.command('stop');
      process.env.IX_TEST_TOKEN = 'second';
      assert.equal(await asked('first'), 401);
      await flow.command('stop');
      assert.equal(await asked('second'), 101);
    });
  });

  describe('is reported when the node deploys, in red and to Catch nodes, and listens nowhere:', () => {
    const wrong: readonly (readonly [options: Msg, credentials: object, option: string])[] = [
      [{ auth: 'basic' }, { user: 'ann' }, 'password'],
      [{ auth: 'bearer' }, {}, 'token'],
      [{ auth: 'bearer' }, { token: '${IX_NO_SUCH_TOKEN}' }, 'token'],
      [{ auth: '${IX_NO_SUCH_WAY}' }, {}, 'auth'],
      [{ allowedOrigins: 'example.com' }, {}, 'allowedOrigins'],
      [{ allowedOrigins: ['${IX_NO_SUCH_ORIGIN}'] }, {}, 'allowedOrigins'],
      [{ trustProxy: ['proxy.example'] }, {}, 'trustProxy'],
      [{ path: 'chat' }, {}, 'path'],
      [{ tokenParameter: '${IX_NO_SUCH_NAME}' }, {}, 'tokenParameter'],
      [{ maxConnectionsPerIp: '-1' }, {}, 'maxConnectionsPerIp'],
    ];
    for (const [options, credentials, option] of wrong) {
      it(`${JSON.stringify(options)} with ${JSON.stringify(credentials)}`, async () => {
        const flow = await run(items({ autoStart: true, ...options }), { s: credentials });
        const { error } = await flow.out('caught').take('what the Catch node heard');
        assert.match(error.message, new RegExp(`option ${option}\\b`));
        await until(() => flow.status('s').fill === 'red', 'a red status');
        const { success, errorCode } = (await flow.command('start')).payload;
        assert.deepEqual([success, errorCode], [false, 'ERR_OPTION']);
      });
    }
  });

  it('a refused option with a secret in it does not say what it was', async () => {
    const { flow } = await listening();
    await flow.command('stop');
    for (const given of [{ token: [secret] }, { password: 12345678 }, { auth: 'basic', user: `ann:${secret}`, password: 'x' }]) {
      assert.equal((await flow.command('start', given)).payload.errorCode, 'ERR_OPTION', JSON.stringify(given));
    }
    const { statuses, calls } = flow;
    const told = JSON.stringify([
      flow.out('start.out').all,
      flow.out('caught').all.map(({ error }) => error),
      statuses,
      calls.map(({ error }) => String(error)),
    ]);
    assert.equal(/S3cr3t|12345678/.test(told), false, told);
  });
});
