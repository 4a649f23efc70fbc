import assert from 'node:assert/strict';
import type { Sent } from '../../../src/connection/load';
import { type Call, Conversation, compileProtocol, type Incoming, type OpeningFailure, Requests } from '../../../src/conversation';
import { fakeClock } from '../../helpers/clock';
import { expressions } from '../../helpers/expressions';
import { teardown } from '../../helpers/teardown';

/** Waits for promises that do not depend on a timer. */
const settled = async () => {
  for (let i = 0; i < 20; i++) await new Promise((resolve) => setImmediate(resolve));
};

interface Heard {
  readonly sent: string[];
  readonly events: unknown[];
  readonly closes: number[];
}

/** A conversation with a peer played by the test. */
async function talk(description: object, { secrets = {}, isMessage = false, maxPayload = 0 } = {}) {
  const protocol = compileProtocol(description, isMessage ? undefined : expressions);
  const heard: Heard = { sent: [], events: [], closes: [] };
  const log = { warn() {}, error: (error: unknown) => heard.events.push({ internal: String(error) }) };
  const requests = protocol.rpc && new Requests(protocol.rpc, 'client 1', (text) => text, log);
  const conversation = new Conversation({
    protocol,
    codec: (await protocol.codecs())({ separator: protocol.separator, maxPayload }),
    secrets,
    maxPayload,
    requests,
    peer: {
      send: (data: string | Buffer, sent: Sent) => {
        heard.sent.push(String(data));
        sent(undefined, data.length, data.length);
      },
      close: (code: number) => void heard.closes.push(code),
    },
    owner: {
      message: ({ str, data }: Incoming, call: Call | undefined) =>
        heard.events.push({ message: String(str), data, ...(call && { call }) }),
      error: (reason: string) => heard.events.push({ error: reason }),
      opened: (kept: object) => heard.events.push({ open: { ...kept } }),
      failed: (failure: OpeningFailure) => heard.events.push({ failed: failure }),
      reconnect: (url: string | undefined) => heard.events.push({ reconnect: url }),
    },
    log,
  });
  conversation.start();
  const hear = (message: unknown) => {
    const text = typeof message === 'string' ? message : JSON.stringify(message);
    conversation.receive(text, text.length);
  };
  return { ...heard, conversation, requests, hear };
}

