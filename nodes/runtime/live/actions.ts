import { guardWith, type Registry, type SendStatus, SocketError } from '../../../src/index';
import type { ActAnswer, ActRequest } from '../../live';
import type { Socket } from '../red';

/** The close code and reason of what a user of the editor ends. */
const ended = { code: 1000, reason: 'Normal closure' } as const;

/** Returns what the body of a request asks for, or `undefined`. */
export function askedAction(body: unknown): ActRequest | undefined {
  const asked = (body ?? {}) as Record<string, unknown>;
  const { side, id, client, data, as } = asked;
  if ((side !== 'client' && side !== 'server') || !Number.isSafeInteger(id)) return undefined;
  if (client !== undefined && typeof client !== 'string') return undefined;
  const target = { side, id: id as number, client } as const;
  switch (asked.do) {
    case 'start':
    case 'stop':
      return { ...target, do: asked.do };
    case 'disconnect':
      return side === 'server' && client !== undefined ? { ...target, do: asked.do } : undefined;
    case 'send':
      if (typeof data !== 'string' || (as !== 'text' && as !== 'json' && as !== 'base64')) return undefined;
      return { ...target, do: 'send', as, data };
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

/** Sends a message to the peer of a client, to one connection of a server, or to all. */
function send(socket: Socket, { as, data, client }: Extract<ActRequest, { do: 'send' }>): Promise<ActAnswer> {
  const message = read(socket, as, data);
  if (message instanceof Error) return Promise.resolve({ success: false, errorStr: message.message });
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
    socket.send(message, client === undefined ? {} : { client: [client] }, sent);
  });
}

/** Returns the message to send. With a protocol, JSON is a value, which the protocol encodes. */
function read(socket: Socket, as: 'text' | 'json' | 'base64', data: string): unknown {
  if (as === 'base64') return Buffer.from(data, 'base64');
  if (as === 'text') return data;
  try {
    const value: unknown = JSON.parse(data);
    return socket.hasProtocol ? value : data;
  } catch (error) {
    return error;
  }
}
