import assert from 'node:assert/strict';
import { randomFillSync } from 'node:crypto';
import * as ws from 'ws';
import { readQuickly, slowReader } from '../../../src/socket/quick-reader';
import { closeBody, frame, opcodes } from '../../helpers/frames';

interface Reader extends NodeJS.EventEmitter {
  write(chunk: Buffer): boolean;
  end(): void;
}
const { Receiver } = ws as unknown as { Receiver: new (options: object) => Reader };

const maxPayload = 300_000;

/** What a reader says of these bytes: the messages and control frames in their order, and what was wrong. */
function heard(chunks: readonly Buffer[], { masked = true, quick = true, most = 1e9 } = {}): { said: string[]; quickly: number } {
  const receiver = new Receiver({ isServer: masked, maxPayload });
  const said: string[] = [];
  let quickly = 0;
  const tell = (kind: string, data: string | Buffer) =>
    said.push(`${kind} ${Buffer.byteLength(data)} ${Buffer.from(data).toString('base64').slice(0, 90)}`);
  receiver.on('message', (data: Buffer, isBinary: boolean) => tell(isBinary ? 'binary' : 'text', data));
  receiver.on('ping', (data: Buffer) => tell('ping', data));
  receiver.on('pong', (data: Buffer) => tell('pong', data));
  receiver.on('conclude', (code: number, reason: Buffer) => tell(`close ${code}`, reason));
  let failed = false;
  receiver.on('error', () => {});
  const deliver = (data: string | Buffer, size: number) => {
    quickly++;
    assert.equal(size, Buffer.byteLength(data));
    tell(typeof data === 'string' ? 'text' : 'binary', data);
    return quickly % most !== 0;
  };
  const reader = quick ? readQuickly({ _receiver: receiver } as never, { masked, maxPayload, deliver }) : slowReader;
  for (const chunk of chunks) {
    // ws takes its hands off the socket after an error.
    const { _errored } = receiver as unknown as { _errored: boolean };
    if (_errored && !failed) {
      failed = true;
      said.push('error');
    }
    if (!failed) receiver.write(Buffer.from(chunk));
    while (!reader.readOn());
  }
  if ((receiver as unknown as { _errored: boolean })._errored && !failed) said.push('error');
  reader.end();
  return { said, quickly };
}

/** The bytes in pieces of these sizes, which repeat. */
function cut(bytes: Buffer, sizes: readonly number[]): Buffer[] {
  const chunks: Buffer[] = [];
  for (let at = 0, i = 0; at < bytes.length; i++) {
    const size = sizes[i % sizes.length] as number;
    chunks.push(bytes.subarray(at, at + size));
    at += size;
  }
  return chunks;
}

const text = (data: string, masked = true) => frame(opcodes.text, data, { masked });
const binary = (size: number, masked = true) => frame(opcodes.binary, randomFillSync(Buffer.alloc(size)), { masked });

/** Of everything that a connection may hear. */
const mixture = (masked: boolean) => {
  return Buffer.concat([
    text('', masked),
    text('a', masked),
    text('x'.repeat(23), masked),
    text('x'.repeat(24), masked),
    text('é€😀', masked),
    text('y'.repeat(125), masked),
    text('y'.repeat(126), masked),
    text(`${'z'.repeat(300)}ü`, masked),
    binary(0, masked),
    binary(7, masked),
    frame(opcodes.ping, 'p', { masked }),
    binary(1000, masked),
    frame(opcodes.text, 'frag', { masked, fin: false }),
    frame(opcodes.pong, '', { masked }),
    frame(0, 'ment', { masked, fin: false }),
    frame(0, 'ed', { masked }),
    text('after', masked),
    text('w'.repeat(66_000), masked),
    binary(70_000, masked),
    text('ß'.repeat(35_000), masked),
    text('last', masked),
  ]);
};

/** The small ones one byte at a time. */
const byByte = [...Array(3500).fill(1), 1e9];

