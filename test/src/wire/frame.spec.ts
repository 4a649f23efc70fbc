import assert from 'node:assert/strict';
import { largePayload, maskedFrame, pingFrame, plainFrame, textHeader } from '../../../src/wire/frame';
import { decodeFrame, encodeFrame, opcodes } from '../../helpers/frames';

const sizes = [0, 1, 125, 126, 127, 65535, 65536, 70000];

describe('frames', () => {
  for (const size of sizes) {
    const payload = 'x'.repeat(size);

    it(`a server frame of ${size} bytes is that of the tests' codec`, () => {
      for (const given of [payload, Buffer.from(payload)]) {
        const frame = plainFrame(given, { opcode: opcodes.text });
        assert.equal(Buffer.concat(frame).equals(encodeFrame({ opcode: opcodes.text, payload })), true);
      }
    });

    it(`a client frame of ${size} bytes is masked, and has its payload`, () => {
      const bytes = Buffer.concat(maskedFrame(Buffer.from(payload), { opcode: opcodes.binary, rsv1: true }));
      const { frame, length } = decodeFrame(bytes) ?? assert.fail('it is incomplete');
      assert.deepEqual([length, frame.masked, frame.rsv, frame.opcode, frame.fin], [bytes.length, true, 4, opcodes.binary, true]);
      assert.equal(frame.payload.toString() === payload, true);
    });

    it(`a text header for ${size} bytes is that of a server frame`, () => {
      const frame = Buffer.concat(plainFrame(payload, { opcode: opcodes.text }));
      assert.deepEqual(Buffer.from(textHeader(size), 'latin1'), frame.subarray(0, frame.length - size));
    });
  }

  it('a text is counted in UTF-8', () => {
    assert.deepEqual(Buffer.concat(plainFrame('é', { opcode: opcodes.text })), encodeFrame({ opcode: opcodes.text, payload: 'é' }));
  });

  it('pings with the same text share one frame', () => {
    const frame = pingFrame('beat 1');
    assert.deepEqual(frame, encodeFrame({ opcode: opcodes.ping, payload: 'beat 1' }));
    assert.equal(pingFrame('beat 1'), frame);
    assert.deepEqual(pingFrame('beat 2'), encodeFrame({ opcode: opcodes.ping, payload: 'beat 2' }));
  });

  it('a large payload is not copied behind its header', () => {
    const payload = Buffer.alloc(largePayload);
    assert.equal(plainFrame(payload, { opcode: opcodes.binary })[1], payload);
  });

  it('a client masks each frame with another key', () => {
    const keys = Array.from({ length: 8 }, () => {
      const bytes = Buffer.concat(maskedFrame(Buffer.from('a'), { opcode: opcodes.text }));
      return decodeFrame(bytes)?.frame.mask.toString('hex');
    });
    assert.ok(new Set(keys).size > 1);
  });
});
