import type { Node } from '@node-red/registry';
import { eventNames, type Registry, type SocketEvent } from '../../src/index';
import { markBatch } from './batch';
import { messageId } from './message';

const noPorts = [null, null, null] as const;

/** An event of a batch. */
export interface Gathered {
  readonly socket: number;
  readonly topic: string | undefined;
  readonly payload: unknown;
  readonly details?: object | undefined;
}

/** A message of an events node. */
interface EventMessage {
  _msgid: string;
  type: SocketEvent['type'];
  event: string;
  socket: number;
  method: string;
  payload: unknown;
  topic?: string;
  /** The connection that a message of a server came from, as the core nodes have it. */
  _session?: { type: 'ix'; id: string };
  details?: object;
  batch?: number;
}

/** Sends the messages of an events node from the port of their type. */
export class EventOutput {
  constructor(
    private readonly node: Node,
    private readonly registry: Registry,
  ) {}

  event(type: SocketEvent['type'], socket: number, topic: string | undefined, payload: unknown, client?: string, details?: object): void {
    if (type === 0 && client !== undefined && topic !== undefined && !details) {
      // Fast path: one literal, without changes of its shape.
      const { method } = this.registry;
      const _session = { type: 'ix', id: client } as const;
      const message: EventMessage = { _msgid: messageId(), type, event: 'Message', socket, method, payload, topic, _session };
      return this.send(message, 0);
    }
    const message = this.message(type, socket, topic, payload);
    if (client !== undefined) message._session = { type: 'ix', id: client };
    if (details) message.details = details;
    this.send(message, type);
  }

  batch(socket: number, items: readonly Gathered[]): void {
    // One pass, because a batch may hold thousands of items.
    const payload: unknown[] = new Array(items.length);
    const details: object[] = [];
    let topic = items[0]?.topic;
    for (let i = 0; i < items.length; i++) {
      const item = items[i] as Gathered;
      payload[i] = item.payload;
      if (item.details) details.push(item.details);
      if (item.topic !== topic) topic = undefined;
    }
    const message = this.message(0, socket, topic, payload);
    if (details.length > 0) message.details = details;
    message.batch = items.length;
    markBatch(message, items.length);
    this.send(message, 0);
  }

  send(message: object, type: SocketEvent['type']): void {
    // Node-RED looks at each port, so the list ends with the one that is used.
    this.node.send((type === 0 ? message : [...noPorts.slice(0, type), message]) as never);
  }

  private message(type: SocketEvent['type'], socket: number, topic: string | undefined, payload: unknown): EventMessage {
    const { method } = this.registry;
    const message: EventMessage = { _msgid: messageId(), type, event: eventNames[type], socket, method, payload };
    if (topic !== undefined) message.topic = topic;
    return message;
  }
}
