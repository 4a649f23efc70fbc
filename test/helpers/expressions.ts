import { createRequire } from 'node:module';
import type { Node } from '@node-red/registry';
import { expressionsOf } from '../../nodes/runtime/expressions';
import type { RED } from '../../nodes/runtime/red';
import type { Expressions } from '../../src/conversation';

/** The functions of Node-RED. `NODE_RED_SCRIPT=…/node-red/red.js` takes those of another version. */
const { util } = createRequire(process.env.NODE_RED_SCRIPT ?? require.resolve('node-red/red.js'))('@node-red/util');
const node = { id: 'test', context: () => ({}) } as unknown as Node;

/** Evaluates expressions as our nodes do, without Node-RED's contexts. */
export const expressions: Expressions = {
  ...expressionsOf({ util } as RED, node),
  contextValue: async (_type, name) => `value of ${name}`,
};
