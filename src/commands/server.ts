import { read } from '../options/read';
import { serverOptions } from '../options/server';
import type { Receivers, ServerSocket } from '../socket/server';
import { type Call, type Command, socketOf } from './command';
import { receiverFields, stopFields } from './fields';
import { readMessage } from './message';
import { sendOutputs, serverInfoOutputs, startOutputs } from './outputs';

export const serverCreate: Command = {
  summary: 'Makes a server, or tells about one: with an id in the payload nothing is made.',
  fields: serverOptions,
  outputs: { id: 'number: the id of the new server; without an id in the payload', ...serverInfoOutputs },
  refused: {},
  run(call, reply) {
    if (call.payload.id !== undefined || !call.create) {
      const server = checked(call);
      return reply({ status: { ...server.info() }, socket: server.id });
    }
    const id = call.create('server', call.payload);
    reply({ status: { id }, socket: id });
  },
};

export const serverStart: Command = {
  summary: 'Has a server listen.',
  fields: serverOptions,
  outputs: {
    success: 'boolean: the server listens',
    http_status: 'number: always 0',
    headers: 'object: always empty',
    uri: 'text: where it really listens, for instance ws://127.0.0.1:8080',
    port: 'number: the port it really listens on',
    errorStr: startOutputs.errorStr,
    errStr: 'text: the same as errorStr',
  },
  refused: { http_status: 0, headers: {}, uri: '', port: 0 },
  async run(call, reply) {
    const server = socketOf('server', call);
    const status = await server.start(call.payload);
    reply({ status: { ...status, ...(status.errorStr !== undefined && { errStr: status.errorStr }) }, socket: server.id });
  },
};

export const serverStop: Command = {
  summary: 'Stops a server listening, and ends each of its connections.',
  fields: stopFields,
  outputs: { clients: 'list: always empty', success: 'boolean' },
  refused: { clients: [] },
  async run(call, reply) {
    const server = checked(call);
    const { code, reason } = read(stopFields, call.payload);
    await server.stop(code, reason);
    reply({ status: { clients: server.info().clients, success: true }, socket: server.id });
  },
};

export const serverSend: Command = {
  summary: 'Sends a message to every connection of a server, or to those that uri or client name.',
  fields: receiverFields,
  outputs: {
    statuses: `list: uri, client, ${Object.keys(sendOutputs).join(', ')} of each receiver, in the order of connection`,
    success: 'boolean: none failed',
    errorStr: 'text: what went wrong, on failure',
  },
  refused: { statuses: [] },
  run(call, reply) {
    const server = checked(call);
    const message = readMessage(call.payload);
    const receivers = readReceivers(call);
    if (server.state !== 'open') {
      const errorStr = `The message was not sent: server ${server.id} is not started. Start it first.`;
      return reply({ status: { statuses: [], success: false, errorStr }, socket: server.id });
    }
    server.send(message, receivers, (statuses) => {
      const failed = statuses.find((status) => !status.success);
      const status = failed ? { statuses, success: false, errorStr: failed.errorStr } : { statuses, success: true };
      reply({ status, socket: server.id });
    });
  },
};

export const serverClear: Command = {
  summary: 'Ends a server for good and frees its id.',
  fields: {},
  outputs: { success: 'boolean: the server existed' },
  refused: {},
  async run(call, reply) {
    const server = socketOf('server', call);
    await call.registry.server.clear(server);
    reply({ status: { success: true }, socket: server.id });
  },
};

function readReceivers({ payload, details, to = 'message' }: Call): Receivers {
  if (to === 'all') return {};
  // The commonest by far: the answer to one connection.
  if (to === 'message' && typeof payload.client === 'string' && payload.client !== '') return { client: [payload.client] };
  const { client, uri } = read(receiverFields, payload);
  if (to === 'message') return { client, uri };
  return { except: client ?? (details && read(receiverFields, details).client) ?? [] };
}

/** A server whose options are wrong says so to every command that uses it. */
function checked(call: Call): ServerSocket {
  const server = socketOf('server', call);
  if (server.state === 'idle') server.check();
  return server;
}
