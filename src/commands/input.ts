import { types } from 'node:util';
import { isEqual } from '../core/equal';
import { whichFields } from '../options/commands';
import type { Fields } from '../options/field';
import type { Layer } from '../options/read';
import type { Call, Command } from './command';
import { bytesOf } from './values';

/** The setting *Payload is*. With `auto`, the payload decides: an object with `message` or `str` is the socket object. */
export type PayloadIs = 'message' | 'command' | 'auto';

/** The parts of a call that come from the message. */
export type Input = { -readonly [K in 'payload' | 'hasMessage' | 'message' | 'isWhole' | 'sender' | 'session' | 'target']: Call[K] };

/** The properties of a message that contain its origin. */
export interface Origin {
  /** The event, where the payload is the data of a peer. */
  readonly details?: unknown;
  /** The connection, on every message of a server. */
  readonly _session?: unknown;
  /** Set if a peer has written all properties. */
  readonly [entireMark]?: true;
}

/** Marks a message whose properties a peer has written. A symbol, which no peer can send; Node-RED copies it with the message. */
export const entireMark = Symbol('ix-websocket entire message');

const noLayer: Layer = {};
/** The payload of a command that reads nothing of what a peer wrote. */
export const ofPeerOnly: Layer = {};

/**
 * Reads a message for a command. What a peer wrote is data: it selects no socket, no connection and no option.
 *
 * @param into receives the result. Sends run hundreds of thousands of times a second, so nothing is allocated for it.
 */
export function readInput(into: Input, command: Command, payloadIs: PayloadIs, origin: Origin, payload: unknown): void {
  const { details, _session } = origin;
  const isSession = isRecord(_session) && _session.type === 'ix';
  const isData = typeof details === 'object' && details !== null;
  // A parsed message of a peer may have any `details`; its session is always ours.
  into.session = isSession ? name(_session.id) : undefined;
  into.sender = isSession ? into.session : isData ? name((details as Layer).client) : undefined;
  if (command.sends) {
    readSend(into, payloadIs, isData, isSession, payload);
    if (isData && into.isWhole && answersCall(details as Layer, payload)) into.payload = answerOf(payload);
  } else if (command.asks) readAsk(into, payloadIs, isData || origin[entireMark] === true, isSession, payload);
  else
    into.payload =
      (isData || isSession) && payloadIs !== 'command' ? ofPeer(into, command, isData, payload) : socketObject(command, payload);
}

/** Puts the values of the fields of a node before what the message says. */
export function readFieldValues(into: Input, payloadIs: PayloadIs, { details, _session }: Origin, payload: unknown, values: Layer): void {
  const { message, target, ...others } = values;
  into.target = target;
  if ('message' in values) {
    into.hasMessage = true;
    into.message = message;
    // The payload is not the message then, so it may say the rest.
    const mayRead = payloadIs === 'auto' && details === undefined && _session === undefined;
    if (mayRead && isRecord(payload) && !bytesOf(payload)) into.payload = payload;
  }
  const given = Object.entries(others).filter(([, value]) => value !== undefined);
  if (given.length > 0) into.payload = { ...into.payload, ...Object.fromEntries(given) };
}

function readSend(into: Input, payloadIs: PayloadIs, isData: boolean, isSession: boolean, payload: unknown): void {
  const isObject =
    payloadIs === 'command' ? isRecord(payload) && !bytesOf(payload) : payloadIs === 'auto' && !isData && hasMessage(payload);
  if (!isObject) {
    into.hasMessage = true;
    into.message = payload;
    into.isWhole = isData || payloadIs === 'message';
  } else if (isSession && payloadIs !== 'command') {
    const { message, str, call } = payload as Layer;
    into.hasMessage = true;
    into.message = message === undefined ? str : message;
    // The answer to a call of its own connection, on a socket with a protocol.
    if (call !== undefined) into.payload = answerOf(payload as Layer);
  } else into.payload = payload as Layer;
}

/** Returns whether a payload answers the call that its message was. A peer can only answer its own call so. */
const answersCall = ({ call }: Layer, payload: unknown): payload is Layer =>
  call !== undefined &&
  isRecord(payload) &&
  payload.call !== undefined &&
  (payload.result !== undefined || payload.error !== undefined) &&
  isEqual(call, payload.call);

const answerOf = ({ call, result, error }: Layer): Layer => ({ call, result, error });

/** Reads a request: a socket object with method, message or cancel, or the message itself. */
function readAsk(into: Input, payloadIs: PayloadIs, isData: boolean, isSession: boolean, payload: unknown): void {
  const isObject = isRecord(payload) && !bytesOf(payload);
  if (payloadIs === 'command') into.payload = isObject ? payload : noLayer;
  // With a session alone, an object with str is an event. The flow has made any other.
  else if (payloadIs === 'auto' && !isData && isObject && isRequest(payload) && !(isSession && 'str' in payload)) {
    into.payload = isSession ? ofSession(into, payload) : payload;
  } else {
    into.hasMessage = true;
    into.message = payload;
  }
}

const isRequest = (payload: Layer) => 'method' in payload || 'message' in payload || 'cancel' in payload;

/** Returns a request that was made of an event: it chooses no socket, and no connection but its own. */
function ofSession({ sender }: Input, { id: _, client, ...request }: Layer): Layer {
  return client !== undefined && client === sender ? { ...request, client } : request;
}

/** Returns whether a value is a socket object or an event. An Error has a message too, but is neither. */
const hasMessage = (value: unknown): boolean =>
  typeof value === 'object' && value !== null && ('str' in value || 'message' in value) && !types.isNativeError(value);

/** Returns the part of an event that a command may read: its own connection, and what the command does to it. */
function ofPeer({ sender }: Input, { fields, words }: Command, isData: boolean, payload: unknown): Layer {
  // A peer must not decide who comes in.
  if (words === 'reply') return ofPeerOnly;
  if (isData || !isRecord(payload)) return noLayer;
  const layer: Record<string, unknown> = {};
  for (const name of Object.keys(fields)) if (isReadFromPeer(fields, name)) layer[name] = payload[name];
  if (sender !== undefined && payload.client === sender) layer.client = sender;
  return layer;
}

const isReadFromPeer = (fields: Fields, name: string) => !fields[name]?.section && !(name in whichFields) && name !== 'method';

/** Returns a payload as the plugin's socket object, for commands that do not send. */
function socketObject({ fields }: Command, payload: unknown): Layer {
  if (isRecord(payload) && !bytesOf(payload)) return payload;
  return 'method' in fields && typeof payload === 'string' ? { method: payload } : noLayer;
}

const isRecord = (value: unknown): value is Record<string, unknown> => typeof value === 'object' && value !== null && !Array.isArray(value);

const name = (value: unknown): string | undefined => (typeof value === 'string' && value !== '' ? value : undefined);
