import { randomBytes } from 'node:crypto';
import type { Node } from '@node-red/registry';
import { callerErrors, errorPayload, eventNames, fields, messageOf, type Registry, read, type SocketEvent } from '../../src/index';
import type { EventsRow } from '../catalog';
import { eventsSettings, type Output } from '../settings';
import { Batch } from './batch';
import { type FlowDef, findConfig, isWired, type RED, use } from './red';
import { nodeLog } from './sockets';
import { StatusLine } from './status';

/** The constructor of the events nodes. Emits the events of one socket, or of all sockets of a side, from the port of their type. */
export const eventsNode = (RED: RED, registry: Registry, { side }: EventsRow) =>
  function (this: Node, def: FlowDef): void {
    RED.nodes.createNode(this, def);
    const method = String(def.method ?? '');
    const shape = shapes[(def.output || 'event') as Output] ?? shapes.event;
    const status = new StatusLine(RED, this);
    const config = findConfig(RED, def, side);
    if (config === 'missing') return status.fail(callerErrors.missingConfig(side));
    if (config) use(config, this);
    let isRejected = false;
    const batch = readBatch(def, (error) => {
      isRejected = true;
      status.fail(error);
      this.error(messageOf(error));
    });
    if (config && !isRejected) status.follow(config.socket); // A fault of the node itself stays visible.

    const emit = (type: SocketEvent['type'], socket: number, payload: unknown, details?: object, batched?: number) => {
      const message: EventMessage = { _msgid: messageId(), type, event: eventNames[type], socket, method: registry.method, payload };
      if (details) message.details = details;
      if (batched) message.batch = batched;
      // Node-RED looks at each port, so the list ends with the one that is used.
      this.send((type === 0 ? message : [...noPorts.slice(0, type), message]) as never);
    };
    const gathered =
      batch &&
      new Batch<Gathered>(
        batch.size,
        batch.ms,
        (items) => {
          for (const [socket, own] of bySocket(items)) {
            const details = own.flatMap((item) => (item.details ? [item.details] : []));
            const payloads = own.map(({ payload }) => payload);
            emit(0, socket, payloads, details.length > 0 ? details : undefined, own.length);
          }
        },
        nodeLog(this),
      );
    const isAlone = () => config !== undefined && registry[side].hasOneSubscriber(config.socket);
    /** Fast path: events without batches, in their own form. */
    const isPlain = !gathered && shape === shapes.event;
    const source = config ? config.socket.events : registry[side].events;
    const off = source.on((event) => {
      if (method !== '' && method !== registry.method) return;
      // An unwired port costs Node-RED as much as a wired one, so nothing is sent there. A Message can become an Error if it is not JSON.
      if (!isWired(this, event.type) && (event.type !== 0 || shape !== shapes.json)) return gathered?.flush();
      if (isPlain && event.type === 0) return emit(0, event.socket, isAlone() ? event.payload : own(event));
      const { type, payload, details } = shape(event);
      if (event.type === 0 && type === 0 && gathered) {
        return gathered.add({ socket: event.socket, payload, details }, event.payload.str.length);
      }
      gathered?.flush(); // Keeps the order of the events.
      emit(type, event.socket, payload, details);
    });
    this.on('close', () => {
      off();
      gathered?.flush();
    });
  };

const noPorts = [null, null, null] as const;

/** Returns a unique message id. Ten times as fast as Node-RED's own. */
const idPrefix = `${randomBytes(4).toString('hex')}-`;
let ids = 0;
const messageId = () => idPrefix + (ids++).toString(36);

interface Shaped {
  readonly type: SocketEvent['type'];
  readonly payload: unknown;
  readonly details?: object | undefined;
}
type Gathered = Omit<Shaped, 'type'> & { readonly socket: number };

/** A message of an events node. */
interface EventMessage {
  _msgid: string;
  type: SocketEvent['type'];
  event: string;
  socket: number;
  method: string;
  payload: unknown;
  details?: object;
  batch?: number;
}

/** The forms of an event by the setting *Message as*. Each node gets its own objects, since flows change them. */
const shapes: Record<Output, (event: SocketEvent) => Shaped> = {
  event: (event) => ({ type: event.type, payload: own(event) }),
  data: (event) => {
    const details = own(event);
    return event.type === 0 ? { type: 0, payload: event.payload.str, details } : { type: event.type, payload: { ...details }, details };
  },
  json: (event) => {
    if (event.type !== 0) return shapes.data(event);
    const details = own(event);
    try {
      return { type: 0, payload: JSON.parse(String(event.payload.str)), details };
    } catch (error) {
      const reason = `The message is not JSON: ${messageOf(error)}.`;
      return { type: 3, payload: { ...details, ...errorPayload(reason) }, details };
    }
  },
};

function own({ payload }: SocketEvent): object {
  const copy = 'headers' in payload ? { ...payload, headers: { ...payload.headers } } : { ...payload };
  if (copy.params) copy.params = { ...copy.params };
  return copy;
}

/** Reads the batch settings; without a size batches are off. If a setting is wrong, each message is sent on its own. */
function readBatch({ batchSize, batchMs }: FlowDef, reject: (error: unknown) => void): { size: number; ms: number } | undefined {
  const given = Object.entries({ batchSize, batchMs }).filter(([, value]) => value !== undefined && value !== null && value !== '');
  try {
    const { batchSize: size, batchMs: ms } = read(batchFields, Object.fromEntries(given));
    return size === undefined ? undefined : { size, ms };
  } catch (error) {
    reject(error);
    return undefined;
  }
}
const { batchSize, batchMs } = eventsSettings;
const batchFields = fields({ batchSize, batchMs });

function bySocket(items: readonly Gathered[]): Map<number, Gathered[]> {
  const groups = new Map<number, Gathered[]>();
  for (const item of items) {
    const group = groups.get(item.socket);
    if (group) group.push(item);
    else groups.set(item.socket, [item]);
  }
  return groups;
}
