import assert from 'node:assert/strict';
import type { AddressInfo } from 'node:net';
import { convertCore, type FlowItem } from '../../nodes/editor/core-conversion';
import { type Item, nodeRedServer, run, unload } from '../helpers/flow';
import { type Peer, type PeerServer, wsClient, wsServer } from '../helpers/peers';
import { inNodeRed, until } from './suite';

const url = (path: string) => `ws://127.0.0.1:${(nodeRedServer().address() as AddressInfo).port}${path}`;

const listener = (path: string, wholemsg = 'false'): Item => ({ id: 'l', type: 'websocket-listener', name: '', path, wholemsg });
const wsIn = (of: object, ...to: string[]): Item => ({ id: 'in', type: 'websocket in', server: '', client: '', ...of, wires: [to] });
const wsOut = (of: object, id = 'out'): Item => ({ id, type: 'websocket out', server: '', client: '', ...of, wires: [] });
const code = (id: string, func: string, ...to: string[]): Item =>
  ({ id, type: 'function', func, outputs: 1, initialize: '', finalize: '', libs: [], wires: [to] }) as unknown as Item;

/** Returns a message as the test compares it. Node-RED's own message ids differ, and ours are not sent. */
function shown({ data, binary }: { data: string | Buffer; binary: boolean }): unknown {
  if (binary) return `binary ${(data as Buffer).toString('hex')}`;
  if (!String(data).startsWith('{')) return data;
  const { _msgid, ...others } = JSON.parse(String(data));
  return others;
}

/** Sends messages from the first of some peers, then one message from each, to which the flow answers. Returns what each received. */
async function talk(peers: readonly Peer[], ...texts: (string | Buffer)[]): Promise<unknown[][]> {
  const seen: unknown[][] = [];
  for (const text of texts) peers[0]?.ws.send(text);
  for (const [index, peer] of peers.entries()) {
    peer.ws.send(`end ${index}`);
    const got: unknown[] = [];
    do got.push(shown(await peer.messages.take(`an answer to ${index}`)));
    while (!JSON.stringify(got.at(-1)).includes(`end ${index}`));
    seen.push(got);
  }
  return seen;
}

interface Script {
  readonly core: Item[];
  readonly play: (server: PeerServer) => Promise<unknown>;
}

