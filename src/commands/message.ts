import type { CallAnswer } from '../conversation';
import { messageOf, optionError, show } from '../core/errors';
import type { Layer } from '../options/read';

/**
 * Reads the message of a send command from `message`, else from `str`. Events have `str`, so an event wired into a send node is an echo.
 *
 * @returns a string for a text frame, or a Buffer for a binary frame.
 * @throws SocketError `ERR_OPTION` if there is none, or if it cannot be sent.
 */
export function readMessage(payload: Layer): string | Buffer {
  const [name, value] = payload.message === undefined ? ['str', payload.str] : ['message', payload.message];
  if (value === undefined)
    throw optionError('The option message must be given: a text, a Buffer, or anything that JSON can hold; got nothing.');
  if (typeof value === 'string' || Buffer.isBuffer(value)) return value;
  if (ArrayBuffer.isView(value)) return Buffer.from(value.buffer, value.byteOffset, value.byteLength);
  if (value instanceof ArrayBuffer) return Buffer.from(value);
  const text = value === null ? undefined : json(name as string, value);
  if (text === undefined)
    throw optionError(`The option ${name} must be a text, a Buffer, or anything that JSON can hold; got ${show(value)}.`);
  return text;
}

function json(name: string, value: unknown): string | undefined {
  try {
    return JSON.stringify(value);
  } catch (error) {
    throw optionError(`The option ${name} cannot be written as JSON: ${messageOf(error)}.`, error);
  }
}

/**
 * Reads the message for a socket that has a protocol: an object stays one, because the protocol encodes it.
 *
 * @throws SocketError `ERR_OPTION` if there is none.
 */
export function readObject(payload: Layer): unknown {
  const value = payload.message === undefined ? payload.str : payload.message;
  const isBytes = ArrayBuffer.isView(value) || value instanceof ArrayBuffer;
  return typeof value === 'object' && value !== null && !isBytes ? value : readMessage(payload);
}

/** Returns the answer to a call of the peer: `call` with `result` or `error`. Returns `undefined` if the payload has none. */
export function readCallAnswer(payload: Layer): { id: unknown; answer: CallAnswer } | undefined {
  const { call, result, error } = payload;
  if (typeof call !== 'object' || call === null || (result === undefined && error === undefined)) return undefined;
  return { id: (call as { id?: unknown }).id, answer: error === undefined ? { result } : { error } };
}
