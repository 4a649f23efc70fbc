/** A server and a client of a flow, each with a raw peer. */
import assert from 'node:assert/strict';
import { certs } from '../helpers/certs';
import { type Flow, type Item, logged, type Msg, Queue, run, startServer, stopServer, unload, within } from '../helpers/flow';
import { closeBody, opcodes } from '../helpers/frames';
import {
  answerHeaders,
  closeRawServers,
  type Head,
  type HeaderLines,
  hangUp,
  headText,
  parseHead,
  type RawPeer,
  RawServer,
  rawClient,
  requestHeaders,
  withHeaders,
} from '../helpers/raw-peer';

export type Options = Record<string, unknown>;

/** Differences from the defaults at both ends. */
export interface Terms {
  /** Options of the socket in the flow. */
  readonly options?: Options;
  /** Header lines of the raw peer's handshake that replace the defaults; `undefined` omits one. */
  readonly headers?: Record<string, string | undefined>;
  readonly target?: string;
  /** Bytes that the raw peer writes together with its handshake. */
  readonly with?: Buffer;
}

/** An open connection between a socket of the flow and a raw peer. */
export interface PeerPair {
  readonly peer: RawPeer;
  /** The head of the other end's handshake: the server's response, or the client's request. */
  readonly head: Head;
  readonly open: Msg;
  /** Asserts the next event of this connection. @returns its payload. */
  event(name: 'Message' | 'Close' | 'Error'): Promise<Msg>;
  /** Returns the next event of any kind. */
  any(): Promise<Msg>;
  /** Asserts that every event was taken. */
  isDrained(): boolean;
  /** Sends a message from the flow to the peer. */
  send(message: string | Buffer): Promise<Msg>;
  /** Closes the connection from the flow. */
  stop(payload?: object): Promise<Msg>;
  /** True if the socket of the flow masks. */
  readonly masks: boolean;
}

export interface Role {
  readonly name: 'server' | 'client';
  meet(terms?: Terms): Promise<PeerPair>;
}

const usual: Record<Role['name'], Options> = {
  server: { enablePerMessageDeflate: false, perMessageDeflateOptions: {}, maxPayload: 5242880, enablePong: true, subProtocols: [] },
  client: {
    enablePerMessageDeflate: false,
    perMessageDeflateOptions: {},
    maxPayload: 104857600,
    enablePong: true,
    subProtocols: [],
    enableAutomaticReconnection: false,
  },
};

const items: Item[] = [
  { id: 'server', type: 'ix-server', port: 0, autoStart: false },
  { id: 'client', type: 'ix-client', autoStart: false },
  ...(['server', 'client'] as const).flatMap((side) => [
    ...['start', 'stop', 'send'].map((command) => ({ id: `${side}-${command}`, type: `ix-${side}-${command}`, [side]: side })),
    { id: `${side}-events`, type: `ix-${side}-events`, [side]: side, wires: Array(4).fill([`${side}-heard`]) as string[][] },
    { id: `${side}-heard`, type: 'helper' },
  ]),
];

let flow: Flow;
let host: RawServer;
/** The events of each connection, by the port of the peer; the client's has none. */
const journals = new Map<number | undefined, Queue<Msg>>();
let tls = false;
let serverPort = 0;
let serverOptions = '';

/** Runs the flow around a suite, optionally over TLS. Asserts that no connection is left after each test, and that none of our code failed. */
export function heldByAFlow({ overTls = false } = {}): void {
  before(async () => {
    tls = overTls;
    await startServer();
    flow = await run(items);
    host = await RawServer.listen(tls ? certs().server : undefined);
    for (const side of ['server', 'client']) {
      flow.node(`${side}-heard`).on('input', (msg: Msg) => journals.get(msg.payload.remotePort)?.push(msg));
    }
  });
  afterEach(async () => {
    hangUp();
    await flow.command('client-stop');
    journals.clear();
  });
  after(async () => {
    const log = logged();
    serverOptions = '';
    await unload();
    await closeRawServers();
    await stopServer();
    assert.ok(!log.includes('Something went wrong'), `the log: ${log}`);
  });
}

/** Starts the flow's server with these options. @returns its port. */
export async function serverWith(options: Options = {}): Promise<number> {
  const { certFile, keyFile } = tls ? certs().server : {};
  const wanted = { ...usual.server, ...(tls && { tls, certFile, keyFile }), ...options };
  if (JSON.stringify(wanted) !== serverOptions) {
    await flow.command('server-stop');
    const { payload } = await flow.command('server-start', wanted);
    assert.equal(payload.success, true, payload.errorStr);
    serverPort = payload.port;
    serverOptions = JSON.stringify(wanted);
  }
  return serverPort;
}

/** Opens a TCP connection to the flow's server, with its events. */
export async function dial(options: Options = {}): Promise<{ peer: RawPeer; journal: Queue<Msg> }> {
  const peer = await rawClient(await serverWith(options), tls ? certs().ca.cert : undefined);
  const journal = new Queue<Msg>();
  journals.set(peer.socket.localPort, journal);
  return { peer, journal };
}

/** Starts the flow's client towards a raw peer. @returns the result and the request. */
export async function call({
  path = '/',
  ...options
}: Options = {}): Promise<{ peer: RawPeer; journal: Queue<Msg>; request: Head; answer: Promise<Msg> }> {
  const journal = new Queue<Msg>();
  journals.set(undefined, journal);
  const answer = flow.command('client-start', {
    URL: `${tls ? 'wss' : 'ws'}://127.0.0.1:${host.port}${path}`,
    ...(tls && { caFile: certs().ca.certFile }),
    ...usual.client,
    timeout: 3,
    ...options,
  });
  answer.catch(() => {});
  const peer = await host.peers.take('a TCP connection from the client');
  const request = parseHead(await within(peer.head, "the client's request"));
  return { peer, journal, request, answer };
}

