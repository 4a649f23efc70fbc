import assert from 'node:assert/strict';
import { randomBytes } from 'node:crypto';
import type { Msg } from '../helpers/flow';
import { opcodes } from '../helpers/frames';
import { Deflater, Inflater, repetitive, type Window } from './deflater';
import { broadcast, closes, heldByAFlow, type PeerPair, server } from './peer-pair';

/** One client and its reader: `undefined` without compression. */
const kinds: Record<string, { offer?: string; window?: Window }> = {
  'no compression': {},
  'the default offer': { offer: '; client_max_window_bits', window: {} },
  'no context takeover': { offer: '; server_no_context_takeover', window: { takeover: false } },
  'a window of 8 bits': { offer: '; server_max_window_bits=8', window: { bits: 8 } },
  'a window of 9 bits and no context takeover': {
    offer: '; server_max_window_bits=9; server_no_context_takeover',
    window: { bits: 9, takeover: false },
  },
  'a window of 12 bits': { offer: '; server_max_window_bits=12', window: { bits: 12 } },
  'a window of 15 bits': { offer: '; server_max_window_bits=15', window: { bits: 15 } },
};

const messages: readonly (string | Buffer)[] = [
  repetitive(3000),
  repetitive(3000),
  '',
  Buffer.alloc(0),
  'short',
  randomBytes(5000),
  repetitive(60_000, 2),
  'right behind a large one',
  Buffer.alloc(50_000, 'abc'),
  repetitive(3000),
];

class Reader {
  private readonly inflater: Inflater | undefined;
  constructor(
    readonly pair: PeerPair,
    window: Window | undefined,
  ) {
    this.inflater = window && new Inflater(window);
  }

  /** Asserts that the next frame is this message, and that its status has its size. */
  async reads(message: string | Buffer, { payloadSize, wireSize }: Msg): Promise<void> {
    const { opcode, rsv, fin, masked, payload } = await this.pair.peer.frame();
    assert.deepEqual(
      { opcode, fin, masked },
      { opcode: typeof message === 'string' ? opcodes.text : opcodes.binary, fin: true, masked: false },
    );
    assert.ok(rsv === 0 || (rsv === 4 && this.inflater), `RSV ${rsv}`);
    const read = rsv === 4 ? await (this.inflater as Inflater).message(payload) : payload;
    assert.ok(read.equals(Buffer.from(message as string)), `${message.length} were sent; ${read.length} came, or others`);
    assert.deepEqual({ payloadSize, wireSize }, { payloadSize: Buffer.byteLength(message), wireSize: payload.length });
  }
}

const comes = async ({ offer, window }: { offer?: string; window?: Window }): Promise<Reader> => {
  const options = { enablePerMessageDeflate: true };
  const headers = offer === undefined ? {} : { 'Sec-WebSocket-Extensions': `permessage-deflate${offer}` };
  return new Reader(await server.meet({ options, headers }), window);
};

const all = async (): Promise<Reader[]> => {
  const readers: Reader[] = [];
  for (const terms of Object.values(kinds)) readers.push(await comes(terms));
  return readers;
};

describe('a broadcast of a server', () => {
  heldByAFlow();

  it('is read by each client in its own way, whatever it negotiated, with the size it had there', async () => {
    const readers = await all();
    for (const message of messages) {
      const statuses = await broadcast(
        message,
        readers.map(({ pair }) => pair),
      );
      const byName = new Map(statuses.map((status) => [status.client, status]));
      for (const reader of readers) await reader.reads(message, byName.get(reader.pair.open.client) as Msg);
    }
    for (const { pair } of readers) await closes(pair);
  });

  for (const [kind, terms] of Object.entries(kinds)) {
    it(`may come before and after messages of its own to a client with ${kind}`, async () => {
      const [reader, other] = [await comes(terms), await comes(terms)];
      for (const [at, message] of messages.entries()) {
        const [first, second] = [`${message.length} for you`, repetitive(1000, at % 3)];
        await reader.reads(first, await reader.pair.send(first));
        const statuses = await broadcast(message, [reader.pair, other.pair]);
        await reader.reads(message, statuses[0] as Msg);
        await other.reads(message, statuses[1] as Msg);
        await reader.reads(second, await reader.pair.send(second));
      }
      await closes(reader.pair);
      await closes(other.pair);
    });
  }

  it('keeps its place among others that are all sent at once', async () => {
    const readers = await all();
    const pairs = readers.map(({ pair }) => pair);
    const sent = messages.flatMap((message, at) => [
      { message: `before ${at}`, statuses: broadcast(`before ${at}`, pairs) },
      { message, statuses: broadcast(message, pairs) },
    ]);
    for (const { message, statuses } of sent) {
      const byName = new Map((await statuses).map((status) => [status.client, status]));
      for (const reader of readers) await reader.reads(message, byName.get(reader.pair.open.client) as Msg);
    }
    for (const pair of pairs) await closes(pair);
  });

  it('leaves what is read alone: clients continue compressing with what they remember', async () => {
    const [reader, other] = [await comes({ offer: '', window: {} }), await comes({ offer: '', window: {} })];
    const deflater = new Deflater();
    for (const message of [repetitive(3000), repetitive(3000)]) {
      const payload = await deflater.message(message);
      reader.pair.peer.send({ opcode: opcodes.text, rsv: 4, payload });
      assert.equal((await reader.pair.event('Message')).wireSize, payload.length);
      const statuses = await broadcast(message, [reader.pair, other.pair]);
      await reader.reads(message, statuses[0] as Msg);
      await other.reads(message, statuses[1] as Msg);
    }
    await closes(reader.pair);
    await closes(other.pair);
  });

  it('that is in progress when the server stops reaches each client whole, or fails and says so', async () => {
    const readers = await all();
    const pairs = readers.map(({ pair }) => pair);
    const large = repetitive(300_000);
    const sent = broadcast(large, pairs, 'some may fail');
    const stopped = (pairs[0] as PeerPair).stop();
    const byName = new Map((await sent).map((status) => [status.client, status]));
    for (const reader of readers) {
      const status = byName.get(reader.pair.open.client) as Msg;
      if (status.success) await reader.reads(large, status);
      else assert.match(status.errorStr, /was not sent/);
      assert.deepEqual(await reader.pair.peer.agrees(), { code: 1000, reason: 'Normal closure' });
    }
    await stopped;
  });
});
