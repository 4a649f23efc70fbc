import type { Codec } from './codec';
import { withBuffers, withByteArrays } from './with-buffers';

/** CBOR (RFC 8949) in binary frames, by `cbor2`. */
export async function loadCbor(): Promise<() => Codec> {
  const { decode, encode } = await import('cbor2');
  return () => ({
    encode: (message) => [Buffer.from(encode(withByteArrays(message)))],
    decode: (data) => [withBuffers(decode(typeof data === 'string' ? Buffer.from(data, 'latin1') : data))],
  });
}
