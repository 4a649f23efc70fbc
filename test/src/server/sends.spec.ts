import assert from 'node:assert/strict';
import type { Layer } from '../../../src/options/read';
import type { ReceiverStatus } from '../../../src/server/broadcast';
import type { Receivers } from '../../../src/server/members';
import type { RetainStatus } from '../../../src/server/sends';
import * as frames from '../../../src/wire/frame';
import { type Peer, wsClient } from '../../helpers/peers';
import { until, within } from '../../helpers/queue';
import { type ServerHarness, server } from '../../helpers/sockets';
import { teardown } from '../../helpers/teardown';

const retain = ({ socket }: ServerHarness, message: unknown, to: Receivers = {}, key = '') =>
  within(
    new Promise<RetainStatus & { statuses: ReceiverStatus[] }>((resolve) =>
      socket.retain(message, to, key, (statuses, kept) => resolve({ ...kept, statuses })),
    ),
    'the answer of retain',
  );

async function joined(harness: ServerHarness, options?: object): Promise<{ peer: Peer; client: string }> {
  const peer = await wsClient(harness.url(), [], options);
  const { client = '' } = await harness.next('Open');
  return { peer, client };
}

const reads = async ({ messages }: Peer, count: number) => {
  const read = [];
  for (let i = 0; i < count; i++) read.push((await messages.take()).data.toString());
  return read;
};

