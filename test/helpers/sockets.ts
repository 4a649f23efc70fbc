import assert from 'node:assert/strict';
import type { StartMode } from '../../src/client/answers';
import { ClientSocket } from '../../src/client/client';
import type { SendStatus } from '../../src/connection/send-status';
import type { Change, Endpoint } from '../../src/core/endpoint';
import { type EventName, eventNames, type SocketEvent } from '../../src/core/events';
import type { Log } from '../../src/core/log';
import type { Layer } from '../../src/options/read';
import type { ReceiverStatus } from '../../src/server/broadcast';
import type { Receivers } from '../../src/server/members';
import { ServerSocket } from '../../src/server/server';
import type { SharedHttp } from '../../src/server/shared-http';
import { Queue, within } from './queue';
import { onTeardown } from './teardown';

/** A log that keeps its entries. */
export class TestLog implements Log {
  readonly warnings: string[] = [];
  readonly errors: unknown[] = [];

  warn(sentence: string): void {
    this.warnings.push(sentence);
  }

  error(cause: unknown): void {
    this.errors.push(cause);
  }
}

type PayloadOf<N extends EventName> = Extract<SocketEvent, { type: { Message: 0; Open: 1; Close: 2; Error: 3 }[N] }>['payload'];

/** A socket under test, and its events. */
export class SocketHarness<E extends Endpoint> {
  readonly events = new Queue<SocketEvent>();
  readonly changes: Change[] = [];

  constructor(
    readonly socket: E,
    readonly log: TestLog,
  ) {
    socket.events.on((event) => this.events.push(event));
    socket.changes.on((change) => this.changes.push(change));
    onTeardown(async () => {
      await socket.clear();
      assert.deepEqual(log.errors, [], 'nothing was thrown where nothing may be thrown');
    }, 'tested');
  }

  /** Asserts the name of the next event. @returns its payload. */
  async next<N extends EventName>(name: N, ms?: number): Promise<PayloadOf<N>> {
    const { type, payload } = await this.events.take(`an event ${name}`, ms);
    assert.equal(eventNames[type], name, `${eventNames[type]} instead of ${name}: ${JSON.stringify(payload)}`);
    return payload as PayloadOf<N>;
  }

  /** The names of all events so far. */
  get names(): EventName[] {
    return this.events.all.map(({ type }) => eventNames[type]);
  }
}

/** Creates a client that is cleared when the test ends. */
export class ClientHarness extends SocketHarness<ClientSocket> {
  start(given: Layer = {}, mode: StartMode = { timeout: 2 }) {
    return within(this.socket.start(given, mode), 'the answer of start');
  }

  /** Starts it, and takes its Open event. */
  async open(given: Layer = {}): Promise<this> {
    const status = await this.start(given);
    assert.equal(status.success, true, status.errorStr);
    await this.next('Open');
    return this;
  }

  stop(code = 1000, reason = 'Normal closure') {
    return within(this.socket.stop(code, reason), 'the answer of stop', 1000);
  }

  send(message: string | Buffer): Promise<SendStatus> {
    return within(new Promise((resolve) => this.socket.send(message, resolve)), 'the answer of send');
  }
}

export function client(given: Layer = {}, base: () => Layer = () => ({})): ClientHarness {
  const log = new TestLog();
  return new ClientHarness(new ClientSocket(1, base, given, log), log);
}

/** Creates a server that is cleared when the test ends. */
export class ServerHarness extends SocketHarness<ServerSocket> {
  port = 0;

  start(given: Layer = {}) {
    return within(this.socket.start(given), 'the answer of start');
  }

  /** Starts it, and asserts success. */
  async open(given: Layer = {}): Promise<this> {
    const status = await this.start(given);
    assert.equal(status.success, true, status.errorStr);
    this.port = status.port;
    return this;
  }

  stop(code = 1000, reason = 'Normal closure') {
    return within(this.socket.stop(code, reason), 'the answer of stop', 1000);
  }

  disconnect(which: Receivers, code = 1000, reason = 'Normal closure') {
    return within(this.socket.disconnect(which, code, reason), 'the answer of disconnect', 1000);
  }

  send(message: string | Buffer, to: Receivers = {}): Promise<ReceiverStatus[]> {
    return within(new Promise((resolve) => this.socket.send(message, to, resolve)), 'the answer of send');
  }

  url(path = '/'): string {
    return `ws://127.0.0.1:${this.port}${path}`;
  }
}

export function server(given: Layer = {}, base: () => Layer = () => ({}), shared?: SharedHttp): ServerHarness {
  const log = new TestLog();
  return new ServerHarness(new ServerSocket(-1, base, { port: 0, ...given }, log, shared), log);
}
