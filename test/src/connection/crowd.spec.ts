import assert from 'node:assert/strict';
import type { Layer } from '../../../src/options/read';
import type { ReceiverStatus } from '../../../src/server/broadcast';
import type { Receivers } from '../../../src/server/members';
import { type Peer, wsClient } from '../../helpers/peers';
import { within } from '../../helpers/queue';
import { server } from '../../helpers/sockets';
import { teardown } from '../../helpers/teardown';

/** A server with peers, of which `deflating` ones have agreed on compression. Those with an even number have the tag `even`. */
async function peered(count: number, given: Layer = {}, deflating = 0) {
  const harness = await server({ perMessageDeflate: deflating > 0, ...given }).open();
  const { socket } = harness;
  const peers: { client: string; messages: Peer['messages'] }[] = [];
  for (let i = 0; i < count; i++) {
    const peer = await wsClient(harness.url(`/${i}`), [], { perMessageDeflate: i < deflating });
    const { client = '' } = await harness.next('Open');
    if (i % 2 === 0) socket.tag({ client: [client] }, { add: ['even'] });
    peers.push({ messages: peer.messages, client });
  }
  const reads = (i: number, length: number) =>
    Promise.all(Array.from({ length }, async () => String((await peers[i]?.messages.take(`a message for ${i}`))?.data)));
  const heard = (data: string | Buffer, to: Receivers = {}) =>
    within(new Promise<ReceiverStatus[]>((resolve) => socket.send(data, to, resolve)), 'the statuses');
  const unheard = (data: string | Buffer, to: Receivers = {}) =>
    within(new Promise<string | undefined>((resolve) => socket.sendUnheard(data, to, { sentUnheard: resolve })), 'the outcome');
  return { harness, socket, peers, reads, heard, unheard };
}

const bytesOut = ({ socket }: { socket: { info(): { connections: { messagesOut: number; bytesOut: number }[] } } }) =>
  socket.info().connections.map(({ messagesOut, bytesOut }) => [messagesOut, bytesOut]);

