import { type IncomingHttpHeaders, type IncomingMessage, STATUS_CODES } from 'node:http';
import type { Duplex } from 'node:stream';
import { WebSocketServer } from 'ws';
import type { Asked } from '../../core/decisions';
import { messageOf } from '../../core/errors';
import { guarded, type Log } from '../../core/log';
import type { ServerOptions } from '../../options/server';
import { acceptableOffers, deflateParameters } from '../../wire/deflate-offers';
import type { Admitted, Rejection } from '../listener';
import { agreed, offeredSubProtocols, shownSubProtocol, tokenPrefixes, withoutToken } from './sub-protocols';
import { type Accepted, type AskUpgrade, readDecision } from './upgrade-question';
import type { Entry, RequestInfo, ResponseHeaders, UpgradeRejection, UpgradeRules } from './upgrade-rules';

/**
 * An upgrade request and its callbacks. Exactly one of `admitted` and `rejected` is called: in the event-loop turn of the request, or after
 * `asked`, when the flow has answered.
 */
export interface UpgradeRequest {
  readonly requestInfo: RequestInfo;
  /** The flow is asked. From now on the connection counts as an open one. */
  asked(): void;
  /** Called before any frame is read. */
  admitted(admitted: Admitted): void;
  rejected(rejection: Rejection): void;
}

/** An upgrade that the rules admit. */
interface Upgrade {
  readonly request: IncomingMessage;
  readonly socket: Duplex;
  readonly head: Buffer;
  readonly upgradeRequest: UpgradeRequest;
  readonly entry: Entry;
  readonly offered: readonly string[];
}

/** Answers the upgrade requests of any HTTP server. The rules decide on admission, and `ws` performs the opening handshake. */
export class UpgradeHandler {
  private readonly ws: WebSocketServer;
  /** The request that `ws` is handling. `ws` handles each request synchronously, so one field is enough. */
  private current: UpgradeRequest | undefined;
  private windowBits: number | undefined;
  /** The decision of the flow about that request. */
  private decided: Accepted | undefined;
  /** The sockets of the upgrades that wait for the flow. */
  private readonly waiting = new Set<Duplex>();

  constructor(
    private readonly rules: UpgradeRules,
    private readonly options: ServerOptions,
    private readonly log: Log,
    private readonly ask?: AskUpgrade,
  ) {
    const { enablePerMessageDeflate, perMessageDeflateOptions } = options;
    this.ws = new WebSocketServer({
      noServer: true,
      clientTracking: false,
      autoPong: false, // See `AutoPong`.
      closeTimeout: options.closeTimeoutMs,
      maxPayload: options.maxPayload,
      maxFragments: options.maxFragments,
      perMessageDeflate: enablePerMessageDeflate && deflateParameters(perMessageDeflateOptions),
      handleProtocols: (offered: Set<string>) => this.decided?.subProtocol ?? agreed([...offered], options) ?? false,
    } as ConstructorParameters<typeof WebSocketServer>[0]);
    this.ws.on('wsClientError', guarded(log, this.malformed));
    this.ws.on('headers', guarded(log, this.answered));
  }

  /** Admits or rejects an upgrade request. @param full why no connection can be admitted, as the rest of a sentence. */
  decide(request: IncomingMessage, socket: Duplex, head: Buffer, upgradeRequest: UpgradeRequest, full?: string): void {
    const { headers } = request;
    if (headers.upgrade?.toLowerCase() !== 'websocket') {
      const reason = `The upgrade was refused with 426: it asks for ${this.rules.shown(headers.upgrade)}, not for websocket.`;
      upgradeRequest.rejected({ reason, http_status: 426, kind: 'upgrade' });
      return answerAndEnd(socket, 426, needsUpgrade, upgradeHeaders);
    }
    const { requestInfo } = upgradeRequest;
    const offered = offeredSubProtocols(headers['sec-websocket-protocol']);
    setHeader(headers, 'sec-websocket-protocol', offered.join(', '));
    const entry = full === undefined ? this.rules.check(request, requestInfo) : { http_status: 503, kind: 'full' as const, why: full };
    if ('why' in entry) return reject(upgradeRequest, socket, entry);
    const prefixes = tokenPrefixes(this.options);
    const shown = offered.map((name) => shownSubProtocol(name, prefixes));
    const asked = this.ask?.(request, requestInfo, entry, { names: offered, shown });
    const upgrade: Upgrade = { request, socket, head, upgradeRequest, entry, offered };
    if (asked) this.wait(upgrade, asked);
    else this.accept(upgrade, undefined);
  }

  /** Waits for the decision of the flow. */
  private wait(upgrade: Upgrade, asked: Asked): void {
    const { request, socket, upgradeRequest, offered } = upgrade;
    this.enter(request, upgradeRequest);
    this.waiting.add(socket);
    const early = readEarly(socket, () => asked.cancel(), this.log);
    upgradeRequest.asked();
    asked.answer
      .then((answer) => {
        this.waiting.delete(socket);
        const head = Buffer.concat([upgrade.head, ...early.stop()]);
        if (socket.destroyed) return;
        const decision = readDecision(answer, offered);
        if ('why' in decision) reject(upgradeRequest, socket, decision);
        else this.accept({ ...upgrade, head }, decision);
      })
      .catch((error) => {
        socket.destroy();
        this.log.error(error);
      });
  }

  /** Ends the connections whose upgrades the flow has not decided. */
  close(): void {
    for (const socket of this.waiting) socket.destroy();
  }