/** Core flows, each with what peers do. */
const scripts: Readonly<Record<string, (port: number) => Script>> = {
  'an echo server': () => ({
    core: [listener('/ws'), wsIn({ server: 'l' }, 'out'), wsOut({ server: 'l' })],
    play: async () => talk([await wsClient(url('/ws')), await wsClient(url('/ws'))], 'hello', '{"a":1}', 'ö', Buffer.from([0, 255])),
  }),
  'a chat: without a session everyone gets it': () => ({
    core: [listener('/ws'), wsIn({ server: 'l' }, 'f'), code('f', 'return { payload: msg.payload }', 'out'), wsOut({ server: 'l' })],
    play: async () => talk([await wsClient(url('/ws')), await wsClient(url('/ws'))], 'one', 'two'),
  }),
  'objects, numbers and booleans as payload': () => ({
    core: [
      listener('/ws'),
      wsIn({ server: 'l' }, 'f'),
      code(
        'f',
        "msg.payload = { list: [1, 'x'], 5: 5, true: true, end: msg.payload }[msg.payload] ?? { end: msg.payload }; return msg;",
        'out',
      ),
      wsOut({ server: 'l' }),
    ],
    play: async () => talk([await wsClient(url('/ws'))], 'list', '5', 'true'),
  }),
  'entire messages': () => ({
    core: [listener('/ws', 'true'), wsIn({ server: 'l' }, 'f'), code('f', 'msg.seen = true; return msg;', 'out'), wsOut({ server: 'l' })],
    play: async () => talk([await wsClient(url('/ws'))], '{"topic":"t","payload":{"a":[1]}}', '{"message":"m","tag":"x"}', 'text', '7'),
  }),
  'a subprotocol that nobody configured': () => ({
    core: [listener('/ws'), wsIn({ server: 'l' }, 'out'), wsOut({ server: 'l' })],
    play: async () => {
      const peer = await wsClient(url('/ws'), ['first', 'second']);
      return [peer.ws.protocol, await talk([peer], 'hello')];
    },
  }),
  'a page of another origin, and a message of 6 MB': () => ({
    core: [
      listener('/ws'),
      wsIn({ server: 'l' }, 'f'),
      code('f', 'msg.payload = String(msg.payload).slice(0, 10); return msg;', 'out'),
      wsOut({ server: 'l' }),
    ],
    play: async () => talk([await wsClient(url('/ws'), [], { origin: 'https://elsewhere.example' })], 'x'.repeat(6_000_000)),
  }),
  'a message of 20 MB from the flow': () => ({
    core: [
      listener('/ws'),
      wsIn({ server: 'l' }, 'f'),
      code('f', "if (msg.payload === 'big') msg.payload = 'x'.repeat(20_000_000); return msg;", 'out'),
      wsOut({ server: 'l' }),
    ],
    play: async () => {
      const [first = []] = await talk([await wsClient(url('/ws'))], 'big', 'small');
      return ['lengths', ...first.map((text) => String(text).length)];
    },
  }),
  'a reply to a connection that is gone': () => ({
    core: [
      listener('/ws'),
      wsIn({ server: 'l' }, 'f'),
      code('f', "if (msg.payload === 'lost') msg._session = { ...msg._session, id: 'gone' }; return msg;", 'out'),
      wsOut({ server: 'l' }),
    ],
    play: async () => talk([await wsClient(url('/ws')), await wsClient(url('/ws'))], 'lost', 'found'),
  }),
  'a client with a subprotocol and headers': (port) => ({
    core: [
      {
        ...{ id: 'c', type: 'websocket-client', name: '', path: `ws://127.0.0.1:${port}/feed?a=1`, tls: '', wholemsg: 'false', hb: '0' },
        subprotocol: 'chat, other',
        headers: [
          { keyType: 'Authorization', keyValue: '', valueType: 'env', valueValue: 'IX_CORE_TOKEN' },
          { keyType: 'other', keyValue: 'X-Own', valueType: 'other', valueValue: 'a b' },
        ],
      },
      wsIn({ client: 'c' }, 'f'),
      code('f', 'return { payload: msg.payload }', 'out'),
      wsOut({ client: 'c' }),
    ],
    play: async ({ peers }) => {
      const peer = await peers.take('a client');
      const { url, headers = {} as Record<string, string> } = peer.request ?? {};
      const asked = ['authorization', 'x-own', 'sec-websocket-protocol'].map((name) => String(headers[name]).replace(/, /g, ','));
      return [url, asked, peer.ws.protocol, await talk([peer], 'hello', Buffer.from([1]))];
    },
  }),
};

describe('a converted core flow', function () {
  this.timeout(20_000);
  inNodeRed();
  before(() => {
    process.env.IX_CORE_TOKEN = 'Bearer t';
  });
  after(() => {
    delete process.env.IX_CORE_TOKEN;
  });

  for (const [name, make] of Object.entries(scripts)) {
    it(`does the same for its peers: ${name}`, async () => {
      const server = await wsServer({ handleProtocols: () => 'chat' });
      const { core, play } = make(server.port);
      const seen: unknown[] = [];
      for (const items of [core, converted(core)]) {
        const flow = await run(items);
        const isOurServer = items.some(({ type }) => type === 'ix-server');
        if (isOurServer) await until(() => flow.status('in').fill === 'green', 'a server that listens');
        seen.push(await play(server));
        await unload();
      }
      assert.deepEqual(seen[1], seen[0]);
      assert.ok(JSON.stringify(seen[0]).length > 20);
    });
  }
});

/** Returns a core flow with its nodes converted. */
function converted(core: Item[]): Item[] {
  const { nodes, kept } = convertCore(core as FlowItem[]);
  assert.deepEqual(kept, []);
  const byId = new Map(nodes.map((node) => [node.id, node as Item]));
  return core.map((item) => byId.get(item.id) ?? item);
}
