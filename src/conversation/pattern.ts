import { isEqual } from '../core/equal';
import { type Path, parsePath } from '../core/path';
import { isRecord } from '../core/record';
import { protocolError } from './faults';

/** Returns whether a decoded message matches. */
export type Pattern = (message: unknown) => boolean;

type Test = (found: unknown) => boolean;

/**
 * Compiles a pattern: an object of dotted paths. The value of each is what must be there, a list of such values, or `{ exists: boolean }`.
 * `{}` matches every message.
 *
 * @param place where the pattern is, for the error.
 * @throws SocketError `ERR_OPTION`
 */
export function compilePattern(raw: unknown, place: string): Pattern {
  if (!isRecord(raw)) throw protocolError(place, 'a pattern: an object of paths, such as {"type": "event"}', raw);
  const tests = Object.entries(raw).map(([text, expected]): [Path, Test] => {
    const path = parsePath(text);
    if (!path) throw protocolError(place, 'a pattern whose keys are paths, such as d.requestId', text);
    return [path, compileTest(expected)];
  });
  if (tests.length === 1) {
    const [path, test] = tests[0] as [Path, Test];
    return (message) => test(path.get(message));
  }
  return (message) => tests.every(([path, test]) => test(path.get(message)));
}

function compileTest(expected: unknown): Test {
  if (Array.isArray(expected)) {
    const tests = expected.map(equals);
    return (found) => tests.some((test) => test(found));
  }
  if (isRecord(expected) && typeof expected.exists === 'boolean' && Object.keys(expected).length === 1) {
    const { exists } = expected;
    return (found) => (found !== undefined) === exists;
  }
  return equals(expected);
}

/** Most values are texts and numbers, which need no deep comparison. */
const equals = (expected: unknown): Test =>
  typeof expected === 'object' && expected !== null ? (found) => isEqual(found, expected) : (found) => found === expected;
