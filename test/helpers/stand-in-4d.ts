import { createHmac, timingSafeEqual } from 'node:crypto';
import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http';
import { createServer as createSecureServer } from 'node:https';
import type { AddressInfo, Socket } from 'node:net';
import { files4D } from './files-4d';
import { onTeardown } from './teardown';

/** An event as 4D code receives it, for each kind of call. */
export interface Received {
  readonly type: number;
  readonly socket: number;
  // biome-ignore lint/suspicious/noExplicitAny: a message is what the event makes of it.
  readonly message: any;
  readonly client?: string;
  readonly run?: string;
  readonly seq?: number;
}
export interface Call {
  readonly verb: string;
  readonly path: string;
  readonly headers: IncomingMessage['headers'];
  readonly body: string;
  readonly events: readonly Received[];
}

/**
 * Faults of a call: a delayed response, a 500, a connection reset before or after the event was handled, or
 * no response to a handled event.
 */
export type Fault = 'none' | 'slow' | 'broken' | 'cut' | 'cut late' | 'hang' | number;

interface Options {
  /** The key of the signature that each call must then have. */
  readonly signingKey?: string;
  /** Answers 401 without a login, as with roles.json. */
  readonly forceLogin?: readonly [user: string, password: string];
  readonly tls?: { readonly cert: string; readonly key: string; readonly ca?: string };
}

/**
 * A stand-in for 4D's web server. It enforces the documented format of the calls: verbs, content types, the array of REST, the
 * session's cookie, form fields. It records violations in `problems` and answers them with 400.
 */
export class StandIn4D {
  readonly calls: Call[] = [];
  readonly problems: string[] = [];
  /** The tags that 4D has evaluated. */
  readonly evaluated: string[] = [];
  /** The handled events, by connection: repeats are detected and not handled again. */
  readonly handled = new Map<string, Received[]>();
  repeats = 0;
  logins = 0;
  sessionsOpened = 0;
  /** The largest number of concurrent calls. */
  mostAtOnce = 0;
  fault: (call: number, events: readonly Received[]) => Fault = () => 'none';
  /** More headers of each response. */
  headers: Record<string, string> = {};
  /** The delay of a refusal without a login, ms. */
  rejectionMs: (refusal: number) => number = () => 0;
  private rejections = 0;
  answer: (events: readonly Received[]) => unknown = () => ({ ok: true });
  /** The state of each connection in the class in docs/4d (its property `last`). */
  readonly last = new Map<string, { run: string; seq: number; at: number }>();
  /** Seconds since 1970. */
  now = () => Math.floor(Date.now() / 1000);
  /** The answer to the latest call of each connection: a repeat gets it again, as from the class. */
  private readonly answers = new Map<string, unknown>();
  private swept = 0;
  private readonly sessions = new Map<string, { loggedIn: boolean }>();
  private readonly underWay = new Map<string, Socket>();
  private atOnce = 0;
  private readonly sockets = new Set<Socket>();
  private server: Server | undefined;
  private port = 0;
  private served = 0;

  private constructor(private readonly options: Options) {}

  static async open(options: Options = {}): Promise<StandIn4D> {
    const standIn = new StandIn4D(options);
    await standIn.live();
    onTeardown(() => standIn.die());
    return standIn;
  }

  get origin(): string {
    return `${this.options.tls ? 'https' : 'http'}://127.0.0.1:${this.port}`;
  }
  get openSockets(): number {
    return this.sockets.size;
  }

  /** Listens on its previous port. */
  async live(): Promise<void> {
    const { tls } = this.options;
    const listener = (request: IncomingMessage, response: ServerResponse) => void this.take(request, response);
    this.server = tls ? createSecureServer({ ...tls, ...(tls.ca && { requestCert: true }) }, listener) : createServer(listener);
    this.server.on('connection', (socket: Socket) => {
      this.sockets.add(socket);
      socket.on('close', () => this.sockets.delete(socket));
    });
    await new Promise<void>((resolve) => this.server?.listen(this.port, '127.0.0.1', resolve));
    this.port = (this.server.address() as AddressInfo).port;
  }

  /** Stops at once and resets every connection. */
  async die(): Promise<void> {
    const { server } = this;
    if (!server?.listening) return;
    const closed = new Promise((resolve) => server.close(resolve));
    for (const socket of this.sockets) socket.destroy();
    await closed;
  }

  /** Expires every session. */
  forget(): void {
    this.sessions.clear();
  }

