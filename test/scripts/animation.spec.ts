import assert from 'node:assert/strict';
import { deflateSync } from 'node:zlib';

interface Chunk {
  readonly type: string;
  readonly data: Buffer;
}
let animation: {
  animate(frames: readonly { png: Buffer; ms: number }[]): Buffer;
  decode(png: Buffer): { width: number; height: number; pixels: Buffer };
  chunksOf(png: Buffer): Chunk[];
};

const chunk = (type: string, data: Buffer) => {
  const head = Buffer.alloc(8);
  head.writeUInt32BE(data.length);
  head.write(type, 4, 'latin1');
  return Buffer.concat([head, data, Buffer.alloc(4)]);
};

/** A PNG of lines, each with its filter and its bytes. */
function png(width: number, channels: 3 | 4, lines: readonly (readonly number[])[]): Buffer {
  const header = Buffer.alloc(13);
  header.writeUInt32BE(width);
  header.writeUInt32BE(lines.length, 4);
  header.set([8, channels === 3 ? 2 : 6, 0, 0, 0], 8);
  const signature = Buffer.from([0x89, 0x50, 0x4e, 0x47, 0x0d, 0x0a, 0x1a, 0x0a]);
  return Buffer.concat([
    signature,
    chunk('IHDR', header),
    chunk('IDAT', deflateSync(Buffer.from(lines.flat()))),
    chunk('IEND', Buffer.alloc(0)),
  ]);
}

describe('the animated picture', () => {
  before(async () => {
    animation = await import('../../scripts/animation.mjs' as string);
  });

  it('is made of pictures with every filter of PNG', () => {
    const lines = [
      [0, 10, 20, 30, 1, 2, 3],
      [1, 10, 20, 30, 1, 2, 3],
      [2, 1, 1, 1, 1, 1, 1],
      [3, 2, 2, 2, 2, 2, 2],
      [4, 1, 1, 1, 255, 0, 1],
    ];
    assert.deepEqual(
      [...animation.decode(png(2, 3, lines)).pixels],
      [
        ...[10, 20, 30, 1, 2, 3],
        ...[10, 20, 30, 11, 22, 33],
        ...[11, 21, 31, 12, 23, 34],
        ...[7, 12, 17, 11, 19, 27],
        ...[8, 13, 18, 10, 19, 28],
      ],
    );
    assert.deepEqual([...animation.decode(png(1, 4, [[0, 1, 2, 3, 255]])).pixels], [1, 2, 3]);
  });

  it('has the times, and of each further frame only what has changed', () => {
    const dark = [0, 0, 0, 0, 0, 0, 0, 0, 0];
    const light = [0, 0, 0, 9, 9, 9, 0, 0, 0];
    const frames = [
      {
        png: png(3, 3, [
          [0, ...dark],
          [0, ...dark],
        ]),
        ms: 500,
      },
      {
        png: png(3, 3, [
          [0, ...dark],
          [0, ...light],
        ]),
        ms: 70,
      },
      {
        png: png(3, 3, [
          [0, ...dark],
          [0, ...light],
        ]),
        ms: 1000,
      },
    ];
    const made = animation.animate(frames);
    const chunks = animation.chunksOf(made);
    assert.deepEqual(
      chunks.map(({ type }) => type),
      ['IHDR', 'acTL', 'fcTL', 'IDAT', 'fcTL', 'fdAT', 'fcTL', 'fdAT', 'IEND'],
    );
    const numbers = ({ data }: Chunk) => Array.from({ length: 5 }, (_, at) => data.readUInt32BE(at * 4)).concat(data.readUInt16BE(20));
    assert.deepEqual(chunks.filter(({ type }) => type === 'fcTL').map(numbers), [
      [0, 3, 2, 0, 0, 500],
      [1, 1, 1, 1, 1, 70],
      [3, 1, 1, 0, 0, 1000],
    ]);
    assert.deepEqual(animation.decode(made), animation.decode(frames[0]?.png as Buffer), 'the first frame is a PNG of its own');
  });

  it('has the checksums of PNG', () => {
    const made = animation.animate([{ png: png(1, 3, [[0, 1, 2, 3]]), ms: 1 }]);
    // That of the empty chunk at the end is the same in every PNG.
    assert.equal(made.readUInt32BE(made.length - 4), 0xae426082);
  });
});
