import assert from 'node:assert/strict';
import { Calls, type CallsContext } from '../../../src/bridge/calls';
import { parseHosts } from '../../../src/bridge/hosts';
import { OwnerStore } from '../../../src/bridge/owner-store';
import { ClientSocket } from '../../../src/client/client';
import type { Endpoint } from '../../../src/core/endpoint';
import type { Layer } from '../../../src/options/read';
import { Registry } from '../../../src/registry';
import { ServerSocket } from '../../../src/server/server';
import { TestLog } from '../../helpers/sockets';
import { onTeardown, teardown } from '../../helpers/teardown';

function calling(given: Partial<CallsContext> = {}) {
  const log = new TestLog();
  const registry = new Registry(log);
  const owners = new OwnerStore(log);
  const create = (side: 'client' | 'server', layer: object): Endpoint =>
    side === 'client'
      ? registry.client.create((id) => new ClientSocket(id, () => ({}), layer as Layer, log))
      : registry.server.create((id) => new ServerSocket(id, () => ({}), layer as Layer, log));
  const calls = new Calls({
    registry,
    owners,
    hosts: parseHosts('127.0.0.1'),
    maxSockets: 2,
    create: create as never,
    named: { find: () => [], nameOf: () => undefined },
    ...given,
  });
  onTeardown(async () => {
    await owners.clearAll(calls.clear);
    assert.deepEqual(log.errors, []);
  }, 'tested');
  return { calls, registry, owners };
}
/** Returns the status of a call that failed. */
const failed = async (call: ReturnType<Calls['run']>) => (await call).status as { success: boolean; errorCode: string };
const url = 'ws://127.0.0.1:9/';

describe('Calls', () => {
  afterEach(teardown);

  it('creates a socket of the owner', async () => {
    const { calls, owners } = calling();
    const { status, id } = await calls.run('client', 'shop', { URL: url }, undefined);
    assert.deepEqual([status, id], [{ id: 1 }, 1]);
    assert.deepEqual(
      calls.list(owners.of('shop')).map((one) => (one as { id: number }).id),
      [1],
    );
    assert.deepEqual(calls.list(owners.of('bank')), []);
  });

  it('an owner does not reach the sockets of another', async () => {
    const { calls } = calling();
    await calls.run('client', 'shop', { URL: url }, undefined);
    const status = await failed(calls.run('client/send', 'bank', { id: 1, data: 'x' }, undefined));
    assert.deepEqual([status.success, status.errorCode], [false, 'ERR_NO_SOCKET']);
  });

  it('rejects a socket beyond maxSockets', async () => {
    const { calls } = calling({ maxSockets: 1 });
    await calls.run('client', 'shop', { URL: url }, undefined);
    const status = await failed(calls.run('client', 'bank', { URL: url }, undefined));
    assert.deepEqual([status.success, status.errorCode], [false, 'ERR_STATE']);
  });

  it('a call of an earlier run of Node-RED reaches no socket', async () => {
    const { calls } = calling();
    await calls.run('client', 'shop', { URL: url }, undefined);
    const status = await failed(calls.run('client/send', 'shop', { id: 1, run: 'earlier', data: 'x' }, undefined));
    assert.equal(status.errorCode, 'ERR_NO_SOCKET');
  });

  for (const [title, body] of Object.entries({
    'a host that is not in the list': { URL: 'ws://evil.example/' },
    'a proxy': { URL: url, proxy: {} },
    'a rule of a protocol for another host': { URL: url, protocol: { answers: [{ URL: 'ws://evil.example/' }] } },
  })) {
    it(`rejects ${title} with 403, and creates nothing`, async () => {
      const { calls, owners } = calling();
      await assert.rejects(calls.run('client', 'shop', body, undefined), { status: 403 });
      assert.equal(owners.size, 0);
    });
  }

  it('a call by an unknown name fails', async () => {
    const status = await failed(calling().calls.run('server/send', 'shop', { data: 'x' }, 'devices'));
    assert.equal(status.errorCode, 'ERR_NO_SOCKET');
  });

  it('a call by name does not change an option', async () => {
    const { calls } = calling({ named: { find: () => [{ id: -1 } as Endpoint], nameOf: () => undefined } });
    await assert.rejects(calls.run('server/start', 'shop', { port: 1 }, 'devices'), { status: 403 });
  });

  it('a name of two config nodes is refused', async () => {
    const { calls } = calling({ named: { find: () => [{ id: -1 } as Endpoint, { id: -2 } as Endpoint], nameOf: () => undefined } });
    const status = await failed(calls.run('server/send', 'shop', { data: 'x' }, 'devices'));
    assert.equal(status.errorCode, 'ERR_OPTION');
  });

  it('sets the method', () => {
    const { calls, registry } = calling();
    assert.equal(calls.setMethod({ method: 'onEvent' }), 'onEvent');
    assert.equal(registry.method, 'onEvent');
  });
});
