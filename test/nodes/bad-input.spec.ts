import assert from 'node:assert/strict';
import { markBatch } from '../../nodes/runtime/batch';
import { Sockets } from '../../src/registry';
import { type Flow, type Item, type Msg, run, unload } from '../helpers/flow';
import { closedPort, wsServer } from '../helpers/peers';
import { onTeardown } from '../helpers/teardown';
import { inNodeRed, waitQuietly, watchers } from './suite';

const types = [
  ...['create', 'start', 'stop', 'send', 'clear'].flatMap((name) => [`client-${name}`, `server-${name}`]),
  'server-tag',
  'server-disconnect',
  'set-method',
  'get-method',
];

/** All command nodes, with client 1 and server −1, and Catch and Complete nodes that receive copies of everything. */
const items = (url: string): Item[] => [
  { id: 'c', type: 'ix-client', URL: url },
  // The port of every server created by a message, instead of the default.
  { id: 's', type: 'ix-server', port: 0 },
  ...types.map((type) => ({
    id: type,
    type: `ix-${type}`,
    ...(type === 'server-create' && { server: 's' }),
    ...(type === 'client-create' && { client: 'c' }),
  })),
  { id: 'client-events', type: 'ix-client-events', output: 'json' },
  { id: 'server-events', type: 'ix-server-events', output: 'json' },
  ...watchers(...types),
];

/** Sends messages to every command node, each with its own copy from `make`, and asserts one result for each. */
async function feed(
  flow: Flow,
  make: () => unknown,
  what: string,
  around: (payload: unknown) => Msg = (payload) => ({ payload }),
  times = 1,
): Promise<void> {
  const before = flow.calls.length;
  for (let i = 0; i < times; i++) for (const type of types) flow.node(type).receive(Object.assign(around(make()), { _msgid: 'x' }));
  for (const type of types) {
    for (let i = 0; i < times; i++) {
      const { payload } = await flow.out(`${type}.out`).take(`the answer of ${type} to ${what}`);
      if (typeof payload === 'string') continue;
      assert.equal(typeof payload, 'object');
      if (payload.success !== false) continue;
      assert.equal(typeof payload.errorStr, 'string', `${type} ${what}`);
      assert.ok(payload.errorStr.length > 10, `${type} ${what}`);
    }
  }
  const done = flow.calls.slice(before).filter(({ id }) => types.includes(id));
  for (const type of types) assert.equal(done.filter(({ id }) => id === type).length, times, `done of ${type}, ${what}`);
}

/** The sockets of one side in every registry, as they are created. */
const held = new Set<Sockets<never>>();
const { create } = Sockets.prototype;

const throwing = (value: unknown) => ({
  get: (): never => {
    throw value;
  },
  enumerable: true,
  configurable: true,
});
const names =
  'id message str timeout code reason uri client tag all add remove URL headers subProtocols pingInterval port host method enableAutomaticReconnection perMessageDeflateOptions certFile tls connections then toJSON toString constructor __proto__'.split(
    ' ',
  );
const cyclic = () => {
  const object: Msg = { id: 1, list: [] };
  object.self = object;
  object.list.push(object);
  object.message = object;
  object.headers = object;
  return object;
};
const revokedList = () => {
  const { proxy, revoke } = Proxy.revocable(['a'], {});
  revoke();
  return proxy;
};
const trap = (): never => {
  throw new TypeError('a trap');
};

