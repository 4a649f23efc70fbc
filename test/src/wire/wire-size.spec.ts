import assert from 'node:assert/strict';
import { FrameMeter } from '../../../src/wire/wire-size';
import { frame, opcodes } from '../../helpers/frames';

/** Returns a meter's result for these bytes, cut into chunks of this size. */
function metered(bytes: Buffer, chunk: number): number[] {
  const sizes: number[] = [];
  const meter = new FrameMeter((size) => sizes.push(size));
  for (let at = 0; at < bytes.length; at += chunk) meter.feed(bytes.subarray(at, at + chunk));
  return sizes;
}

const { continuation, text, binary, ping, pong, close } = opcodes;
const rows: [string, Buffer[], number[]][] = [
  ['an empty message', [frame(text)], [0]],
  ['a short message', [frame(text, 'hello')], [5]],
  ['125 bytes, the most for a length of 7 bits', [frame(binary, Buffer.alloc(125))], [125]],
  ['126 bytes, the least for 16 bits', [frame(binary, Buffer.alloc(126))], [126]],
  ['65,535 bytes, the most for 16 bits', [frame(binary, Buffer.alloc(65535, 0xff))], [65535]],
  ['65,536 bytes, the least for 64 bits', [frame(binary, Buffer.alloc(65536, 0x81))], [65536]],
  [
    'masked, all three forms',
    [
      frame(text, 'hello', { masked: true }),
      frame(text, 'x'.repeat(300), { masked: true }),
      frame(text, 'x'.repeat(70_000), { masked: true }),
    ],
    [5, 300, 70_000],
  ],
  ['masked and empty', [frame(text, '', { masked: true }), frame(text, 'a', { masked: true })], [0, 1]],
  ['compressed', [frame(text, 'abc', { rsv: 4 }), frame(text, 'de', { rsv: 4 })], [3, 2]],
  ['several messages', [frame(text, 'a'), frame(text, 'bb'), frame(binary, 'ccc')], [1, 2, 3]],
  [
    'fragments, counted together',
    [frame(text, 'a', { fin: false }), frame(continuation, 'bb', { fin: false }), frame(continuation, 'ccc')],
    [6],
  ],
  ['empty fragments', [frame(text, '', { fin: false }), frame(continuation, 'a', { fin: false }), frame(continuation)], [1]],
  [
    'control frames between messages',
    [frame(ping, 'p'), frame(text, 'a'), frame(pong, 'pp'), frame(text, 'bb'), frame(close, 'cc')],
    [1, 2],
  ],
  [
    'control frames between fragments',
    [
      frame(text, 'a', { fin: false }),
      frame(ping, 'p'.repeat(125)),
      frame(continuation, 'bb', { fin: false }),
      frame(pong),
      frame(continuation, 'ccc'),
      frame(text, 'd'),
    ],
    [6, 1],
  ],
  ['nothing but control frames', [frame(ping, 'p', { masked: true }), frame(close)], []],
  ['a message that is not whole yet', [frame(text, 'a'), frame(text, 'b', { fin: false })], [1]],
];

describe('FrameMeter', () => {
  for (const [title, frames, sizes] of rows) {
    const bytes = Buffer.concat(frames);
    const chunks =
      bytes.length < 2000 ? Array.from({ length: bytes.length }, (_, i) => i + 1) : [1, 2, 3, 7, 13, 125, 126, 4096, 65535, bytes.length];
    it(`${title}: ${sizes.join(', ') || 'none'}, in chunks of ${bytes.length < 2000 ? 'every size' : chunks.join(', ')}`, () => {
      for (const chunk of chunks) assert.deepEqual(metered(bytes, chunk), sizes, `in chunks of ${chunk}`);
    });
  }

  it('takes empty chunks', () => {
    const sizes: number[] = [];
    const meter = new FrameMeter((size) => sizes.push(size));
    for (const chunk of [Buffer.alloc(0), frame(text, 'a').subarray(0, 1), Buffer.alloc(0), frame(text, 'a').subarray(1)])
      meter.feed(chunk);
    assert.deepEqual(sizes, [1]);
  });

  it('reports a size as soon as the header of the last frame is there', () => {
    const sizes: number[] = [];
    new FrameMeter((size) => sizes.push(size)).feed(frame(text, 'hello').subarray(0, 2));
    assert.deepEqual(sizes, [5]);
  });
});
