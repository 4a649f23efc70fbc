import assert from 'node:assert/strict';
import { compileProtocol, presetNames, readPreset } from '../../src/conversation';
import { expressions } from '../helpers/expressions';
import { wsServer } from '../helpers/peers';
import { presetClient } from '../helpers/presets';
import { until } from '../helpers/queue';
import { teardown } from '../helpers/teardown';

/** The messages of a peer after which each preset can be used. */
const greetings: Readonly<Record<string, readonly string[]>> = {
  'discord-gateway': ['{"op":10,"d":{"heartbeat_interval":45000}}', '{"op":0,"t":"READY"}'],
  'graphql-transport-ws': ['{"type":"connection_ack"}'],
  'home-assistant': ['{"type":"auth_required"}', '{"type":"auth_ok"}'],
  'json-rpc-2.0': [],
  'obs-websocket-5': ['{"op":0,"d":{}}', '{"op":2}'],
  'ocpp-1.6': [],
  'ocpp-2.0.1': [],
  phoenix: [],
  pusher: ['{"event":"pusher:connection_established","data":"{\\"socket_id\\":\\"1.1\\",\\"activity_timeout\\":120}"}'],
  'shelly-gen2': [],
  'signal-k': ['{"version":"1.7.0"}'],
  'signalr-json': ['{}\u001e'],
  'slack-socket-mode': ['{"type":"hello"}'],
  'socket.io-4': ['0{"sid":"a","pingInterval":25000,"pingTimeout":20000}', '40{"sid":"b"}'],
  'stomp-1.2': ['CONNECTED\nversion:1.2\n\n\0'],
};
const secrets = {
  token: 'open sesame',
  login: 'open sesame',
  passcode: 'open sesame',
  password: 'open sesame',
  key: 'k',
  secret: 'open sesame',
};

/** A generator of numbers from 0 to 1 that repeats itself for a seed (mulberry32). */
function random(seed: number): () => number {
  let state = seed;
  return () => {
    state = (state + 0x6d2b79f5) | 0;
    let mixed = Math.imul(state ^ (state >>> 15), state | 1);
    mixed ^= mixed + Math.imul(mixed ^ (mixed >>> 7), mixed | 61);
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 4294967296;
  };
}

const words =
  'id type op event d t result error method params invocationId data requestId state statusCode envelope_id status jsonrpc'.split(' ');
const values = [
  '',
  'next',
  'error',
  'event',
  'call',
  'pusher:error',
  'phx_reply',
  'RECEIPT',
  '__proto__',
  'constructor',
  '💥',
  null,
  true,
  0,
  1,
  2,
  3,
  4,
  11,
  1e308,
  -1,
];

/** Returns a random message: JSON of the words that protocols use, broken JSON, text, or bytes. */
function message(next: () => number): string | Buffer {
  const pick = <T>(list: readonly T[]): T => list[Math.floor(next() * list.length)] as T;
  const value = (depth: number): unknown => {
    const kind = next();
    if (depth > 3 || kind < 0.5) return pick(values);
    if (kind < 0.65) return Array.from({ length: Math.floor(next() * 6) }, () => value(depth + 1));
    return Object.fromEntries(
      Array.from({ length: Math.floor(next() * 5) }, () => [pick([...words, '__proto__', '0', 'toString']), value(depth + 1)]),
    );
  };
  const kind = next();
  const json = JSON.stringify(value(0));
  if (kind < 0.5) return json;
  if (kind < 0.6) return json.slice(0, Math.floor(next() * json.length));
  if (kind < 0.7) return `${Math.floor(next() * 7)}${Math.floor(next() * 7)}${pick(['', '/n,', '1-', '99-'])}${json}`;
  if (kind < 0.8)
    return `${pick(['MESSAGE', 'RECEIPT', 'ERROR', 'X'])}\n${pick(['a:b', 'receipt-id:1', 'content-length:3', ':'])}\n\n${json}\0`;
  const bytes = Buffer.from(Array.from({ length: Math.floor(next() * 40) }, () => Math.floor(next() * 256)));
  return kind < 0.9 ? bytes : bytes.toString('latin1');
}

/** Ends the texts of formats whose messages may continue over several frames. Otherwise all would be one. */
function ended(data: string | Buffer, format: string): string | Buffer {
  if (typeof data !== 'string') return data;
  return format === 'records' ? `${data}\u001e` : format === 'stomp' ? `MESSAGE\n\n${data}\0` : data;
}

describe('10,000 random messages', () => {
  afterEach(teardown);

  it('have a greeting for each preset', () => {
    assert.deepEqual(Object.keys(greetings).sort(), presetNames());
  });

  for (const [preset, hello] of Object.entries(greetings)) {
    it(`to the preset ${preset} are each a Message or an Error, if no rule consumes them`, async () => {
      const server = await wsServer({ perMessageDeflate: false });
      const harness = presetClient(preset, { URL: server.url, secrets });
      const started = harness.start();
      const { ws } = await server.peers.take();
      for (const each of hello) ws.send(each);
      assert.equal((await started).success, true);
      const { format, answers, heartbeat } = compileProtocol(readPreset(preset), expressions);
      let count = 0;
      harness.socket.events.on(({ type }) => {
        if (type === 0 || type === 3) count++;
      });
      const next = random(7);
      let expected = 0;
      for (let i = 0; i < 10_000; i++) {
        const data = ended(message(next), format);
        if (format === 'json') expected += isConsumed(data) ? 0 : 1;
        ws.send(data);
        // A peer that never waits would fill the memory of the test, not that of the client.
        if (i % 500 === 499) await new Promise(setImmediate);
      }
      await until(() => ws.bufferedAmount === 0, 'the messages to be sent');
      if (format === 'json') await until(() => count === expected, `${expected} events of ${preset}`, 10_000);
      else await until(() => count > 4000, 'events', 10_000);
      assert.equal(harness.socket.state, 'open');
      assert.deepEqual(harness.log.errors, []);
      const all = JSON.stringify([
        harness.events.all.filter(({ type }) => type === 3),
        harness.changes,
        harness.log.warnings,
        harness.socket.info(),
      ]);
      assert.equal(all.includes('open sesame'), false);

      function isConsumed(data: string | Buffer): boolean {
        try {
          const decoded = JSON.parse(data.toString());
          return answers.some(({ when, emit }) => when(decoded) && !emit) || heartbeat?.expect?.(decoded) === true;
        } catch {
          return false;
        }
      }
    });
  }
});
