import assert from 'node:assert/strict';
import { Listeners } from '../../src/core/events';
import { Sockets } from '../../src/registry';
import { certs } from '../helpers/certs';
import { type Flow, type Item, nodeRedEvents, nodeRedServer, run, unload } from '../helpers/flow';
import { collectGarbage } from '../helpers/heap';
import { closedPort, rawServer, wsClient, wsServer } from '../helpers/peers';
import { teardown } from '../helpers/teardown';
import { inNodeRed, nodesOf, until } from './suite';

/** Counts the handles that keep a process alive, the listeners on Node-RED's events, and those on the process. */
function counts(): Record<string, number> {
  const found: Record<string, number> = {};
  for (const kind of process.getActiveResourcesInfo()) found[kind] = (found[kind] ?? 0) + 1;
  // Created by the runtime itself: it exists for one event-loop turn.
  for (const passing of ['Immediate', 'TickObject', 'FSReqCallback', 'FSReqPromise']) delete found[passing];
  const emitters = { RED: nodeRedEvents, server: nodeRedServer(), process: process as NodeJS.EventEmitter };
  for (const [name, emitter] of Object.entries(emitters)) {
    for (const event of emitter.eventNames()) found[`${name} ${String(event)}`] = emitter.listenerCount(event);
  }
  return found;
}

/** The sockets of a side in all registries, and all sets of listeners in use. */
const sockets = new Set<Sockets<never>>();
const listeners = new Set<Listeners<unknown>>();
const originals = { create: Sockets.prototype.create, on: Listeners.prototype.on };

const everyCommand = (side: 'client' | 'server', config: string): Item[] =>
  nodesOf(side, 'start stop send', config).map((item) => ({ ...item, id: `${config} ${item.id}` }));

