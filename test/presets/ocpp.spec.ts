import assert from 'node:assert/strict';
import { createRPCError, RPCClient, RPCServer } from 'ocpp-rpc';
import { ask, nextCall, presetClient, presetServer } from '../helpers/presets';
import { within } from '../helpers/queue';
import { onTeardown, teardown } from '../helpers/teardown';

const versions = [
  {
    preset: 'ocpp-1.6',
    subProtocol: 'ocpp1.6',
    boot: { chargePointVendor: 'ix', chargePointModel: 'one' },
    accepted: { status: 'Accepted', interval: 300, currentTime: '2026-01-01T00:00:00.000Z' },
  },
  {
    preset: 'ocpp-2.0.1',
    subProtocol: 'ocpp2.0.1',
    boot: { reason: 'PowerUp', chargingStation: { model: 'one', vendorName: 'ix' } },
    accepted: { status: 'Accepted', interval: 300, currentTime: '2026-01-01T00:00:00.000Z' },
  },
];

for (const { preset, subProtocol, boot, accepted } of versions) {
  /** Starts a central system of `ocpp-rpc` that validates every message, and accepts one charge point. */
  async function centralSystem() {
    const central = new RPCServer({ protocols: [subProtocol], strictMode: true });
    // biome-ignore lint/suspicious/noExplicitAny: the library declares no type for it.
    const clients: any[] = [];
    central.auth((accept, reject, { identity, password }) => {
      if (identity === 'CP1' && String(password) === 'secret') accept({}, subProtocol);
      else reject(401, 'not for you');
    });
    central.on('client', (client) => {
      clients.push(client);
      client.handle('BootNotification', () => accepted);
      client.handle('Heartbeat', () => {
        throw createRPCError('SecurityError', 'no hearts', { why: 'test' });
      });
    });
    const http = await central.listen(0, '127.0.0.1');
    onTeardown(() => central.close({ force: true }));
    return { clients, url: `ws://127.0.0.1:${(http.address() as { port: number }).port}/CP1` };
  }

  describe(`the preset ${preset}, against ocpp-rpc in strict mode`, () => {
    afterEach(teardown);

    it('is a charge point: asks, is refused, and answers', async () => {
      const { clients, url } = await centralSystem();
      const point = await presetClient(preset, { URL: url, user: 'CP1', password: 'secret' }).open();
      assert.deepEqual((await ask(point, { method: 'BootNotification', params: boot })).result, accepted);
      const refused = await ask(point, { method: 'Heartbeat' });
      assert.equal(refused.success, false);
      assert.deepEqual((refused.error as unknown[]).slice(2, 4), ['SecurityError', 'no hearts']);
      const asked = within<unknown>(clients[0].call('Reset', { type: preset === 'ocpp-1.6' ? 'Soft' : 'Immediate' }), 'the answer');
      const { id, method } = await nextCall(point);
      assert.equal(method, 'Reset');
      point.socket.answer(id, { result: { status: 'Accepted' } }, ({ success }) => assert.equal(success, true));
      assert.deepEqual(await asked, { status: 'Accepted' });
    });

    it('sends one call at a time', async () => {
      const { url } = await centralSystem();
      const point = await presetClient(preset, { URL: url, user: 'CP1', password: 'secret' }).open();
      const all = await Promise.all(Array.from({ length: 20 }, () => ask(point, { method: 'BootNotification', params: boot })));
      assert.equal(all.filter(({ success }) => success).length, 20);
    });

    it('cannot start with a wrong password', async () => {
      const { url } = await centralSystem();
      const { success, http_status } = await presetClient(preset, { URL: url, user: 'CP1', password: 'wrong' }).start();
      assert.deepEqual([success, http_status], [false, 401]);
    });

    it('is a central system: answers calls and errors, and asks', async () => {
      const server = await presetServer(preset).open();
      const point = new RPCClient({
        endpoint: server.url(),
        identity: 'CP1',
        protocols: [subProtocol],
        strictMode: true,
        reconnect: false,
      } as never);
      onTeardown(() => point.close({ force: true }));
      point.handle('ClearCache', async () => ({ status: 'Accepted' }));
      await within(point.connect(), 'the connection');
      const client = (await server.next('Open')).client as string;
      const booted = within<unknown>(point.call('BootNotification', boot), 'the answer');
      const call = await nextCall(server);
      assert.deepEqual(call.params, boot);
      server.socket.answer(client, call.id, { result: accepted }, () => {});
      assert.deepEqual(await booted, accepted);
      const refused = assert.rejects(within<unknown>(point.call('Heartbeat', {}), 'the answer'), /no hearts/);
      const { id } = await nextCall(server);
      server.socket.answer(client, id, { error: { code: 'SecurityError', message: 'no hearts' } }, () => {});
      await refused;
      const outcome = await within(
        new Promise<{ result?: unknown }>((resolve) => {
          server.socket.requestsOf(client)?.request({ method: 'ClearCache', timeout: 2, many: false, keep: false }, resolve);
        }),
        'the outcome',
      );
      assert.deepEqual(outcome.result, { status: 'Accepted' });
    });
  });
}
