import assert from 'node:assert/strict';
import { constants, inflateRawSync } from 'node:zlib';
import { OutgoingMessage } from '../../../src/wire/outgoing-message';
import { decodeFrame, opcodes } from '../../helpers/frames';

const decoded = (frame: readonly Buffer[]) => decodeFrame(Buffer.concat(frame))?.frame ?? assert.fail('it is incomplete');
const inflate = (bytes: Buffer, windowBits = 15) =>
  inflateRawSync(Buffer.concat([bytes, Buffer.from([0, 0, 0xff, 0xff])]), { windowBits, finishFlush: constants.Z_SYNC_FLUSH });

describe('OutgoingMessage', () => {
  it('counts a text in UTF-8', () => {
    const { size, isText, ascii } = new OutgoingMessage('é');
    assert.deepEqual([size, isText, ascii], [2, true, undefined]);
    assert.equal(new OutgoingMessage('e').ascii, 'e');
    assert.equal(new OutgoingMessage(Buffer.from('e')).ascii, undefined);
  });

  it('is framed once for a server, and each time for a client', () => {
    const message = new OutgoingMessage('hello');
    assert.equal(message.frame, message.frame);
    assert.notEqual(message.masked, message.masked);
    for (const [frame, masked] of [
      [decoded(message.frame), false],
      [decoded(message.masked), true],
    ] as const) {
      assert.deepEqual([frame.opcode, frame.masked, frame.payload.toString()], [opcodes.text, masked, 'hello']);
    }
  });

  for (const size of [1000, 100_000]) {
    it(`of ${size} bytes is compressed once for each window, and can be inflated`, async () => {
      const payload = Buffer.alloc(size, 'abc');
      const message = new OutgoingMessage(payload);
      const packed = message.packed(15);
      assert.equal(message.packed(15), packed);
      assert.notEqual(message.packed(9), packed);
      const { frame, wireSize } = await packed;
      const { rsv, opcode, payload: deflated } = decoded(frame);
      assert.deepEqual([rsv, opcode, deflated.length], [4, opcodes.binary, wireSize]);
      assert.equal(inflate(deflated).equals(payload), true);
    });
  }

  it('is sent uncompressed if compression saves nothing', async () => {
    const message = new OutgoingMessage('ab');
    const { frame, wireSize } = await message.packed(15);
    assert.deepEqual([frame, wireSize, decoded(frame).rsv], [message.frame, 2, 0]);
  });

  it('for a window of 8 bits, is compressed with 9', async () => {
    const payload = Buffer.from(Array.from({ length: 5000 }, (_, i) => (i * 7) % 101));
    const { frame } = await new OutgoingMessage(payload).packed(8);
    const { payload: deflated } = decoded(frame);
    assert.equal(inflate(deflated, 9).equals(payload), true);
  });

  for (const data of ['ä text', 'a text', Buffer.from('bytes'), 'x'.repeat(20_000), Buffer.alloc(20_000, 'x')]) {
    it(`that is kept has the frame and the value of any other (${typeof data}, ${data.length})`, () => {
      const [kept, other] = [OutgoingMessage.kept(data), new OutgoingMessage(data)];
      assert.deepEqual(Buffer.concat(kept.frame), Buffer.concat(other.frame));
      assert.deepEqual([kept.value, kept.size, kept.isText, kept.bytes], [other.value, other.size, other.isText, other.bytes]);
    });
  }
});
