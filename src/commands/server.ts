import { optionError } from '../core/errors';
import { receiverFields, retainFields, stopFields } from '../options/commands';
import { read } from '../options/read';
import { serverOptions } from '../options/server';
import { failureIn, type ReceiverStatus } from '../server/broadcast';
import type { Receivers } from '../server/members';
import type { ServerSocket } from '../server/server';
import { type Call, type Caller, type Command, socketOf } from './command';
import { readCallAnswer, readMessage, readObject } from './message';
import { sendOutputs, serverInfoOutputs, startOutputs } from './outputs';
import { readReceivers, readRetain } from './receivers';

export const serverCreate: Command = {
  summary: 'Creates a server. With msg.payload.id, outputs information about that server and its connections instead.',
  creates: true,
  fields: { ...serverOptions, ...receiverFields },
  outputs: { id: 'number: the id of the new server (only if no id was given)', ...serverInfoOutputs },
  rejection: {},
  run(call, caller) {
    if (call.payload.id !== undefined || !call.create) {
      const server = checkedServer(call);
      return caller.reply({ status: { ...server.info(readReceivers({ payload: call.payload })) }, socket: server.id });
    }
    const id = call.create('server', call.payload);
    caller.reply({ status: { id }, socket: id });
  },
};

export const serverStart: Command = {
  summary: 'Starts a server.',
  fields: serverOptions,
  outputs: {
    success: 'boolean: true if the server is listening',
    http_status: 'number: always 0',
    headers: 'object: always empty',
    uri: 'text: the address it is listening on, e.g. ws://127.0.0.1:8080',
    port: 'number: the port it is listening on',
    errorStr: startOutputs.errorStr,
    errStr: 'text: the same as errorStr',
  },
  aliases: { errStr: 'errorStr' },
  rejection: { http_status: 0, headers: {}, uri: '', port: 0 },
  async run(call, caller) {
    const server = socketOf('server', call);
    const status = await server.start(call.payload);
    caller.reply({ status: { ...status, ...(status.errorStr !== undefined && { errStr: status.errorStr }) }, socket: server.id });
  },
};

export const serverStop: Command = {
  summary: 'Stops a server and closes all its connections.',
  fields: stopFields,
  outputs: { clients: 'list: always empty', success: 'boolean' },
  rejection: { clients: [] },
  async run(call, caller) {
    const server = checkedServer(call);
    const { code, reason } = read(stopFields, call.payload);
    await server.stop(code, reason);
    caller.reply({ status: { clients: server.info().clients, success: true }, socket: server.id });
  },
};

export const serverSend: Command = {
  summary: 'Sends a message to all connections of a server, or to those selected by tag, client or uri.',
  sends: true,
  fields: { ...receiverFields, ...retainFields },
  outputs: {
    statuses: `list: uri, client, ${Object.keys(sendOutputs).join(', ')} of each receiver, in the order of connection`,
    success: 'boolean: none failed',
    retained: 'boolean: with retain, true if the message is kept; false if a limit is reached (see errorStr)',
    errorStr: 'text: what went wrong, on failure',
  },
  rejection: { statuses: [] },
  run(call, caller) {
    const server = checkedServer(call);
    const answered = server.hasProtocol ? readCallAnswer(call) : undefined;
    if (answered) return answerCall(server, call, answered, caller);
    const message = server.hasProtocol ? readObject(call) : readMessage(call);
    const receivers = readReceivers(call);
    const key = call.payload.retain === undefined ? undefined : readRetain(call.payload, receivers);
    if (server.state !== 'open') {
      const errorStr = `The message was not sent: server ${server.id} is not started. Start it first.`;
      return caller.reply({ status: { statuses: [], success: false, errorStr }, socket: server.id });
    }
    const unheard = key === undefined ? call.unheard : undefined;
    if (unheard) return server.sendUnheard(message, receivers, unheard);
    sendHeard(server, message, receivers, key, caller);
  },
};

/** Sends a message whose answer is taken. It is a function of its own, because an unheard send makes no closures. */
function sendHeard(server: ServerSocket, message: unknown, receivers: Receivers, key: string | undefined, caller: Caller): void {
  const socket = server.id;
  if (key === undefined) server.send(message, receivers, (statuses) => caller.reply({ status: statusOf(statuses), socket }));
  else server.retain(message, receivers, key, (statuses, kept) => caller.reply({ status: { ...kept, ...statusOf(statuses) }, socket }));
}

/**
 * Answers a call of a peer on the connection of its event, whatever the To setting says.
 *
 * @throws SocketError `ERR_OPTION` if the message names no connection.
 */
function answerCall(
  server: ServerSocket,
  call: Call,
  { id, answer }: NonNullable<ReturnType<typeof readCallAnswer>>,
  caller: Caller,
): void {
  const { payload, sender } = call;
  const client = typeof payload.client === 'string' ? payload.client : (sender ?? readReceivers(call).client?.[0]);
  if (client === undefined) throw optionError('The option client must name the connection whose call is answered.', undefined, 'client');
  const failed = (errorStr: string) => caller.reply({ status: { statuses: [], success: false, errorStr }, socket: server.id });
  server.answer(client, id, answer, (statuses) => {
    if (statuses.length > 0) caller.reply({ status: statusOf(statuses), socket: server.id });
    else failed(`The call was not answered: server ${server.id} has no open connection ${client}.`);
  });
}

/** Returns the answer of a send. */
function statusOf(statuses: ReceiverStatus[]): { statuses: ReceiverStatus[]; success: boolean; errorStr?: string | undefined } {
  const errorStr = failureIn(statuses);
  return errorStr === undefined ? { statuses, success: true } : { statuses, success: false, errorStr };
}

export const serverClear: Command = {
  summary: 'Removes a server permanently. Its id is not used again.',
  fields: {},
  outputs: { success: 'boolean: true if the server existed' },
  rejection: {},
  async run(call, caller) {
    const server = socketOf('server', call);
    await call.registry.server.clear(server);
    caller.reply({ status: { success: true }, socket: server.id });
  },
};

/** Returns the server of a call. It checks the options of an idle server, so every command reports options that are wrong. */
export function checkedServer(call: Call): ServerSocket {
  const server = socketOf('server', call);
  if (server.state === 'idle') server.check();
  return server;
}
