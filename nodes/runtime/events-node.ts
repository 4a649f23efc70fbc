import type { Node } from '@node-red/registry';
import { callerErrors, fields, messageOf, type Registry, read } from '../../src/index';
import type { EventsRow } from '../catalog';
import { eventsSettings, type Output } from '../settings';
import { Batch } from './batch';
import { entireMessage, own, shapes } from './event-forms';
import { EventOutput, type Gathered } from './event-output';
import { pathsOfClient, pathsOfServer } from './event-topics';
import { createNode, type FlowDef, findConfig, isWired, type RED, use } from './red';
import { nodeLog } from './sockets';
import { StatusLine } from './status';

/** The constructor of the events nodes. Emits the events of one socket, or of all sockets of a side, from the port of their type. */
export const eventsNode = (RED: RED, registry: Registry, { side }: EventsRow) =>
  function (this: Node, def: FlowDef): void {
    createNode(RED, this, def);
    Object.assign(this, { hears: String(def[side] ?? '') });
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

    const output = new EventOutput(this, registry);
    const topicOf = side === 'server' ? pathsOfServer() : pathsOfClient(registry);
    const gathered =
      batch &&
      new Batch<Gathered>(
        batch.size,
        batch.ms,
        (items) => {
          if (config) return output.batch(config.socket.id, items);
          for (const [socket, own] of bySocket(items)) output.batch(socket, own);
        },
        nodeLog(this),
      );
    const isAlone = () => config !== undefined && registry[side].hasOneSubscriber(config.socket);
    /** Fast path: events in their own form. */
    const isPlain = shape === shapes.event;
    const isEntire = shape === shapes.message;
    const source = config ? config.socket.events : registry[side].events;
    const off = source.on((event) => {
      if (method !== '' && method !== registry.method) return;
      // An unwired port costs Node-RED as much as a wired one, so nothing is sent there. A Message can become an Error if it is not JSON.
      if (!isWired(this, event.type) && (event.type !== 0 || shape !== shapes.json)) return gathered?.flush();
      const topic = topicOf(event);
      const client = event.type === 0 ? event.payload.client : undefined;
      if (isPlain && event.type === 0) {
        const payload = isAlone() ? event.payload : own(event);
        if (!gathered) return output.event(0, event.socket, topic, payload, client);
        return gathered.add({ socket: event.socket, topic, payload, details: undefined }, event.payload.str.length);
      }
      if (isEntire && event.type === 0) return output.send(entireMessage(event), 0);
      const { type, payload, details } = shape(event);
      if (event.type === 0 && type === 0 && gathered) {
        return gathered.add({ socket: event.socket, topic, payload, details }, event.payload.str.length);
      }
      gathered?.flush(); // Keeps the order of the events.
      output.event(type, event.socket, topic, payload, client, details);
    });
    this.on('close', () => {
      off();
      gathered?.flush();
    });
  };

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