  /** Counts a connection for its address until it closes. */
  private enter(request: IncomingMessage, { requestInfo }: UpgradeRequest): void {
    if (!this.options.maxConnectionsPerIp) return;
    request.socket.on('close', guarded(this.log, this.rules.enter(requestInfo)));
  }

  private accept({ request, socket, head, upgradeRequest, entry, offered }: Upgrade, decided: Accepted | undefined): void {
    const { requestInfo } = upgradeRequest;
    const { headers } = request;
    const offers = headers['sec-websocket-extensions'] ?? '';
    setHeader(headers, 'sec-websocket-extensions', acceptableOffers(offers, this.options.perMessageDeflateOptions ?? {}));
    this.current = upgradeRequest;
    this.windowBits = undefined;
    this.decided = decided;
    this.ws.handleUpgrade(request, socket, head, (ws) => {
      if (!decided) this.enter(request, upgradeRequest);
      const { uri, headers, remoteIp, remotePort } = requestInfo;
      const notTaken = ws.protocol === '' ? withoutToken(offered, tokenPrefixes(this.options)) : [];
      const user = decided?.user ?? entry.user;
      const { tags = [], session } = decided ?? {};
      upgradeRequest.admitted({
        ws,
        socket,
        windowBits: this.windowBits,
        request: { uri, headers, remoteIp, remotePort, user, params: entry.params, notTaken, tags, session },
      });
    });
    this.current = this.decided = undefined;
    // `readEarly` has paused it.
    if (decided) socket.resume();
  }

  private answered = (headers: string[]): void => {
    if (this.decided) headers.push(...linesOf(this.decided.headers));
    const extensions = headers.find((line) => line.startsWith('Sec-WebSocket-Extensions:'));
    const bits = extensions && /server_max_window_bits=(\d+)/i.exec(extensions)?.[1];
    if (bits) this.windowBits = Number(bits);
  };

  private malformed = (error: Error, socket: Duplex, request: IncomingMessage): void => {
    const status = request.method === 'GET' ? 400 : 405;
    const reason = `The upgrade was refused with ${status}: ${messageOf(error)}.`;
    this.current?.rejected({ reason, http_status: status, kind: 'protocol' });
    answerAndEnd(socket, status, reason, { 'Sec-WebSocket-Version': '13' });
  };
}

/** The most bytes that a client may send before the answer to its upgrade request. */
const maxEarly = 65_536;

/**
 * Reads a socket whose upgrade is not decided yet. Without reading, the end of the connection would not be noticed.
 *
 * @param gone called when the client ends the connection.
 */
function readEarly(socket: Duplex, gone: () => void, log: Log): { stop(): Buffer[] } {
  const chunks: Buffer[] = [];
  let bytes = 0;
  const onData = guarded(log, (chunk: Buffer) => {
    chunks.push(chunk);
    bytes += chunk.length;
    if (bytes > maxEarly) socket.destroy();
  });
  const onEnd = guarded(log, () => {
    socket.destroy();
    gone();
  });
  socket.on('data', onData).once('end', onEnd).once('close', onEnd);
  return {
    stop() {
      socket.pause();
      socket.off('data', onData).off('end', onEnd).off('close', onEnd);
      return chunks;
    },
  };
}

/** Replaces a header. An empty header is an absent one, but `ws` refuses it. */
function setHeader(headers: IncomingHttpHeaders, name: string, value = ''): void {
  if (value.trim() !== '') headers[name] = value;
  else if (name in headers) delete headers[name];
}

function reject(upgradeRequest: UpgradeRequest, socket: Duplex, { http_status, kind, why, detail, headers, body }: UpgradeRejection): void {
  upgradeRequest.rejected({ reason: `The upgrade was refused with ${http_status}: ${why}.`, http_status, kind, detail });
  // The response contains less detail than the event, because the peer is not authenticated.
  if (body === undefined) answerAndEnd(socket, http_status, `${STATUS_CODES[http_status] ?? 'Refused'}.`, headers);
  else respond(socket, http_status, body, headers);
}

export const upgradeHeaders = { Upgrade: 'websocket', Connection: 'Upgrade, close' };
export const needsUpgrade = 'This is a WebSocket server: connect with ws:// or wss://.';

/** Writes an HTTP response with a line of text to a raw socket, and closes it. */
export const answerAndEnd = (socket: Duplex, status: number, text: string, headers?: ResponseHeaders): void =>
  respond(socket, status, `${text}\n`, headers);

/** Writes an HTTP response to a raw socket, and closes it. Node detaches its HTTP parser from the socket at an upgrade request. */
function respond(socket: Duplex, status: number, body: string, headers: ResponseHeaders = {}): void {
  if (!socket.writable) return void socket.destroy();
  const given = new Set(Object.keys(headers).map((name) => name.toLowerCase()));
  const type = given.has('content-type') ? {} : { 'Content-Type': 'text/plain; charset=utf-8' };
  const lines = linesOf({ Connection: 'close', ...type, 'Content-Length': String(Buffer.byteLength(body)), ...headers });
  socket.on('error', () => {});
  socket.once('finish', () => socket.destroy());
  socket.end(`HTTP/1.1 ${status} ${STATUS_CODES[status] ?? 'Refused'}\r\n${lines.join('\r\n')}\r\n\r\n${body}`);
}

const linesOf = (headers: ResponseHeaders): string[] =>
  Object.entries(headers).flatMap(([name, value]) => [value].flat().map((one) => `${name}: ${one}`));
