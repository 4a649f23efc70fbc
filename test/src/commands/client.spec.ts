import assert from 'node:assert/strict';
import { CommandHarness } from '../../helpers/commands';
import { closedPort, wsServer } from '../../helpers/peers';
import { within } from '../../helpers/queue';
import { teardown } from '../../helpers/teardown';

/** Returns a harness with client 1, connected to its own server. */
async function connected() {
  const harness = new CommandHarness();
  const peer = await wsServer();
  await harness.run('client-create', { URL: `${peer.url}path?***` });
  assert.equal((await harness.run('client-start', { id: 1 })).success, true);
  await harness.next('client', 'Open');
  return { harness, peer };
}

describe('the client commands', () => {
  afterEach(teardown);

  describe('create', () => {
    it('answers the id, from 1 up, and never one that was used', async () => {
      const harness = new CommandHarness();
      for (const id of [1, 2, 3]) assert.deepEqual(await harness.done('client-create'), { status: { id }, socket: id });
      await harness.run('client-clear', { id: 2 });
      assert.deepEqual(await harness.run('client-create'), { id: 4 });
    });

    it('keeps its options', async () => {
      const harness = new CommandHarness();
      await harness.run('client-create', { URL: 'ws://ann:pw@host/', pingInterval: '7' });
      const { URL, pingInterval } = await harness.run('client-create', { id: 1 });
      assert.deepEqual([URL, pingInterval], ['ws://ann:***@host/', 7]);
    });

    it('with an id returns information about that client, and creates nothing', async () => {
      const { harness, peer } = await connected();
      assert.deepEqual(await harness.done('client-create', { id: 1, pingInterval: 9 }), {
        socket: 1,
        status: {
          readyState: 'open',
          URL: `${peer.url}path?***`,
          perMessageDeflateOptionsEnabled: false,
          pingInterval: -1,
          bufferedAmount: 0,
          automaticReconnectionEnabled: true,
          maxWaitBetweenReconnectionRetries: 10000,
        },
      });
      assert.equal(harness.registry.client.size, 1);
    });

    it('with an unknown id is refused', async () => {
      await assert.rejects(new CommandHarness().run('client-create', { id: 5 }), { code: 'ERR_NO_SOCKET' });
    });
  });

  describe('start', () => {
    it('answers the handshake', async () => {
      const harness = new CommandHarness();
      const { url } = await wsServer();
      await harness.run('client-create', { URL: `${url}a?b` });
      const { headers, ...rest } = await harness.run('client-start', { id: 1 });
      assert.deepEqual(rest, { success: true, http_status: 101, uri: '/a?b', protocol: '' });
      assert.equal(headers.Upgrade, 'websocket');
    });

    it('answers a failure with its sentence', async () => {
      const harness = new CommandHarness();
      await harness.run('client-create');
      const { errorStr, ...rest } = await harness.run('client-start', { id: 1, URL: `ws://127.0.0.1:${await closedPort()}/` });
      assert.deepEqual(rest, { success: false, http_status: 0, headers: {}, uri: '', protocol: '' });
      assert.match(errorStr, /refused the connection/);
    });

    it('does not keep the timeout', async () => {
      const harness = new CommandHarness();
      const { url } = await wsServer();
      await harness.run('client-create');
      await assert.rejects(harness.run('client-start', { id: 1, URL: url, timeout: 0 }), {
        code: 'ERR_OPTION',
        message: /option timeout must be a number above 0; got the number 0/,
      });
      assert.equal((await harness.run('client-start', { id: 1, URL: url })).success, true);
    });

    it('changes neither the payload nor what is in it', async () => {
      const harness = new CommandHarness();
      const { url } = await wsServer();
      const payload = Object.freeze({ id: 1, URL: url, headers: Object.freeze({ A: 'b' }), subProtocols: Object.freeze([]) });
      await harness.run('client-create', payload).catch(() => harness.run('client-create', { URL: url }));
      assert.equal((await harness.run('client-start', payload)).success, true);
    });
  });

  describe('stop', () => {
    it('answers the information after the stop, and success', async () => {
      const { harness, peer } = await connected();
      const { success, readyState } = await harness.run('client-stop', { id: 1, code: 4001, reason: 'enough' });
      assert.deepEqual([success, readyState], [true, 'closed']);
      assert.deepEqual(await (await peer.peers.take()).closes.take(), { code: 4001, reason: 'enough' });
    });

    it('sends 1000, Normal closure, by default', async () => {
      const { harness, peer } = await connected();
      await harness.run('client-stop', { id: 1 });
      assert.deepEqual(await (await peer.peers.take()).closes.take(), { code: 1000, reason: 'Normal closure' });
    });

    it('succeeds on a stopped client', async () => {
      const harness = new CommandHarness();
      await harness.run('client-create');
      assert.equal((await harness.run('client-stop', { id: 1 })).success, true);
    });

    const bad: [Record<string, unknown>, RegExp][] = [
      [{ code: 1005 }, /option code must be a close code/],
      [{ code: 999 }, /option code/],
      [{ code: 5000 }, /option code/],
      [{ reason: 'x'.repeat(124) }, /option reason must be a string of at most 123 bytes/],
      [{ reason: 'é'.repeat(62) }, /option reason/],
    ];
    for (const [given, sentence] of bad) {
      it(`checks ${JSON.stringify(given).slice(0, 40)} before anything is closed`, async () => {
        const { harness } = await connected();
        await assert.rejects(harness.run('client-stop', { id: 1, ...given }), { code: 'ERR_OPTION', message: sentence });
        assert.equal((await harness.run('client-send', { id: 1, message: 'x' })).success, true);
      });
    }

    it('stops a client that tries to connect though its options have become wrong', async () => {
      const harness = new CommandHarness();
      const peer = await wsServer();
      let base: Record<string, unknown> = { URL: peer.url };
      const id = harness.create('client', {}, () => base);
      await harness.run('client-start', { id });
      await harness.next('client', 'Open');
      base = { URL: 'nonsense' };
      await peer.die();
      await harness.next('client', 'Close');
      await harness.next('client', 'Error');
      await harness.run('client-stop', { id }).catch(() => {});
      assert.equal(harness.registry.client.find(id)?.state, 'idle');
    });
  });

  describe('send', () => {
    it('answers what was sent', async () => {
      const { harness, peer } = await connected();
      assert.deepEqual(await harness.run('client-send', { id: 1, message: 'é' }), {
        success: true,
        compressionError: false,
        payloadSize: 2,
        wireSize: 2,
      });
      const { messages } = await peer.peers.take();
      assert.deepEqual(await messages.take(), { data: 'é', binary: false });
      await harness.run('client-send', { id: 1, message: { a: 1 } });
      assert.deepEqual(await messages.take(), { data: '{"a":1}', binary: false });
      await harness.run('client-send', { id: 1, str: Buffer.from([1]) });
      assert.deepEqual(await messages.take(), { data: Buffer.from([1]), binary: true });
    });

    it('on a client that is not open is the world saying no', async () => {
      const harness = new CommandHarness();
      await harness.run('client-create', { URL: 'ws://127.0.0.1:1/' });
      const { errorStr, ...rest } = await harness.run('client-send', { id: 1, message: 'x' });
      assert.deepEqual(rest, { success: false, compressionError: false, payloadSize: 0, wireSize: 0 });
      assert.match(errorStr, /client 1 is not open \(closed\)/);
    });

    it('without a message is refused', async () => {
      const { harness } = await connected();
      await assert.rejects(harness.run('client-send', { id: 1 }), { code: 'ERR_OPTION', message: /nothing to send/ });
    });
  });

  describe('clear', () => {
    it('answers success once, and ERR_NO_SOCKET from then on', async () => {
      const { harness } = await connected();
      assert.deepEqual(await harness.run('client-clear', { id: 1 }), { success: true });
      assert.equal((await harness.next('client', 'Close')).socket, 1);
      for (const name of ['client-clear', 'client-start', 'client-stop', 'client-send', 'client-create'] as const) {
        await assert.rejects(harness.run(name, { id: 1, message: 'x' }), {
          code: 'ERR_NO_SOCKET',
          message: /no client with the id 1/,
        });
      }
    });

    it('of a client with wrong options works', async () => {
      const harness = new CommandHarness();
      const id = harness.create('client', { URL: 5 });
      await assert.rejects(harness.run('client-stop', { id }), { code: 'ERR_OPTION' });
      assert.deepEqual(await harness.run('client-clear', { id }), { success: true });
    });
  });

  it('no node receives events of a cleared client, or mistakes it for the next one', async () => {
    const { harness, peer } = await connected();
    const { ws } = await peer.peers.take();
    await harness.run('client-clear', { id: 1 });
    await harness.next('client', 'Close');
    ws.send('late', () => {});
    assert.deepEqual(await harness.run('client-create', { URL: peer.url }), { id: 2 });
    await harness.run('client-start', { id: 2 });
    await harness.next('client', 'Open');
    (await peer.peers.take()).ws.send('for the new one');
    const { payload } = await within(harness.next('client', 'Message'), 'a message');
    assert.equal((payload as { str: string }).str, 'for the new one');
  });
});
