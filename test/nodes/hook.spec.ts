import assert from 'node:assert/strict';
import { type Item, logged, type Msg, run } from '../helpers/flow';
import { closedPort, wsClient, wsServer } from '../helpers/peers';
import { StandIn4D } from '../helpers/stand-in-4d';
import { inNodeRed, quiet, until, watchers } from './suite';

const hookOf = (standIn: StandIn4D, more: object = {}): Item => ({
  ...{ id: 'h', type: 'ix-4d-hook', URL: `${standIn.origin}/hooks/ws`, form: 'handler', minWaitBetweenRetries: 1, retries: 2 },
  ...more,
});
/** A server whose events go to the hook. */
const server = (port: number, events: object = {}): Item[] => [
  { id: 's', type: 'ix-server', port, autoStart: true },
  { id: 'e', type: 'ix-server-events', server: 's', wires: [['h'], ['h'], ['h'], ['h']], ...events },
];
const message = (str: unknown, client = 'a', more: Msg = {}): Msg => ({ type: 0, socket: -1, payload: { str, client }, ...more });

describe('ix-4d-hook', () => {
  inNodeRed();

  it('calls 4D with each event of a server, in order, and gives out what it answers', async () => {
    const standIn = await StandIn4D.open();
    const port = await closedPort();
    const flow = await run([...server(port), hookOf(standIn), { id: 'm', type: 'ix-set-method' }]);
    await flow.command('m', 'ON_SOCKET');
    await until(() => flow.status('s').fill === 'green', 'a server that listens');
    const { ws } = await wsClient(`ws://127.0.0.1:${port}/line-3`);
    ws.send('hello');
    ws.send(Buffer.from([0, 255]));
    ws.close(4001, 'bye');
    const [opened, ...others] = [0, 1, 2, 3].map(() => flow.out('h.0').take('an answer'));
    assert.deepEqual((await opened)?.payload, { ok: true });
    await Promise.all(others);
    const events = standIn.calls.map(({ events: [event] }) => event);
    assert.deepEqual(
      events.map((event) => [event?.type, event?.socket, event?.message.str ?? event?.message.code]),
      [
        [1, -1, undefined],
        [0, -1, 'hello'],
        [0, -1, { $base64: 'AP8=' }],
        [2, -1, 4001],
      ],
    );
    const { method, client } = JSON.parse(standIn.calls[1]?.body ?? '');
    assert.deepEqual([method, client], ['ON_SOCKET', events[0]?.message.client]);
    assert.deepEqual(standIn.problems, []);
  });

  it('passes the rest of the message on, with the event in details and the HTTP status', async () => {
    const standIn = await StandIn4D.open();
    standIn.answer = () => 'plain text';
    const flow = await run([hookOf(standIn)]);
    flow.node('h').receive(message('x', 'a', { topic: 't' }));
    const { payload, topic, details, http_status, actions } = await flow.out('h.0').take();
    assert.deepEqual([payload, topic, details, http_status, actions], ['plain text', 't', { str: 'x', client: 'a' }, 200, []]);
  });

  describe('does what 4D answers', () => {
    it('send, tag and close, on the connection that the event came from and on no other', async () => {
      const standIn = await StandIn4D.open();
      standIn.answer = ([event]) =>
        event?.type === 0
          ? {
              actions: [
                { do: 'send', message: 'one' },
                { do: 'send', message: { $base64: 'AP8=' } },
                { do: 'tag', add: 'line-3' },
                { do: 'send', message: 'to the group', tag: 'line-3' },
                { do: 'close', code: 4002, reason: 'done' },
              ],
            }
          : {};
      const port = await closedPort();
      const flow = await run([...server(port), hookOf(standIn)]);
      await until(() => flow.status('s').fill === 'green', 'a server that listens');
      const [mine, other] = [await wsClient(`ws://127.0.0.1:${port}/`), await wsClient(`ws://127.0.0.1:${port}/`)];
      const heard: unknown[] = [];
      mine.ws.on('message', (data, isBinary) => heard.push(isBinary ? data : String(data)));
      other.ws.on('message', () => heard.push('the other heard something'));
      const closed = new Promise((resolve) => mine.ws.on('close', (code, reason) => resolve([code, String(reason)])));
      mine.ws.send('go');
      assert.deepEqual(await closed, [4002, 'done']);
      assert.deepEqual(heard, ['one', Buffer.from([0, 255]), 'to the group']);
      let answer = await flow.out('h.0').take();
      while (answer.type !== 0) answer = await flow.out('h.0').take();
      assert.deepEqual(
        answer.actions.map(({ success }: Msg) => success),
        [true, true, true, true, true],
      );
      assert.equal(other.ws.readyState, other.ws.OPEN);
    });

    it('send and close on a client', async () => {
      const standIn = await StandIn4D.open();
      standIn.answer = ([event]) =>
        event?.type === 1
          ? {
              actions: [
                { do: 'send', message: 'hi' },
                { do: 'close', code: 4003, reason: 'enough' },
              ],
            }
          : {};
      const peer = await wsServer();
      await run([
        { id: 'c', type: 'ix-client', URL: peer.url, autoStart: true },
        { id: 'e', type: 'ix-client-events', client: 'c', wires: [['h'], ['h'], ['h'], ['h']] },
        hookOf(standIn),
      ]);
      const { ws } = await peer.peers.take();
      const heard: string[] = [];
      ws.on('message', (data) => heard.push(String(data)));
      const code = await new Promise((resolve) => ws.on('close', resolve));
      assert.deepEqual([heard, code], [['hi'], 4003]);
    });

    for (const [what, action, event] of [
      ['an unknown verb', { do: 'dance' }, message('x')],
      ['no object', 'send', message('x')],
      ['tag on a client', { do: 'tag', add: 'x' }, { ...message('x'), socket: 1 }],
      ['a server that is not there', { do: 'send', message: 'x' }, message('x')],
      ['an event of no connection', { do: 'send', message: 'x' }, { type: 3, socket: -1, payload: {} }],
    ] as const) {
      it(`says what is wrong with ${what}`, async () => {
        const standIn = await StandIn4D.open();
        standIn.answer = () => ({ actions: [action] });
        const flow = await run([hookOf(standIn), ...watchers()]);
        flow.node('h').receive(event);
        const { actions } = await flow.out('h.0').take();
        assert.equal(actions[0].success, false);
        assert.match(actions[0].errorCode, /^ERR_(OPTION|NO_SOCKET)$/);
        assert.equal((await flow.out('caught').take()).error.message, actions[0].errorStr);
      });
    }

    it('never on another socket, whatever id an action names', async () => {
      const standIn = await StandIn4D.open();
      standIn.answer = () => ({ actions: [{ do: 'send', id: 1, message: 'x' }] });
      const peer = await wsServer();
      const flow = await run([{ id: 'c', type: 'ix-client', URL: peer.url, autoStart: true }, hookOf(standIn)]);
      await until(() => flow.status('c').fill === 'green', 'a client that is connected');
      flow.node('h').receive(message('x'));
      assert.match((await flow.out('h.0').take()).actions[0].errorStr, /no server with the id the number -1/);
    });
  });

  describe('what 4D does not take', () => {
    it('comes out of the second port as it came, with the reason, and is no error', async () => {
      const standIn = await StandIn4D.open();
      standIn.fault = () => 404;
      const flow = await run([hookOf(standIn), ...watchers('h')]);
      flow.node('h').receive(message('x', 'a', { topic: 't' }));
      const { payload, topic, errorStr, http_status } = await flow.out('h.1').take();
      assert.deepEqual([payload, topic, http_status], [{ str: 'x', client: 'a' }, 't', 404]);
      assert.match(errorStr, /^The event was not delivered to http:.*: 4D answered 404 Not Found\. Check/);
      await flow.out('completed').take('the end of the message');
      assert.ok(flow.out('caught').isEmpty);
      await until(() => flow.status('h').fill === 'red', 'the status');
    });

    it('is an error too with Raise failures', async () => {
      const standIn = await StandIn4D.open();
      standIn.fault = () => 'broken';
      const flow = await run([hookOf(standIn, { raise: true, retries: 1 }), ...watchers()]);
      flow.node('h').receive(message('x'));
      assert.match((await flow.out('caught').take()).error.message, /in 2 tries: 4D answered 500/);
      assert.equal((await flow.out('h.1').take()).http_status, 500);
    });

    it('comes out when the queue is full, and the status is red', async () => {
      const standIn = await StandIn4D.open();
      standIn.fault = () => 'broken';
      const flow = await run([hookOf(standIn, { maxQueue: 2, minWaitBetweenRetries: 60000, maxWaitBetweenRetries: 60000 })]);
      for (const number of [1, 2, 3]) flow.node('h').receive(message(String(number)));
      assert.equal((await flow.out('h.1').take()).payload.str, '3');
      await until(() => flow.status('h').fill === 'red', 'the status');
    });

    it('comes out with a payload that JSON cannot hold, which is an error', async () => {
      const standIn = await StandIn4D.open();
      const flow = await run([hookOf(standIn), ...watchers()]);
      flow.node('h').receive({ type: 0, socket: -1, payload: { number: 1n } });
      assert.match((await flow.out('h.1').take()).errorStr, /cannot be written as JSON/);
      assert.match((await flow.out('caught').take()).error.message, /cannot be written as JSON/);
    });

    it('comes out when the node is closed, and that is told', async () => {
      const standIn = await StandIn4D.open();
      standIn.fault = () => 'broken';
      const hook = hookOf(standIn, { minWaitBetweenRetries: 60000, maxWaitBetweenRetries: 60000, wires: [['a'], ['b']] });
      const items = [hook, { id: 'a', type: 'helper' }, { id: 'b', type: 'helper' }];
      const flow = await run(items);
      for (const number of [1, 2, 3]) flow.node('h').receive(message(String(number)));
      await until(() => standIn.calls.length === 1, 'the call');
      await flow.deploy(items.map((item) => (item.id === 'h' ? { ...item, retries: 1 } : item)));
      await until(() => flow.out('b').all.length === 3, 'three messages');
      assert.deepEqual(
        flow.out('b').all.map(({ payload }) => payload.str),
        ['1', '2', '3'],
      );
      assert.ok(logged().includes('3 events that waited for 4D came out of the second port'), logged());
    });
  });

  it('keeps secrets out of every message, log, status and error', async () => {
    const secrets = { user: 'me', password: 'S3cr3t-pw', token: 'S3cr3t-token', signingKey: 'S3cr3t-key' };
    const standIn = await StandIn4D.open({ signingKey: secrets.signingKey });
    standIn.fault = (call) => [401, 'broken', 'cut', 'none', 404][call] as never;
    const flow = await run([hookOf(standIn, { raise: true }), ...watchers()], { h: secrets });
    for (const number of [1, 2, 3]) flow.node('h').receive(message(String(number)));
    await until(() => flow.out('h.0').all.length + flow.out('h.1').all.length === 3, 'three answers');
    assert.equal(standIn.calls[0]?.headers.authorization, 'Bearer S3cr3t-token');
    assert.deepEqual(standIn.problems, []);
    const everything = JSON.stringify([
      ...['h.0', 'h.1', 'caught'].map((id) => flow.out(id).all),
      flow.statuses,
      flow.calls.map(({ error }) => String(error)),
      logged(),
    ]);
    assert.ok(!everything.includes('S3cr3t'), everything);
  });

  it('takes the batches of events nodes apart, and is done when all are', async () => {
    const standIn = await StandIn4D.open();
    const flow = await run([hookOf(standIn), ...watchers('h')]);
    const payload = [1, 2, 3].map((number) => ({ str: String(number), client: 'a' }));
    flow.node('h').receive({ type: 0, socket: -1, payload, batch: 3 });
    await flow.out('completed').take('the end of the batch');
    assert.deepEqual(standIn.numbers(), { '-1 a': [1, 2, 3] });
    assert.equal(flow.out('h.0').all.length, 3);
    assert.equal(flow.dones('h').length, 1);
  });

  it('gives out one answer for the events of a call, with the list of them in details', async () => {
    const standIn = await StandIn4D.open();
    const flow = await run([hookOf(standIn, { eventsPerCall: 10 })]);
    for (const number of [1, 2, 3]) flow.node('h').receive(message(String(number)));
    await until(() => flow.out('h.0').all.flatMap(({ details }) => details).length === 3, 'three events');
    assert.ok(standIn.calls.length < 3, 'fewer calls than events');
    await until(() => flow.dones('h').length === 3, 'the end of each');
  });

  it('names the connection of bare data by details', async () => {
    const standIn = await StandIn4D.open();
    const flow = await run([hookOf(standIn)]);
    flow.node('h').receive({ type: 0, socket: -1, payload: 'bare', details: { str: 'bare', client: 'z' } });
    const { details } = await flow.out('h.0').take();
    assert.deepEqual([standIn.calls[0]?.events[0]?.message, standIn.calls[0]?.events[0]?.client], ['bare', 'z']);
    assert.deepEqual(details, { str: 'bare', client: 'z' });
  });

  it('with options that are wrong says so, and hands on what comes', async () => {
    const flow = await run([{ id: 'h', type: 'ix-4d-hook', URL: 'ws://h/' }, ...watchers()]);
    await until(() => flow.status('h').fill === 'red', 'the status');
    flow.node('h').receive(message('x'));
    assert.match((await flow.out('h.1').take()).errorStr, /^The option URL must be a URL that begins with http/);
    assert.match((await flow.out('caught').take()).error.message, /^The option URL/);
  });

  it('reads options from the environment', async () => {
    const standIn = await StandIn4D.open();
    process.env.IX_HOOK_URL = standIn.origin;
    try {
      const flow = await run([hookOf(standIn, { URL: '${IX_HOOK_URL}', form: '4DACTION', method: 'ON_SOCKET' })]);
      flow.node('h').receive(message('x'));
      await flow.out('h.0').take();
      assert.equal(standIn.calls[0]?.path, '/4DACTION/ON_SOCKET');
    } finally {
      delete process.env.IX_HOOK_URL;
    }
  });

  it('thousands of messages of many connections come to 4D once, in order, through the whole flow', async function () {
    this.timeout(40_000);
    const standIn = await StandIn4D.open();
    standIn.fault = (call) => (call % 97 === 5 ? 'broken' : call % 97 === 50 ? 'cut late' : 'none');
    const port = await closedPort();
    const flow = await run([...server(port), hookOf(standIn, { retries: 100, eventsPerCall: 50 })]);
    flow.unspied();
    await until(() => flow.status('s').fill === 'green', 'a server that listens');
    const peers = await Promise.all(Array.from({ length: 20 }, () => wsClient(`ws://127.0.0.1:${port}/`)));
    for (let number = 0; number < 200; number++) for (const { ws } of peers) ws.send(String(number));
    const messages = () => [...standIn.handled.values()].map((events) => events.filter(({ type }) => type === 0));
    await until(() => messages().reduce((sum, own) => sum + own.length, 0) === 4000, '4,000 messages', 30_000);
    await quiet(50);
    assert.equal(standIn.handled.size, 20);
    for (const own of messages()) {
      assert.deepEqual(
        own.map((event) => Number(event.message.str)),
        Array.from({ length: 200 }, (_, i) => i),
      );
    }
    assert.ok(flow.out('h.1').isEmpty, 'nothing came out of the second port');
    assert.deepEqual(standIn.problems, []);
  });
});
