// A client's frames (RFC 6455, section 5.2), built before the measurement, and a counter of received frames.
import codec from './frame-codec.cjs';
import { jsonOffset, jsonPayload, payload } from './payload.mjs';
import { readBytes } from './sequence.cjs';

const { decodeFrame, encodeFrame, headerLength, payloadLength } = codec;
export const { opcodes } = codec;

/** Returns a complete masked frame. */
export const clientFrame = (opcode, data) => encodeFrame({ opcode, payload: data, masked: true });

export const closeFrame = clientFrame(opcodes.close, Buffer.from([0x03, 0xe8]));

/** Returns consecutive text frames numbered from 0, for one write. */
export const textFrames = (count, size, { json = false, masked = true } = {}) =>
  Buffer.concat(
    Array.from({ length: count }, (_, number) =>
      codec.encodeFrame({ opcode: opcodes.text, payload: (json ? jsonPayload : payload)(size, number), masked }),
    ),
  );

/**
 * A ring of numbered text frames: any count of them up to `length` is contiguous.
 *
 * @param form `{ json: true }` for messages that are JSON objects, `{ masked: false }` for the frames of a server
 */
export function ring(size, length, form = {}) {
  const once = textFrames(length, size, form);
  const frame = once.length / length;
  const twice = Buffer.concat([once, once]);
  return {
    length,
    size,
    offset: form.json ? jsonOffset : 0,
    piece: (from, count) => twice.subarray((from % length) * frame, ((from % length) + count) * frame),
  };
}

/**
 * Parses the peer's frames in chunks of any size, and reads only the first bytes of each frame.
 *
 * @param onFrame gets the first byte of each complete frame, the length of its payload and the sequence number at its start
 * (meaningless if it is compressed; −1 if it is shorter).
 * @param offset bytes before the sequence number
 */
export function frameCounter(onFrame, offset = 0) {
  const enough = offset + 4;
  const clear = Buffer.alloc(4);
  let rest = Buffer.alloc(0);
  let skip = 0;
  let first = 0;
  let length = 0;
  let number = 0;
  return (bytes, size) => {
    let chunk = bytes;
    let end = size;
    if (rest.length > 0) {
      chunk = Buffer.concat([rest, bytes.subarray(0, size)]);
      end = chunk.length;
      rest = Buffer.alloc(0);
    }
    let at = 0;
    for (;;) {
      if (skip > 0) {
        const skipped = Math.min(skip, end - at);
        skip -= skipped;
        at += skipped;
        if (skip > 0) return;
        onFrame(first, length, number);
      }
      if (at === end) return;
      const start = at;
      const second = end - at >= 2 ? chunk[at + 1] : 0;
      const head = headerLength(second);
      if (end - at < head || end - at < head + Math.min(enough, second & 0x7f)) {
        rest = Buffer.from(chunk.subarray(start, end));
        return;
      }
      first = chunk[at];
      length = payloadLength(chunk, at);
      at += head;
      if (length < enough) number = -1;
      else if (second < 0x80) number = readBytes(chunk, at + offset);
      else {
        for (let i = 0; i < 4; i++) clear[i] = chunk[at + offset + i] ^ chunk[at - 4 + ((offset + i) & 3)];
        number = readBytes(clear, 0);
      }
      skip = length;
      if (length === 0) onFrame(first, length, number);
    }
  };
}

/** Like `frameCounter`, but passes on the frames, for the few that are compared completely. */
export function frameReader(onFrame) {
  let rest = Buffer.alloc(0);
  return (bytes, size) => {
    rest = Buffer.concat([rest, bytes.subarray(0, size)]);
    for (let one = decodeFrame(rest); one; one = decodeFrame(rest)) {
      onFrame(one.frame);
      rest = rest.subarray(one.length);
    }
  };
}
