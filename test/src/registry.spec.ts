import assert from 'node:assert/strict';
import { type Change, type Endpoint, type ShutdownCode, shutdownCodes } from '../../src/core/endpoint';
import { Listeners, type SocketEvent } from '../../src/core/events';
import { Registry, Sockets } from '../../src/registry';
import { TestLog } from '../helpers/sockets';

const event = (socket: number): SocketEvent => ({ type: 2, socket, payload: { code: 1000, reason: '', remote: true } });

function endpoint(id: number, clear: () => Promise<void> = async () => {}): Endpoint {
  const log = new TestLog();
  return { id, state: 'idle', events: new Listeners<SocketEvent>(log), changes: new Listeners<Change>(log), clear };
}

describe('registry', () => {
  for (const [step, ids, cleared] of [
    [1, [1, 2, 3], 2],
    [-1, [-1, -2, -3], -2],
  ] as const) {
    it(`ids are ${ids.join(', ')}, and one that was cleared is not used again`, async () => {
      const sockets = new Sockets<Endpoint>(step, new TestLog());
      assert.deepEqual(
        ids.map(() => sockets.create(endpoint).id),
        ids,
      );
      const found = sockets.find(cleared);
      assert.ok(found, 'it is found');
      await sockets.clear(found);
      assert.equal(sockets.find(cleared), undefined);
      assert.deepEqual([sockets.create(endpoint).id, sockets.create(endpoint).id, sockets.size], [step * 4, step * 5, 4]);
    });
  }

  it('an id is not used again though every socket was cleared', async () => {
    const sockets = new Sockets<Endpoint>(1, new TestLog());
    await sockets.clear(sockets.create(endpoint));
    assert.equal(sockets.create(endpoint).id, 2);
  });

  it('a socket that could not be made uses no id', () => {
    const sockets = new Sockets<Endpoint>(1, new TestLog());
    const failing = () => {
      throw new Error('no');
    };
    assert.throws(() => sockets.create(failing), /no/);
    assert.equal(sockets.create(endpoint).id, 1);
  });

  it('receives the events of every socket, those to come included', () => {
    const sockets = new Sockets<Endpoint>(1, new TestLog());
    const heard: number[] = [];
    sockets.events.on(({ socket }) => heard.push(socket));
    for (let i = 0; i < 2; i++) sockets.create(endpoint).events.emit(event(i + 1));
    assert.deepEqual(heard, [1, 2]);
  });

  it('receives the last events of a socket that is cleared, and none after', async () => {
    const sockets = new Sockets<Endpoint>(1, new TestLog());
    let heard = 0;
    sockets.events.on(() => heard++);
    const one = sockets.create((id) => {
      const made = endpoint(id, async () => made.events.emit(event(id)));
      return made;
    });
    await sockets.clear(one);
    one.events.emit(event(1));
    assert.equal(heard, 1);
  });

  it('a socket has one subscriber only while one listener has its events', () => {
    const sockets = new Sockets<Endpoint>(1, new TestLog());
    const one = sockets.create(endpoint);
    const asked = () => sockets.hasOneSubscriber(one);
    assert.equal(asked(), false, 'none');
    one.events.on(() => {});
    assert.equal(asked(), true, 'one');
    const off = one.events.on(() => {});
    assert.equal(asked(), false, 'two');
    off();
    sockets.events.on(() => {});
    assert.equal(asked(), false, 'one, and one for all sockets');
  });

  it('a clear passes on the close code and reason that it is given', async () => {
    const sockets = new Sockets<Endpoint>(1, new TestLog());
    const said: unknown[] = [];
    const make = (id: number) => ({ ...endpoint(id), clear: async (shutdownCode?: ShutdownCode) => void said.push(shutdownCode) });
    await sockets.clear(sockets.create(make), shutdownCodes.restarted);
    await sockets.clear(sockets.create(make));
    assert.deepEqual(said, [{ code: 1012, reason: 'Service restart' }, undefined]);
  });

  it('is found until its clear has ended', async () => {
    const sockets = new Sockets<Endpoint>(1, new TestLog());
    let end = () => {};
    const one = sockets.create((id) => endpoint(id, () => new Promise((resolve) => (end = resolve))));
    const clearing = sockets.clear(one);
    assert.equal(sockets.find(1), one);
    end();
    await clearing;
    assert.equal(sockets.find(1), undefined);
  });

  it('is gone though its clear failed', async () => {
    const sockets = new Sockets<Endpoint>(1, new TestLog());
    const one = sockets.create((id) => endpoint(id, () => Promise.reject(new Error('no'))));
    await assert.rejects(sockets.clear(one), /no/);
    assert.equal(sockets.size, 0);
  });

  it('clearing a socket twice does not clear another', async () => {
    const sockets = new Sockets<Endpoint>(1, new TestLog());
    const one = sockets.create(endpoint);
    await sockets.clear(one);
    const next = sockets.create(endpoint);
    await sockets.clear(one);
    assert.equal(sockets.find(next.id), next);
  });

  it('has no method at first', () => assert.equal(new Registry(new TestLog()).method, ''));
});
