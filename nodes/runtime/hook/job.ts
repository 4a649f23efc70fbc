import { randomBytes } from 'node:crypto';
import { endpointOf, eventNames, type Job, jsonOf, type Registry } from '../../../src/index';
import { isEntire, type Message } from '../message';
import type { Arriving } from './arriving';

/** An event that waits for 4D. */
export interface Waiting extends Arriving {
  /** The socket of the event. When 4D answers, another socket may have its id. */
  readonly endpoint: ReturnType<typeof endpointOf>;
}

/** An event that waits for 4D while its node is redeployed. */
export type Handed = Omit<Job<unknown>, 'of'> & Pick<Waiting, 'msg' | 'endpoint'>;

/** Makes the jobs of a node. Their numbers continue as long as the node lives. */
export class Jobs {
  private readonly run = randomBytes(4).toString('hex');
  private seq = 0;

  constructor(private readonly registry: Registry) {}

  /** @throws SocketError `ERR_OPTION` if the payload cannot be written. */
  of(arriving: Arriving): Job<Waiting> {
    return jobOf(arriving, this.registry, this.run, ++this.seq);
  }

  /** Restores an event with the run and seq that 4D knows. */
  restored(arriving: Arriving, { connection, event, endpoint }: Handed): Job<Waiting> {
    return { connection, event, of: { ...arriving, endpoint } };
  }
}

function jobOf(arriving: Arriving, registry: Registry, run: string, seq: number): Job<Waiting> {
  const { socket, payload, details, _session } = arriving.msg;
  // In an entire message the peer has written the other properties.
  const { type, method } = isEntire(arriving.msg) ? ({ type: 0 } as Partial<Message>) : arriving.msg;
  const code = typeof type === 'number' && type in eventNames ? type : 0;
  const id = typeof socket === 'number' ? socket : 0;
  // Beside details the payload is the peer's own data, which could name another connection.
  const client = sessionOf(_session) ?? clientOf(isObject(details) ? details : payload);
  return {
    connection: `${id} ${client ?? ''}`,
    event: {
      type: code,
      event: eventNames[code as 0],
      socket: id,
      client,
      message: jsonOf(payload),
      method: typeof method === 'string' ? method : registry.method,
      run,
      seq,
      time: new Date().toISOString(),
    },
    of: { ...arriving, endpoint: endpointOf(registry, id) },
  };
}

const isObject = (value: unknown): value is object => typeof value === 'object' && value !== null;

/** The name of a connection has about 12 characters. A much longer text was written by a peer. */
const maxClientLength = 128;

/** Returns the connection of a message of a server. The peer cannot write it. */
const sessionOf = (session: unknown) =>
  isObject(session) && (session as { type?: unknown }).type === 'ix' ? clientOf({ client: (session as { id?: unknown }).id }) : undefined;

function clientOf(value: unknown): string | undefined {
  const client = isObject(value) ? (value as { client?: unknown }).client : undefined;
  return typeof client === 'string' && client.length <= maxClientLength ? client : undefined;
}
