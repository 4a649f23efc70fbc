import { errorPayload, messageOf, type SocketEvent } from '../../src/index';
import type { Output } from '../settings';
import { markEntire, messageId } from './message';

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
    return event.type === 0 ? { ...shaped, payload: parse(event.payload.str) } : shaped;
  },
  /** Only events other than messages: see `entireMessage`. */
  message: (event) => shapes.data(event),
  json: (event) => {
    if (event.type !== 0) return shapes.data(event);
    const details = own(event);
    try {
      return { type: 0, payload: JSON.parse(String(event.payload.str)), details };
    } catch (error) {
      const reason = `The message is not JSON: ${messageOf(error)}.`;
      return { type: 3, payload: { ...details, ...errorPayload(reason) }, details };
    }
  },
};

/** Returns a message whose properties the peer has written, as the core nodes do. Its session is always ours, and marks it as such. */
export function entireMessage({ socket, payload: { str, client } }: Extract<SocketEvent, { type: 0 }>): object {
  const value = parse(str);
  const isObject = typeof value === 'object' && value !== null && !Array.isArray(value) && !Buffer.isBuffer(value);
  const message: Record<string, unknown> = isObject ? (value as Record<string, unknown>) : { payload: value };
  message._msgid = messageId();
  message.socket = socket;
  message._session = client === undefined ? { type: 'ix' } : { type: 'ix', id: client };
  return markEntire(message);
}

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
  return copy;
}
