import { createHash, timingSafeEqual } from 'node:crypto';
import type { IncomingMessage, ServerResponse } from 'node:http';
import type { Status } from '../commands/command';
import { refusalOf } from '../core/errors';
import { guarded, type Log } from '../core/log';
import { jsonOf } from '../hook/json';
import type { Registry } from '../registry';
import { Calls, type CallsContext } from './calls';
import type { Polled } from './event-queue';
import { HttpFault } from './http-fault';
import { decodeMessage } from './message';
import { openApi } from './openapi';
import type { OwnerStore } from './owner-store';
import { readBody } from './request-body';
import { methodsOf } from './routes';

export interface BridgeOptions extends Pick<CallsContext, 'hosts' | 'maxSockets' | 'create' | 'named'> {
  /** Without one, every call is refused with 503. */
  readonly token?: string | undefined;
  /** Maximum size of a body, bytes. */
  readonly maxBody: number;
  readonly leaseSecs: number;
  /** Called for each accepted call but polls. */
  readonly accepted: (call: AcceptedCall) => void;
}

export interface AcceptedCall {
  readonly status: Status;
  /** The path below that of the bridge. */
  readonly topic: string;
  readonly owner: string;
  readonly id: number | undefined;
}

/** The twelve commands over HTTP, and the events by long poll (contract-2, section 18). */
export class Bridge {
  private readonly calls: Calls;
  private readonly stop: () => void;

  constructor(
    private readonly registry: Registry,
    private readonly owners: OwnerStore,
    private readonly options: BridgeOptions,
    private readonly log: Log,
  ) {
    this.calls = new Calls({ ...options, registry, owners });
    this.stop = owners.watch(registry, { ...options, clear: this.calls.clear });
  }

  /** Answers a request. @param route the path below that of the bridge, without slashes around it. */
  handle(request: IncomingMessage, response: ServerResponse, route: string, query: URLSearchParams): void {
    const failed = guarded(this.log, (error: unknown) => fail(response, request, error, this.log));
    response.on(
      'error',
      guarded(this.log, () => {}),
    );
    request.on(
      'error',
      guarded(this.log, () => {}),
    );
    this.answer(request, response, route, query).catch(failed);
  }

  /** Ends the polls and clears the sockets. The queues stay. */
  async shutDown(clear: (id: number) => Promise<void>): Promise<void> {
    this.owners.endPolls();
    await this.owners.clearAll(clear);
    this.stop();
  }

  private async answer(request: IncomingMessage, response: ServerResponse, route: string, query: URLSearchParams): Promise<void> {
    this.authorize(request);
    const methods = methodsOf(route);
    if (!methods) throw new HttpFault(404, 'There is no such command. GET openapi.json lists them.');
    const { method = '' } = request;
    if (!methods.includes(method)) {
      throw new HttpFault(405, `This path takes ${methods.join(' or ')}, not ${method}.`, { Allow: methods.join(', ') });
    }
    if (method === 'GET') return reply(response, this.read(route, query));
    const body = await readBody(request, this.options.maxBody);
    if (route === 'events') return this.poll(body, request, response);
    const { owner: _, ...rest } = body;
    const owner = this.owners.of(body.owner);
    const call = (await this.run(route, owner.name, rest)) as { status: object; id?: number };
    const status = { ...call.status, run: this.registry.run };
    reply(response, status);
    this.options.accepted({ status, topic: route, owner: owner.name, id: call.id });
  }

  private async run(route: string, owner: string, body: Record<string, unknown>): Promise<{ status: Status; id?: number | undefined }> {
    if (route === 'method') return { status: this.setMethod(body) };
    if (route === 'owner') {
      if (body.clear !== true) throw new HttpFault(400, 'The property clear must be true.');
      return { status: { success: true, cleared: await this.owners.clear(owner, this.calls.clear) } };
    }
    const { name, ...rest } = body;
    const payload = 'message' in rest ? { ...rest, message: decodeMessage(rest.message) } : rest;
    return this.calls.run(route, owner, payload, name);
  }

