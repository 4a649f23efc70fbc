import assert from 'node:assert/strict';
import { randomFillSync } from 'node:crypto';
import { once } from 'node:events';
import { constants, deflateRawSync } from 'node:zlib';
import * as ws from 'ws';
import { fastPathReader } from '../../../src/wire/fast-reader';
import type { Reader as FrameByFrame, ReaderOwner } from '../../../src/wire/reader';
import { stopAtError } from '../../../src/wire/ws-internals';
import { Random, seed } from '../../faults/random';
import { closeBody, frame, opcodes } from '../../helpers/frames';
import { within } from '../../helpers/queue';

interface Reader extends NodeJS.EventEmitter {
  write(chunk: Buffer): boolean;
  end(): void;
}
interface Deflate {
  accept(offers: object[]): object;
}
// Exported by ws; @types/ws leaves them out.
const { Receiver, PerMessageDeflate } = ws as unknown as {
  Receiver: new (options: object) => Reader;
  PerMessageDeflate: new (options: object) => Deflate;
};

const maxPayload = 300_000;

/** For tests without pongs. */
const ponged = () => assert.fail('a pong');
const failing = { warn: assert.fail, error: assert.fail };

/** Reads what is written to `receiver`. `ws` has no socket here, so a pause has no effect. */
function readQuicklyFrom(receiver: object, options: Partial<ReaderOwner>): FrameByFrame | undefined {
  const ws = { _receiver: receiver, pause() {}, resume() {} };
  return fastPathReader(ws as never, {
    masked: true,
    maxPayload: 0,
    deliver: assert.fail,
    mayRead: () => true,
    passed: () => {},
    ponged,
    log: failing,
    ...options,
  });
}

interface Heard {
  readonly said: string[];
  /** The number of messages that `ws` did not read. */
  readonly quickly: number;
  /** The number of frames that are not messages of one frame. */
  readonly passed: number;
  /** The number of pongs that `ws` did not read. */
  readonly pongs: number;
}

/**
 * Returns a reader's results for these bytes: the messages and control frames in their order, and the error.
 *
 * @param most pauses the reader after this number of frames, and resumes it a turn later.
 */
async function heard(
  chunks: readonly Buffer[],
  { masked = true, quick = true, deflated = false, ends = false, most = 1e9 } = {},
): Promise<Heard> {
  const extensions: Record<string, object> = {};
  if (deflated) {
    const deflate = new PerMessageDeflate({ isServer: masked, maxPayload });
    deflate.accept([{}]);
    extensions['permessage-deflate'] = deflate;
  }
  const receiver = new Receiver({ isServer: masked, maxPayload, maxFragments: 16, extensions });
  if (deflated) stopAtError({ _receiver: receiver } as never);
  const said: string[] = [];
  let [quickly, passed, inTurn, isPaused, isOver] = [0, 0, 0, false, false];
  const tell = (kind: string, data: string | Buffer) =>
    said.push(`${kind} ${Buffer.byteLength(data)} ${Buffer.from(data).toString('base64').slice(0, 90)}`);
  receiver.on('message', (data: Buffer, isBinary: boolean) => tell(isBinary ? 'binary' : 'text', data));
  receiver.on('ping', (data: Buffer) => tell('ping', data));
  receiver.on('pong', (data: Buffer) => tell('pong', data));
  receiver.on('conclude', (code: number, reason: Buffer) => tell(`close ${code}`, reason));
  // ws stops using the socket after an error or a close frame.
  const over = (line?: string) => () => {
    if (line) said.push(line);
    isOver = true;
  };
  const done = once(receiver, 'finish').catch(() => {});
  receiver.on('error', over('error'));
  receiver.on('conclude', over());
  const count = () => {
    assert.equal(isPaused, false, 'nothing is read while it is paused');
    if (++inTurn < most) return;
    isPaused = true;
    reader?.pause();
  };
  const deliver = (data: string | Buffer, size: number) => {
    quickly++;
    assert.equal(size, Buffer.byteLength(data));
    tell(typeof data === 'string' ? 'text' : 'binary', data);
    count();
  };
  const onFrame = () => {
    passed++;
    count();
  };
  let pongs = 0;
  const ponged = (data: Buffer) => {
    pongs++;
    tell('pong', data);
  };
  const reader = quick ? readQuicklyFrom(receiver, { masked, maxPayload, deliver, passed: onFrame, ponged }) : undefined;
  const nextTurn = async () => {
    await new Promise(setImmediate);
    inTurn = 0;
    isPaused = false;
    reader?.resume();
  };
  for (const chunk of chunks) {
    if (!isOver) receiver.write(Buffer.from(chunk));
    if (isPaused && !ends) while (isPaused) await nextTurn();
  }
  if (!isOver) receiver.end();
  const turns = setInterval(() => void nextTurn());
  await within(done, 'the end of the reader').finally(() => clearInterval(turns));
  reader?.end();
  return { said, quickly, passed, pongs };
}