/** A flow with sockets in every state: open, opening, waiting and stopped, with and without TLS, from config nodes and from messages. */
async function busy(): Promise<{ flow: Flow; items: Item[] }> {
  const { certFile, keyFile } = certs().server;
  const open = await wsServer();
  const silent = await rawServer({ answer: () => '' });
  const unanswering = await rawServer();
  const [port, tlsPort, gone] = [await closedPort(), await closedPort(), await closedPort()];
  const items: Item[] = [
    { id: 'open', type: 'ix-client', URL: open.url, autoStart: true, pingInterval: 3600 },
    { id: 'opening', type: 'ix-client', URL: silent.url, autoStart: true },
    { id: 'waiting', type: 'ix-client', URL: `ws://127.0.0.1:${gone}/`, autoStart: true, minWaitBetweenReconnectionRetries: 5 },
    {
      id: 'asleep',
      type: 'ix-client',
      URL: `ws://127.0.0.1:${gone}/`,
      autoStart: true,
      minWaitBetweenReconnectionRetries: 60000,
      maxWaitBetweenReconnectionRetries: 60000,
    },
    { id: 'stopped', type: 'ix-client', URL: open.url },
    { id: 'bad', type: 'ix-client', URL: 'nowhere', autoStart: true },
    {
      id: 'secure',
      type: 'ix-client',
      URL: `wss://127.0.0.1:${tlsPort}/`,
      caFile: certs().ca.certFile,
      autoStart: true,
      minWaitBetweenReconnectionRetries: 5,
    },
    { id: 'serving', type: 'ix-server', port, autoStart: true, pingInterval: 3600 },
    { id: 'secure serving', type: 'ix-server', port: tlsPort, tls: true, certFile, keyFile, autoStart: true },
    // It has no connection, because Node-RED itself has a timer of 5 s for each upgrade.
    { id: 'sharing', type: 'ix-server', listenOn: 'node-red', path: '/sharing', autoStart: true },
    { id: 'path in use', type: 'ix-server', listenOn: 'node-red', path: '/comms', autoStart: true },
    { id: 'port in use', type: 'ix-server', port: open.port, autoStart: true },
    ...everyCommand('client', 'open'),
    ...everyCommand('client', 'opening'),
    ...everyCommand('client', 'waiting'),
    ...everyCommand('server', 'serving'),
    { id: 'create client', type: 'ix-client-create' },
    { id: 'create server', type: 'ix-server-create' },
    { id: 'start client', type: 'ix-client-start' },
    { id: 'start server', type: 'ix-server-start' },
    ...['open', 'opening', 'waiting', 'bad', ''].map((client) => ({
      id: `${client} client events`,
      type: 'ix-client-events',
      ...(client && { client }),
    })),
    ...['serving', 'secure serving', ''].map((server) => ({
      id: `${server} server events`,
      type: 'ix-server-events',
      batchSize: server ? 5 : '',
      batchMs: 60000,
      ...(server && { server }),
    })),
  ];
  // One waits for a retry; the call of the other has no response.
  const idle = await rawServer({ answer: () => '' });
  items.push({
    id: 'hook retries',
    type: 'ix-4d-hook',
    URL: `http://127.0.0.1:${gone}/`,
    minWaitBetweenRetries: 60000,
    maxWaitBetweenRetries: 60000,
  });
  items.push({ id: 'hook waits', type: 'ix-4d-hook', URL: idle.url.replace('ws:', 'http:') });
  const flow = await run(items);
  for (const hook of ['hook retries', 'hook waits']) flow.node(hook).receive({ type: 0, socket: -1, payload: { str: 'x' } });
  await open.peers.take();
  await until(() => flow.status('serving').fill === 'green' && flow.status('secure serving').fill === 'green', 'servers that listen');
  await flow.out('secure serving server events.1').take('the secure client');
  for (let i = 0; i < 3; i++) (await wsClient(`ws://127.0.0.1:${port}/`)).ws.send('x');
  await flow.command('create client', { URL: unanswering.url });
  const { id } = (await flow.command('create client', { URL: open.url })).payload;
  for (const each of [id, id - 1]) assert.equal((await flow.command('start client', { id: each })).payload.success, true);
  const server = (await flow.command('create server', { port: 0 })).payload.id;
  await wsClient((await flow.command('start server', { id: server })).payload.uri);
  // Commands in progress when the nodes are removed.
  const silentClient = (await flow.command('create client', { URL: silent.url })).payload.id;
  flow.node('start client').receive({ payload: { id: silentClient } });
  flow.node('serving send').receive({ payload: Buffer.alloc(1e6) });
  flow.node('opening stop').receive({ payload: {} });
  return { flow, items };
}

/** Returns the order for a seed. */
function shuffled<T>(all: readonly T[], seed: number): T[] {
  const list = [...all];
  let state = seed;
  for (let i = list.length - 1; i > 0; i--) {
    state = (Math.imul(state, 1103515245) + 12345) & 0x7fffffff;
    const j = state % (i + 1);
    [list[i], list[j]] = [list[j] as T, list[i] as T];
  }
  return list;
}