  private setMethod(body: Record<string, unknown>): Status {
    try {
      return { success: true, method: this.calls.setMethod(body) };
    } catch (error) {
      const { message, code } = refusalOf(error);
      return { success: false, errorStr: message, errorCode: code };
    }
  }

  private read(route: string, query: URLSearchParams): object {
    const { run } = this.registry;
    if (route === 'openapi.json') return openApi();
    if (route === 'method') return { method: this.registry.method, run };
    return { run, sockets: this.calls.list(this.owners.of(query.get('owner') ?? '')) };
  }

  private poll(body: Record<string, unknown>, request: IncomingMessage, response: ServerResponse): void {
    const owner = this.owners.of(body.owner);
    const wait = numberOf(body.wait, 'wait', 25, 0, 55);
    const max = numberOf(body.max, 'max', 500, 1, 10_000);
    const after = body.run === this.registry.run ? numberOf(body.after, 'after', 0, 0, Number.MAX_SAFE_INTEGER) : 0;
    this.owners.touch(owner);
    owner.queue.acknowledge(after);
    const answer = guarded(this.log, ({ events, more, dropped }: Polled) => {
      const json = `{"run":${JSON.stringify(this.registry.run)},"events":[${events.join(',')}],"more":${more},"dropped":${dropped}}`;
      if (!response.writableEnded) send(response, 200, json);
    });
    const giveUp = owner.read(wait, max, answer);
    request.once('close', guarded(this.log, giveUp));
    response.once('close', guarded(this.log, giveUp));
  }

  /** @throws HttpFault 401 or 503. The token is compared in constant time, before anything of the body is read. */
  private authorize({ headers: { authorization = '' } }: IncomingMessage): void {
    const { token } = this.options;
    if (!token) throw new HttpFault(503, 'The bridge has no token. Set one in the ix-4d-bridge node.');
    const given = authorization.slice(0, 7).toLowerCase() === 'bearer ' ? authorization.slice(7) : '';
    if (!timingSafeEqual(digest(given.trim()), digest(token))) {
      throw new HttpFault(401, 'The token is missing or wrong. Send Authorization: Bearer TOKEN.', { 'WWW-Authenticate': 'Bearer' });
    }
  }
}

const digest = (text: string) => createHash('sha256').update(text).digest();

function numberOf(value: unknown, name: string, byDefault: number, min: number, max: number): number {
  if (value === undefined || value === null) return byDefault;
  if (typeof value !== 'number' || !(value >= min && value <= max))
    throw new HttpFault(400, `The property ${name} must be a number from ${min} to ${max}.`);
  return value;
}

const reply = (response: ServerResponse, status: object) => send(response, 200, jsonOf(status));

function send(response: ServerResponse, status: number, json: string, headers: Readonly<Record<string, string>> = {}): void {
  const bytes = Buffer.from(json);
  response.writeHead(status, {
    'Content-Type': 'application/json; charset=utf-8',
    'Content-Length': bytes.length,
    'Cache-Control': 'no-store',
    ...headers,
  });
  response.end(bytes);
}

/**
 * Bytes of a rejected body that are read and dropped. A client that still writes when the connection ends reads no answer. For the same
 * reason the answer has no `Connection: close`: Node would end the connection at once.
 */
const maxDiscarded = 64 * 1024 * 1024;

function fail(response: ServerResponse, request: IncomingMessage, error: unknown, log: Log): void {
  const { status, headers } = error instanceof HttpFault ? error : { status: 500, headers: {} };
  const errorStr = error instanceof HttpFault ? error.message : refusalOf(error).message;
  if (response.headersSent || response.destroyed) return;
  send(response, status, JSON.stringify({ success: false, errorStr }), headers);
  if (request.complete) return;
  let bytes = 0;
  const discard = (chunk: Buffer) => {
    bytes += chunk.length;
    if (bytes > maxDiscarded) request.destroy();
  };
  request.on('data', guarded(log, discard));
}