const payloads: readonly (readonly [name: string, make: () => unknown])[] = [
  ['null', () => null],
  ['undefined', () => undefined],
  ...[
    0,
    -0,
    1,
    -1,
    1.5,
    Number.NaN,
    Number.POSITIVE_INFINITY,
    2 ** 53,
    5n,
    10n ** 400n,
    true,
    false,
    '',
    'text',
    '\u0000',
    '\ud800',
    '{"id":1}',
  ].map(
    (value) =>
      [
        typeof value === 'string' ? JSON.stringify(value) : `${typeof value} ${Object.is(value, -0) ? '-0' : String(value).slice(0, 20)}`,
        () => value,
      ] as const,
  ),
  ['a symbol', () => Symbol('s')],
  ['a function', () => () => ({ id: 1 })],
  ['an empty list', () => []],
  ['a sparse list', () => new Array(5)],
  ['a list of lists', () => [[[[[]]]], { id: 1 }]],
  [
    'a cyclic list',
    () => {
      const list: unknown[] = [];
      list.push(list);
      return list;
    },
  ],
  [
    'a list that is very deep',
    () => {
      let list: unknown[] = [];
      for (let i = 0; i < 20000; i++) list = [list];
      return list;
    },
  ],
  ['a cyclic object', cyclic],
  ['an object without a prototype', () => Object.assign(Object.create(null), { id: 1 })],
  [
    'an object with symbols',
    () => ({
      [Symbol('key')]: 1,
      id: Symbol('id'),
      message: Symbol('message'),
      headers: { [Symbol('h')]: Symbol('v') },
      URL: Symbol('URL'),
      port: Symbol('port'),
    }),
  ],
  ['a Date', () => new Date(Number.NaN)],
  ['a Map', () => new Map([['id', 1]])],
  ['a Buffer', () => Buffer.from([0xff, 0xfe])],
  ['a Float64Array', () => new Float64Array(3)],
  ['an ArrayBuffer', () => new ArrayBuffer(3)],
  ['a SharedArrayBuffer', () => new SharedArrayBuffer(3)],
  ['a promise', () => Promise.resolve({ id: 1 })],
  [
    'a promise that rejects',
    () => {
      const rejected = Promise.reject(new Error('never mind'));
      rejected.catch(() => {});
      return rejected;
    },
  ],
  ['a thenable', () => ({ id: 1, then: trap })],
  ['an error', () => new Error('an error')],
  ['a proxy that refuses everything', () => new Proxy({}, { get: trap, ownKeys: trap, getOwnPropertyDescriptor: trap, has: trap })],
  [
    'a revoked proxy',
    () => {
      const { proxy, revoke } = Proxy.revocable({}, {});
      revoke();
      return proxy;
    },
  ],
  [
    'texts and numbers that refuse to be texts',
    () => ({
      id: { toString: trap, valueOf: trap, [Symbol.toPrimitive]: trap },
      message: { toJSON: trap },
      uri: [{ toString: trap }],
      code: { valueOf: trap },
      URL: { toString: trap },
    }),
  ],
  ...names.map(
    (name) =>
      [
        `an object whose ${name} throws when it is read`,
        () => Object.defineProperty({ id: name === 'id' ? undefined : 1 }, name, throwing(new Error('a getter'))),
      ] as const,
  ),
  ...[
    undefined,
    null,
    'text',
    5,
    Symbol('thrown'),
    Object.create(null),
    Object.assign(new Error('x'), { message: 5 }),
    Object.assign(new Error('x'), { message: undefined }),
    Object.assign(new Error('x'), { code: Symbol('code') }),
  ].map(
    (value, i) =>
      [
        `an object whose getter throws what is no usual error (${i})`,
        () =>
          Object.defineProperties(
            {},
            { id: throwing(value), message: throwing(value), headers: throwing(value), method: throwing(value), timeout: throwing(value) },
          ),
      ] as const,
  ),
  [
    'options whose insides throw',
    () => ({
      id: 1,
      headers: Object.defineProperty({}, 'X', throwing(new Error('h'))),
      perMessageDeflateOptions: Object.defineProperty({}, 'clientMaxWindowBits', throwing(new Error('p'))),
      subProtocols: Object.defineProperty([], 0, throwing(new Error('s'))),
      message: Object.defineProperty({}, 'x', throwing(new Error('m'))),
      uri: Object.defineProperty([], 0, throwing(new Error('u'))),
    }),
  ],
];

/** Returns a generator of numbers from 0 to 1 that depends on the seed only (mulberry32). */
function random(seed: number): () => number {
  let state = seed;
  return () => {
    state = (state + 0x6d2b79f5) | 0;
    let t = Math.imul(state ^ (state >>> 15), 1 | state);
    t = (t + Math.imul(t ^ (t >>> 7), 61 | t)) ^ t;
    return ((t ^ (t >>> 14)) >>> 0) / 4294967296;
  };
}

