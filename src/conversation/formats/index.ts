import { loadCbor } from './cbor';
import type { Codec, CodecOptions } from './codec';
import { jsonCodec } from './json';
import { loadMsgpack } from './msgpack';
import type { FormatName } from './names';
import { recordsCodec } from './records';
import { loadSocketIo } from './socket-io';
import { loadStomp } from './stomp';
import { textCodec } from './text';

/**
 * The formats of messages, each with what loads it. A library is loaded at the first use, because most flows need none.
 */
const formats = {
  text: async () => textCodec,
  json: async () => jsonCodec,
  records: async () => recordsCodec,
  msgpack: loadMsgpack,
  cbor: loadCbor,
  'socket.io': loadSocketIo,
  stomp: loadStomp,
} as const satisfies Record<FormatName, () => Promise<(options: CodecOptions) => Codec>>;

/** Loads a format. Resolves with a function that creates the codec of one connection. */
export const loadFormat = (name: FormatName): Promise<(options: CodecOptions) => Codec> => formats[name]();

export type { Codec, CodecOptions } from './codec';
export { TooLong, Unreadable } from './codec';
export { type FormatName, formatNames } from './names';
