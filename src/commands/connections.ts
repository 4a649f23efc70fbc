import { optionError } from '../core/errors';
import { read } from '../options/read';
import type { Command } from './command';
import { stopFields, tagFields, whichFields } from './fields';
import { readWhich } from './receivers';
import { checkedServer } from './server';

export const serverDisconnect: Command = {
  summary: 'Closes the connections of a server that tag, client or uri name, and answers when they have ended.',
  fields: { ...whichFields, ...stopFields },
  outputs: { closed: 'number: how many connections were closed', success: 'boolean' },
  rejection: { closed: 0 },
  added: true,
  async run(call, reply) {
    const server = checkedServer(call);
    const which = readWhich(call);
    const { code, reason } = read(stopFields, call.payload);
    const closed = await server.disconnect(which, code, reason);
    reply({ status: { closed, success: true }, socket: server.id });
  },
};

export const serverTag: Command = {
  summary: 'Puts connections of a server into groups, and takes them out, so that others can name them by tag.',
  fields: { ...whichFields, ...tagFields },
  outputs: { tagged: 'number: how many connections were named', success: 'boolean' },
  rejection: { tagged: 0 },
  added: true,
  run(call, reply) {
    const server = checkedServer(call);
    const which = readWhich(call);
    const changes = read(tagFields, call.payload);
    if (!changes.add && !changes.remove) {
      throw optionError('One of the options add and remove must be given: a text or a list of texts, the names of groups; got neither.');
    }
    reply({ status: { tagged: server.tag(which, changes), success: true }, socket: server.id });
  },
};
