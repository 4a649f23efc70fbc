import type { ClientSocket } from '../client/client';
import { sendStatus } from '../connection/send-status';
import { clientOptions } from '../options/client';
import { read } from '../options/read';
import { type Call, type Command, socketOf } from './command';
import { startFields, stopFields } from './fields';
import { readMessage } from './message';
import { infoOutputs, sendOutputs, startOutputs } from './outputs';

const info = (client: ClientSocket) => ({ ...client.info() });

export const clientCreate: Command = {
  summary: 'Makes a client, or tells about one: with an id in the payload nothing is made.',
  fields: clientOptions,
  outputs: { id: 'number: the id of the new client; without an id in the payload', ...infoOutputs },
  rejection: {},
  run(call, reply) {
    if (call.payload.id !== undefined || !call.create) {
      const client = socketOf('client', call);
      return reply({ status: info(client), socket: client.id });
    }
    const id = call.create('client', call.payload);
    reply({ status: { id }, socket: id });
  },
};

export const clientStart: Command = {
  summary: 'Connects a client, and answers when the opening handshake has ended.',
  fields: { ...startFields, ...clientOptions },
  outputs: startOutputs,
  rejection: { http_status: 0, headers: {}, uri: '', protocol: '' },
  async run(call, reply) {
    const client = socketOf('client', call);
    const { timeout } = read(startFields, call.payload);
    reply({ status: { ...(await client.start(call.payload, { timeout })) }, socket: client.id });
  },
};

export const clientStop: Command = {
  summary: 'Ends the connection of a client, and every try to have one.',
  fields: stopFields,
  outputs: { ...infoOutputs, success: 'boolean' },
  rejection: {},
  async run(call, reply) {
    const client = checkedClient(call);
    const { code, reason } = read(stopFields, call.payload);
    await client.stop(code, reason);
    reply({ status: { ...info(client), success: true }, socket: client.id });
  },
};

export const clientSend: Command = {
  summary: 'Sends a message: text as a text frame, a Buffer as a binary frame, anything else as JSON text.',
  fields: {},
  outputs: sendOutputs,
  rejection: sendStatus('', 0, 0),
  run(call, reply) {
    const client = checkedClient(call);
    client.send(readMessage(call.payload), (status) => reply({ status, socket: client.id }));
  },
};

export const clientClear: Command = {
  summary: 'Ends a client for good. Its id is not used again.',
  fields: {},
  outputs: { success: 'boolean: the client existed' },
  rejection: {},
  async run(call, reply) {
    const client = socketOf('client', call);
    await call.registry.client.clear(client);
    reply({ status: { success: true }, socket: client.id });
  },
};

/** Returns the client of a call. It checks the options of an idle client, so every command reports options that are wrong. */
function checkedClient(call: Call): ClientSocket {
  const client = socketOf('client', call);
  if (client.state === 'idle') client.check();
  return client;
}
