// The frames of RFC 6455, section 5.2, for the benchmark and the tests. It enforces no rules, so that a test can write
// what `ws` would never send. CommonJS, since the tests are CommonJS and the benchmark consists of ES modules.

exports.opcodes = { continuation: 0, text: 1, binary: 2, close: 8, ping: 9, pong: 10 };

const usualKey = Buffer.from([0x37, 0xfa, 0x21, 0x3d]);

/** Masks or unmasks in place. @returns the same bytes. */
function applyMask(bytes, key) {
  for (let i = 0; i < bytes.length; i++) bytes[i] ^= key[i & 3];
  return bytes;
}

const extendedLength = (short) => (short === 127 ? 8 : short === 126 ? 2 : 0);

/** Returns the length of the header that has this second byte. */
exports.headerLength = (second) => 2 + extendedLength(second & 0x7f) + (second & 0x80 ? 4 : 0);

/** Returns the length of the payload of the frame at this position, whose header is complete. */
exports.payloadLength = (bytes, at) => {
  const short = bytes[at + 1] & 0x7f;
  return short === 127 ? Number(bytes.readBigUInt64BE(at + 2)) : short === 126 ? bytes.readUInt16BE(at + 2) : short;
};

/** Returns the length of the first frame, or nothing until its header is complete. */
exports.frameLength = (bytes) => {
  if (bytes.length < 2) return undefined;
  const header = exports.headerLength(bytes[1]);
  return bytes.length < header ? undefined : header + exports.payloadLength(bytes, 0);
};

const shortestForm = (length) => (length < 126n ? 7 : length < 65536n ? 16 : 64);

/** Returns the bytes of a frame, valid or invalid. */
exports.encodeFrame = ({ opcode, payload = '', fin = true, rsv = 0, masked = false, key = usualKey, form, claims }) => {
  const bytes = Buffer.from(payload);
  const length = claims ?? BigInt(bytes.length);
  const bits = form ?? shortestForm(length);
  const short = bits === 64 ? 127 : bits === 16 ? 126 : Number(length);
  const head = Buffer.alloc(2 + extendedLength(short));
  head[0] = (fin ? 0x80 : 0) | (rsv << 4) | opcode;
  head[1] = (masked ? 0x80 : 0) | short;
  if (bits === 16) head.writeUInt16BE(Number(length), 2);
  if (bits === 64) head.writeBigUInt64BE(length, 2);
  return Buffer.concat(masked ? [head, key, applyMask(bytes, key)] : [head, bytes]);
};

/** Reads the first frame, or nothing until it is complete. */
exports.decodeFrame = (bytes) => {
  const length = exports.frameLength(bytes);
  if (length === undefined || bytes.length < length) return undefined;
  const [first, second] = bytes;
  const header = exports.headerLength(second);
  const masked = second >= 0x80;
  const mask = Buffer.from(bytes.subarray(masked ? header - 4 : header, header));
  const payload = Buffer.from(bytes.subarray(header, length));
  if (masked) applyMask(payload, mask);
  const short = second & 0x7f;
  return {
    length,
    frame: {
      fin: first >= 0x80,
      rsv: (first >> 4) & 7,
      opcode: first & 15,
      masked,
      form: short === 127 ? 64 : short === 126 ? 16 : 7,
      mask,
      payload,
    },
  };
};
