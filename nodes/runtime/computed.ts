import { Computed, type Expressions, type Field, isTyped, messageOf } from '../../src/index';

/**
 * Returns the value of an option of a config node, with typed fields replaced: by the text that they name, or by an object that computes the
 * value for each attempt to connect. Values of other options are unchanged.
 */
export function withComputed({ kind }: Field, value: unknown, expressions: Expressions): unknown {
  if (kind === 'url') return computed(value, expressions);
  if (kind !== 'headers' || typeof value !== 'object' || value === null) return value;
  return Object.fromEntries(Object.entries(value).map(([name, one]) => [name, computed(one, expressions)]));
}

function computed(field: unknown, expressions: Expressions): unknown {
  if (!isTyped(field)) return field;
  const { type, value } = field;
  switch (type) {
    case 'str':
      return value;
    case 'env':
      return `\${${String(value)}}`;
    case 'flow':
    case 'global':
      return new Computed(() => expressions.contextValue(type, String(value)));
    case 'jsonata':
      return expression(String(value), expressions);
    default:
      return field;
  }
}

function expression(text: string, expressions: Expressions): Computed {
  try {
    const evaluate = expressions.compile(text);
    return new Computed((bindings) => evaluate(undefined, bindings));
  } catch (error) {
    return new Computed(async () => undefined, messageOf(error));
  }
}
