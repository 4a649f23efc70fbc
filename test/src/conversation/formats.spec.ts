import assert from 'node:assert/strict';
import { type FormatName, formatNames, loadFormat, TooLong, Unreadable } from '../../../src/conversation/formats';

const codec = async (name: FormatName, maxPayload = 0) => (await loadFormat(name))({ separator: '\u001e', maxPayload });

describe('formats', () => {
  const samples: { readonly [F in FormatName]: unknown } = {
    text: 'a text',
    json: { a: [1, { b: 'ü' }] },
    records: { a: [1, { b: 'ü' }] },
    msgpack: { a: [1, Buffer.from('bytes')], n: null },
    cbor: { a: [1, Buffer.from('bytes')], n: null },
    'socket.io': { eio: 'message', type: 2, nsp: '/', id: 5, data: ['event', { bytes: Buffer.from('bytes') }] },
    stomp: { command: 'SEND', headers: { destination: '/a:b', 'content-length': '2' }, body: 'ü' },
  };

  for (const name of formatNames) {
    it(`${name}: what is encoded is decoded`, async () => {
      const [one, other] = [await codec(name), await codec(name)];
      const sample = samples[name];
      const frames = typeof sample === 'string' ? [sample] : one.encode(sample);
      assert.deepEqual(
        frames.flatMap((frame) => other.decode(frame)),
        [sample],
      );
    });
  }

  it('records: a frame holds several, and one spans frames', async () => {
    const { decode } = await codec('records');
    assert.deepEqual(decode('{"a":1}\u001e{"b":2}\u001e{"c"'), [{ a: 1 }, { b: 2 }]);
    assert.deepEqual(decode(':3'), []);
    assert.deepEqual(decode('}\u001e'), [{ c: 3 }]);
  });

  it('records: a character that two binary frames share is put together', async () => {
    const { decode } = await codec('records');
    const bytes = Buffer.from('"ü"\u001e');
    assert.deepEqual([...decode(bytes.subarray(0, 2)), ...decode(bytes.subarray(2))], ['ü']);
  });

  it('records: one that is no JSON is told whole, and the others of its frame are read', async () => {
    const { decode } = await codec('records');
    assert.deepEqual(decode('{"a":1}\u001egar'), [{ a: 1 }]);
    const [wrong, right] = decode('bage\u001e{"b":2}\u001e');
    assert.ok(wrong instanceof Unreadable);
    assert.deepEqual([wrong.str, right], ['garbage', { b: 2 }]);
  });

  for (const name of ['records', 'stomp'] as const) {
    it(`${name}: one that does not end within the largest message is too long`, async () => {
      const { decode } = await codec(name, 1000);
      const frame = name === 'stomp' ? `SEND\na:${'x'.repeat(600)}` : 'x'.repeat(600);
      decode(frame);
      assert.throws(() => decode('x'.repeat(600)), TooLong);
    });
  }

  it('records: one that begins in an earlier frame is too long as a whole', async () => {
    const { decode } = await codec('records', 1000);
    decode(`"${'x'.repeat(600)}`);
    assert.throws(() => decode(`${'x'.repeat(600)}"\u001e`), TooLong);
  });

  it('json: the error cites nothing of the text', async () => {
    const { decode } = await codec('json');
    for (const text of ['secret-of-a-peer', '{"a": secret-of-a-peer', `[1, ${' '.repeat(50)}secret`]) {
      assert.throws(
        () => decode(text),
        (error: Error) => !error.message.includes('sec') && error.message.length > 10,
      );
    }
  });

  it('socket.io: reads on if attachments do not come', async () => {
    const { decode } = await codec('socket.io');
    decode('451-["a",{"_placeholder":true,"num":0}]');
    assert.throws(() => decode('42["b"]'));
    assert.deepEqual(decode('42["c"]'), [{ eio: 'message', type: 2, nsp: '/', data: ['c'] }]);
  });

  it('socket.io: Engine.IO packets have their type, and the handshake its data', async () => {
    const { decode, encode } = await codec('socket.io');
    assert.deepEqual(decode('0{"sid":"a"}'), [{ eio: 'open', data: { sid: 'a' } }]);
    assert.deepEqual(decode('2'), [{ eio: 'ping' }]);
    assert.deepEqual(encode({ eio: 'pong' }), ['3']);
  });

  it('stomp: line feeds between frames are not messages', async () => {
    assert.deepEqual((await codec('stomp')).decode('\n'), []);
  });
});