/** Returns the bytes in pieces of these repeating sizes. */
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

/** Frames of every kind that a connection may receive. */
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

/** Returns a compressed message (RFC 7692), whole or in fragments with pings between them. */
function compressed(data: string | Buffer, { masked = true, parts = 1, opcode = opcodes.text as number } = {}): Buffer {
  const bytes = deflateRawSync(data, { finishFlush: constants.Z_SYNC_FLUSH }).subarray(0, -4);
  const frames: Buffer[] = [];
  for (let i = 0; i < parts; i++) {
    const part = bytes.subarray(Math.floor((bytes.length * i) / parts), Math.floor((bytes.length * (i + 1)) / parts));
    const isFirst = i === 0;
    frames.push(frame(isFirst ? opcode : opcodes.continuation, part, { masked, fin: i === parts - 1, rsv: isFirst ? 4 : 0 }));
    if (i < parts - 1) frames.push(frame(opcodes.ping, `between ${i}`, { masked }));
  }
  return Buffer.concat(frames);
}

/** Frames of every kind that a connection with compression may receive. */
const compressedMixture = (masked: boolean) =>
  Buffer.concat([
    compressed('', { masked }),
    compressed('a', { masked }),
    text('not compressed', masked),
    compressed('fragments '.repeat(100), { masked, parts: 3 }),
    frame(opcodes.pong, 'p', { masked }),
    compressed(randomFillSync(Buffer.alloc(50_000)), { masked, opcode: opcodes.binary, parts: 2 }),
    compressed(Buffer.alloc(200_000), { masked, opcode: opcodes.binary }),
    ...Array.from({ length: 300 }, (_, i) => frame(opcodes.ping, `${i}`, { masked })),
    compressed('ü'.repeat(1000), { masked }),
    mixture(masked),
    compressed('last', { masked }),
  ]);

/** The small ones one byte at a time. */
const byByte = [...Array(3500).fill(1), 1e9];

/** Frames of every kind, with occasional errors. */
function randomFrames(random: Random, deflated: boolean): Buffer {
  const frames: Buffer[] = [];
  const payload = () => random.pick(['', 'a', 'ü', 'hello world', 'x'.repeat(random.int(0, 300)), 'y'.repeat(random.int(0, 70_000))]);
  const one = (): Buffer => {
    const masked = true;
    if (deflated && random.chance(0.5)) return compressed(payload(), { parts: random.int(1, 4) });
    if (random.chance(0.4)) return frame(random.pick([opcodes.text, opcodes.binary]), payload(), { masked });
    if (random.chance(0.5)) return frame(random.pick([opcodes.ping, opcodes.pong]), 'p'.repeat(random.int(0, 125)), { masked });
    if (random.chance(0.8)) {
      const parts = Array.from({ length: random.int(1, 8) }, () => frame(opcodes.continuation, payload(), { masked, fin: false }));
      return Buffer.concat([frame(opcodes.text, payload(), { masked, fin: false }), ...parts, frame(opcodes.continuation, '', { masked })]);
    }
    if (random.chance(0.7)) return frame(opcodes.close, closeBody(random.pick([1000, 4000, 1005]), 'bye'), { masked });
    return frame(random.int(0, 15), random.bytes(random.int(0, 130)), { masked, fin: random.chance(0.5), rsv: random.int(0, 7) });
  };
  for (let i = random.int(1, 30); i > 0; i--) frames.push(one());
  return Buffer.concat(frames);
}

