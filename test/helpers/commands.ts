import assert from 'node:assert/strict';
import { ClientSocket } from '../../src/client/client';
import { type CommandName, commands } from '../../src/commands';
import type { Call, Done } from '../../src/commands/command';
import { type EventName, eventNames, type SocketEvent } from '../../src/core/events';
import type { Layer } from '../../src/options/read';
import { Registry } from '../../src/registry';
import { ServerSocket } from '../../src/server/server';
import { Queue, within } from './queue';
import { TestLog } from './sockets';
import { onTeardown } from './teardown';

/** The commands over one registry, without Node-RED. */
export class CommandHarness {
  readonly log = new TestLog();
  readonly registry = new Registry(this.log);
  readonly clientEvents = new Queue<SocketEvent>();
  readonly serverEvents = new Queue<SocketEvent>();
  private readonly made: (() => Promise<void>)[] = [];

  constructor() {
    this.registry.client.events.on((event) => this.clientEvents.push(event));
    this.registry.server.events.on((event) => this.serverEvents.push(event));
    onTeardown(async () => {
      await Promise.all(this.made.map((clear) => clear()));
      assert.deepEqual(this.log.errors, [], 'nothing was thrown where nothing may be thrown');
    }, 'tested');
  }

  /** Creates a socket as a create node does. */
  readonly create = (side: 'client' | 'server', given: Layer, base: () => Layer = () => ({})): number => {
    const { registry, log, made } = this;
    if (side === 'client') {
      const socket = registry.client.create((id) => new ClientSocket(id, base, given, log));
      made.push(() => registry.client.clear(socket));
      return socket.id;
    }
    const socket = registry.server.create((id) => new ServerSocket(id, base, given, log));
    made.push(() => registry.server.clear(socket));
    return socket.id;
  };

  /** Resolves with the result of a command. Rejects if it is refused. */
  async done(name: CommandName, payload: Layer = {}, more: Omit<Partial<Call>, 'payload' | 'registry'> = {}): Promise<Done> {
    const { registry, create } = this;
    return within(
      new Promise<Done>((resolve, reject) => {
        const reply = (done: Done) => resolve(done);
        Promise.resolve()
          .then(() => commands[name].run({ registry, create, ...more, payload }, { reply }))
          .catch(reject);
      }),
      `the answer of ${name}`,
    );
  }

  // biome-ignore lint/suspicious/noExplicitAny: each command has its own answer.
  async run(name: CommandName, payload?: Layer, more?: Omit<Partial<Call>, 'payload' | 'registry'>): Promise<any> {
    return (await this.done(name, payload, more)).status;
  }

  async next(side: 'client' | 'server', name: EventName): Promise<SocketEvent> {
    const event = await (side === 'client' ? this.clientEvents : this.serverEvents).take(`an event ${name}`);
    assert.equal(eventNames[event.type], name, JSON.stringify(event));
    return event;
  }
}
