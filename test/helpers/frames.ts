/** One frame on the wire (RFC 6455, section 5.2), with its payload unmasked. */
export interface Frame {
  readonly fin: boolean;
  /** 4: RSV1, 2: RSV2, 1: RSV3. */
  readonly rsv: number;
  readonly opcode: number;
  readonly masked: boolean;
  readonly payload: Buffer;
}

export const opcodes = { continuation: 0, text: 1, binary: 2, close: 8, ping: 9, pong: 10 } as const;

/** Returns the bytes of a valid or invalid frame, such as `ws` would never send. */
export function frame(opcode: number, payload: string | Buffer = '', { fin = true, rsv = 0, masked = false } = {}): Buffer {
  const bytes = Buffer.from(payload as string);
  const { length } = bytes;
  const size = length < 126 ? 0 : length < 65536 ? 2 : 8;
  const header = Buffer.alloc(2 + size);
  header[0] = (fin ? 0x80 : 0) | (rsv << 4) | opcode;
  header[1] = (masked ? 0x80 : 0) | (size === 0 ? length : size === 2 ? 126 : 127);
  if (size === 2) header.writeUInt16BE(length, 2);
  if (size === 8) header.writeBigUInt64BE(BigInt(length), 2);
  if (!masked) return Buffer.concat([header, bytes]);
  const mask = Buffer.from([0x12, 0x34, 0x56, 0x78]);
  return Buffer.concat([header, mask, unmask(bytes, mask)]);
}

function unmask(bytes: Buffer, mask: Buffer): Buffer {
  const plain = Buffer.from(bytes);
  for (let i = 0; i < plain.length; i++) plain[i] = (plain[i] as number) ^ (mask[i & 3] as number);
  return plain;
}

/** Returns the body of a close frame (section 5.5.1). */
export function closeBody(code: number, reason: string | Buffer = ''): Buffer {
  const head = Buffer.alloc(2);
  head.writeUInt16BE(code);
  return Buffer.concat([head, Buffer.from(reason as string)]);
}

/** Collects bytes. @returns the frames that have become complete. */
export class FrameReader {
  private chunks: Buffer[] = [];
  private have = 0;
  private need = 2;

  read(chunk: Buffer): Frame[] {
    this.chunks.push(chunk);
    this.have += chunk.length;
    if (this.have < this.need) return [];
    let rest = Buffer.concat(this.chunks);
    const frames: Frame[] = [];
    for (;;) {
      const length = frameLength(rest);
      this.need = length ?? rest.length + 1;
      if (length === undefined || rest.length < length) break;
      frames.push(parseFrame(rest.subarray(0, length)));
      rest = rest.subarray(length);
    }
    this.chunks = [rest];
    this.have = rest.length;
    return frames;
  }
}

/** Returns the length of the first frame, once its header is complete. */
function frameLength(bytes: Buffer): number | undefined {
  if (bytes.length < 2) return undefined;
  const header = headerLength(bytes);
  if (bytes.length < header) return undefined;
  const short = (bytes[1] as number) & 0x7f;
  return header + (short === 127 ? Number(bytes.readBigUInt64BE(2)) : short === 126 ? bytes.readUInt16BE(2) : short);
}

function headerLength(bytes: Buffer): number {
  const second = bytes[1] as number;
  const short = second & 0x7f;
  return 2 + (short === 127 ? 8 : short === 126 ? 2 : 0) + (second & 0x80 ? 4 : 0);
}

function parseFrame(bytes: Buffer): Frame {
  const [first, second] = [bytes[0] as number, bytes[1] as number];
  const header = headerLength(bytes);
  const masked = second >= 0x80;
  const body = bytes.subarray(header);
  const payload = masked ? unmask(body, bytes.subarray(header - 4, header)) : Buffer.from(body);
  return { fin: first >= 0x80, rsv: (first >> 4) & 7, opcode: first & 15, masked, payload };
}

/** Returns the payload bytes of each data message among these frames, which `wireSize` must equal. */
export function wireSizes(frames: readonly Frame[]): number[] {
  const sizes: number[] = [];
  let size = 0;
  for (const { opcode, payload, fin } of frames.filter(({ opcode }) => opcode < 8)) {
    size = (opcode === opcodes.continuation ? size : 0) + payload.length;
    if (fin) sizes.push(size);
  }
  return sizes;
}
