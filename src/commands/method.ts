import { optionError } from '../core/errors';
import { flat } from '../core/flat';
import { read } from '../options/read';
import type { Command } from './command';
import { methodFields } from './fields';

export const setMethod: Command = {
  summary: 'Sets the method: events nodes that name one emit only while theirs is set.',
  fields: methodFields,
  outputs: { payload: 'text: the method that is set' },
  rejection: {},
  run({ registry, payload }, reply) {
    const { method } = read(methodFields, payload);
    if (method === undefined)
      throw optionError('The option method must be a text: give it as msg.payload or msg.payload.method; got nothing.');
    registry.method = flat(method);
    reply({ status: registry.method });
  },
};

export const getMethod: Command = {
  summary: 'Tells which method is set.',
  fields: {},
  outputs: { payload: 'text: the method that is set, empty if none' },
  rejection: {},
  run: ({ registry }, reply) => reply({ status: registry.method }),
};
