import { isRecord } from '../../core/record';
import { isTyped } from '../../options/typed-value';
import { protocolError } from '../faults';
import { compilePattern, type Pattern } from '../pattern';
import { compileValue, type Reading, type Value } from '../value';
import { findUnknown } from './properties';
import { isGiven, readSeconds } from './steps';

/** A message that is sent at an interval to keep a connection alive. */
export interface Heartbeat {
  readonly send: Value;
  /** Seconds, or a value that is evaluated once after the opening. */
  readonly every: number | Value;
  /** Send only if nothing else was sent for that long. */
  readonly idle: boolean;
  /** The answer of the peer. */
  readonly expect: Pattern | undefined;
  /** Seconds in which the answer must come; `every` by default. */
  readonly within: number | undefined;
}

/** Reads a heartbeat. @throws SocketError `ERR_OPTION` */
export function readHeartbeat(raw: unknown, reading: Reading): Heartbeat {
  if (!isRecord(raw)) throw protocolError('heartbeat', 'an object with send and every', raw);
  const unknown = findUnknown(raw, ['send', 'every', 'idle', 'expect', 'within']);
  if (unknown !== undefined) throw protocolError(`heartbeat.${unknown}`, 'left out: a heartbeat has no such property', raw[unknown]);
  const { send, every, idle, expect, within } = raw;
  if (!isGiven(send)) throw protocolError('heartbeat.send', 'a value', send);
  if (!isGiven(every)) throw protocolError('heartbeat.every', 'a number of seconds above 0', every);
  if (idle !== undefined && typeof idle !== 'boolean') throw protocolError('heartbeat.idle', 'true or false', idle);
  return {
    send: compileValue(send, 'heartbeat.send', reading),
    every:
      reading.expressions && isTyped(every) ? compileValue(every, 'heartbeat.every', reading) : readSeconds(every, 'heartbeat.every', 0),
    idle: idle === true,
    expect: isGiven(expect) ? compilePattern(expect, 'heartbeat.expect') : undefined,
    within: isGiven(within) ? readSeconds(within, 'heartbeat.within', 0) : undefined,
  };
}
