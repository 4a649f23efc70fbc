import type { ClientSocket } from '../client/client';
import { type Report, type RequestInput, type Requests, refuseRequest } from '../conversation';
import { optionError, show } from '../core/errors';
import { requestFields } from '../options/commands';
import { read } from '../options/read';
import type { ServerSocket } from '../server/server';
import { type Call, type Caller, type Command, socketOf } from './command';
import { requestOutputs } from './outputs';

/** One request, or the end of one. */
interface Asked {
  /** Asks. @returns a function that ends the request. */
  request(input: RequestInput, report: Report): () => void;
  /** @returns the reason if no such request is open. */
  cancel(requestId: unknown): string | undefined;
  readonly id: number;
}

const rejection = { sent: false, ms: 0 };
const common = { fields: requestFields, outputs: requestOutputs, rejection, asks: true, words: 'request', added: true } as const;

export const clientRequest: Command = {
  ...common,
  summary: 'Sends a request in the protocol of a client, and outputs its answer.',
  run(call, caller) {
    const client: ClientSocket = socketOf('client', call);
    ask(call, caller, {
      id: client.id,
      request: (input, report) => client.request(input, report),
      cancel: (requestId) => cancelIn(client.requests, `Client ${client.id}`, requestId),
    });
  },
};

export const serverRequest: Command = {
  ...common,
  summary: 'Sends a request to one connection of a server in its protocol, and outputs its answer.',
  run(call, caller) {
    const server: ServerSocket = socketOf('server', call);
    const client = connectionOf(call);
    ask(call, caller, {
      id: server.id,
      request: (input, report) => {
        const requests = server.requestsOf(client);
        // A connection of a server does not open again.
        if (requests) return requests.request(input.keep ? { ...input, keep: false } : input, report);
        return refuseRequest(input, report, `The request was not sent: server ${server.id} has no open connection ${client}.`);
      },
      cancel: (requestId) => cancelIn(server.requestsOf(client), `The connection ${client}`, requestId),
    });
  },
};

function cancelIn(requests: Requests | undefined, subject: string, requestId: unknown): string | undefined {
  return requests ? requests.cancel(requestId) : `${subject} has no open request.`;
}

/** Returns the connection that a request is for. @throws SocketError `ERR_OPTION` if it is not exactly one. */
function connectionOf({ payload, sender, session }: Call): string {
  const { client } = payload;
  const given = Array.isArray(client) && client.length === 1 ? client[0] : (client ?? sender ?? session);
  if (typeof given === 'string' && given !== '') return given;
  throw optionError(`The option client must name exactly one connection; got ${show(client)}.`, undefined, 'client');
}

function ask(call: Call, caller: Caller, asked: Asked): void {
  const { payload, asking } = call;
  if (payload.cancel !== undefined) {
    const errorStr = asked.cancel(payload.cancel);
    const status = { success: errorStr === undefined, requestId: payload.cancel, ...(errorStr !== undefined && { errorStr }) };
    return caller.reply({ status, socket: asked.id });
  }
  const input = readRequest(call);
  let end = () => {};
  const forget = asking?.onClose(() => end());
  let isReplied = false;
  const report: Report = (outcome, goesOn) => {
    const done = { status: { ...outcome }, socket: asked.id };
    if (!goesOn) forget?.();
    if (isReplied || (input.many && !outcome.last)) asking?.part(done);
    else {
      isReplied = true;
      caller.reply(done);
    }
    if (!input.many || outcome.last) asking?.busy();
  };
  end = asked.request(input, report);
  asking?.busy();
}

/** @throws SocketError `ERR_OPTION` */
function readRequest({ payload, hasMessage, message, asking }: Call): RequestInput {
  const given = read(requestFields, { ...payload, timeout: payload.timeout ?? asking?.timeout });
  const { method, params, requestId, timeout = defaultTimeout, many = asking?.many ?? false, keep } = given;
  const common = { requestId, timeout, many, keep };
  if (method !== undefined && method !== '') return { method, params, ...common };
  const whole = hasMessage ? message : payload.message;
  if (whole === undefined || whole === null)
    throw optionError('The request needs a method, or a message; got nothing.', undefined, 'message');
  if (typeof whole === 'object') return { message: whole, ...common };
  throw optionError(`The option message of a request must be an object or a list; got ${show(whole)}.`, undefined, 'message');
}

/** Seconds. */
const defaultTimeout = 30;
