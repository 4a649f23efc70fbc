import assert from 'node:assert/strict';
import { ClientSocket } from '../../../src/client/client';
import { Inspector, type Target } from '../../../src/inspect/inspector';
import type { Layer } from '../../../src/options/read';
import { Registry } from '../../../src/registry';
import { ServerSocket } from '../../../src/server/server';
import { fakeClock } from '../../helpers/clock';
import { wsClient, wsServer } from '../../helpers/peers';
import { until, within } from '../../helpers/queue';
import { TestLog } from '../../helpers/sockets';
import { onTeardown, teardown } from '../../helpers/teardown';

/** An inspector, and sockets that are cleared when the test ends. */
function inspected() {
  const log = new TestLog();
  const registry = new Registry(log);
  const inspector = new Inspector(registry, log);
  onTeardown(() => {
    inspector.end();
    assert.deepEqual(log.errors, []);
  }, 'tested');
  const client = async (given: Layer) => {
    const socket = registry.client.create((id) => new ClientSocket(id, () => ({}), given, log));
    onTeardown(() => socket.clear());
    assert.equal((await within(socket.start({}, { timeout: 2 }), 'an open client')).success, true);
    return socket;
  };
  const server = async (given: Layer = {}) => {
    const socket = registry.server.create((id) => new ServerSocket(id, () => ({}), { port: 0, ...given }, log));
    onTeardown(() => socket.clear());
    const { success, uri } = await within(socket.start({}), 'a server that listens');
    assert.equal(success, true);
    return { socket, url: `${uri}/`, next: () => until(() => socket.members.size > 0, 'a connection') };
  };
  const seen = (target: Target, after = 0) => {
    const answer = inspector.frames(target, after);
    if (typeof answer === 'string') return [answer];
    return answer.frames.map(({ isOut, kind, text, base64 }) => `${isOut ? '>' : '<'} ${kind} ${text ?? atob(base64 ?? '')}`.trim());
  };
  return { log, registry, inspector, client, server, seen };
}

describe('frames of a client', () => {
  afterEach(teardown);

  it('are what it sends and receives, with pings and closes', async () => {
    const { client, seen } = inspected();
    const peer = await wsServer();
    const socket = await client({ URL: peer.url });
    const target = { side: 'client', id: socket.id } as const;
    assert.deepEqual(seen(target), [], 'nothing from before');
    const { ws, messages, pongs } = await peer.peers.take();
    socket.send('out', () => {});
    socket.send(Buffer.from('bytes'), () => {});
    await messages.take();
    await messages.take();
    ws.ping('are you there');
    await pongs.take();
    ws.send('in');
    ws.send(Buffer.from('back'));
    await until(() => seen(target).length === 6, 'six frames');
    assert.deepEqual(seen(target), [
      '> text out',
      '> binary bytes',
      '< ping are you there',
      '> pong are you there',
      '< text in',
      '< binary back',
    ]);
    await socket.stop(1000, 'bye');
    assert.deepEqual(seen(target, 6), ['> close 1000 bye']);
  });

  it('go on after a new connection, with its opening conversation and without its secrets', async () => {
    const { client, seen } = inspected();
    const peer = await wsServer();
    const protocol = { format: 'json', onOpen: [{ wait: { type: 'hello' } }, { send: { auth: 'literal-token' } }] };
    const options = {
      URL: peer.url,
      protocol,
      secrets: { token: 'literal-token' },
      minWaitBetweenReconnectionRetries: 1,
      stableAfterMs: 0,
    };
    const opening = client({ ...options, enableAutomaticReconnection: true });
    const first = await peer.peers.take();
    first.ws.send('{"type":"hello"}');
    const socket = await opening;
    const target = { side: 'client', id: socket.id } as const;
    assert.deepEqual(seen(target), []);
    first.ws.close(1012, 'again');
    const second = await peer.peers.take();
    second.ws.send('{"type":"hello"}');
    await second.messages.take();
    await until(() => seen(target).length === 3, 'three frames');
    assert.deepEqual(seen(target), ['< close 1012 again', '< text {"type":"hello"}', '> text {"auth":"***"}']);
  });

  it('with a heartbeat are its pings', async () => {
    const { client, seen } = inspected();
    const peer = await wsServer();
    const socket = await client({ URL: peer.url });
    const target = { side: 'client', id: socket.id } as const;
    seen(target);
    await socket.stop(1000, '');
    const clock = fakeClock();
    assert.equal((await socket.start({ pingInterval: 60 }, { timeout: 2 })).success, true);
    await until(() => seen(target).length === 2, 'a pong');
    clock.tick(60_000);
    await until(() => seen(target).length === 4, 'another pong');
    assert.match(seen(target, 2).join(), /^> ping ix-websocket::heartbeat.*,< pong ix-websocket::heartbeat/);
  });
});

