import { guardWith, type Outcome, optionError, Redaction, type Registry, type SendStatus, SocketError } from '../../../src/index';
import { readComposed } from '../../composed';
import type { ActAnswer, ActRequest } from '../../live';
import { messageFrom } from '../composed';
import type { Socket } from '../red';

/** The close code and reason of what a user of the editor ends. */
const ended = { code: 1000, reason: 'Normal closure' } as const;

/** Returns what the body of a request asks for, or `undefined`. */
export function askedAction(body: unknown): ActRequest | undefined {
  const asked = (body ?? {}) as Record<string, unknown>;
  const { side, id, client } = asked;
  if ((side !== 'client' && side !== 'server') || !Number.isSafeInteger(id)) return undefined;
  if (client !== undefined && typeof client !== 'string') return undefined;
  const target = { side, id: id as number, client } as const;
  switch (asked.do) {
    case 'start':
    case 'stop':
      return { ...target, do: asked.do };
    case 'disconnect':
      return side === 'server' && client !== undefined ? { ...target, do: asked.do } : undefined;
    case 'send': {
      const message = readComposed(asked);
      return message && { ...target, do: 'send', ...message };
    }
    default:
      return undefined;
  }
}

/** Carries out an action. Returns `undefined` if the socket does not exist. */
export async function act(registry: Registry, asked: ActRequest): Promise<ActAnswer | undefined> {
  const socket: Socket | undefined = asked.side === 'client' ? registry.client.find(asked.id) : registry.server.find(asked.id);
  if (!socket) return undefined;
  try {
    return await run(socket, asked);
  } catch (error) {
    if (error instanceof SocketError) return { success: false, errorStr: error.message };
    throw error;
  }
}

async function run(socket: Socket, asked: ActRequest): Promise<ActAnswer> {
  switch (asked.do) {
    case 'start': {
      const { success, errorStr } = socket.side === 'client' ? await socket.start({}, {}) : await socket.start({});
      return { success, errorStr };
    }
    case 'stop':
      await socket.stop(ended.code, ended.reason);
      return { success: true };
    case 'disconnect': {
      if (socket.side !== 'server') return { success: false };
      const count = await socket.disconnect({ client: [asked.client ?? ''] }, ended.code, ended.reason);
      return { success: count > 0, count };
    }
    case 'send':
      return send(socket, asked);
  }
}

type Send = Extract<ActRequest, { do: 'send' }>;

/** Sends a message to the peer of a client, to one connection of a server, or to all. */
function send(socket: Socket, asked: Send): Promise<ActAnswer> {
  const message = messageFrom(asked, socket.hasProtocol);
  if (asked.as === 'request') return request(socket, asked.client, message);
  return new Promise((resolve, reject) => {
    const own = guardWith(reject);
    if (socket.side === 'client') {
      return socket.send(
        message,
        own(({ success, errorStr }: SendStatus) => resolve({ success, errorStr, count: success ? 1 : 0 })),
      );
    }
    const sent = own((statuses: readonly SendStatus[]) => {
      const failed = statuses.find(({ success }) => !success);
      resolve({ success: statuses.length > 0 && !failed, errorStr: failed?.errorStr, count: statuses.length });
    });
    socket.send(message, asked.client === undefined ? {} : { client: [asked.client] }, sent);
  });
}

/** The longest time until an answer, s. */
const answerSeconds = 10;
/** The longest answer that is shown, characters. */
const maxAnswer = 65_536;

/** Sends a request in the protocol of the socket, and waits for its answer. */
function request(socket: Socket, client: string | undefined, message: unknown): Promise<ActAnswer> {
  const { method, params } = (message ?? {}) as { method?: unknown; params?: unknown };
  if (method === undefined) throw optionError('A request is the JSON of an object with method and params; got no method.');
  if (socket.side === 'server' && client === undefined) throw optionError('A request goes to one connection. Select a connection.');
  const input = { method, params, timeout: answerSeconds, many: false, keep: false };
  // An answer may repeat a secret.
  const redaction = new Redaction();
  redaction.follow(socket);
  return new Promise((resolve, reject) => {
    const report = guardWith(reject)(({ success, errorStr, result, error }: Outcome) => {
      const answer = result ?? error;
      const text = answer === undefined ? undefined : redaction.text(JSON.stringify(answer)).slice(0, maxAnswer);
      resolve({ success, errorStr, ...(text !== undefined && { answer: text }) });
    });
    if (socket.side === 'client') return void socket.request(input, report);
    const requests = socket.requestsOf(client ?? '');
    if (requests) requests.request(input, report);
    else resolve({ success: false, errorStr: `The connection ${client} has ended, or its protocol has no requests.` });
  });
}
