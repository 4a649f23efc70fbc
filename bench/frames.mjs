// A client's frames (RFC 6455, section 5.2), built before the measurement, and a counter of received frames.
import { payload } from './payload.mjs';
import { readBytes } from './sequence.cjs';

const mask = Buffer.from([0x37, 0xfa, 0x21, 0x3d]);
export const opcodes = { text: 1, binary: 2, close: 8, ping: 9 };

/** Returns a complete masked frame. */
export function clientFrame(opcode, data) {
  const bytes = Buffer.from(data);
  const { length } = bytes;
  const head = length < 126 ? Buffer.alloc(2) : length < 65536 ? Buffer.alloc(4) : Buffer.alloc(10);
  head[0] = 0x80 | opcode;
  head[1] = 0x80 | (length < 126 ? length : length < 65536 ? 126 : 127);
  if (head.length === 4) head.writeUInt16BE(length, 2);
  if (head.length === 10) head.writeBigUInt64BE(BigInt(length), 2);
  for (let i = 0; i < length; i++) bytes[i] ^= mask[i & 3];
  return Buffer.concat([head, mask, bytes]);
}

export const closeFrame = clientFrame(opcodes.close, Buffer.from([0x03, 0xe8]));

/** Returns consecutive text frames numbered from 0, for one write. */
export const textFrames = (count, size) =>
  Buffer.concat(Array.from({ length: count }, (_, number) => clientFrame(opcodes.text, payload(size, number))));

/** A ring of numbered text frames: any count of them up to `length` is contiguous. */
export function ring(size, length) {
  const once = textFrames(length, size);
  const frame = once.length / length;
  const twice = Buffer.concat([once, once]);
  return { length, size, piece: (from, count) => twice.subarray((from % length) * frame, ((from % length) + count) * frame) };
}

/**
 * Parses a server's frames in chunks of any size, and reads only the first bytes of each frame.
 *
 * @param onFrame gets the first byte of each complete frame, the length of its payload and the sequence number at its start
 * (meaningless if it is compressed; −1 if it is shorter than four bytes).
 */
export function frameCounter(onFrame) {
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
      const short = end - at >= 2 ? chunk[at + 1] & 0x7f : 0;
      const head = short === 127 ? 10 : short === 126 ? 4 : 2;
      if (end - at < head || end - at < head + Math.min(4, short)) {
        rest = Buffer.from(chunk.subarray(start, end));
        return;
      }
      first = chunk[at];
      length = short === 127 ? Number(chunk.readBigUInt64BE(at + 2)) : short === 126 ? chunk.readUInt16BE(at + 2) : short;
      at += head;
      number = length >= 4 ? readBytes(chunk, at) : -1;
      skip = length;
      if (length === 0) onFrame(first, length, number);
    }
  };
}

/** Like `frameCounter`, but passes on the payloads, for the few frames that are compared completely. */
export function frameReader(onPayload) {
  let rest = Buffer.alloc(0);
  return (bytes, size) => {
    rest = Buffer.concat([rest, bytes.subarray(0, size)]);
    for (;;) {
      if (rest.length < 2) return;
      const short = rest[1] & 0x7f;
      const head = short === 127 ? 10 : short === 126 ? 4 : 2;
      if (rest.length < head) return;
      const length = short === 127 ? Number(rest.readBigUInt64BE(2)) : short === 126 ? rest.readUInt16BE(2) : short;
      if (rest.length < head + length) return;
      onPayload(rest[0], rest.subarray(head, head + length));
      rest = rest.subarray(head + length);
    }
  };
}
