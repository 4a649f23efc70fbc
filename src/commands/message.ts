import type { CallAnswer } from '../conversation';
import { callerErrors, messageOf, optionError, show } from '../core/errors';
import { quoted } from '../core/text';
import type { Layer } from '../options/read';
import type { Call } from './command';
import { bytesOf, isLostInJson } from './values';

type MessageSource = Pick<Call, 'payload' | 'hasMessage' | 'message'>;

/**
 * Returns the message of a send command: what the node has read from the message, else `message` of the socket object, else `str`. Events
 * have `str`, so an event wired into a send node is an echo.
 *
 * @returns a string for a text frame, or a Buffer for a binary frame.
 * @throws SocketError `ERR_OPTION` if there is nothing to send, or if it cannot be sent.
 */
export function readMessage(call: MessageSource): string | Buffer {
  return encoded(givenMessage(call));
}

/** Returns the message of a send command as the flow gave it. */
export function givenMessage(call: MessageSource): unknown {
  if (call.hasMessage) return call.message;
  const { message, str } = call.payload;
  return message === undefined ? str : message;
}

function encoded(value: unknown): string | Buffer {
  switch (typeof value) {
    case 'string':
      return value;
    case 'number':
    case 'boolean':
    case 'bigint':
      return String(value);
    case 'object':
      return (value && bytesOf(value)) ?? json(value);
    default:
      return json(value);
  }
}

const messageError = (fact: string, cause?: unknown) => optionError(`The message ${fact}.`, cause, 'message');

/** Values that JSON text may have lost: an empty object, or the elements of a typed array by number. */
const suspicious = /\{(?:\}|"0":)/;

function json(value: unknown): string {
  if (value === null || value === undefined) throw callerErrors.nothingToSend(value);
  const text = isLostInJson(value) || isInvalidDate(value) ? undefined : written(value);
  if (text === undefined) throw messageError(`must be a string, a Buffer or a value that JSON can hold; got ${show(value)}`);
  if (suspicious.test(text)) JSON.stringify(value, rejectLost);
  return text;

  function rejectLost(this: Record<string, unknown>, key: string, one: unknown): unknown {
    if (isLostInJson(this[key])) {
      throw messageError(`cannot be converted to JSON: the value of ${quoted(key)} would be lost`);
    }
    return one;
  }
}

/** JSON has null for an invalid Date. */
const isInvalidDate = (value: unknown) => Object.prototype.toString.call(value) === '[object Date]' && Number.isNaN(Number(value));

function written(value: unknown): string | undefined {
  try {
    return JSON.stringify(value);
  } catch (error) {
    throw messageError(`cannot be converted to JSON: ${messageOf(error)}`, error);
  }
}

/**
 * Returns the message for a socket that has a protocol: an object stays one, because the protocol encodes it.
 *
 * @throws SocketError `ERR_OPTION` if there is none.
 */
export function readObject(call: MessageSource): unknown {
  const value = givenMessage(call);
  return typeof value === 'object' && value !== null && !bytesOf(value) ? value : readMessage(call);
}

/** Returns the answer to a call of the peer: `call` with `result` or `error`. Returns `undefined` if the message has none. */
export function readCallAnswer({ payload, hasMessage, isWhole, message }: MessageSource & Pick<Call, 'isWhole'>) {
  const isObject = hasMessage && !isWhole && typeof message === 'object' && message !== null;
  return answerIn(payload) ?? (isObject ? answerIn(message as Layer) : undefined);
}

function answerIn({ call, result, error }: Layer): { id: unknown; answer: CallAnswer } | undefined {
  if (typeof call !== 'object' || call === null || (result === undefined && error === undefined)) return undefined;
  return { id: (call as { id?: unknown }).id, answer: error === undefined ? { result } : { error } };
}
