import { optionError } from '../core/errors';
import { receiverFields, stopFields, tagFields, whichFields } from '../options/commands';
import { read } from '../options/read';
import { isSession } from '../server/admission/upgrade-question';
import type { Command } from './command';
import { serverInfoOutputs } from './outputs';
import { readReceivers, readWhich } from './receivers';
import { checkedServer } from './server';

export const serverDisconnect: Command = {
  summary: 'Closes the connections of a server selected by tag, client or uri, and outputs the result when they are closed.',
  fields: { ...whichFields, ...stopFields },
  outputs: { closed: 'number: the number of connections closed', success: 'boolean' },
  rejection: { closed: 0 },
  added: true,
  async run(call, caller) {
    const server = checkedServer(call);
    const which = readWhich(call);
    const { code, reason } = read(stopFields, call.payload);
    const closed = await server.disconnect(which, code, reason);
    caller.reply({ status: { closed, success: true }, socket: server.id });
  },
};

export const serverConnections: Command = {
  summary: 'Outputs the list of the connections of a server, or of those selected by tag, client or uri.',
  fields: receiverFields,
  outputs: serverInfoOutputs,
  rejection: { clients: [], connections: [] },
  added: true,
  run(call, caller) {
    const server = checkedServer(call);
    caller.reply({ status: { ...server.info(readReceivers(call)) }, socket: server.id });
  },
};

export const serverTag: Command = {
  summary: 'Adds connections of a server to groups (tags), or removes them, so that other nodes can select a whole group.',
  fields: { ...whichFields, ...tagFields },
  outputs: { tagged: 'number: the number of connections selected', success: 'boolean' },
  rejection: { tagged: 0 },
  added: true,
  run(call, caller) {
    const server = checkedServer(call);
    const which = readWhich(call);
    const changes = read(tagFields, call.payload);
    const { session } = changes;
    if (!changes.add && !changes.remove && session === undefined) {
      throw optionError('Neither add nor remove is set. Set one of them to a group name or a list of group names, or set session.');
    }
    if (session !== undefined && !isSession(session)) {
      throw optionError('The option session must be a JSON value of at most 64 KiB. Shorten it.', undefined, 'session');
    }
    caller.reply({ status: { tagged: server.tag(which, changes, session), success: true }, socket: server.id });
  },
};