describe('a message that a server keeps', () => {
  afterEach(teardown);

  const open = (given: Layer = {}) => server(given).open();

  it('is sent to those who are there, and at Open to those who come later, oldest first', async () => {
    const harness = await open();
    const early = await joined(harness);
    for (const key of ['a', 'b', 'a']) {
      const { retained, statuses } = await retain(harness, `${key} ${Math.random() > 2}`, {}, key);
      assert.deepEqual([retained, statuses.length, statuses[0]?.success], [true, 1, true]);
    }
    await harness.send('now');
    assert.deepEqual(await reads(early.peer, 4), ['a false', 'b false', 'a false', 'now']);
    const late = await joined(harness);
    await harness.send('newer');
    assert.deepEqual(await reads(late.peer, 3), ['b false', 'a false', 'newer']);
    assert.deepEqual(
      harness.socket.info().retained?.map(({ key, bytes }) => [key, bytes]),
      [
        ['b', 7],
        ['a', 7],
      ],
    );
  });

  it('comes before what a listener of the Open event sends', async () => {
    const harness = await open();
    await retain(harness, 'kept');
    harness.socket.events.on(({ type }) => {
      if (type === 1) void retain(harness, 'newer');
    });
    const { peer } = await joined(harness);
    assert.deepEqual(await reads(peer, 2), ['kept', 'newer']);
    await harness.send('end');
    assert.deepEqual(await reads(peer, 1), ['end']);
  });

  it('of a tag is sent to each connection that joins it, before anything newer', async () => {
    const harness = await open();
    const { peer, client } = await joined(harness);
    const other = await joined(harness);
    await retain(harness, 'one', { tag: ['t'] }, '1');
    await retain(harness, 'two', { tag: ['t', 'u'] }, '2');
    harness.socket.tag({ client: [client] }, { add: ['t', 'u'] });
    await harness.send('newer', { tag: ['t'] });
    assert.deepEqual(await reads(peer, 3), ['one', 'two', 'newer']);
    harness.socket.tag({ client: [client] }, { add: ['t'] });
    await harness.send('end');
    assert.deepEqual(await reads(peer, 1), ['end'], 'it was in the group already');
    harness.socket.tag({ client: [client] }, { remove: ['t'], add: ['t'] });
    assert.deepEqual(await reads(peer, 2), ['one', 'two'], 'it left and joined again');
    assert.deepEqual(await reads(other.peer, 1), ['end']);
  });

  it('keeps its place among broadcasts of the same turn', async () => {
    const harness = await open();
    const [one, two] = [await joined(harness), await joined(harness)];
    void retain(harness, 'kept', { tag: ['t'] });
    void harness.send('before');
    harness.socket.tag({ client: [one.client, two.client] }, { add: ['t'] });
    void harness.send('after', { tag: ['t'] });
    void harness.send('end');
    const expected = ['before', 'kept', 'after', 'end'];
    assert.deepEqual([await reads(one.peer, 4), await reads(two.peer, 4)], [expected, expected]);
  });

  for (const empty of ['', Buffer.alloc(0)]) {
    it(`is removed by an empty ${typeof empty === 'string' ? 'text' : 'Buffer'}, which is sent`, async () => {
      const harness = await open();
      const { peer } = await joined(harness);
      await retain(harness, 'a', {}, 'k');
      await retain(harness, 'b', {}, 'other');
      const { statuses, ...kept } = await retain(harness, empty, {}, 'k');
      assert.deepEqual([kept, statuses.length, statuses[0]?.success], [{}, 1, true]);
      assert.deepEqual(await reads(peer, 3), ['a', 'b', '']);
      const late = await joined(harness);
      await harness.send('end');
      assert.deepEqual(await reads(late.peer, 2), ['b', 'end']);
    });
  }

  it('above a limit is sent, and the answer says that it is not kept', async () => {
    const harness = await open({ maxRetained: 1 });
    const { peer } = await joined(harness);
    await retain(harness, 'a', {}, 'a');
    const { retained, errorStr, statuses } = await retain(harness, 'b', {}, 'b');
    assert.deepEqual([retained, statuses[0]?.success], [false, true]);
    assert.equal(errorStr, 'The message was sent, but not kept: 1 messages (maxRetained) are kept already.');
    assert.deepEqual(await reads(peer, 2), ['a', 'b']);
  });

  it('survives a stop, and not a clear', async () => {
    const harness = await open();
    await retain(harness, 'kept');
    await harness.stop();
    await harness.open();
    const { peer } = await joined(harness);
    assert.deepEqual(await reads(peer, 1), ['kept']);
    await harness.socket.clear();
    assert.deepEqual(harness.socket.info().retained, []);
  });

  it('is framed once for all who come', async () => {
    const harness = await open();
    const frame = frames.plainFrame('kept', { opcode: 1 });
    await retain(harness, 'kept');
    const [kept] = harness.socket.lastValues.of([undefined]).flat();
    assert.deepEqual(kept?.frame, frame);
    const before = kept?.frame;
    for (let i = 0; i < 3; i++) assert.deepEqual(await reads((await joined(harness)).peer, 1), ['kept']);
    assert.equal(kept?.frame, before);
  });

  for (const size of [1000, 100_000]) {
    it(`is compressed once for all who come (${size} bytes)`, async () => {
      const harness = await open();
      const text = 'kept '.repeat(size / 5);
      await joined(harness, { perMessageDeflate: true });
      await retain(harness, text);
      const [kept] = harness.socket.lastValues.of([undefined]).flat();
      const packed = kept?.packed(15);
      for (let i = 0; i < 2; i++) {
        const { peer } = await joined(harness, { perMessageDeflate: true });
        assert.deepEqual(await reads(peer, 1), [text]);
        await harness.send('newer');
        assert.deepEqual(await reads(peer, 1), ['newer']);
      }
      assert.equal(kept?.packed(15), packed);
      assert.ok(((await packed)?.wireSize ?? size) < size / 10);
    });
  }

  it('stays in its place before a newer one where the rate delays both', async () => {
    const harness = await open({ maxSendsPerSecond: 200 });
    for (const key of ['a', 'b', 'c']) await retain(harness, key, {}, key);
    const { peer } = await joined(harness);
    void retain(harness, 'newer', {}, 'a');
    assert.deepEqual(await reads(peer, 4), ['a', 'b', 'c', 'newer']);
  });

  it('is in the format of a protocol, encoded once, and comes after the opening conversation', async () => {
    const protocol = { format: 'json', onOpen: [{ send: { hello: 1 } }, { wait: { login: 'me' } }] };
    const harness = await open({ protocol });
    const message = { value: 1 };
    await retain(harness, message);
    message.value = 2;
    const peer = await wsClient(harness.url());
    assert.deepEqual(await reads(peer, 1), ['{"hello":1}']);
    await retain(harness, { newer: 1 }, {}, 'newer');
    peer.ws.send('{"login":"me"}');
    await harness.next('Open');
    await harness.send('end');
    assert.deepEqual(await reads(peer, 3), ['{"value":1}', '{"newer":1}', 'end']);
  });

  it('of several frames is kept and removed as one', async () => {
    const harness = await open({ protocol: { format: 'socket.io' } });
    await retain(harness, { type: 2, nsp: '/', data: ['e', Buffer.from('bytes')] }, {}, 'k');
    const { retained = [] } = harness.socket.info();
    assert.equal(retained.length, 1);
    const { peer } = await joined(harness);
    assert.deepEqual((await reads(peer, 2))[1], 'bytes');
  });

  describe('where little may wait for all connections', () => {
    it('does not count if it is large, because the server keeps it anyway', async () => {
      const harness = await open({ maxBufferedTotal: 1_000_000 });
      for (let i = 0; i < 100; i++) await retain(harness, 'x'.repeat(50_000), {}, String(i));
      const { peer } = await joined(harness);
      assert.equal((await reads(peer, 100)).length, 100);
    });

    it('counts if it is small: a peer that does not read is closed', async () => {
      const harness = await open({ maxBufferedTotal: 1_000_000 });
      for (let i = 0; i < 900; i++) await retain(harness, 'x'.repeat(15_000), {}, String(i));
      const { ws } = await wsClient(harness.url('/slow'));
      ws.pause();
      assert.match((await harness.next('Error')).reason, /1013: .*maxBufferedTotal/);
    });
  });

  describe('where little may wait for one connection', () => {
    const limits = { maxBufferedMessages: 10, maxBufferedAmount: 100_000 };

    it('waits for a peer beside what the limits allow, and so does what is newer', async () => {
      const harness = await open(limits);
      for (let i = 0; i < 150; i++) await retain(harness, `${i}`.padEnd(100_000, 'x'), {}, String(i));
      const peer = await wsClient(harness.url());
      peer.ws.pause();
      await harness.next('Open');
      const newer = retain(harness, 'newer', {}, 'newer');
      peer.ws.resume();
      const texts = await reads(peer, 151);
      assert.deepEqual([texts[149]?.slice(0, 3), texts[150]], ['149', 'newer']);
      assert.equal((await newer).statuses[0]?.success, true);
    });

    it('the limits are as before when it is written', async () => {
      const harness = await open({ ...limits, slowReaders: 'drop' });
      for (let i = 0; i < 50; i++) await retain(harness, 'kept', {}, String(i));
      const { peer } = await joined(harness);
      await reads(peer, 50);
      peer.ws.pause();
      const failures: string[] = [];
      for (let i = 0; i < 60; i++)
        void harness.send('x'.repeat(1_000_000)).then(
          ([status]) => failures.push(status?.errorStr ?? ''),
          () => {},
        );
      await until(() => failures.length > 0, 'a failure');
      assert.match(failures[0] ?? '', /10 messages|100000 bytes/);
      peer.ws.terminate();
    });
  });
});
