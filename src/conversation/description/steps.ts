import { isRecord } from '../../core/record';
import { maxTimerSecs } from '../../options/shared';
import { isTyped } from '../../options/typed-value';
import { protocolError } from '../faults';
import { compilePattern, type Pattern } from '../pattern';
import { compileExpression, compileValue, type Reading, type Value } from '../value';
import { findUnknown } from './properties';

/** A step of the opening conversation: something to send, or a message to wait for. */
export type Step = SendStep | WaitStep;
export interface SendStep {
  readonly send: Value;
}
export interface WaitStep {
  readonly wait: Pattern | AsyncPattern;
  /** The awaited message, for a sentence. */
  readonly awaited: string;
  /** The name under which the message is kept. */
  readonly as: string | undefined;
  /** A message that ends the attempt. */
  readonly fail: Pattern | undefined;
  /** Seconds. */
  readonly timeout: number;
}

/** A pattern that is an expression: it matches if the result is true. */
export interface AsyncPattern {
  readonly evaluate: (input: unknown, bindings: Readonly<Record<string, unknown>>) => Promise<unknown>;
}

const defaultTimeout = 10;

/** Reads the steps of the opening conversation. @throws SocketError `ERR_OPTION` */
export const readSteps = (list: readonly unknown[], reading: Reading): readonly Step[] =>
  list.map((raw, index) => readStep(raw, `onOpen[${index}]`, reading));

function readStep(raw: unknown, place: string, reading: Reading): Step {
  if (!isRecord(raw)) throw protocolError(place, 'a step: an object with send or wait', raw);
  if (isGiven(raw.send) === isGiven(raw.wait)) throw protocolError(place, 'a step with either send or wait', raw);
  const known = isGiven(raw.send) ? ['send', 'wait'] : ['send', 'wait', 'as', 'fail', 'timeout'];
  const unknown = findUnknown(raw, known);
  if (unknown !== undefined && isGiven(raw[unknown]))
    throw protocolError(`${place}.${unknown}`, 'left out: this step has no such property', raw[unknown]);
  if (isGiven(raw.send)) return { send: compileValue(raw.send, `${place}.send`, reading) };
  return {
    wait: readWait(raw.wait, `${place}.wait`, reading),
    awaited: JSON.stringify(isTyped(raw.wait) ? raw.wait.value : raw.wait).slice(0, 200),
    as: readName(raw.as, `${place}.as`),
    fail: isGiven(raw.fail) ? compilePattern(raw.fail, `${place}.fail`) : undefined,
    timeout: readSeconds(raw.timeout, `${place}.timeout`, defaultTimeout),
  };
}

function readWait(raw: unknown, place: string, reading: Reading): Pattern | AsyncPattern {
  const { expressions } = reading;
  if (!expressions || !isTyped(raw)) return compilePattern(raw, place);
  if (raw.type === 'jsonata') return { evaluate: compileExpression(raw.value, place, { ...reading, expressions }) };
  const value = raw.type === 'json' ? compileValue(raw, place, reading) : { literal: raw };
  return compilePattern('literal' in value ? value.literal : raw, place);
}

/** An editor stores an empty field as `''`. */
export const isGiven = (value: unknown) => value !== undefined && value !== null && value !== '';

function readName(raw: unknown, place: string): string | undefined {
  if (!isGiven(raw)) return undefined;
  if (typeof raw !== 'string' || !/^[A-Za-z_]\w{0,63}$/.test(raw)) throw protocolError(place, 'a name of letters, digits and _', raw);
  return raw;
}

/** Reads a number of seconds above 0. @throws SocketError `ERR_OPTION` */
export function readSeconds(raw: unknown, place: string, byDefault: number): number {
  if (!isGiven(raw)) return byDefault;
  const seconds = typeof raw === 'string' && raw.trim() !== '' ? Number(raw) : raw;
  if (typeof seconds !== 'number' || !(seconds > 0) || seconds > maxTimerSecs)
    throw protocolError(place, 'a number of seconds above 0', raw);
  return seconds;
}