describe('messages to many in one turn', () => {
  afterEach(teardown);

  for (const deflating of [0, 3, 5]) {
    it(`reach each in the order of the sends, among those to a group, to one and to others: ${deflating} of 5 compress`, async () => {
      const { peers, reads, heard, unheard } = await peered(5, {}, deflating);
      const expected: string[][] = peers.map(() => []);
      const outcomes: Promise<unknown>[] = [];
      let random = 7;
      for (let n = 0; n < 200; n++) {
        random = (random * 1103515245 + 12345) & 0x7fffffff;
        const [kind, one] = [(random >> 8) % 7, (random >> 16) % 5];
        const client = [peers[one]?.client ?? ''];
        const [to, isFor] = [
          [{}, () => true],
          [{ tag: ['even'] }, (i: number) => i % 2 === 0],
          [{ client }, (i: number) => i === one],
          [{ except: client }, (i: number) => i !== one],
        ][kind > 3 ? 0 : kind] as [Receivers, (i: number) => boolean];
        const text = `${n} ${'x'.repeat(random % 300)}${n % 50 === 0 ? 'y'.repeat(20_000) : ''}`;
        for (const [i, list] of expected.entries()) if (isFor(i)) list.push(text);
        outcomes.push(n % 2 ? heard(text, to) : unheard(text, to));
        if (n % 37 === 0) await Promise.race(outcomes.slice(-1));
      }
      for (const [i, list] of expected.entries()) assert.deepEqual(await reads(i, list.length), list, `peer ${i}`);
      await Promise.all(outcomes);
      assert.ok(peers.every(({ messages }) => messages.isEmpty));
    });
  }

  it('have a status for each receiver, with its own size on the wire', async () => {
    const { peers, heard } = await peered(3, {}, 1);
    const text = 'a'.repeat(1000);
    const [first, second] = await Promise.all([heard(text), heard('é')]);
    const clients = peers.map(({ client }) => client);
    for (const statuses of [first, second])
      assert.deepEqual(
        statuses.map(({ client }) => client),
        clients,
      );
    assert.deepEqual(
      first.map(({ payloadSize, success }) => [payloadSize, success]),
      Array(3).fill([1000, true]),
    );
    const [packed = 0, ...plain] = first.map(({ wireSize }) => wireSize);
    assert.ok(packed > 0 && packed < 100, String(packed));
    assert.deepEqual(plain, [1000, 1000]);
    assert.deepEqual(
      second.map(({ wireSize }) => wireSize),
      [2, 2, 2],
    );
  });

  it('keep what was sent, although the flow changes its bytes in the same turn', async () => {
    const { reads, unheard } = await peered(2);
    const bytes = Buffer.from('before');
    const sent = unheard(bytes);
    bytes.fill('-');
    assert.deepEqual(await reads(0, 1), ['before']);
    assert.equal(await sent, undefined);
  });

  it('are counted at once, and only for the connections that were there', async () => {
    const all = await peered(2);
    void all.unheard('abc');
    void all.unheard('de');
    assert.deepEqual(bytesOut(all), [
      [2, 5],
      [2, 5],
    ]);
    const late = await wsClient(all.harness.url());
    await all.harness.next('Open');
    await all.unheard('f');
    assert.deepEqual(bytesOut(all), [
      [3, 6],
      [3, 6],
      [1, 1],
    ]);
    assert.equal(String((await late.messages.take()).data), 'f');
  });

  it('precede the close frame of a connection that the flow closes', async () => {
    const { harness, peers, reads, heard } = await peered(3);
    const sent = heard('last');
    const closed = harness.disconnect({ client: [peers[1]?.client ?? ''] });
    const next = heard('for two');
    assert.deepEqual(await reads(1, 1), ['last']);
    assert.deepEqual(await reads(2, 2), ['last', 'for two']);
    assert.deepEqual(
      (await sent).map(({ success }) => success),
      [true, true, true],
    );
    assert.deepEqual(
      (await next).map(({ client }) => client),
      [peers[0]?.client, peers[2]?.client],
    );
    await closed;
  });

  it('fail for a connection that ends in the turn, and only for it', async () => {
    const { socket, peers, heard, unheard } = await peered(3);
    const both = Promise.all([heard('a'), unheard('b')]);
    // As a close frame of the peer, which `ws` answers at once.
    const members = (socket as unknown as { members: { choose(): { connection: { ws: { close(): void } } }[] } }).members;
    members.choose()[1]?.connection.ws.close();
    const [statuses, errorStr] = await both;
    assert.deepEqual(
      statuses.map(({ client, errorStr }) => [client, errorStr]),
      peers.map(({ client }, i) => [client, i === 1 ? 'The message was not sent: the connection is closing.' : undefined]),
    );
    assert.equal(errorStr, 'The message was not sent: the connection is closing.');
  });

  it('end at the limit of each connection', async () => {
    const { socket, peers, heard } = await peered(2, { maxBufferedMessages: 3, slowReaders: 'drop' });
    // It is behind: its socket takes nothing.
    const members = (
      socket as unknown as { members: { choose(): { connection: { ws: { _socket: { cork(): void; uncork(): void } } } }[] } }
    ).members;
    const stuck = members.choose()[1]?.connection.ws._socket;
    stuck?.cork();
    const outcomes = Array.from({ length: 5 }, (_, n) => heard(String(n)));
    await new Promise((resolve) => setImmediate(resolve));
    stuck?.uncork();
    const failed = (await Promise.all(outcomes)).map((statuses) => statuses.map(({ success }) => success));
    assert.deepEqual(failed, [
      [true, true],
      [true, true],
      [true, true],
      [true, false],
      [true, false],
    ]);
    assert.equal(peers.length, 2);
  });
});
