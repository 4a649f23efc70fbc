import assert from 'node:assert/strict';
import { OwnerStore, type WatchOptions } from '../../../src/bridge/owner-store';
import { Listeners, type SocketEvent } from '../../../src/core/events';
import type { Registry } from '../../../src/registry';
import { fakeClock } from '../../helpers/clock';
import { onTeardown, teardown } from '../../helpers/teardown';

const log = { warn() {}, error: (error: unknown) => assert.fail(String(error)) };

function watched(given: Partial<WatchOptions> = {}) {
  const clock = fakeClock({ withPerformance: true });
  const store = new OwnerStore(log);
  const events = { client: new Listeners<SocketEvent>(log), server: new Listeners<SocketEvent>(log) };
  const registry = { client: { events: events.client }, server: { events: events.server }, method: 'onEvent' } as unknown as Registry;
  const cleared: number[] = [];
  const clear = async (id: number) => void cleared.push(id);
  const end = store.watch(registry, { leaseSecs: 60, named: { nameOf: () => undefined }, clear, ...given });
  onTeardown(end);
  const emit = (socket: number) =>
    events[socket > 0 ? 'client' : 'server'].emit({ type: 2, socket, payload: { code: 1000, reason: '', remote: true } } as SocketEvent);
  const sockets = (name: string) =>
    store
      .of(name)
      .queue.read(100)
      .events.map((json) => JSON.parse(json).socket);
  return { clock, store, cleared, clear, end, emit, sockets };
}

describe('OwnerStore', () => {
  afterEach(teardown);

  it('returns the same owner for a name, and none by default has the empty name', () => {
    const { store } = watched();
    assert.equal(store.of('shop'), store.of('shop'));
    assert.notEqual(store.of('shop'), store.of('bank'));
    assert.equal(store.of(undefined), store.of(''));
  });

  for (const [title, name] of [
    ['is not a text', 7],
    ['has more than 64 characters', 'x'.repeat(65)],
  ] as const) {
    it(`rejects a name that ${title} with 400`, () => assert.throws(() => watched().store.of(name), { status: 400 }));
  }

  it('rejects a new owner beyond 1000, and still knows the others', () => {
    const { store } = watched();
    for (let i = 0; i < 1000; i++) store.of(`owner ${i}`);
    assert.throws(() => store.of('one more'), { status: 400 });
    assert.equal(store.of('owner 5').name, 'owner 5');
  });

  it('knows which owner has a socket', () => {
    const { store } = watched();
    const [shop, bank] = [store.of('shop'), store.of('bank')];
    store.add(shop, 3, false);
    assert.deepEqual([store.owns(shop, 3), store.owns(bank, 3), store.size], [true, false, 1]);
    store.remove(3);
    assert.deepEqual([store.owns(shop, 3), shop.sockets.size, store.size], [false, 0, 0]);
  });

  it('queues the events of a socket for its owner only', () => {
    const { store, emit, sockets } = watched();
    store.of('bank');
    store.add(store.of('shop'), 3, false);
    emit(3);
    emit(4);
    assert.deepEqual([sockets('shop'), sockets('bank')], [[3], []]);
  });

  it('queues the events of a named config node for every owner, with its name and the method', () => {
    const { store, emit, sockets } = watched({ named: { nameOf: (id) => (id === -1 ? 'devices' : undefined) } });
    store.of('shop');
    store.of('bank');
    emit(-1);
    assert.deepEqual([sockets('shop'), sockets('bank')], [[-1], [-1]]);
    const { name, method, event } = JSON.parse(store.of('shop').queue.read(1).events[0] ?? '');
    assert.deepEqual({ name, method, event }, { name: 'devices', method: 'onEvent', event: 'Close' });
  });

  it('queues no event of a config node for an owner whose lease has ended', () => {
    const { clock, store, emit, sockets } = watched({ named: { nameOf: () => 'devices' } });
    store.of('shop');
    clock.tick(60_000);
    emit(-1);
    assert.deepEqual(sockets('shop'), []);
  });

  it('clears the sockets of an owner without a call for the time of the lease, but those to keep', async () => {
    const { clock, store, cleared } = watched();
    const shop = store.of('shop');
    store.add(shop, 1, false);
    store.add(shop, 2, true);
    clock.tick(59_999);
    assert.deepEqual(cleared, []);
    clock.tick(5_000);
    assert.deepEqual([cleared, store.size], [[1], 1]);
  });

  it('a call extends the lease', () => {
    const { clock, store, cleared } = watched();
    store.add(store.of('shop'), 1, false);
    clock.tick(50_000);
    store.of('shop');
    clock.tick(50_000);
    assert.deepEqual(cleared, []);
  });

  it('a waiting poll extends the lease', () => {
    const { clock, store, cleared } = watched();
    const shop = store.of('shop');
    store.add(shop, 1, false);
    shop.read(600, 10, () => {});
    clock.tick(300_000);
    assert.deepEqual(cleared, []);
    store.endPolls();
    assert.equal(shop.isPolling, false);
  });

  it('a lease of 0 does not end', () => {
    const { clock, store, cleared } = watched({ leaseSecs: 0 });
    store.add(store.of('shop'), 1, false);
    clock.tick(10_000_000);
    assert.deepEqual(cleared, []);
  });

  it('clears the sockets of one owner on request', async () => {
    const { store, cleared, clear } = watched();
    store.add(store.of('shop'), 1, true);
    store.add(store.of('bank'), 2, false);
    assert.equal(await store.clear('shop', clear), 1);
    assert.deepEqual([cleared, store.size], [[1], 1]);
    await store.clearAll(clear);
    assert.deepEqual([cleared, store.size], [[1, 2], 0]);
  });

  it('queues nothing after its end', () => {
    const { store, end, emit, sockets } = watched();
    store.add(store.of('shop'), 3, false);
    end();
    emit(3);
    assert.deepEqual(sockets('shop'), []);
  });
});