describe('a conversation', () => {
  afterEach(teardown);

  const login = {
    format: 'json',
    onOpen: [
      { wait: { type: 'hello' }, as: 'hello' },
      { send: { type: 'jsonata', value: '{"type": "auth", "token": $secret("token"), "nonce": $.nonce}' } },
      { wait: { type: 'ok' }, fail: { type: 'denied' } },
    ],
    secrets: ['token'],
  };

  it('opens after its last step, with the messages that steps kept', async () => {
    const { hear, sent, events } = await talk(login, { secrets: { token: 't0p' } });
    hear({ type: 'hello', nonce: 7 });
    await settled();
    assert.deepEqual(sent, ['{"type":"auth","token":"t0p","nonce":7}']);
    assert.deepEqual(events, []);
    hear({ type: 'ok' });
    assert.deepEqual(events, [{ open: { hello: { type: 'hello', nonce: 7 } } }]);
  });

  it('emits what came during the opening after it, in order', async () => {
    const { hear, events } = await talk(login, { secrets: { token: 't' } });
    for (const message of [{ n: 1 }, { type: 'hello' }, { n: 2 }, { n: 3 }]) hear(message);
    await settled();
    hear({ type: 'ok' });
    hear({ n: 4 });
    assert.deepEqual(
      events.map((event) => (event as { data?: { n: number } }).data?.n ?? 'open'),
      ['open', 1, 2, 3, 4],
    );
  });

  it('finds the answer of a step among the messages that are held', async () => {
    const { hear, events } = await talk(login, { secrets: { token: 't' } });
    hear({ type: 'ok' });
    hear({ type: 'hello' });
    await settled();
    assert.deepEqual(Object.keys(events[0] as object), ['open']);
  });

  it('fails at a message of `fail`, names the step, and hides secrets', async () => {
    const { hear, events, closes } = await talk(login, { secrets: { token: 't0p"secret' } });
    hear({ type: 'hello' });
    await settled();
    hear({ type: 'denied', your: 't0p"secret' });
    const { why, refused } = (events[0] as { failed: OpeningFailure }).failed;
    assert.equal(why, 'failed at step 3 of 3, which waits for {"type":"ok"}: the peer refused: {"type":"denied","your":"***"}.');
    assert.equal(refused, true);
    assert.deepEqual(closes, [1008]);
  });

  it('fails after the timeout of a step', async () => {
    const clock = fakeClock();
    const { events } = await talk({ format: 'json', onOpen: [{ wait: { a: 1 }, timeout: 3 }] });
    clock.tick(2999);
    assert.equal(events.length, 0);
    clock.tick(1);
    assert.match((events[0] as { failed: OpeningFailure }).failed.why, /step 1 of 1.*no answer came within 3 s/);
  });

  it('fails with 1009 if more comes during the opening than a message may have', async () => {
    const { hear, closes } = await talk({ format: 'json', onOpen: [{ wait: { a: 1 } }] }, { maxPayload: 1000 });
    for (let i = 0; i < 10; i++) hear({ b: 'x'.repeat(100) });
    assert.deepEqual(closes, [1009]);
  });

  it('waits for a message that an expression accepts, and keeps the order of the others', async () => {
    const description = { format: 'json', onOpen: [{ wait: { type: 'jsonata', value: '$.n > 2' } }] };
    const { hear, events } = await talk(description);
    for (const n of [1, 2, 3, 4]) hear({ n });
    await settled();
    assert.deepEqual(
      events.map((event) => (event as { data?: { n: number } }).data?.n ?? 'open'),
      ['open', 1, 2, 4],
    );
  });

  it('fails if an expression of the opening fails', async () => {
    const { events } = await talk({ format: 'json', onOpen: [{ send: { type: 'jsonata', value: '$secret("none")' } }] });
    await settled();
    assert.match((events[0] as { failed: OpeningFailure }).failed.why, /step 1 of 1, which sends: .*The secret none is not set/);
  });

  it('applies the first rule that matches', async () => {
    const { hear, sent, events } = await talk({
      format: 'json',
      answers: [
        { when: { ping: { exists: true } }, send: { type: 'jsonata', value: '{"pong": ping}' } },
        { when: { type: ['a', 'b'] }, then: 'drop' },
        { when: { type: 'c' }, emit: true },
        { when: { type: 'bye' }, then: 'reconnect', URL: { type: 'jsonata', value: 'url' } },
      ],
    });
    for (const message of [{ ping: 5 }, { type: 'a' }, { type: 'c' }, { type: 'bye', url: 'ws://x/' }]) hear(message);
    await settled();
    assert.deepEqual(sent, ['{"pong":5}']);
    assert.deepEqual(events, [{ open: {} }, { message: '{"type":"c"}', data: { type: 'c' } }, { reconnect: 'ws://x/' }]);
  });

  it('reports a message that cannot be read, and reads the next', async () => {
    const { hear, events } = await talk({ format: 'json' });
    hear('not json');
    hear({ a: 1 });
    assert.match((events[1] as { error: string }).error, /^The message could not be read as json/);
    assert.deepEqual(events[2], { message: '{"a":1}', data: { a: 1 } });
  });

  it('reports one of several messages of a frame that cannot be read, and reads the others', async () => {
    const { hear, events } = await talk({ format: 'records' });
    hear('garbage\u001e{"n":1}\u001e');
    const [, error, message] = events as [unknown, { error: string }, { data: unknown }];
    assert.match(error.error, /could not be read as records/);
    assert.deepEqual([message.data, events.length], [{ n: 1 }, 3]);
  });

  it('reports an interval of the heartbeat that is none', async () => {
    const heartbeat = { send: 'beat', every: { type: 'jsonata', value: '-1' } };
    const { events } = await talk({ format: 'json', heartbeat });
    await settled();
    assert.deepEqual(events.at(-1), {
      error: 'The heartbeat is off: heartbeat.every must be a number of seconds above 0; got -1.',
    });
  });

  it('sends its heartbeat at the interval, and closes with 1011 without the answer', async () => {
    const clock = fakeClock();
    const { hear, sent, closes } = await talk({
      format: 'json',
      heartbeat: { send: { ping: 1 }, every: 10, expect: { pong: 1 }, within: 4 },
    });
    clock.tick(10_000);
    hear({ pong: 1 });
    clock.tick(10_000);
    assert.equal(sent.length, 2);
    clock.tick(4_000);
    assert.deepEqual(closes, [1011]);
  });

  it('sends an idle heartbeat only if nothing else was sent for that long', async () => {
    const clock = fakeClock({ withPerformance: true });
    const { conversation, sent } = await talk({ format: 'json', heartbeat: { send: 'beat', every: 10, idle: true } });
    clock.tick(6_000);
    conversation.send({ n: 1 }, () => {});
    clock.tick(9_000);
    assert.deepEqual(sent, ['{"n":1}']);
    clock.tick(1_000);
    assert.deepEqual(sent, ['{"n":1}', 'beat']);
  });

  it('takes expressions of a message as objects like any other', async () => {
    const send = { type: 'jsonata', value: '1' };
    const { sent } = await talk({ format: 'json', onOpen: [{ send }] }, { isMessage: true });
    assert.deepEqual(sent, [JSON.stringify(send)]);
  });
});