  /** Returns the numbers in the messages of each connection, in the order of handling. */
  numbers = (): Record<string, number[]> =>
    Object.fromEntries([...this.handled].map(([connection, events]) => [connection, events.map(({ message }) => Number(message.str))]));

  private async take(request: IncomingMessage, response: ServerResponse): Promise<void> {
    const chunks: Buffer[] = [];
    try {
      for await (const chunk of request) chunks.push(chunk);
    } catch {
      return;
    }
    const body = Buffer.concat(chunks).toString('utf8');
    try {
      await this.serve(request, response, body);
    } catch (error) {
      this.problems.push(String(error));
      response.writeHead(400).end();
    }
  }

  private async serve(request: IncomingMessage, response: ServerResponse, body: string): Promise<void> {
    const { method: verb = '', url: path = '', headers } = request;
    must(verb === 'POST', `${verb} instead of POST`);
    must(headers['content-length'] === String(Buffer.byteLength(body)), 'no Content-Length, or a wrong one');
    this.checkSignature(headers, body);
    const session = this.sessionOf(request, response);
    if (path === '/rest/$catalog/authentify') return this.logIn(headers, body, session, response);
    if (path.startsWith('/rest/') && this.options.forceLogin && !session.loggedIn) {
      const ms = this.rejectionMs(this.rejections++);
      if (ms > 0) await new Promise((resolve) => setTimeout(resolve, ms));
      // With the cookie of the unauthenticated session that this call opened.
      return void response.writeHead(401).end();
    }
    const events = readEvents(path, headers, body);
    this.calls.push({ verb, path, headers, body, events });
    const connection = `${events[0]?.socket} ${events[0]?.client ?? ''}`;
    for (const { socket, client } of events) must(`${socket} ${client ?? ''}` === connection, 'events of two connections in a call');
    const isNamed = !path.startsWith('/rest/') || events[0]?.run !== undefined;
    // A call whose connection has ended, e.g. because this server stopped, cannot be awaited.
    must(!isNamed || (this.underWay.get(connection)?.destroyed ?? true), `two calls at once for ${connection}`);
    this.underWay.set(connection, request.socket);
    this.mostAtOnce = Math.max(this.mostAtOnce, ++this.atOnce);
    try {
      await this.respond(connection, events, request.socket, response);
    } finally {
      this.atOnce--;
      if (this.underWay.get(connection) === request.socket) this.underWay.delete(connection);
    }
  }

  private async respond(connection: string, events: readonly Received[], socket: Socket, response: ServerResponse): Promise<void> {
    const fault = this.fault(this.served++, events);
    if (fault === 'slow') await new Promise((resolve) => setTimeout(resolve, 20));
    if (fault === 'cut') return void socket.destroy();
    if (fault === 'broken') return void response.writeHead(500).end('the method failed');
    if (typeof fault === 'number') return void response.writeHead(fault, this.headers).end('no');
    const isNew = events.filter((event) => this.once(connection, event));
    if (isNew.length > 0) this.answers.set(connection, this.answer(isNew));
    if (fault === 'cut late') return void socket.destroy();
    if (fault === 'hang') return;
    const answer = this.answers.get(connection);
    if (answer === undefined) response.writeHead(204).end();
    else if (Buffer.isBuffer(answer)) response.writeHead(200, this.headers).end(answer);
    else if (typeof answer === 'string') response.writeHead(200, { 'Content-Type': 'text/html; charset=utf-8' }).end(answer);
    else response.writeHead(200, { 'Content-Type': 'application/json' }).end(this.sent(answer));
  }