function peerPair(side: Role['name'], peer: RawPeer, head: Head, journal: Queue<Msg>, open: Msg): PeerPair {
  return {
    peer,
    head,
    open,
    masks: side === 'client',
    async event(name) {
      const { event, payload } = await journal.take(`the ${side}'s ${name} event`);
      assert.equal(event, name, `a ${name} was expected; got ${event}: ${JSON.stringify(payload)}`);
      return payload;
    },
    any: () => journal.take(`an event of the ${side}`),
    isDrained: () => journal.isEmpty,
    async send(message) {
      const { payload } = await flow.command(`${side}-send`, { message, ...(side === 'server' && { client: open.client }) });
      if (side === 'client') return payload;
      assert.equal(payload.statuses.length, 1, payload.errorStr);
      const { uri: _uri, client: _client, ...status } = payload.statuses[0];
      return status;
    },
    async stop(payload) {
      if (side === 'server') serverOptions = '';
      return (await flow.command(`${side}-stop`, payload)).payload;
    },
  };
}

async function opened(side: Role['name'], journal: Queue<Msg>): Promise<Msg> {
  const { event, payload } = await journal.take(`the ${side}'s Open event`);
  assert.equal(event, 'Open', JSON.stringify(payload));
  return payload;
}

export const server: Role = {
  name: 'server',
  async meet({ options, headers = {}, target = '/', with: more = Buffer.alloc(0) } = {}) {
    const { peer, journal } = await dial(options);
    peer.write(Buffer.concat([Buffer.from(headText(`GET ${target} HTTP/1.1`, withHeaders(requestHeaders, headers)), 'latin1'), more]));
    const head = parseHead(await within(peer.head, "the server's answer"));
    assert.equal(head.first, 'HTTP/1.1 101 Switching Protocols');
    return peerPair('server', peer, head, journal, await opened('server', journal));
  },
};

export const client: Role = {
  name: 'client',
  async meet({ options, headers = {}, with: more = Buffer.alloc(0) } = {}) {
    const { peer, journal, request, answer } = await call(options);
    answerWith(peer, withHeaders(answerHeaders(request), headers), more);
    const open = await opened('client', journal);
    const { payload } = await answer;
    assert.equal(payload.success, true, payload.errorStr);
    return peerPair('client', peer, request, journal, open);
  },
};

export function answerWith(peer: RawPeer, headers: HeaderLines, more: Buffer = Buffer.alloc(0)): void {
  peer.write(Buffer.concat([Buffer.from(headText('HTTP/1.1 101 Switching Protocols', headers)), more]));
}

export const roles: readonly Role[] = [server, client];

/** The header of the peer and the options of the socket that enable permessage-deflate. */
export const agreed = ({ name }: Role, parameters = ''): Terms => ({
  options: { enablePerMessageDeflate: true },
  headers: { 'Sec-WebSocket-Extensions': `permessage-deflate${name === 'server' ? '; client_max_window_bits' : ''}${parameters}` },
});

/** Sends one message from the flow's server to each of these connections. @returns the statuses in their order. */
export async function broadcast(message: string | Buffer, to: readonly PeerPair[], expected = 'all succeed'): Promise<Msg[]> {
  const { payload } = await flow.command('server-send', { message, client: to.map(({ open }) => open.client) });
  if (expected === 'all succeed') assert.equal(payload.success, true, payload.errorStr);
  return payload.statuses;
}

/** Opens, uses and closes a healthy connection, to prove that earlier faults did no harm. */
export async function stillServes({ meet }: Role): Promise<void> {
  const { peer, event, send } = await meet();
  peer.send({ opcode: opcodes.text, payload: 'are you there?' });
  assert.equal((await event('Message')).str, 'are you there?');
  assert.equal((await send('I am.')).success, true);
  assert.equal((await peer.frame('an answer')).payload.toString(), 'I am.');
  await closes({ peer, event });
}

/** The end of a connection after a violation. */
export interface BadEnd {
  readonly code: number;
  /** The reason in the events. */
  readonly reason: string;
  readonly remote?: boolean;
  readonly decompressionError?: boolean;
}

/** Asserts exactly the close frame, the end of TCP, the Error and the Close that follow a violation. */
export async function endsBadly(
  { peer, event, open, ...pair }: PeerPair,
  { code, reason, remote = false, decompressionError = false }: BadEnd,
): Promise<void> {
  assert.deepEqual(await peer.closeFrame(), { code, reason: '' });
  await peer.end();
  const { remoteIp, remotePort, client: name, uri } = open;
  const origin = name === undefined ? {} : { remoteIp, remotePort, client: name, uri };
  assert.deepEqual(await event('Error'), { retries: 0, wait_time: 0, http_status: 0, reason, decompressionError, ...origin });
  assert.deepEqual(await event('Close'), { code, reason, remote, ...origin });
  assert.ok(pair.isDrained(), 'nothing comes after the Close');
}

/** Closes from the peer, and asserts a correct closing handshake. */
export async function closes({ peer, event }: Pick<PeerPair, 'peer' | 'event'>): Promise<void> {
  peer.send({ opcode: opcodes.close, payload: closeBody(1000, 'done') });
  assert.deepEqual(await peer.closeFrame(), { code: 1000, reason: 'done' });
  await peer.end();
  const { code, reason, remote } = await event('Close');
  assert.deepEqual({ code, reason, remote }, { code: 1000, reason: 'done', remote: true });
}
