import { isRecord } from '../../core/record';
import { protocolError } from '../faults';
import { type FormatName, formatNames } from '../formats/names';
import type { Expressions, Reading } from '../value';
import { type Heartbeat, readHeartbeat } from './heartbeat';
import { findUnknownProperty } from './properties';
import { type Rpc, readRpc } from './rpc';
import { type Rule, readRules } from './rules';
import { readSteps, type Step } from './steps';

/** A description that was read, with its patterns, paths and expressions compiled. */
export interface Description {
  readonly format: FormatName;
  readonly separator: string;
  /** The subprotocols that are used if the socket names none. */
  readonly subProtocols: readonly string[];
  readonly onOpen: readonly Step[];
  readonly answers: readonly Rule[];
  readonly heartbeat: Heartbeat | undefined;
  readonly rpc: Rpc | undefined;
  /** The names of the secrets that `$secret` uses. */
  readonly secrets: readonly string[];
  /** The secrets that must be given, each with the place of an expression that uses it. */
  readonly needed: ReadonlyMap<string, string>;
}

/** Largest number of steps, and of rules. A description from a message is data. */
const maxEntries = 100;

/**
 * Reads the description of a protocol and compiles its patterns, paths and expressions. Pure, because the form of a protocol checks its
 * fields with it.
 *
 * @param expressions absent for a description from a message: there, every value is a literal.
 * @throws SocketError `ERR_OPTION`, which names the place, for example `onOpen[1].wait`.
 */
export function readDescription(description: unknown, expressions?: Expressions): Description {
  if (!isRecord(description)) throw protocolError('format', 'part of an object that describes a protocol', description);
  const unknown = findUnknownProperty(description);
  if (unknown !== undefined) throw protocolError(unknown, 'left out: a protocol has no such property', description[unknown]);
  const needed = new Map<string, string>();
  const reading: Reading = { expressions, needed };
  const format = readFormat(description.format);
  return {
    format,
    separator: readSeparator(description.separator),
    subProtocols: readTexts(description.subProtocols, 'subProtocols'),
    onOpen: readSteps(listOf(description.onOpen, 'onOpen'), reading),
    answers: readRules(listOf(description.answers, 'answers'), reading),
    heartbeat: isEmpty(description.heartbeat) ? undefined : readHeartbeat(description.heartbeat, reading),
    rpc: isEmpty(description.rpc) ? undefined : readRpc(description.rpc, reading),
    secrets: readTexts(description.secrets, 'secrets'),
    needed,
  };
}

/** An editor stores an empty field as `''`, and an empty object as `{}`. */
const isEmpty = (value: unknown) =>
  value === undefined || value === null || value === '' || (isRecord(value) && Object.keys(value).length === 0);

function readFormat(value: unknown): FormatName {
  if (isEmpty(value)) return 'text';
  if (!formatNames.includes(value as FormatName)) throw protocolError('format', `one of ${formatNames.join(', ')}`, value);
  return value as FormatName;
}

function readSeparator(value: unknown): string {
  if (isEmpty(value)) return '\u001e';
  if (typeof value !== 'string' || value.length > 16) throw protocolError('separator', 'a text of at most 16 characters', value);
  return value;
}

function listOf(value: unknown, place: string): readonly unknown[] {
  if (isEmpty(value)) return [];
  if (!Array.isArray(value) || value.length > maxEntries) throw protocolError(place, `a list of at most ${maxEntries} entries`, value);
  return value;
}

function readTexts(value: unknown, place: string): readonly string[] {
  const list = typeof value === 'string' ? value.split(',').map((each) => each.trim()) : value;
  const texts = listOf(list, place).filter((each) => each !== '');
  const wrong = texts.find((each) => typeof each !== 'string');
  if (wrong !== undefined) throw protocolError(place, 'a list of texts', wrong);
  return texts as string[];
}
