import { type Path, parsePath } from '../../core/path';
import { isRecord } from '../../core/record';
import { protocolError } from '../faults';
import { compilePattern, type Pattern } from '../pattern';
import { compileValue, type Reading, type Value } from '../value';
import { findUnknown } from './properties';
import { isGiven, readSeconds } from './steps';

/** The description of requests and their answers (contract-2, section 12). */
export interface Rpc {
  readonly ids: (typeof idKinds)[number];
  /** The place of the id in a request that is given as a message. */
  readonly id: Path | undefined;
  /** Largest number of open and waiting requests of a connection. */
  readonly maxPending: number;
  readonly request: Value | undefined;
  readonly answer: AnswerShape;
  readonly error: AnswerShape | undefined;
  /** Matches an answer that others follow. */
  readonly more: Pattern | undefined;
  readonly cancel: Value | undefined;
  readonly call: CallShape | undefined;
  readonly reply: Value | undefined;
  readonly replyError: Value | undefined;
  /** Seconds in which the flow must answer a call. */
  readonly answerWithin: number;
  /** Largest number of requests whose answers are awaited; 0 disables the limit. */
  readonly concurrency: number;
  /** The protocol has no ids: an answer belongs to the oldest open request. */
  readonly order: boolean;
}

export interface AnswerShape {
  readonly when: Pattern;
  /** Absent with `order`. */
  readonly id: Path | undefined;
  /** Returns the result, or what is wrong. */
  readonly value: (message: unknown) => unknown;
}

export interface CallShape {
  readonly when: Pattern;
  readonly id: (message: unknown) => unknown;
  readonly method: (message: unknown) => unknown;
  readonly params: (message: unknown) => unknown;
}

const idKinds = ['number', 'text', 'uuid'] as const;
const names = [
  ...['ids', 'id', 'maxPending', 'request', 'answer', 'error', 'more', 'cancel'],
  ...['call', 'reply', 'replyError', 'answerWithin', 'concurrency', 'order'],
];

/** Reads the description of requests. @throws SocketError `ERR_OPTION` */
export function readRpc(raw: unknown, reading: Reading): Rpc {
  if (!isRecord(raw)) throw protocolError('rpc', 'an object with answer', raw);
  const unknown = findUnknown(raw, names);
  if (unknown !== undefined) throw protocolError(`rpc.${unknown}`, 'left out: rpc has no such property', raw[unknown]);
  const { ids = 'number', order = false } = raw;
  if (!idKinds.includes(ids as Rpc['ids'])) throw protocolError('rpc.ids', `one of ${idKinds.join(', ')}`, ids);
  if (typeof order !== 'boolean') throw protocolError('rpc.order', 'true or false', order);
  const value = (name: string) => (isGiven(raw[name]) ? compileValue(raw[name], `rpc.${name}`, reading) : undefined);
  const answer = readAnswer(raw.answer, 'rpc.answer', order);
  return {
    ids: ids as Rpc['ids'],
    order,
    id: isGiven(raw.id) ? readPath(raw.id, 'rpc.id') : answer.id,
    maxPending: readCount(raw.maxPending, 'rpc.maxPending', 1000, 1),
    concurrency: order ? 1 : readCount(raw.concurrency, 'rpc.concurrency', 0, 0),
    answer,
    error: isGiven(raw.error) ? readAnswer(raw.error, 'rpc.error', order) : undefined,
    more: isGiven(raw.more) ? compilePattern(raw.more, 'rpc.more') : undefined,
    call: isGiven(raw.call) ? readCall(raw.call) : undefined,
    request: value('request'),
    cancel: value('cancel'),
    reply: value('reply'),
    replyError: value('replyError'),
    answerWithin: readSeconds(raw.answerWithin, 'rpc.answerWithin', 30),
  };
}

function readAnswer(raw: unknown, place: string, order: boolean): AnswerShape {
  if (!isRecord(raw)) throw protocolError(place, 'an object with when and id', raw);
  const unknown = findUnknown(raw, ['when', 'id', 'value']);
  if (unknown !== undefined) throw protocolError(`${place}.${unknown}`, 'left out: it has no such property', raw[unknown]);
  if (!isGiven(raw.when)) throw protocolError(`${place}.when`, 'a pattern', raw.when);
  if (!isGiven(raw.id) && !order) throw protocolError(`${place}.id`, 'the path of the id', raw.id);
  return {
    when: compilePattern(raw.when, `${place}.when`),
    id: isGiven(raw.id) ? readPath(raw.id, `${place}.id`) : undefined,
    value: readPicker(raw.value, `${place}.value`),
  };
}

function readCall(raw: unknown): CallShape {
  if (!isRecord(raw)) throw protocolError('rpc.call', 'an object with when and id', raw);
  const unknown = findUnknown(raw, ['when', 'id', 'method', 'params']);
  if (unknown !== undefined) throw protocolError(`rpc.call.${unknown}`, 'left out: it has no such property', raw[unknown]);
  if (!isGiven(raw.when)) throw protocolError('rpc.call.when', 'a pattern', raw.when);
  return {
    when: compilePattern(raw.when, 'rpc.call.when'),
    id: readPicker(raw.id, 'rpc.call.id'),
    method: readPicker(raw.method, 'rpc.call.method'),
    params: readPicker(raw.params, 'rpc.call.params'),
  };
}

/** Reads a path, or a list of paths of which the first that exists counts. Absent: the whole message. */
function readPicker(raw: unknown, place: string): (message: unknown) => unknown {
  if (!isGiven(raw)) return (message) => message;
  if (!Array.isArray(raw)) return readPath(raw, place).get;
  const paths = raw.map((each, index) => readPath(each, `${place}[${index}]`));
  return (message) => paths.find((path) => path.exists(message))?.get(message);
}

function readPath(raw: unknown, place: string): Path {
  const path = parsePath(raw);
  if (!path) throw protocolError(place, 'a path, such as d.requestId', raw);
  return path;
}

function readCount(raw: unknown, place: string, byDefault: number, least: number): number {
  if (!isGiven(raw)) return byDefault;
  const count = typeof raw === 'string' && raw.trim() !== '' ? Number(raw) : raw;
  if (!Number.isInteger(count) || (count as number) < least || (count as number) > 1_000_000) {
    throw protocolError(place, `an integer from ${least} to 1000000`, raw);
  }
  return count as number;
}