/** Returns random payloads that stay on this machine: addresses are loopback, and there are no files. */
function payloadMaker(next: () => number, url: string, closed: string): () => unknown {
  const int = (below: number) => Math.floor(next() * below);
  const pick = <T>(...all: T[]): T => all[int(all.length)] as T;
  const text = () =>
    pick(
      '',
      ' ',
      'text',
      'é'.repeat(int(100)),
      '\u0000',
      '\ud800',
      'true',
      '5',
      '-1',
      '1e9',
      '${HOME}',
      '__proto__',
      '{"a":1}',
      '[',
      'x'.repeat(int(200)),
    );
  const number = () =>
    pick(
      0,
      -0,
      1,
      -1,
      int(10),
      -int(10),
      int(70000),
      next(),
      1000 + int(4000),
      Number.NaN,
      Number.POSITIVE_INFINITY,
      -(2 ** 31),
      2 ** 31,
      2 ** 53,
      1e308,
    );
  const scalar = () =>
    pick<() => unknown>(
      text,
      number,
      () => pick(true, false),
      () => null,
      () => undefined,
      () => BigInt(int(5)),
      () => Symbol('s'),
      () => () => 1,
      () => Buffer.from(text()),
      () => new Date(number()),
    )();
  const any = (depth: number): unknown => {
    const kind = int(depth > 3 ? 1 : 4);
    if (kind < 2) return scalar();
    if (kind === 2) return Array.from({ length: int(4) }, () => any(depth + 1));
    return object(depth + 1);
  };
  const right: Record<string, () => unknown> = {
    id: () => pick<unknown>(1, -1, 1, -1, 2, -2, 3, -3, '1', '-1'),
    URL: () => pick(url, closed, `${url}a?b=c#d`, url.replace('ws:', 'http:'), url.replace('://', '://a:b@')),
    host: () => pick('127.0.0.1', '::1', 'localhost', ''),
    port: () => pick<unknown>(0, '0'),
    timeout: () => pick<unknown>(0.02, 0.05, '0.05'),
    headers: () => ({
      [pick('X-A', 'Cookie', 'Sec-WebSocket-Protocol', 'Host', 'Connection', 'Sec-WebSocket-Key')]: pick('a', 'b, c', 'x'),
    }),
    subProtocols: () => pick<unknown>(['a'], ['a', 'b'], 'a,b', []),
    message: () => pick<unknown>('x', Buffer.from('x'), { a: 1 }, ''),
    uri: () => pick<unknown>('/', ['/'], ''),
    tag: () => pick<unknown>('t', ['t', 'u'], '', []),
    all: () => pick<unknown>(true, 'true', false),
    add: () => pick<unknown>('t', ['t', '__proto__'], ''),
    remove: () => pick<unknown>('t', ['t', 'none'], []),
    code: () => pick<unknown>(1000, 3000, 4999),
    method: () => pick('a', ''),
    perMessageDeflateOptions: () => ({ clientMaxWindowBits: 8 + int(8), serverNoContextTakeover: true }),
    enablePerMessageDeflate: () => pick(true, false),
    addressFamily: () => pick<unknown>(2, 4, 6, 'IPv6'),
    maxConnections: () => int(3),
    pingInterval: () => pick<unknown>(0, 0.05, 60),
    handshakeTimeoutSecs: () => pick<unknown>(0.02, '0.05'),
    minWaitBetweenReconnectionRetries: () => 1 + int(50),
  };
  // A wrong value of these could reach another host or file, so their wrong values lead nowhere.
  const wrong: Record<string, () => unknown> = {
    URL: () => pick<unknown>('', 'nonsense', 'ftp://127.0.0.1/', 'ws://', 'ws://127.0.0.1:99999/', 'ws://[', 5, null, {}, [], true),
    host: () => pick<unknown>(' ', 5, null, {}, [], true),
    port: () => pick<unknown>(-1, 65536, 1.5, 'x', null, {}, []),
    timeout: () => pick<unknown>(-1, 0, 'x', null, {}, Number.NaN),
    caFile: () => pick<unknown>('', '/nowhere/ca.pem', '-----BEGIN CERTIFICATE-----', 'NONE', 'SYSTEM', 5, {}),
    certFile: () => pick<unknown>('', '/nowhere/cert.pem', '-----BEGIN CERTIFICATE-----', 5, {}),
    keyFile: () => pick<unknown>('', '/nowhere/key.pem', '-----BEGIN PRIVATE KEY-----', 5, {}),
    tls: () => pick<unknown>(true, 'false', 5),
    proxy: () => pick<unknown>('c', { url: 'http://127.0.0.1:1' }, null),
    tlsConfig: () => pick<unknown>('c', { addTLSOptions: trap }, { valid: true }),
  };
  const known = [
    ...Object.keys(right),
    ...Object.keys(wrong),
    'str',
    'client',
    'reason',
    'enablePong',
    'jitter',
    'retryFirstConnect',
    'enableAutomaticReconnection',
    'maxWaitBetweenReconnectionRetries',
    'maxPayload',
    'backlog',
    'ciphers',
    'user',
    'password',
    'passphrase',
  ];
  function object(depth: number): Msg {
    const made: Msg = {};
    if (depth === 0 && next() < 0.7) made.id = right.id?.();
    for (let i = int(6); i > 0; i--) {
      const name = next() < 0.9 ? pick(...known) : text();
      const [good, bad] = [right, wrong].map((table) => (Object.hasOwn(table, name) ? table[name] : undefined));
      const value = next() < 0.6 && good ? good() : bad ? bad() : any(depth + 1);
      if (next() < 0.03 && !bad) Object.defineProperty(made, name, throwing(scalar()));
      else Object.defineProperty(made, name, { value, enumerable: true, configurable: true, writable: true });
    }
    return made;
  }
  return () => (next() < 0.8 ? object(0) : any(0));
}

