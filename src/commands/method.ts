import { optionError } from '../core/errors';
import { flat } from '../core/flat';
import { methodFields } from '../options/commands';
import { read } from '../options/read';
import type { Command } from './command';

export const setMethod: Command = {
  summary: 'Sets the current method. Events nodes with a Method output events only while it is the current one.',
  fields: methodFields,
  outputs: { payload: 'text: the current method' },
  rejection: {},
  run({ registry, payload }, caller) {
    const { method } = read(methodFields, payload);
    if (method === undefined)
      throw optionError('The option method is missing. Set msg.payload or msg.payload.method to the name of the method.');
    registry.method = flat(method);
    caller.reply({ status: registry.method });
  },
};

export const getMethod: Command = {
  summary: 'Outputs the current method.',
  fields: {},
  outputs: { payload: 'text: the current method, empty if none' },
  rejection: {},
  run: ({ registry }, caller) => caller.reply({ status: registry.method }),
};
