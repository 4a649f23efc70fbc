import { errorPayload, messageOf, type SocketEvent } from '../../src/index';
import type { Output } from '../settings';
import { markEntire, messageId } from './message';

type MessageEvent = Extract<SocketEvent, { type: 0 }>;
type MessagePayload = MessageEvent['payload'];

interface Shaped {
  readonly type: SocketEvent['type'];
  readonly payload: unknown;
  readonly details?: object | undefined;
}

/** The forms of an event by the setting *Message as*. Each node gets its own objects, since flows change them. */
export const shapes: Record<Output, (event: SocketEvent) => Shaped> = {
  event: (event) => ({ type: event.type, payload: own(event) }),
  data: (event) => {
    const details = own(event);
    return event.type === 0 ? { type: 0, payload: event.payload.str, details } : { type: event.type, payload: { ...details }, details };
  },
  auto: (event) => {
    const shaped = shapes.data(event);
    return event.type === 0 ? { ...shaped, payload: dataOf(event.payload) } : shaped;
  },
  /** Only events other than messages: see `entireMessage`. */
  message: (event) => shapes.data(event),
  json: (event) => {
    if (event.type !== 0) return shapes.data(event);
    const details = own(event);
    if (event.payload.data !== undefined) return { type: 0, payload: copyOf(event.payload.data), details };
    try {
      return { type: 0, payload: JSON.parse(String(event.payload.str)), details };
    } catch (error) {
      const reason = `The message is not JSON: ${messageOf(error)}.`;
      return { type: 3, payload: { ...details, ...errorPayload(reason) }, details };
    }
  },
};

/** Returns a message whose properties the peer has written, as the core nodes do. Its session is always ours, and marks it as such. */
export function entireMessage({ socket, payload }: MessageEvent): object {
  const { client } = payload;
  const value = dataOf(payload);
  const isObject = typeof value === 'object' && value !== null && !Array.isArray(value) && !Buffer.isBuffer(value);
  const message: Record<string, unknown> = isObject ? (value as Record<string, unknown>) : { payload: value };
  message._msgid = messageId();
  message.socket = socket;
  message._session = client === undefined ? { type: 'ix' } : { type: 'ix', id: client };
  return markEntire(message);
}

/** Returns what a protocol has decoded; without one, the value of JSON text, and anything else as it is. */
const dataOf = ({ str, data }: MessagePayload) => (data === undefined ? parse(str) : copyOf(data));

/** Returns the value of JSON text, and anything else as it is. */
function parse(str: string | Buffer): unknown {
  if (typeof str !== 'string' || !mayBeJson.test(str)) return str;
  try {
    return JSON.parse(str);
  } catch {
    return str;
  }
}
/** Other texts are not tried, since an exception takes longer than this. */
const mayBeJson = /^\s*[[{"\-\dtfn]/;

export function own({ payload }: SocketEvent): object {
  const copy = 'headers' in payload ? { ...payload, headers: { ...payload.headers } } : { ...payload };
  if (copy.params) copy.params = { ...copy.params };
  if ('data' in copy && typeof copy.data === 'object') copy.data = copyOf(copy.data);
  if ('call' in copy && copy.call) copy.call = copyOf(copy.call) as NonNullable<MessagePayload['call']>;
  return copy;
}

/** Returns a copy of a decoded message. Its bytes, and what it holds besides lists and objects, are shared. */
function copyOf(value: unknown, depth = 0): unknown {
  if (typeof value !== 'object' || value === null || depth > maxDepth) return value;
  if (Array.isArray(value)) return value.map((each) => copyOf(each, depth + 1));
  const prototype = Object.getPrototypeOf(value);
  if (prototype !== Object.prototype && prototype !== null) return value;
  return Object.fromEntries(Object.entries(value).map(([key, each]) => [key, copyOf(each, depth + 1)]));
}
/** Deeper values are shared. */
const maxDepth = 100;
