import { isRecord } from '../../core/record';
import { protocolError } from '../faults';
import { compilePattern, type Pattern } from '../pattern';
import { compileValue, type Reading, type Value } from '../value';
import { findUnknown } from './properties';
import { isGiven } from './steps';

/** An automatic answer. */
export interface Rule {
  readonly when: Pattern;
  readonly send: Value | undefined;
  /** The property `then` of the description. */
  readonly consequence: Consequence | undefined;
  /** With `reconnect`: where to, this once. */
  readonly URL: Value | undefined;
  /** The message is also emitted as an event. */
  readonly emit: boolean;
}

const consequences = ['reconnect', 'close', 'drop'] as const;
export type Consequence = (typeof consequences)[number];

/** Reads the automatic answers. @throws SocketError `ERR_OPTION` */
export const readRules = (list: readonly unknown[], reading: Reading): readonly Rule[] =>
  list.map((raw, index) => readRule(raw, `answers[${index}]`, reading));

function readRule(raw: unknown, place: string, reading: Reading): Rule {
  if (!isRecord(raw)) throw protocolError(place, 'a rule: an object with when', raw);
  const unknown = findUnknown(raw, ['when', 'send', 'then', 'URL', 'emit']);
  if (unknown !== undefined) throw protocolError(`${place}.${unknown}`, 'left out: a rule has no such property', raw[unknown]);
  const { when, send, then, URL, emit } = raw;
  if (!isGiven(when)) throw protocolError(`${place}.when`, 'a pattern', when);
  if (isGiven(then) && !consequences.includes(then as Consequence))
    throw protocolError(`${place}.then`, `one of ${consequences.join(', ')}`, then);
  if (isGiven(URL) && then !== 'reconnect') throw protocolError(`${place}.URL`, 'left out, unless then is reconnect', URL);
  if (emit !== undefined && typeof emit !== 'boolean') throw protocolError(`${place}.emit`, 'true or false', emit);
  return {
    when: compilePattern(when, `${place}.when`),
    send: isGiven(send) ? compileValue(send, `${place}.send`, reading) : undefined,
    consequence: isGiven(then) ? (then as Consequence) : undefined,
    URL: isGiven(URL) ? compileValue(URL, `${place}.URL`, reading) : undefined,
    emit: emit === true,
  };
}
