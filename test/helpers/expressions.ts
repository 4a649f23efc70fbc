import jsonata from 'jsonata';
import type { Expressions } from '../../src/conversation';

/** Evaluates expressions as Node-RED compiles them, without its contexts. */
export const expressions: Expressions = {
  compile(text) {
    const expression = jsonata(text);
    return (input, bindings) => expression.evaluate(input, { ...bindings });
  },
  contextValue: async (_type, name) => `value of ${name}`,
};
