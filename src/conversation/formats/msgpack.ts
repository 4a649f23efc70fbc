import type { Codec } from './codec';
import { withBuffers } from './with-buffers';

/** MessagePack in binary frames, by `@msgpack/msgpack`. */
export async function loadMsgpack(): Promise<() => Codec> {
  const { decode, encode } = await import('@msgpack/msgpack');
  return () => ({
    encode: (message) => [toBuffer(encode(message))],
    decode: (data) => [withBuffers(decode(typeof data === 'string' ? Buffer.from(data, 'latin1') : data))],
  });
}

const toBuffer = ({ buffer, byteOffset, byteLength }: Uint8Array) => Buffer.from(buffer, byteOffset, byteLength);