describe('bad input', () => {
  inNodeRed();
  before(() => {
    Sockets.prototype.create = function (this: Sockets<never>, ...args: Parameters<typeof create>) {
      held.add(this);
      return create.apply(this, args as never);
    } as never;
  });
  after(() => {
    Sockets.prototype.create = create;
  });

  // Errors that would have ended Node-RED.
  const escaped: unknown[] = [];
  const listener = (reason: unknown) => escaped.push(reason);
  beforeEach(() => {
    escaped.length = 0;
    process.prependListener('unhandledRejection', listener);
    process.prependListener('uncaughtException', listener);
    onTeardown(() => {
      process.off('unhandledRejection', listener);
      process.off('uncaughtException', listener);
    });
  });
  /** Runs a flow, and asserts that it still works, that nothing escaped and that no socket is left. */
  async function alive(test: (flow: Flow, url: string) => Promise<void>): Promise<void> {
    const peer = await wsServer();
    const flow = await run(items(peer.url));
    flow.unspied();
    held.clear();
    await test(flow, peer.url);
    const answer = await flow.command('client-create', { URL: peer.url });
    assert.equal(typeof answer.payload.id, 'number');
    const { id } = answer.payload;
    const { success, errorStr } = (await flow.command('client-start', { id, URL: peer.url })).payload;
    assert.equal(success, true, errorStr);
    await waitQuietly(5);
    assert.deepEqual(escaped, []);
    assert.ok(held.size > 0);
    await unload();
    assert.deepEqual(
      [...held].map(({ size }) => size),
      [...held].map(() => 0),
      'sockets that are left',
    );
    await run([]);
  }

  for (const [name, make] of payloads) {
    it(`${name} as payload of every command: an answer each, done once each, nothing escapes, no socket is left`, () =>
      alive((flow) => feed(flow, make, name)));
  }

  for (const property of ['payload', 'socket', 'details', 'topic', 'batch']) {
    it(`a message whose ${property} throws when it is read: the same`, () =>
      alive((flow) =>
        feed(
          flow,
          () => ({ id: 1 }),
          property,
          (payload) => Object.defineProperty({ payload, topic: 't', socket: 1 }, property, throwing(new Error('a getter'))),
        ),
      ));
  }

  for (const [name, socket] of [...payloads.filter(([name]) => !name.startsWith('an object whose'))]) {
    it(`${name} as msg.socket and msg.details: the same`, () =>
      alive((flow) =>
        feed(
          flow,
          () => ({}),
          name,
          (payload) => ({ payload, socket: socket(), details: socket() }),
        ),
      ));
  }

  /** Messages with a batch that only a function node can create, and the expected result of each entry. */
  const bad = throwing(new Error('bad'));
  const thorny = (message: object, property: string) => Object.defineProperty(message, property, bad);
  const batch = (msg: object, length = 2) => {
    markBatch(msg, length);
    return msg;
  };
  const batches: readonly (readonly [name: string, make: (socket: number) => object, sent?: boolean[]])[] = [
    ['a property that throws', (socket) => thorny(batch({ socket, payload: ['a', 'b'] }), 'bad'), [true, true]],
    ['a payload that throws', (socket) => thorny(batch({ socket }), 'payload')],
    ['an entry that throws', (socket) => batch({ socket, payload: thorny(['a', 'b'], '0') }), [false, true]],
    ['a socket that throws', () => thorny(batch({ payload: ['a'] }, 1), 'socket'), [false]],
    ['details that throw', (socket) => thorny(batch({ socket, payload: ['a'] }, 1), 'details')],
    ['an entry whose toJSON throws', (socket) => batch({ socket, payload: [{ message: { toJSON: trap } }, 'b'] }), [false, true]],
    ['a list that is a proxy', (socket) => batch({ socket, payload: new Proxy(['a'], { get: trap }) })],
    ['a list that is revoked', (socket) => batch({ socket, payload: revokedList() })],
    ['a message that is a proxy', () => new Proxy({}, { get: (_, name) => (name === '_msgid' ? 'x' : trap()), ownKeys: trap, has: trap })],
    [
      'an entry that throws a proxy',
      (socket) =>
        batch({ socket, payload: Object.defineProperty(['a'], 0, throwing(new Proxy({}, { getPrototypeOf: trap, get: trap }))) }, 1),
      [false],
    ],
  ];
  for (const [name, make, sent] of batches) {
    it(`a batch with ${name}: one answer, done once`, () =>
      alive(async (flow, url) => {
        await flow.command('client-start', { id: 1, URL: url });
        for (const [type, socket] of [
          ['client-send', 1],
          ['server-send', -1],
        ] as const) {
          const before = flow.calls.length;
          flow.node(type).receive(make(socket) as Msg);
          const { payload } = await flow.out(`${type}.out`).take('the answer');
          await waitQuietly(20);
          assert.equal(flow.calls.slice(before).filter(({ id }) => id === type).length, 1, 'done');
          assert.ok(flow.out(`${type}.out`).isEmpty, 'a second answer');
          if (type === 'server-send' || !sent) continue;
          assert.deepEqual(
            payload.map(({ success }: Msg) => success),
            sent,
          );
        }
      }));
  }

  const seed = Number(process.env.IX_TEST_SEED ?? Math.floor(Math.random() * 2 ** 31));
  it(`1,000 random payloads for every command: the same (IX_TEST_SEED=${seed})`, async function () {
    this.timeout(60000);
    const closed = `ws://127.0.0.1:${await closedPort()}/`;
    await alive(async (flow, url) => {
      const make = payloadMaker(random(seed), url, closed);
      for (let i = 0; i < 1000; i += 20) await feed(flow, make, `payloads from ${i}, seed ${seed}`, undefined, 20);
    });
  });

  it('a server keeps to its sockets when a peer sends it rubbish: the JSON of an events node throws nothing', () =>
    alive(async (flow) => {
      const { uri } = (await flow.command('server-start', { id: -1 })).payload;
      await flow.command('client-start', { id: 1, URL: uri });
      for (const message of ['{', '', Buffer.from([0xff]), 'null', '"\\ud800"', '['.repeat(100000)])
        assert.equal((await flow.command('client-send', { id: 1, message })).payload.success, true);
      for (let i = 0; i < 4; i++) await flow.out('server-events.3').take();
      for (let i = 0; i < 2; i++) await flow.out('server-events.0').take();
    }));
});