  /**
   * Returns the JSON text that the shipped code sends: `IXValues.text` makes it, and `ON_SOCKET` sends it. If that were as a text and not as
   * a BLOB, 4D would evaluate its tags.
   */
  private sent(answer: unknown): string {
    const [socket, values] = ['ON_SOCKET', 'IXValues'].map((name) => files4D.find((file) => file.name === name)?.text ?? '');
    const json = JSON.stringify(answer);
    const text = values?.includes('"<"; "\\\\u003c"') ? json.replaceAll('<', '\\u003c') : json;
    if (!socket?.includes('WEB SEND BLOB($blob; "application/json")')) this.evaluated.push(...(json.match(/<!--#4D.*?-->/g) ?? []));
    return text;
  }

  /**
   * Like the function `once` of the class in docs/4d: an event that is not newer than the last one of its connection is a repeat. Plain REST
   * calls are not checked.
   */
  private once(connection: string, event: Received): boolean {
    const { run, seq = 0 } = event;
    if (run !== undefined) {
      const before = this.last.get(connection);
      if (before && before.run === run && before.seq >= seq) {
        this.repeats++;
        return false;
      }
    }
    const own = this.handled.get(connection) ?? [];
    this.handled.set(connection, own);
    own.push(event);
    if (run !== undefined) {
      this.last.set(connection, { run, seq, at: this.now() });
      this.sweep();
    }
    return true;
  }

  /** Like the function `sweep` of the class: removes entries older than an hour, at most once a minute. */
  private sweep(): void {
    const now = this.now();
    if (now - this.swept < 60) return;
    this.swept = now;
    for (const [connection, { at }] of this.last) if (at < now - 3600) this.last.delete(connection);
  }

  private checkSignature(headers: IncomingMessage['headers'], body: string): void {
    const { signingKey } = this.options;
    if (!signingKey) return must(headers['x-ix-signature'] === undefined, 'a signature that nobody asked for');
    const time = String(headers['x-ix-timestamp']);
    must(/^\d{10}$/.test(time) && Math.abs(Date.now() / 1000 - Number(time)) < 60, `a time stamp that is not now: ${time}`);
    const wanted = Buffer.from(`sha256=${createHmac('sha256', signingKey).update(`${time}.${body}`).digest('hex')}`);
    const given = Buffer.from(String(headers['x-ix-signature']));
    must(given.length === wanted.length && timingSafeEqual(given, wanted), 'a wrong signature');
  }

  private sessionOf({ headers }: IncomingMessage, response: ServerResponse): { loggedIn: boolean } {
    const id = /(?:^|; )WASID4D=(\w+)/.exec(headers.cookie ?? '')?.[1];
    const known = id === undefined ? undefined : this.sessions.get(id);
    if (known) return known;
    const session = { loggedIn: false };
    const name = `S${++this.sessionsOpened}x${this.port}`;
    this.sessions.set(name, session);
    response.setHeader('Set-Cookie', `WASID4D=${name}; Path=/; HttpOnly; SameSite=Strict`);
    return session;
  }

  private logIn(headers: IncomingMessage['headers'], body: string, session: { loggedIn: boolean }, response: ServerResponse): void {
    must(headers['content-type'] === 'application/json; charset=utf-8', 'a login that is not JSON');
    const parameters = JSON.parse(body);
    must(Array.isArray(parameters) && parameters.length === 2, 'a login without two parameters');
    this.logins++;
    session.loggedIn = parameters.join() === this.options.forceLogin?.join();
    response.writeHead(200, { 'Content-Type': 'application/json' }).end(JSON.stringify({ result: session.loggedIn }));
  }
}

function must(isSo: boolean, what: string): void {
  if (!isSo) throw new Error(what);
}

function readEvents(path: string, headers: IncomingMessage['headers'], body: string): readonly Received[] {
  const type = headers['content-type'];
  if (path === '/hooks/ws') {
    must(type === 'application/json; charset=utf-8', `content type ${type}`);
    const object = JSON.parse(body);
    must(typeof object === 'object' && !Array.isArray(object), 'a handler gets an object');
    return (object.events ?? [object]).map(checked);
  }
  if (path.startsWith('/4DACTION/')) {
    must(/^\/4DACTION\/(ON_SOCKET|ON_OTHER|My%20Method)$/.test(path), `no such method: ${path}`);
    must(type === 'application/x-www-form-urlencoded; charset=utf-8', `content type ${type}`);
    // The result of WEB GET VARIABLES: names and values, all text.
    const { message, type: code, socket, seq, events, ...rest } = Object.fromEntries(new URLSearchParams(body)) as Record<string, string>;
    if (events !== undefined) return JSON.parse(events).map(checked);
    return [checked({ ...rest, type: Number(code), socket: Number(socket), seq: Number(seq), message: JSON.parse(message ?? '') })];
  }
  must(path === '/rest/$singleton/IXHook/receive', `nothing at ${path}`);
  must(type === 'application/json; charset=utf-8', `content type ${type}`);
  const parameters = JSON.parse(body);
  must(Array.isArray(parameters), 'REST gets an array');
  if (parameters.length === 1) return parameters[0].map(checked);
  const [code, socket, message] = parameters;
  must(parameters.length === 3 && typeof message === 'string', 'not three parameters, the third a text');
  return [checked({ type: code, socket, message: JSON.parse(message) })];
}

function checked(event: Received): Received {
  const { type, socket, message } = event;
  must(Number.isInteger(type) && type >= 0 && type <= 3, `type ${type}`);
  must(Number.isInteger(socket), `socket ${socket}`);
  must(message !== undefined, 'no message');
  return event;
}