describe('the fast-path reader', () => {
  for (const deflated of [false, true]) {
    for (const masked of [true, false]) {
      describe(`reads the same as ws from ${masked ? 'masked' : 'bare'} frames${deflated ? ', some compressed' : ''}`, () => {
        const bytes = deflated ? compressedMixture(masked) : mixture(masked);
        let expected: Heard;
        before(async () => {
          expected = await heard([bytes], { masked, deflated, quick: false });
        });
        for (const sizes of [[1e9], [65_536], byByte, [7, 1, 90], [4096], [1000, 1], [66_010, 5]]) {
          for (const most of [1e9, 3]) {
            it(`in pieces of ${sizes.slice(0, 3).join(', ')} bytes${most === 3 ? ', three frames a turn' : ''}`, async () =>
              assert.deepEqual((await heard(cut(bytes, sizes), { masked, deflated, most })).said, expected.said));
          }
        }
      });
    }
  }

  it('reads all that is common, and what is behind what is not', async () => {
    for (const sizes of [[1e9], [65_536]]) {
      const { quickly, passed } = await heard(cut(mixture(true), sizes));
      assert.deepEqual([quickly, passed], [16, 5]);
    }
  });

  for (const most of [1, 3]) {
    it(`reads ${most} a turn, and the rest after the end of the socket`, async () => {
      for (const deflated of [false, true]) {
        const bytes = deflated ? compressedMixture(true) : mixture(true);
        const expected = await heard([bytes], { deflated, quick: false });
        for (const sizes of [[1e9], [65_536], [1000]]) {
          assert.deepEqual((await heard(cut(bytes, sizes), { deflated, most, ends: true })).said, expected.said);
        }
      }
    });
  }

  for (const kind of ['ping', 'pong', 'continuation'] as const) {
    for (const deflated of [false, true]) {
      it(`hands ${kind} frames to ws as the turns allow${deflated ? ' (compression)' : ''}`, async () => {
        const flood = Array<Buffer>(1000).fill(frame(opcodes[kind], '', { masked: true, fin: kind !== 'continuation' }));
        const bytes = kind === 'continuation' ? [frame(opcodes.text, '', { masked: true, fin: false }), ...flood] : flood;
        const { passed, said } = await heard([Buffer.concat(bytes.slice(0, 16))], { deflated, most: 4 });
        assert.equal(passed, 16);
        if (kind !== 'continuation') assert.equal((await heard([Buffer.concat(flood)], { deflated, most: 100 })).passed, 1000);
        assert.equal(said.length, kind === 'continuation' ? 0 : 16);
      });
    }
  }

  it(`reads the same as ws from random frames, cut and paused anywhere (FAULTS_SEED=${seed})`, async () => {
    for (let part = 0; part < 150; part++) {
      const random = new Random(part);
      const deflated = random.chance(0.5);
      const bytes = randomFrames(random, deflated);
      const expected = await heard([bytes], { deflated, quick: false });
      const how = { deflated, ends: random.chance(0.5), most: random.pick([1, 2, 20, 1e9]) };
      assert.deepEqual((await heard(random.pieces(bytes, random.pick([1, 4, 40])), how)).said, expected.said, `case ${part}`);
    }
  }).timeout(20_000);

  it('reads whole pongs itself, on both sides; ws reads those in pieces, and wrong ones', async () => {
    for (const masked of [true, false]) {
      const good = ['', 'beat', 'é', 'x'.repeat(125)].map((data) => frame(opcodes.pong, data, { masked }));
      const { pongs, passed, said } = await heard([Buffer.concat([...good, text('a', masked), ...good])], { masked });
      assert.deepEqual([pongs, passed, said.length], [8, 8, 9]);
      const pieces = await heard(cut(Buffer.concat(good), [3]), { masked });
      assert.deepEqual(pieces.said, said.slice(0, 4));
      if (masked) assert.equal(pieces.pongs, 0);
    }
    const long = await heard([frame(opcodes.pong, 'x'.repeat(126), { masked: true })], {});
    const fragment = await heard([frame(opcodes.pong, 'x', { masked: true, fin: false })], {});
    const unmasked = await heard([frame(opcodes.pong, 'x', { masked: false })], {});
    for (const wrong of [long, fragment, unmasked]) assert.deepEqual([wrong.pongs, wrong.said], [0, ['error']]);
  });

  it('reads on after a frame that was cut in its header', async () => {
    const bytes = Buffer.concat(Array.from({ length: 300 }, (_, i) => text(`message ${i}`)));
    assert.equal((await heard(cut(bytes, [1001]))).quickly > 280, true);
  });

  describe('hands ws what is not whole', () => {
    /** The sizes of the data passed to `ws`, and its underlying buffers. */
    function given(chunks: readonly Buffer[]): { sizes: number[]; memory: number } {
      const receiver = new Receiver({ isServer: true });
      const buffers = new Set<ArrayBufferLike>();
      const sizes: number[] = [];
      const { write } = receiver;
      receiver.write = (chunk) => {
        sizes.push(chunk.length);
        buffers.add(chunk.buffer);
        return write.call(receiver, chunk);
      };
      readQuicklyFrom(receiver, {});
      for (const chunk of chunks) receiver.write(chunk);
      return { sizes, memory: [...buffers].reduce((sum, buffer) => sum + buffer.byteLength, 0) };
    }
    /** Returns chunks as from a socket, each in its own memory. */
    const own = (bytes: Buffer) => Buffer.from(new Uint8Array(bytes).buffer);

    it('in large pieces, however small they come', () => {
      const size = 1_000_000;
      const bytes = frame(opcodes.binary, Buffer.alloc(size), { masked: true }).subarray(0, -1);
      const { sizes, memory } = given(cut(bytes, [1]).map(own));
      assert.equal(sizes.filter((each) => each < 1024).length, 14, 'the header');
      assert.equal(sizes.length < 14 + size / 60_000, true, `${sizes.length}`);
      assert.equal(memory < size + 100, true, `${memory}`);
    });

    it('without a copy, where the pieces are large', () => {
      const bytes = frame(opcodes.binary, Buffer.alloc(1_000_000), { masked: true });
      assert.deepEqual(given(cut(bytes, [65_536]).map(own)).sizes, [14, ...Array(15).fill(65_536).with(0, 65_522), 16_974]);
    });

    it('with nothing else that came with a fragment', () => {
      const rest = frame(opcodes.ping, '', { masked: true });
      const fragment = (opcode: number) => frame(opcode, 'x', { masked: true, fin: false });
      const receiver = new Receiver({ isServer: true }) as Reader & { _fragments: Buffer[] };
      readQuicklyFrom(receiver, {});
      for (let i = 0; i < 20; i++) {
        const first = fragment(i === 0 ? opcodes.text : opcodes.continuation);
        receiver.write(own(Buffer.concat([first, ...Array<Buffer>(1000).fill(rest)])));
      }
      assert.equal(receiver._fragments.length, 20);
      for (const { buffer } of receiver._fragments) assert.equal(buffer.byteLength, 7);
    });
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
      'a message in too many fragments': Buffer.concat([
        frame(opcodes.text, 'x', { masked: true, fin: false }),
        ...Array<Buffer>(16).fill(frame(opcodes.continuation, 'x', { masked: true, fin: false })),
      ]),
    };
    for (const deflated of [false, true]) {
      if (deflated) {
        rows['what cannot be inflated'] = frame(opcodes.text, 'not deflated', { masked: true, rsv: 4 });
        rows['what holds more than maxPayload'] = compressed(Buffer.alloc(maxPayload + 1), { opcode: opcodes.binary });
      }
      for (const [title, wrong] of Object.entries(rows)) {
        it(`${title}${deflated ? ' (compression)' : ''}`, async () => {
          const before = deflated ? compressed('z'.repeat(9000)) : text('before');
          const bytes = Buffer.concat([before, wrong, text('after'), frame(opcodes.ping, '', { masked: true })]);
          for (const sizes of [[1e9], [65_536], [1000], [5]]) {
            const expected = await heard([bytes], { deflated, quick: false });
            for (const most of [1e9, 1]) assert.deepEqual((await heard(cut(bytes, sizes), { deflated, most })).said, expected.said);
            assert.equal(expected.said.at(-1), 'error');
          }
        });
      }
    }
  });

  it('reads nothing after a close frame', async () => {
    const bytes = Buffer.concat([text('a'), frame(opcodes.close, closeBody(1000, 'bye'), { masked: true }), text('b')]);
    for (const sizes of [[1e9], [3], [1]]) {
      for (const most of [1e9, 1]) {
        const { said } = await heard(cut(bytes, sizes), { most });
        assert.deepEqual(
          said.map((line) => line.split(' ').slice(0, 2).join(' ')),
          ['text 1', 'close 1000'],
        );
      }
    }
  });

  it('puts two long texts together at a time', () => {
    const [one, other] = ['1'.repeat(60_000), '2'.repeat(60_000)].map((data) => text(data)) as [Buffer, Buffer];
    const texts: string[] = [];
    const readers = [one, other].map((bytes) => {
      const receiver = new Receiver({ isServer: true });
      readQuicklyFrom(receiver, { deliver: (data) => texts.push(String(data)) });
      return { receiver, pieces: cut(bytes, [1000]) };
    });
    for (let i = 0; i < 61; i++) for (const { receiver, pieces } of readers) if (pieces[i]) receiver.write(pieces[i] as Buffer);
    assert.deepEqual(texts, ['1'.repeat(60_000), '2'.repeat(60_000)]);
  });

  it('keeps no chunk of 64 KiB for a small binary message in it', () => {
    const received: Buffer[] = [];
    const receiver = new Receiver({ isServer: true });
    readQuicklyFrom(receiver, { deliver: (data) => Buffer.isBuffer(data) && received.push(data) });
    const sizes = [1, 100, 30_000];
    const frames = sizes.map((size) => frame(opcodes.binary, Buffer.alloc(size, 7), { masked: true }));
    const chunk = Buffer.allocUnsafeSlow(65_536).fill(0);
    Buffer.concat(frames).copy(chunk);
    receiver.write(
      chunk.subarray(
        0,
        frames.reduce((sum, { length }) => sum + length, 0),
      ),
    );
    assert.deepEqual(
      received.map((bytes) => [bytes.length, bytes.every((byte) => byte === 7), bytes.buffer === chunk.buffer]),
      [
        [1, true, false],
        [100, true, false],
        [30_000, true, true],
      ],
    );
  });

  describe('lets ws read all', () => {
    it('where its reader is not to be found', () =>
      assert.equal(
        fastPathReader({} as never, {
          masked: true,
          maxPayload: 0,
          mayRead: () => true,
          deliver: assert.fail,
          passed: assert.fail,
          ponged,
          log: failing,
        }),
        undefined,
      ));

    it('where the source of its reader is another than was read', () => {
      class Other extends Receiver {}
      for (const [of, known] of [
        [Receiver, true],
        [Other, false],
        [Receiver, true],
      ] as const) {
        const receiver = new of({ isServer: true });
        const { write } = receiver;
        assert.equal(readQuicklyFrom(receiver, {}) !== undefined, known);
        assert.equal(receiver.write !== write, known);
      }
    });
  });
});
