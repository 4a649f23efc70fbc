/** The two halves of permessage-deflate (RFC 7692, section 7.2) for a raw peer, with a window of its own, with or without context takeover. */
import { constants, createDeflateRaw, createInflateRaw } from 'node:zlib';

const tail = Buffer.from([0x00, 0x00, 0xff, 0xff]);

export interface Window {
  /** 8 to 15. */
  readonly bits?: number;
  /** True if messages may refer to earlier ones (context takeover). */
  readonly takeover?: boolean;
}

/** Compresses consecutive messages. */
export class Deflater {
  private readonly stream;
  private readonly chunks: Buffer[] = [];

  constructor(
    private readonly window: Window = {},
    options: { level?: number } = {},
  ) {
    this.stream = createDeflateRaw({ windowBits: window.bits ?? 15, ...options });
    this.stream.on('data', (chunk) => this.chunks.push(chunk));
  }

  async message(data: string | Buffer): Promise<Buffer> {
    this.stream.write(data);
    await new Promise<void>((resolve) => this.stream.flush(constants.Z_SYNC_FLUSH, resolve));
    if (this.window.takeover === false) this.stream.reset();
    return Buffer.concat(this.chunks.splice(0)).subarray(0, -4);
  }
}

/** Reads consecutive compressed messages. A reference beyond the window, or to a forbidden earlier message, is an error. */
export class Inflater {
  private readonly stream;
  private readonly chunks: Buffer[] = [];
  private failed: (error: Error) => void = () => {};

  constructor(private readonly window: Window = {}) {
    this.stream = createInflateRaw({ windowBits: window.bits ?? 15 });
    this.stream.on('data', (chunk) => this.chunks.push(chunk));
    this.stream.on('error', (error) => this.failed(error));
  }

  async message(payload: Buffer): Promise<Buffer> {
    await new Promise<void>((resolve, reject) => {
      this.failed = reject;
      this.stream.write(Buffer.concat([payload, tail]));
      this.stream.flush(resolve);
    });
    if (this.window.takeover === false) this.stream.reset();
    return Buffer.concat(this.chunks.splice(0));
  }
}

/** Returns a text with repetitions at all distances, the same each time. A wrong window size is detected. */
export function repetitive(length: number, seed = 1): string {
  let state = seed;
  const random = (below: number) => {
    state = (state * 1103515245 + 12345) % 2147483648;
    return Math.floor((state / 2147483648) * below);
  };
  const words = Array.from({ length: 1500 }, () =>
    Array.from({ length: 4 + random(8) }, () => String.fromCharCode(97 + random(26))).join(''),
  );
  let text = '';
  while (text.length < length) text += `${words[random(words.length)]} `;
  return text.slice(0, length);
}
