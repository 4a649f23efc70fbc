/** The formats of messages. Without what loads them, so that the editor can read this. */
export const formatNames = ['text', 'json', 'records', 'msgpack', 'cbor', 'socket.io', 'stomp'] as const;
export type FormatName = (typeof formatNames)[number];
