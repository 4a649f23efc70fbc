import type { Codec } from './codec';
import { fromJson, toJson } from './text';

/** Each message is the JSON of a frame, in a text or a binary frame (RFC 8259). */
export const jsonCodec = (): Codec => ({
  encode: (message) => [toJson(message)],
  decode: (data) => [fromJson(typeof data === 'string' ? data : data.toString('utf8'))],
});
