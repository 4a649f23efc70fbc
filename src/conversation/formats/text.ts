import { messageOf } from '../../core/errors';
import type { Codec } from './codec';

/** Each message is the text or the bytes of a frame. An object is sent as its JSON. */
export const textCodec = (): Codec => ({
  encode: (message) => [toJson(message)],
  decode: (data) => [data],
});

/** Returns the JSON of a value. @throws Error if it has none, for example a function or an object that contains itself. */
export function toJson(message: unknown): string {
  const json = JSON.stringify(message);
  if (json === undefined) throw new Error(`A ${typeof message} cannot be written as JSON`);
  return json;
}

/** Reads a JSON text of a peer. @throws Error that cites nothing of it, because half of a secret could not be found and hidden. */
export function fromJson(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch (error) {
    throw new Error(messageOf(error).replace(/,? (\.\.\.)?".*/s, ''));
  }
}
