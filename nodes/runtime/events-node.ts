import { randomBytes } from 'node:crypto';
import type { Node } from '@node-red/registry';
import { errorPayload, eventNames, messageOf, type Registry, type SocketEvent } from '../../src/index';
import type { EventsRow } from '../catalog';
import type { Output } from '../settings';
import { findConfig, type FlowDef, type RED, use } from './red';
import { StatusLine } from './status';

/** An events node: what happens on one socket, or on all of a side, out of the port that is the event's type. */
export const eventsNode = (RED: RED, registry: Registry, { side }: EventsRow) =>
  function (this: Node, def: FlowDef): void {
    RED.nodes.createNode(this, def);
    const method = String(def.method ?? '');
    const output = (def.output || 'event') as Output;
    const status = new StatusLine(RED, this);
    const config = findConfig(RED, def, side);
    if (config === 'missing') return status.fail(`${side}?`);
    if (config) {
      use(config, this);
      status.follow(config.socket);
    }
    const heard = config ? config.socket.events : registry[side].events;
    const off = heard.on((event) => {
      if (method !== '' && method !== registry.method) return;
      const { type, ...message } = shaped(event, output);
      const ports: unknown[] = [null, null, null, null];
      ports[type] = { _msgid: messageId(), type, event: eventNames[type], socket: event.socket, method: registry.method, ...message };
      this.send(ports as never);
    });
    this.on('close', off);
  };

/** Unique ids like Node-RED's own, made ten times as fast. */
const idPrefix = `${randomBytes(4).toString('hex')}-`;
let ids = 0;
const messageId = () => idPrefix + (ids++).toString(36);

interface Shaped {
  readonly type: SocketEvent['type'];
  readonly payload: unknown;
  readonly details?: object;
}

/** The event as the node is to give it. Every node gets objects of its own: flows change what they are handed. */
function shaped(event: SocketEvent, output: Output): Shaped {
  const details = 'headers' in event.payload ? { ...event.payload, headers: { ...event.payload.headers } } : { ...event.payload };
  if (output === 'event') return { type: event.type, payload: details };
  if (event.type !== 0) return { type: event.type, payload: details, details: { ...details } };
  const { str } = event.payload;
  if (output === 'data') return { type: 0, payload: str, details };
  try {
    return { type: 0, payload: JSON.parse(String(str)), details };
  } catch (error) {
    const reason = `The message is not JSON: ${messageOf(error)}.`;
    return { type: 3, payload: { ...details, ...errorPayload(reason) }, details };
  }
}