describe('the quick reader', () => {
  for (const masked of [true, false]) {
    describe(`of ${masked ? 'masked' : 'bare'} frames hears what ws hears`, () => {
      const bytes = mixture(masked);
      const expected = heard([bytes], { masked, quick: false }).said;
      for (const sizes of [[1e9], [65_536], byByte, [7, 1, 90], [4096], [1000, 1], [66_010, 5]]) {
        it(`in pieces of ${sizes.slice(0, 3).join(', ')} bytes`, () =>
          assert.deepEqual(heard(cut(bytes, sizes), { masked }).said, expected));
      }
    });
  }

  it('reads all that is common, and what stands behind what is not', () => {
    assert.equal(heard([mixture(true)]).quickly, 16);
    assert.equal(heard(cut(mixture(true), [65_536])).quickly, 16);
  });

  for (const most of [1, 3]) {
    it(`stops after ${most}, and goes on when it is told to`, () => {
      const bytes = mixture(true);
      const expected = heard([bytes], { quick: false }).said;
      for (const sizes of [[1e9], [65_536], [1000]]) assert.deepEqual(heard(cut(bytes, sizes), { most }).said, expected);
    });
  }

  it('reads what it held when the socket ends', () => {
    const receiver = new Receiver({ isServer: true });
    const texts: string[] = [];
    readQuickly({ _receiver: receiver } as never, { masked: true, maxPayload: 0, deliver: (data) => texts.push(String(data)) > 1e9 });
    receiver.write(Buffer.concat([text('a'), text('b'), text('c')]));
    receiver.write(text('d'));
    assert.deepEqual(texts, ['a']);
    receiver.end();
    assert.deepEqual(texts, ['a', 'b', 'c', 'd']);
  });

  it('reads on after a frame that was cut in its header', () => {
    const bytes = Buffer.concat(Array.from({ length: 300 }, (_, i) => text(`message ${i}`)));
    assert.equal(heard(cut(bytes, [1001])).quickly > 280, true);
  });

  describe('leaves what is wrong to ws', () => {
    const rows: Record<string, Buffer> = {
      'a text that is not UTF-8': frame(opcodes.text, Buffer.from([0x61, 0xc3, 0x28]), { masked: true }),
      'a long text that is not UTF-8': frame(opcodes.text, Buffer.alloc(70_000, 0xc3), { masked: true }),
      'a frame without a mask': text('bare', false),
      'a reserved bit': frame(opcodes.text, 'x', { masked: true, rsv: 2 }),
      'an unknown opcode': frame(3, 'x', { masked: true }),
      'a message larger than maxPayload': frame(opcodes.binary, Buffer.alloc(maxPayload + 1), { masked: true }),
      'a continuation of nothing': frame(0, 'x', { masked: true }),
      'a message within another': Buffer.concat([frame(opcodes.text, 'x', { masked: true, fin: false }), text('y')]),
    };
    for (const [title, wrong] of Object.entries(rows)) {
      it(title, () => {
        const bytes = Buffer.concat([text('before'), wrong, text('after')]);
        for (const sizes of [[1e9], [65_536], [1000], [5]]) {
          const expected = heard([bytes], { quick: false }).said;
          assert.deepEqual(heard(cut(bytes, sizes)).said, expected);
          assert.equal(expected.at(-1), 'error');
        }
      });
    }
  });

  it('reads nothing after a close frame', () => {
    const bytes = Buffer.concat([text('a'), frame(opcodes.close, closeBody(1000, 'bye'), { masked: true }), text('b')]);
    for (const sizes of [[1e9], [3], [1]]) {
      assert.deepEqual(
        heard(cut(bytes, sizes)).said.map((line) => line.split(' ').slice(0, 2).join(' ')),
        ['text 1', 'close 1000'],
      );
    }
  });

  it('puts two long texts together at a time', () => {
    const [one, other] = ['1'.repeat(60_000), '2'.repeat(60_000)].map((data) => text(data)) as [Buffer, Buffer];
    const texts: string[] = [];
    const readers = [one, other].map((bytes) => {
      const receiver = new Receiver({ isServer: true });
      readQuickly({ _receiver: receiver } as never, { masked: true, maxPayload: 0, deliver: (data) => texts.push(String(data)) > 0 });
      return { receiver, pieces: cut(bytes, [1000]) };
    });
    for (let i = 0; i < 61; i++) for (const { receiver, pieces } of readers) if (pieces[i]) receiver.write(pieces[i] as Buffer);
    assert.deepEqual(texts, ['1'.repeat(60_000), '2'.repeat(60_000)]);
  });

  describe('lets ws read all', () => {
    it('where its reader is not to be found', () =>
      assert.doesNotThrow(() => readQuickly({} as never, { masked: true, maxPayload: 0, deliver: assert.fail })));
    for (const name of ['_state', '_bufferedBytes', '_payloadLength', '_opcode', '_fragmented', '_errored']) {
      it(`where its reader has no ${name}`, () => {
        const receiver = new Receiver({ isServer: true }) as Reader & Record<string, unknown>;
        const { write } = receiver;
        const holder = { _receiver: new Proxy(receiver, { get: (target, key) => (key === name ? undefined : Reflect.get(target, key)) }) };
        readQuickly(holder as never, { masked: true, maxPayload: 0, deliver: assert.fail });
        assert.equal(receiver.write, write);
      });
    }
  });
});
