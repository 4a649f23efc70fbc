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
