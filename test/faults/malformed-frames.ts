/** Frames that violate RFC 6455 or RFC 7692, and the close code of each. */
import { deflateRawSync } from 'node:zlib';
import { closeBody, frame, opcodes } from '../helpers/frames';
import type { Random } from './random';

export interface BadFrames {
  readonly bytes: Buffer;
  /** The allowed close codes; 1006 if no answer is required. */
  readonly codes: readonly number[];
  /** Uses permessage-deflate, or not, or either. */
  readonly deflate?: boolean;
}

type Kind = (random: Random) => BadFrames;

/** The largest message of the server under fault, bytes. */
export const maxPayload = 64 * 1024;

const masked = { masked: true } as const;
const opcode = (random: Random) => random.pick([opcodes.text, opcodes.binary]);
const controls = [opcodes.close, opcodes.ping, opcodes.pong] as const;
const words = (random: Random, most: number) => 'the quick brown fox '.repeat(7).slice(0, random.int(0, most));
const notUtf8 = [[0xff], [0xc0, 0xaf], [0xed, 0xa0, 0x80], [0xf4, 0x90, 0x80, 0x80], [0x80], [0xe2, 0x82]].map((bytes) =>
  Buffer.from(bytes),
);

/** Returns a frame's header alone, with the given length. */
function header(first: number, length: bigint, mask: Buffer): Buffer {
  const bytes = Buffer.alloc(10);
  bytes[0] = first;
  bytes[1] = 0x80 | 127;
  bytes.writeBigUInt64BE(length, 2);
  return Buffer.concat([bytes, mask]);
}

/** Returns a message that inflates to a multiple of the allowed size. */
const inflating = Array.from({ length: 20 }, (_, i) => deflateRawSync(Buffer.alloc(maxPayload * (i + 1) + 1)));

export const frameKinds: Record<string, Kind> = {
  'not masked': (random) => ({ bytes: frame(opcode(random), words(random, 100)), codes: [1002] }),
  'a reserved bit': (random) => ({ bytes: frame(opcode(random), words(random, 100), { ...masked, rsv: random.int(1, 3) }), codes: [1002] }),
  'compressed, which was not agreed': (random) => ({
    bytes: frame(opcode(random), deflateRawSync(words(random, 100)), { ...masked, rsv: 4 }),
    codes: [1002],
    deflate: false,
  }),
  'an unknown opcode': (random) => ({
    bytes: frame(random.pick([3, 4, 5, 6, 7, 11, 12, 13, 14, 15]), words(random, 100), masked),
    codes: [1002],
  }),
  'a control frame in fragments': (random) => ({ bytes: frame(random.pick(controls), 'ab', { ...masked, fin: false }), codes: [1002] }),
  'a control frame that is too long': (random) => ({
    bytes: frame(random.pick(controls), Buffer.alloc(random.int(126, 70_000), random.int(0, 255)), masked),
    codes: [1002],
  }),
  'a compressed control frame': (random) => ({ bytes: frame(random.pick(controls), 'ab', { ...masked, rsv: 4 }), codes: [1002] }),
  'half a close code': (random) => ({ bytes: frame(opcodes.close, random.bytes(1), masked), codes: [1002] }),
  'a close code that may not be sent': (random) => ({
    bytes: frame(opcodes.close, closeBody(random.pick([0, 1, 999, 1004, 1005, 1006, 1015, 1016, 2000, 2999, 5000, 65_535])), masked),
    codes: [1002],
  }),
  'a close reason that is not UTF-8': (random) => ({
    bytes: frame(opcodes.close, closeBody(1000, random.pick(notUtf8)), masked),
    codes: [1007],
  }),
  'a text that is not UTF-8': (random) => ({
    bytes: frame(opcodes.text, Buffer.concat([Buffer.from(words(random, 50)), random.pick(notUtf8)]), masked),
    codes: [1007],
  }),
  'a text whose fragments are not UTF-8': (random) => ({
    bytes: Buffer.concat([
      frame(opcodes.text, words(random, 50), { ...masked, fin: false }),
      frame(opcodes.continuation, random.pick(notUtf8), masked),
    ]),
    codes: [1007],
  }),
  'a continuation of nothing': (random) => ({
    bytes: frame(opcodes.continuation, words(random, 50), { ...masked, fin: random.chance(0.5) }),
    codes: [1002],
  }),
  'a message inside a message': (random) => ({
    bytes: Buffer.concat([
      frame(opcode(random), words(random, 50), { ...masked, fin: false }),
      frame(opcodes.ping, 'between is allowed', masked),
      frame(opcode(random), words(random, 50), masked),
    ]),
    codes: [1002],
  }),
  'a length of more than 53 bits': (random) => ({
    bytes: header(0x80 | opcode(random), 2n ** BigInt(random.int(53, 63)), random.bytes(4)),
    codes: [1009],
  }),
  'a length of more than maxPayload': (random) => ({
    bytes: header(0x80 | opcode(random), BigInt(random.int(maxPayload + 1, 2 ** 31)), random.bytes(4)),
    codes: [1009],
  }),
  'fragments of more than maxPayload': (random) => ({
    bytes: Buffer.concat([
      frame(opcodes.binary, Buffer.alloc(maxPayload / 2), { ...masked, fin: false }),
      frame(opcodes.continuation, Buffer.alloc(maxPayload / 2 + random.int(1, 1000)), masked),
    ]),
    codes: [1009],
  }),
  'rubbish as compressed': (random) => ({
    // A block of the reserved type (RFC 1951, section 3.2.3).
    bytes: frame(opcode(random), Buffer.concat([Buffer.from([0x06 | random.int(0, 1)]), random.bytes(random.int(0, 200))]), {
      ...masked,
      rsv: 4,
    }),
    codes: [1007],
    deflate: true,
  }),
  'more than maxPayload, once inflated': (random) => ({
    bytes: frame(opcodes.binary, random.pick(inflating), { ...masked, rsv: 4 }),
    codes: [1009],
    deflate: true,
  }),
  'a compressed continuation': (random) => ({
    bytes: Buffer.concat([
      frame(opcodes.binary, deflateRawSync(words(random, 50)), { ...masked, rsv: 4, fin: false }),
      frame(opcodes.continuation, words(random, 50), { ...masked, rsv: 4 }),
    ]),
    codes: [1002],
    deflate: true,
  }),
  'an end inside a frame': (random) => {
    const whole = frame(opcode(random), random.bytes(random.int(1, 500)), masked);
    return { bytes: whole.subarray(0, random.int(1, whole.length - 1)), codes: [1006] };
  },
  'random bytes': (random) => ({ bytes: random.bytes(random.int(1, 400)), codes: [1000, 1002, 1005, 1006, 1007, 1009] }),
};
