import { messageOf } from '../../../src/core/errors';
import { framesOf } from '../../../src/replay/format';
import type { Property } from '../properties';
import { expressionsIn, isEmpty, isEnv, type Problem, problemOf, shaped } from '../values';
import { parseProblem, protocolProblem } from './protocol/check';
import { word } from './translate';

/** Returns a problem as a sentence, in the language of the editor. */
export const problemText = ({ key: property }: Property, { key, values, path }: Problem): string =>
  word('form.invalid', { label: `${word(`${property}.label`)}${path}`, constraint: word(key, values) });

/** Returns what the runtime would refuse of a value, as a sentence. */
export function sentenceOf(property: Property, value: unknown): string | undefined {
  const problem = problemOf(property, value);
  if (problem) return problemText(property, problem);
  for (const text of expressionsIn(property, shaped(property, value))) {
    const reason = parseProblem(text);
    if (reason !== undefined) return problemText(property, { key: 'constraints.expression', values: { reason }, path: '' });
  }
  if (property.key === 'options.replay.recording' && !isEmpty(value) && !isEnv(value)) return recordingProblem(value);
  const isOfProtocol = property.kind === 'json' && property.key.startsWith('options.protocol.');
  return isOfProtocol ? protocolProblem(property.name, word(`${property.key}.label`), shaped(property, value)) : undefined;
}

function recordingProblem(value: unknown): string | undefined {
  try {
    framesOf(value);
    return undefined;
  } catch (error) {
    return messageOf(error);
  }
}
