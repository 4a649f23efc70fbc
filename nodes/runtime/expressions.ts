import type { Node } from '@node-red/registry';
import type { Expressions } from '../../src/index';
import type { RED } from './red';

/** An expression of `jsonata` 2, which `@types/node-red` declares as version 1. */
interface Expression {
  evaluate(input: unknown, bindings: object): Promise<unknown>;
}

/** Returns Node-RED's expressions and contexts, with the environment of a node. */
export const expressionsOf = (RED: RED, node: Node): Expressions => ({
  compile(text) {
    const expression = RED.util.prepareJSONataExpression(text, node) as unknown as Expression;
    return async (input, bindings) => expression.evaluate(input, { ...bindings });
  },
  contextValue: (type, name) =>
    new Promise((resolve, reject) => {
      const found = (error: Error | null, value: unknown) => (error ? reject(error) : resolve(value));
      RED.util.evaluateNodeProperty(name, type, node, {}, found as never);
    }),
});
