import assert from 'node:assert/strict';
import { constants, deflateRawSync } from 'node:zlib';
import { FrameReader, frame, opcodes } from '../helpers/frames';
import { within } from '../helpers/queue';
import { Bare, counted, inWords, many, withHeaders } from './attack';
import { fault } from './fault';
import { Random } from './random';

const maxPayload = 1024 * 1024;
const mebibytes = 512;

/** 512 MiB of zeros in half a MiB: one MiB, compressed without references to earlier data, repeated. */
const bomb = () => {
  const one = deflateRawSync(Buffer.alloc(1024 * 1024), { finishFlush: constants.Z_FULL_FLUSH });
  return Buffer.concat(Array(mebibytes).fill(one)).subarray(0, -4);
};

/** Returns the bomb as a message with this number of frames. */
function bombFrames(bytes: Buffer, fragments: number): Buffer {
  const size = Math.ceil(bytes.length / fragments);
  return Buffer.concat(
    Array.from({ length: fragments }, (_, i) =>
      frame(i === 0 ? opcodes.binary : opcodes.continuation, bytes.subarray(i * size, (i + 1) * size), {
        masked: true,
        rsv: i === 0 ? 4 : 0,
        fin: i === fragments - 1,
      }),
    ),
  );
}

fault(
  'deflate bombs',
  {
    server: { maxPayload },
    count: 200,
    rehearsal: 20,
    async run({ port }, count) {
      const bytes = bomb();
      const shapes = [1, 2, 64, 1000].map((fragments) => bombFrames(bytes, fragments));
      const codes = await many(count, 20, async (i) => {
        const bare = await Bare.open(port);
        const offer = { headers: withHeaders({ 'Sec-WebSocket-Extensions': 'permessage-deflate' }) };
        assert.equal(await within(bare.shakeHands(offer), 'the answer to an upgrade'), true);
        const reader = new FrameReader();
        const code = new Promise<number>((resolve) => {
          bare.socket.on('data', (chunk) => {
            for (const { opcode, payload } of reader.read(chunk)) if (opcode === opcodes.close) resolve(payload.readUInt16BE(0));
          });
          void bare.over.then(() => resolve(1006));
        });
        bare.socket.write(new Random(i).pick(shapes));
        const closed = await within(code, 'the close frame after a bomb', 10_000);
        bare.reset();
        return closed;
      });
      return counted(codes);
    },
    // Each of 20 concurrent messages may have inflated `maxPayload` bytes.
    peak: 20 * maxPayload + 64e6,
    figure: ({ result }) =>
      `200 messages of ${mebibytes} MiB in half a MiB, whole and in up to 1,000 fragments; closed with ${inWords(result)}`,
  },
  (outcome) => {
    it('each is closed with 1009, as its Close event says', () => {
      const { result, tally } = outcome();
      assert.deepEqual({ ...result }, { 1009: 200 });
      assert.deepEqual(tally.closeCodes, { 1009: 200 });
    });

    it('each is reported as an Error event that names maxPayload', () => {
      const { errors } = outcome().tally;
      assert.equal(errors.length, 200);
      assert.deepEqual([...new Set(errors.map(({ reason }) => reason))], ['Message too big: larger than maxPayload']);
    });
  },
);
