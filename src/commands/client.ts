import type { ClientSocket } from '../client/client';
import type { Sent } from '../connection/load';
import { type SendStatus, sendStatus } from '../connection/send-status';
import { clientOptions } from '../options/client';
import { startFields, stopFields } from '../options/commands';
import { read } from '../options/read';
import type { Unheard } from '../server/sends';
import { type Call, type Caller, type Command, socketOf } from './command';
import { givenMessage, readCallAnswer, readMessage, readObject } from './message';
import { clientSendOutputs, infoOutputs, startOutputs } from './outputs';

const info = (client: ClientSocket) => ({ ...client.info() });

export const clientCreate: Command = {
  summary: 'Creates a client. With msg.payload.id, outputs information about that client instead.',
  creates: true,
  fields: clientOptions,
  outputs: { id: 'number: the id of the new client (only if no id was given)', ...infoOutputs },
  rejection: {},
  run(call, caller) {
    if (call.payload.id !== undefined || !call.create) {
      const client = socketOf('client', call);
      return caller.reply({ status: info(client), socket: client.id });
    }
    const id = call.create('client', call.payload);
    caller.reply({ status: { id }, socket: id });
  },
};

export const clientStart: Command = {
  summary: 'Connects a client and outputs the result when the opening handshake is complete.',
  fields: { ...startFields, ...clientOptions },
  outputs: startOutputs,
  rejection: { http_status: 0, headers: {}, uri: '', protocol: '' },
  async run(call, caller) {
    const client = socketOf('client', call);
    const { timeout } = read(startFields, call.payload);
    caller.reply({ status: { ...(await client.start(call.payload, { timeout })) }, socket: client.id });
  },
};

export const clientStop: Command = {
  summary: "Closes the client's connection and stops reconnecting.",
  fields: stopFields,
  outputs: { ...infoOutputs, success: 'boolean' },
  rejection: {},
  async run(call, caller) {
    const client = checkedClient(call);
    const { code, reason } = read(stopFields, call.payload);
    await client.stop(code, reason);
    caller.reply({ status: { ...info(client), success: true }, socket: client.id });
  },
};

export const clientSend: Command = {
  summary: 'Sends a message: strings as text frames, Buffers as binary frames, other values as JSON.',
  sends: true,
  fields: {},
  outputs: clientSendOutputs,
  rejection: sendStatus('', 0, 0),
  run(call, caller) {
    const client = checkedClient(call);
    const { unheard } = call;
    const { state, line, outbox } = client;
    if (client.hasProtocol) sendByProtocol(client, call, caller);
    else if (unheard && !outbox && state === 'open' && line?.connection?.isOpen) line.send(readMessage(call), unheardBy(unheard));
    else sendMessage(client, call, caller);
  },
};

const unheardBy =
  (unheard: Unheard): Sent =>
  (errorStr) =>
    unheard.sentUnheard(errorStr);

function sendMessage(client: ClientSocket, call: Call, caller: Caller): void {
  client.send(readMessage(call), (status) => caller.reply({ status, socket: client.id }), givenMessage(call), call);
}

function sendByProtocol(client: ClientSocket, call: Call, caller: Caller): void {
  const sent = (status: SendStatus) => caller.reply({ status: { ...status }, socket: client.id });
  const answered = readCallAnswer(call);
  if (answered) client.answer(answered.id, answered.answer, sent);
  else client.send(readObject(call), sent, givenMessage(call), call);
}

export const clientClear: Command = {
  summary: 'Removes a client permanently. Its id is not used again.',
  fields: {},
  outputs: { success: 'boolean: true if the client existed' },
  rejection: {},
  async run(call, caller) {
    const client = socketOf('client', call);
    await call.registry.client.clear(client);
    caller.reply({ status: { success: true }, socket: client.id });
  },
};

/** Returns the client of a call. It checks the options of an idle client, so every command reports options that are wrong. */
function checkedClient(call: Call): ClientSocket {
  const client = socketOf('client', call);
  if (client.state === 'idle') client.check();
  return client;
}