describe('frames of a server', () => {
  afterEach(teardown);

  it('are those of all connections, old and new, each with its name', async () => {
    const { server, inspector, seen } = inspected();
    const { socket, url } = await server();
    const first = await wsClient(url);
    await until(() => socket.members.size === 1, 'a connection');
    const target = { side: 'server', id: socket.id } as const;
    seen(target);
    const second = await wsClient(url);
    await until(() => socket.members.size === 2, 'two connections');
    first.ws.send('1');
    await until(() => seen(target).length === 1, 'the first message');
    second.ws.send('2');
    await until(() => seen(target).length === 2, 'the second message');
    const answer = inspector.frames(target, 0);
    const names = socket.members.choose().map(({ ref }) => ref.client);
    assert.deepEqual(typeof answer === 'string' ? answer : answer.frames.map(({ client }) => client), names);
  });

  it('are those of one connection', async () => {
    const { server, seen } = inspected();
    const { socket, url } = await server();
    const first = await wsClient(url);
    const second = await wsClient(url);
    await until(() => socket.members.size === 2, 'two connections');
    const [one, other] = socket.members.choose().map(({ ref }) => ({ side: 'server', id: socket.id, client: ref.client }) as const);
    assert.ok(one && other);
    assert.deepEqual([seen(one), seen(other)], [[], []]);
    await new Promise<void>((resolve) => socket.send('all', {}, () => resolve()));
    first.ws.send('1');
    second.ws.close(1000, 'bye');
    await until(() => seen(one).length === 2 && seen(other).length === 2, 'the frames');
    assert.deepEqual(
      [seen(one), seen(other)],
      [
        ['> text all', '< text 1'],
        ['> text all', '< close 1000 bye'],
      ],
    );
    await until(() => socket.members.size === 1, 'the end of a connection');
    assert.equal(seen(other).length, 2, 'what was seen stays');
  });
});

describe('a look', () => {
  afterEach(teardown);

  it('keeps frames for 5 s, and nothing is left of it', async () => {
    const { server, inspector, seen } = inspected();
    const { socket, url, next } = await server();
    const peer = await wsClient(url);
    await next();
    const [member] = socket.members.choose();
    const clock = fakeClock({ withPerformance: true });
    const { connection } = member as unknown as { connection: { observation: unknown } };
    const isObserved = () => connection.observation !== undefined;
    assert.equal(isObserved(), false, 'nobody looks');
    seen({ side: 'server', id: socket.id });
    seen({ side: 'server', id: socket.id, client: member?.ref.client ?? '' });
    assert.equal(isObserved(), true);
    clock.tick(4000);
    seen({ side: 'server', id: socket.id });
    clock.tick(4000);
    assert.deepEqual([inspector.size, isObserved()], [1, true], 'the one that was not repeated has ended');
    clock.tick(2000);
    assert.deepEqual([inspector.size, isObserved(), socket.setup.watching, clock.countTimers()], [0, false, undefined, 0]);
    clock.uninstall();
    peer.ws.send('unseen');
    await until(() => member?.connection.traffic.messagesIn === 1, 'the message');
    assert.deepEqual(seen({ side: 'server', id: socket.id }), []);
  });

  it('leaves no listener on a connection', async () => {
    const { server, seen } = inspected();
    const { socket, url, next } = await server({ enablePong: false });
    await wsClient(url);
    await next();
    const { connection } = socket.members.choose()[0] as unknown as { connection: { ws: import('ws').WebSocket } };
    const count = () => ['ping', 'pong', 'message', 'close'].map((name) => connection.ws.listenerCount(name));
    const before = count();
    const clock = fakeClock({ withPerformance: true });
    for (let i = 0; i < 3; i++) {
      seen({ side: 'server', id: socket.id });
      clock.tick(6000);
    }
    assert.deepEqual(count(), before);
  });

  it('of several viewers is one, and each has the frames after its own', async () => {
    const { server, inspector, seen } = inspected();
    const { socket, url, next } = await server();
    const peer = await wsClient(url);
    await next();
    const target = { side: 'server', id: socket.id } as const;
    seen(target);
    peer.ws.send('1');
    peer.ws.send('2');
    await until(() => seen(target).length === 2, 'two frames');
    assert.deepEqual([seen(target, 0), seen(target, 1), seen(target, 2), inspector.size], [['< text 1', '< text 2'], ['< text 2'], [], 1]);
  });

  it('at what does not exist, or no longer exists, says so', async () => {
    const { server, inspector, registry, seen } = inspected();
    const { socket } = await server();
    const target = { side: 'server', id: socket.id } as const;
    assert.deepEqual([seen({ side: 'client', id: 7 }), seen({ ...target, client: 'nobody' })], [['gone'], ['gone']]);
    assert.deepEqual(seen(target), []);
    await registry.server.clear(socket);
    assert.deepEqual([seen(target), inspector.size], [['gone'], 0]);
  });

  it('at more than eight targets is refused', async () => {
    const { server, seen } = inspected();
    for (let i = 0; i < 8; i++) assert.deepEqual(seen({ side: 'server', id: (await server()).socket.id }), []);
    const { socket } = await server();
    assert.deepEqual(seen({ side: 'server', id: socket.id }), ['full']);
  });
});