describe('stopping, redeploying and deleting leaves no listener, timer or handle', () => {
  inNodeRed();
  let baseline: Record<string, number>;

  before(async () => {
    // The first run creates objects that remain.
    const { items } = await busy();
    assert.ok(items.length > 20);
    await unload();
    await teardown();
    await new Promise((resolve) => setTimeout(resolve, 300));
    baseline = counts();
  });
  beforeEach(() => {
    sockets.clear();
    listeners.clear();
    Sockets.prototype.create = function (this: Sockets<never>, ...args: never) {
      sockets.add(this);
      return (originals.create as (...args: never) => never).apply(this, args);
    } as never;
    Listeners.prototype.on = function (this: Listeners<unknown>, ...args: Parameters<typeof originals.on>) {
      listeners.add(this);
      return originals.on.apply(this, args);
    };
  });
  afterEach(() => {
    Sockets.prototype.create = originals.create;
    Listeners.prototype.on = originals.on;
  });

  /** Runs after the flow and the peers have ended. */
  async function nothingLeft(): Promise<void> {
    assert.ok(sockets.size > 0 && listeners.size > 5);
    for (const one of sockets) assert.equal(one.size, 0, 'sockets in a registry');
    for (const one of listeners) assert.equal(one.size, 0, 'listeners on a socket or a side');
    await teardown();
    const now = () => JSON.stringify(Object.entries(counts()).filter(([name, count]) => count > (baseline[name] ?? 0)));
    await until(() => now() === '[]', 'everything is gone', 200).catch(() => assert.equal(now(), '[]'));
  }

  it('stop', async () => {
    await busy();
    await unload();
    await nothingLeft();
    await run([]);
  });

  for (const type of ['full', 'flows', 'nodes'] as const) {
    it(`the same flow deployed again (${type}), then deleted`, async () => {
      const { flow, items } = await busy();
      await flow.deploy(items, type);
      await flow.deploy(
        items.map((item) => ({ ...item, name: 'changed' })),
        type,
      );
      await flow.deploy([], type);
      await unload();
      await nothingLeft();
      await run([]);
    });
  }

  it('a create node keeps no socket that was cleared', async () => {
    const flow = await run([...nodesOf('client', 'create clear'), { id: 'server create', type: 'ix-server-create' }]);
    const made: WeakRef<object>[] = [];
    for (let i = 0; i < 20; i++) {
      const { id } = (await flow.command('create', { URL: 'ws://127.0.0.1:1/' })).payload;
      for (const side of sockets) {
        const socket = (side as Sockets<never>).find(id);
        if (socket) made.push(new WeakRef(socket));
      }
      await flow.command('clear', { id });
    }
    assert.equal(made.length, 20);
    const kept = () => {
      collectGarbage();
      return made.filter((socket) => socket.deref()).length;
    };
    await until(() => kept() <= 1, 'the end of the cleared sockets', 2000);
    await unload();
    await run([]);
  });

  it('config nodes first, then the rest', async () => {
    const { flow, items } = await busy();
    await flow.deploy(items.filter(({ type }) => type !== 'ix-client' && type !== 'ix-server'));
    await flow.deploy([]);
    await unload();
    await nothingLeft();
    await run([]);
  });

  it('events and commands first, then the config nodes', async () => {
    const { flow, items } = await busy();
    await flow.deploy(items.filter(({ type }) => type === 'ix-client' || type === 'ix-server'));
    await flow.deploy([]);
    await unload();
    await nothingLeft();
    await run([]);
  });

  for (const seed of [1, 2, 3]) {
    it(`in a random order (${seed}): some deleted, some changed, at every step`, async () => {
      const { flow, items } = await busy();
      let left = shuffled(items, seed);
      for (let step = 0; left.length > 0; step++) {
        left = left.slice(7).map((item, i) => (i % 5 === step % 5 ? { ...item, name: `${step}` } : item));
        await flow.deploy(left, (['nodes', 'flows', 'full'] as const)[(step + seed) % 3]);
      }
      await unload();
      await nothingLeft();
      await run([]);
    });
  }

  it('a hundred sockets made and cleared by messages', async () => {
    const peer = await wsServer();
    const flow = await run([
      ...nodesOf('client', 'create start clear'),
      { id: 's', type: 'ix-server', port: 0 },
      { id: 'server create', type: 'ix-server-create', server: 's' },
      { id: 'server start', type: 'ix-server-start' },
      { id: 'server clear', type: 'ix-server-clear' },
      { id: 'e', type: 'ix-client-events' },
    ]);
    for (let i = 0; i < 100; i++) {
      const { id } = (await flow.command('create', { URL: peer.url })).payload;
      await flow.command('start', { id });
      assert.equal((await flow.command('clear', { id })).payload.success, true);
      const server = (await flow.command('server create')).payload.id;
      assert.equal((await flow.command('server start', { id: server })).payload.success, true);
      await flow.command('server clear', { id: server });
    }
    assert.deepEqual([...sockets].map(({ size }) => size).sort(), [0, 1], 'the config node’s own');
    await unload();
    await nothingLeft();
    await run([]);
  });
});
