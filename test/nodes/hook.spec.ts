import assert from 'node:assert/strict';
import { markBatch } from '../../nodes/runtime/batch';
import { type Item, logged, type Msg, nodeRedEvents, run, unload } from '../helpers/flow';
import { closedPort, wsClient, wsServer } from '../helpers/peers';
import { StandIn4D } from '../helpers/stand-in-4d';
import { inNodeRed, until, waitQuietly, watchers } from './suite';

const hookOf = (standIn: StandIn4D, more: object = {}): Item => ({
  ...{ id: 'h', type: 'ix-4d-hook', URL: `${standIn.origin}/hooks/ws`, form: 'handler', minWaitBetweenRetries: 1, retries: 2 },
  ...more,
});
/** A server whose events go to the hook. */
const server = (port: number, events: object = {}): Item[] => [
  { id: 's', type: 'ix-server', port, autoStart: true },
  { id: 'e', type: 'ix-server-events', server: 's', wires: [['h'], ['h'], ['h'], ['h']], ...events },
];
const batch = (msg: Msg, length: number): Msg => {
  markBatch(msg, length);
  return msg;
};
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

  for (const form of ['handler', '4DACTION']) {
    it(`gives 4D no tag to evaluate, if a peer writes one and 4D repeats it (${form})`, async () => {
      const standIn = await StandIn4D.open();
      standIn.answer = ([event]) => (event?.type === 0 ? { actions: [{ do: 'send', message: `4D heard: ${event.message.str}` }] } : {});
      const port = await closedPort();
      const URL = form === 'handler' ? `${standIn.origin}/hooks/ws` : standIn.origin;
      const flow = await run([...server(port), hookOf(standIn, { form, URL, method: 'ON_SOCKET' })]);
      await until(() => flow.status('s').fill === 'green', 'a server that listens');
      const { ws, messages } = await wsClient(`ws://127.0.0.1:${port}/`);
      ws.send('<!--#4DEVAL QUIT 4D-->');
      assert.equal(String((await messages.take()).data), '4D heard: <!--#4DEVAL QUIT 4D-->');
      assert.deepEqual([standIn.evaluated, standIn.problems], [[], []]);
    });
  }

  it('carries out the actions of an answer that was lost, with one run of the code in 4D', async () => {
    const standIn = await StandIn4D.open();
    let runs = 0;
    standIn.answer = ([event]) => (event?.type === 0 ? { actions: [{ do: 'send', message: `run ${++runs}` }] } : {});
    standIn.fault = (call) => (call === 1 ? 'cut late' : 'none');
    const port = await closedPort();
    const flow = await run([...server(port), hookOf(standIn)]);
    await until(() => flow.status('s').fill === 'green', 'a server that listens');
    const { ws, messages } = await wsClient(`ws://127.0.0.1:${port}/`);
    ws.send('x');
    assert.equal(String((await messages.take()).data), 'run 1');
    assert.deepEqual([runs, standIn.repeats, standIn.problems], [1, 1, []]);
  });

  it('passes the rest of the message on, with the event in details and the HTTP status', async () => {
    const standIn = await StandIn4D.open();
    standIn.answer = () => 'plain text';
    const flow = await run([hookOf(standIn, { answerMustBeJson: false })]);
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
      assert.match((await flow.out('h.0').take()).actions[0].errorStr, /no server with the id -1/);
    });
  });

  describe('what 4D does not take', () => {
    it('comes out of the second port as it came, with the reason, and is not an error', async () => {
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

    describe('is a warning in the log', () => {
      const lost = async (more: object) => {
        const standIn = await StandIn4D.open();
        standIn.fault = () => 404;
        const flow = await run([hookOf(standIn, more), { id: 'x', type: 'helper' }]);
        for (const number of [1, 2, 3]) flow.node('h').receive(message(String(number)));
        await until(() => flow.dones('h').length === 3, 'the end of each');
        return { flow, warnings: () => logged().match(/event is lost|events are lost/g) ?? [] };
      };

      it('if the second output is not wired: the first at once, the others together', async () => {
        const { flow, warnings } = await lost({ wires: [['x'], []] });
        assert.equal(warnings().length, 1);
        assert.match(
          logged(),
          /The event was not delivered to [^"]*404 Not Found\.[^"]* The second output is not wired, so the event is lost\./,
        );
        await flow.deploy([{ id: 'x', type: 'helper' }]);
        await until(() => warnings().length === 2, 'the rest');
        assert.match(logged(), /2 more events are lost, since the second output is not wired\. The last: The event was not/);
      });

      it('not if it is wired, or failures are raised', async () => {
        const { warnings } = await lost({ wires: [[], ['x']] });
        assert.deepEqual(warnings(), []);
        await unload();
        const raised = await lost({ wires: [[], []], raise: true });
        assert.deepEqual(raised.warnings(), []);
      });
    });

    // The test helper shows keys instead of words.
    it('waits while 4D is away, and the status says so', async () => {
      const standIn = await StandIn4D.open();
      let isAway = true;
      standIn.fault = () => (isAway ? 503 : 'none');
      const flow = await run([hookOf(standIn, { retries: 0 })]);
      for (const number of [1, 2, 3]) flow.node('h').receive(message(String(number)));
      await until(() => /status\.away$/.test(flow.status('h').text ?? ''), 'the status');
      assert.deepEqual([flow.status('h').fill, flow.status('h').shape], ['yellow', 'ring']);
      isAway = false;
      await until(() => flow.out('h.0').all.length === 3, 'all events');
      await until(() => /status\.queued$/.test(flow.status('h').text ?? ''), 'the status');
      assert.deepEqual([flow.status('h').fill, flow.out('h.1').all.length], ['green', 0]);
    });

    it('is an error too with Raise failures', async () => {
      const standIn = await StandIn4D.open();
      standIn.fault = () => 'broken';
      const flow = await run([hookOf(standIn, { raise: true, retries: 1 }), ...watchers()]);
      flow.node('h').receive(message('x'));
      assert.match((await flow.out('caught').take()).error.message, /in 2 attempts: 4D answered 500/);
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

    it('comes out when the node is removed, and that is reported', async () => {
      const standIn = await StandIn4D.open();
      standIn.fault = () => 'broken';
      const hook = hookOf(standIn, { minWaitBetweenRetries: 60000, maxWaitBetweenRetries: 60000, wires: [['a'], ['b']] });
      const others = [
        { id: 'a', type: 'helper' },
        { id: 'b', type: 'helper' },
      ];
      const flow = await run([hook, ...others]);
      for (const number of [1, 2, 3]) flow.node('h').receive(message(String(number)));
      await until(() => standIn.calls.length === 1, 'the call');
      await flow.deploy(others);
      await until(() => flow.out('b').all.length === 3, 'three messages');
      assert.deepEqual(
        flow.out('b').all.map(({ payload }) => payload.str),
        ['1', '2', '3'],
      );
      assert.ok(logged().includes('3 events that waited for 4D came out of the second port'), logged());
    });
  });

  describe('what waits when the node is made again', () => {
    /** 4D is unavailable for a while; five events of two connections wait. */
    const waiting = async (more: object = {}) => {
      const standIn = await StandIn4D.open();
      let down = true;
      standIn.fault = () => (down ? 503 : 'none');
      const items = (changed: object = {}) => [
        hookOf(standIn, { retries: 1000, maxWaitBetweenRetries: 5, ...more, ...changed }),
        ...watchers('h'),
      ];
      const flow = await run(items());
      for (const [str, client] of ['1a', '1b', '2a', '3a', '2b']) flow.node('h').receive(message(str, client));
      await until(() => standIn.calls.length >= 2, 'the first calls');
      const live = () => {
        down = false;
      };
      return { standIn, flow, items, live };
    };

    for (const [type, more] of [
      ['full', {}],
      ['flows', {}],
      ['nodes', {}],
      ['full', { eventsPerCall: 3 }],
    ] as const) {
      it(`goes to 4D after a deploy (${type}, ${JSON.stringify(more)}), once, in order, before what comes then`, async () => {
        const { standIn, flow, items, live } = await waiting(more);
        await flow.deploy(items({ timeoutSecs: 20 }), type);
        flow.node('h').receive(message('4', 'a'));
        live();
        await until(() => [...standIn.handled.values()].flat().length === 6, 'six events');
        await flow.deploy(items({ timeoutSecs: 21 }), type);
        flow.node('h').receive(message('5', 'a'));
        await until(() => [...standIn.handled.values()].flat().length === 7, 'seven events');
        await waitQuietly(50);
        assert.deepEqual(standIn.numbers(), { '-1 a': [1, 2, 3, 4, 5], '-1 b': [1, 2] });
        assert.deepEqual(standIn.problems, []);
        const runs = (standIn.handled.get('-1 a') ?? []).map(({ run }) => run);
        assert.deepEqual([new Set(runs.slice(0, 3)).size, new Set(runs).size], [1, 3], 'each keeps the run that it came in');
        assert.ok(flow.out('h.1').isEmpty, 'nothing came out of the second port');
        await until(() => flow.out('completed').all.length === 7, 'the end of each message');
      });
    }

    it('goes before what comes while the flows are still starting', async () => {
      const { standIn, flow, items, live } = await waiting();
      nodeRedEvents.prependOnceListener('flows:started', () => {
        flow.node('h').receive(message('4', 'a'));
        live();
      });
      await flow.deploy(items({ timeoutSecs: 20 }), 'full');
      await until(() => [...standIn.handled.values()].flat().length === 6, 'six events');
      assert.deepEqual(standIn.numbers(), { '-1 a': [1, 2, 3, 4], '-1 b': [1, 2] });
    });

    it('and what comes meanwhile is bounded by maxQueue: one more comes out of the second port', async () => {
      const { standIn, flow, items, live } = await waiting({ maxQueue: 6 });
      nodeRedEvents.prependOnceListener('flows:started', () => {
        for (let i = 4; i <= 11; i++) flow.node('h').receive(message(String(i), 'a'));
        live();
      });
      await flow.deploy(items({ timeoutSecs: 20 }), 'full');
      await until(() => [...standIn.handled.values()].flat().length + flow.out('h.1').all.length === 13, 'all events');
      const refused = flow.out('h.1').all.map(({ payload }) => payload.str);
      assert.ok(refused.includes('10') && refused.includes('11'), String(refused));
      assert.match(flow.out('h.1').all[0]?.errorStr, /6 events are already queued/);
    });

    it('with the call that is in progress, which 4D knows if it had it', async () => {
      const standIn = await StandIn4D.open();
      standIn.fault = (call) => (call === 0 ? 'hang' : 'none');
      const flow = await run([hookOf(standIn)]);
      flow.node('h').receive(message('1'));
      flow.node('h').receive(message('2'));
      await until(() => standIn.handled.size === 1, 'the event in 4D');
      await flow.deploy([hookOf(standIn, { timeoutSecs: 20 })], 'full');
      await until(() => flow.out('h.0').all.length === 2, 'two answers');
      assert.deepEqual([standIn.numbers(), standIn.repeats], [{ '-1 a': [1, 2] }, 1]);
    });

    it('comes out of the second port, as an error, where the new options are wrong', async () => {
      const { flow, items } = await waiting();
      await flow.deploy(items({ URL: 'ws://h/' }), 'full');
      await until(() => flow.out('h.1').all.length === 5, 'five messages');
      assert.deepEqual(
        flow.out('h.1').all.map(({ payload }) => payload.str + payload.client),
        ['1a', '1b', '2a', '3a', '2b'],
      );
      assert.match(flow.out('h.1').all[0]?.errorStr, /^The option URL must be/);
      await until(() => flow.out('caught').all.filter(({ payload }) => payload?.str).length === 5, 'an error for each');
    });

    it('with one listener on the end of the process, only while something waits', async () => {
      const before = process.listenerCount('exit');
      const standIn = await StandIn4D.open();
      standIn.fault = () => 503;
      const hooks = (more: object) => ['h', 'i'].map((id) => hookOf(standIn, { id, retries: 1000, ...more }));
      const flow = await run(hooks({}));
      for (const id of ['h', 'i']) flow.node(id).receive(message('1', id));
      await until(() => standIn.calls.length >= 2, 'the first calls');
      await flow.deploy([], 'full');
      await flow.deploy(hooks({}), 'full');
      assert.equal(process.listenerCount('exit'), before, 'they were removed, and so told');
      for (const id of ['h', 'i']) flow.node(id).receive(message('1', id));
      let counted = 0;
      nodeRedEvents.once('flows:stopped', () => {
        counted = process.listenerCount('exit');
      });
      await flow.deploy(hooks({ timeoutSecs: 20 }), 'full');
      assert.deepEqual([counted, process.listenerCount('exit')], [before + 1, before]);
    });
  });

  describe('knows an event by the connection that it is of', () => {
    for (const [what, event, client] of [
      ['json', { payload: { client: 'other' }, details: { str: '…', client: 'own' } }, 'own'],
      ['json of no connection', { payload: { client: 'other' }, details: { str: '…' } }, undefined],
      ['data', { payload: '{"client":"other"}', details: { client: 'own' } }, 'own'],
      ['event', { payload: { str: '{"client":"other"}', client: 'own' } }, 'own'],
      ['session', { payload: { client: 'other' }, details: { client: 'other' }, _session: { type: 'ix', id: 'own' } }, 'own'],
    ] as const) {
      it(`whatever the peer wrote (${what})`, async () => {
        const standIn = await StandIn4D.open();
        const flow = await run([hookOf(standIn)]);
        flow.node('h').receive({ type: 0, socket: -1, ...event });
        await flow.out('h.0').take();
        assert.equal(standIn.calls[0]?.events[0]?.client, client);
      });
    }

    it('whatever the peers wrote (a batch)', async () => {
      const standIn = await StandIn4D.open();
      const flow = await run([hookOf(standIn)]);
      const details = [{ client: 'a' }, { client: 'b' }];
      flow.node('h').receive(batch({ type: 0, socket: -1, payload: [{ client: 'b' }, { client: 'a' }], details }, 2));
      await until(() => flow.out('h.0').all.length === 2, 'two answers');
      const named = standIn.calls.map(({ events: [event] }) => [event?.client, event?.message.client]);
      assert.deepEqual(named.sort(), [
        ['a', 'b'],
        ['b', 'a'],
      ]);
    });

    for (const events of [{ output: 'json' }, { output: 'json', batchSize: 2, batchMs: 50 }]) {
      it(`so that no peer has the actions done to another (${JSON.stringify(events)})`, async () => {
        const standIn = await StandIn4D.open();
        standIn.answer = ([event]) => (event?.type === 0 ? { actions: [{ do: 'send', message: 'for you' }] } : {});
        const port = await closedPort();
        const flow = await run([...server(port, events), hookOf(standIn)]);
        await until(() => flow.status('s').fill === 'green', 'a server that listens');
        const [victim, peer] = [await wsClient(`ws://127.0.0.1:${port}/v`), await wsClient(`ws://127.0.0.1:${port}/p`)];
        await until(() => standIn.calls.length === 2, 'the opening of both');
        const name = standIn.calls.find(({ events: [event] }) => event?.message.uri === '/v')?.events[0]?.client;
        let heard = 0;
        victim.ws.on('message', () => heard++);
        const answered = new Promise((resolve) => peer.ws.on('message', (data) => resolve(String(data))));
        for (let i = 0; i < 2; i++) peer.ws.send(JSON.stringify({ client: name }));
        assert.equal(await answered, 'for you');
        await waitQuietly(50);
        assert.equal(heard, 0);
      });
    }
  });

  it('an object of a peer is not taken for bytes, on its way to 4D and back', async () => {
    const standIn = await StandIn4D.open();
    standIn.answer = ([event]) => (event?.type === 0 ? { actions: [{ do: 'send', message: event.message }] } : {});
    const port = await closedPort();
    const flow = await run([...server(port, { output: 'json' }), hookOf(standIn)]);
    await until(() => flow.status('s').fill === 'green', 'a server that listens');
    const peer = await wsClient(`ws://127.0.0.1:${port}/`);
    const heard = new Promise((resolve) => peer.ws.on('message', (data, isBinary) => resolve([String(data), isBinary])));
    peer.ws.send('{"$base64":"AAEC"}');
    assert.deepEqual(await heard, ['{"$base64":"AAEC"}', false]);
    assert.deepEqual(standIn.calls.at(-1)?.events[0]?.message, { $$base64: 'AAEC' });
  });

  describe('names with an action', () => {
    const two = async (actions: unknown[]) => {
      const standIn = await StandIn4D.open();
      standIn.answer = ([event]) => (event?.type === 0 ? { actions } : {});
      const port = await closedPort();
      const flow = await run([...server(port), hookOf(standIn)]);
      await until(() => flow.status('s').fill === 'green', 'a server that listens');
      const peers = [await wsClient(`ws://127.0.0.1:${port}/own`), await wsClient(`ws://127.0.0.1:${port}/other`)];
      const heard: string[][] = peers.map(({ ws }) => {
        const own: string[] = [];
        ws.on('message', (data) => own.push(String(data)));
        return own;
      });
      peers[0]?.ws.send('go');
      let answer = await flow.out('h.0').take();
      while (answer.type !== 0) answer = await flow.out('h.0').take();
      await waitQuietly(50);
      return { heard, actions: answer.actions };
    };

    it('nobody where a name is empty or all is not true, and so means its own connection', async () => {
      const empty = [{ all: false }, { all: 'true' }, { uri: '' }, { uri: [] }, { tag: '' }, { tag: [] }, { tag: [''] }, { tag: null }];
      const actions = [...empty, { client: '' }, { client: [] }].map((names, i) => ({ do: 'send', message: String(i), ...names }));
      const { heard } = await two([...actions, { do: 'tag', add: 'x', uri: '', all: false }, { do: 'send', message: 'x', tag: 'x' }]);
      assert.deepEqual(heard, [[...actions.map(({ message: text }) => text), 'x'], []]);
    });

    it('everyone with all: true, whatever else it names', async () => {
      const { heard } = await two([{ do: 'send', message: 'all', all: true, tag: 'nobody', uri: [] }]);
      assert.deepEqual(heard, [['all'], ['all']]);
    });

    it('at most 1,000 in one answer, and reports the others', async () => {
      const { heard, actions } = await two(Array.from({ length: 1200 }, (_, i) => ({ do: 'send', message: String(i) })));
      assert.deepEqual([heard[0]?.length, actions.length], [1000, 1001]);
      assert.deepEqual(actions.at(-1), {
        success: false,
        errorStr: 'A response may contain 1000 actions; got 1200. The others were not carried out. Send fewer.',
        errorCode: 'ERR_OPTION',
      });
    });

    it('others by client, tag and uri, and a name that is none is refused', async () => {
      const { heard, actions } = await two([
        { do: 'send', message: 'by uri', uri: '/other' },
        { do: 'send', message: 'wrong', tag: 5 },
      ]);
      assert.deepEqual([heard, actions[1].errorCode], [[[], ['by uri']], 'ERR_OPTION']);
    });
  });

  it('does nothing to the socket that replaced the one of the event', async () => {
    const standIn = await StandIn4D.open();
    let down = true;
    standIn.fault = () => (down ? 503 : 'none');
    standIn.answer = ([event]) => (event?.type === 0 ? { actions: [{ do: 'send', message: 'late', all: true }] } : {});
    const port = await closedPort();
    const items = (more: object) => [
      { id: 's', type: 'ix-server', port, autoStart: true, ...more },
      hookOf(standIn, { retries: 1000, maxWaitBetweenRetries: 5 }),
    ];
    const flow = await run(items({}));
    await until(() => flow.status('h').fill === 'green', 'the hook');
    flow.node('h').receive(message('x'));
    await until(() => standIn.calls.length > 0, 'the first call');
    await flow.deploy(items({ maxPayload: 1000 }));
    const { ws } = await wsClient(`ws://127.0.0.1:${port}/`);
    let heard = 0;
    ws.on('message', () => heard++);
    down = false;
    const { actions } = await flow.out('h.0').take();
    assert.deepEqual([actions[0].errorCode, heard], ['ERR_NO_SOCKET', 0]);
    flow.node('h').receive(message('y', 'a', { socket: -2 }));
    assert.equal((await flow.out('h.0').take()).actions[0].success, true, 'a new event is of the new socket');
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
    flow.node('h').receive(batch({ type: 0, socket: -1, payload }, 3));
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

  describe('what cannot be read comes out of the second port, as one error, and done is called once:', () => {
    const throwing = { enumerable: true, get: (): never => assert.fail('a getter') };
    const thorny = (property: string) => Object.defineProperty(message('x'), property, throwing);
    const refusing = new Proxy(
      {},
      {
        ownKeys: () => assert.fail('a trap'),
        get: (_, name) => (name === '_msgid' ? 'x' : assert.fail('a trap')),
      },
    );
    const rows: [string, () => Msg][] = [
      ...['payload', 'details', 'type', 'socket', 'method'].map((name): [string, () => Msg] => [`msg.${name}`, () => thorny(name)]),
      ['a message that is a proxy', () => refusing],
      ['a payload whose toJSON throws', () => message({ toJSON: () => assert.fail('toJSON') })],
      ['a payload whose client throws', () => ({ ...message('x'), payload: Object.defineProperty({}, 'client', throwing) })],
      [
        'a batch whose length throws',
        () => batch({ payload: new Proxy([1, 2], { get: (_, name) => (name === 'length' ? assert.fail('a trap') : undefined) }) }, 2),
      ],
    ];
    for (const [title, make] of rows) {
      it(title, async () => {
        const standIn = await StandIn4D.open();
        const flow = await run([hookOf(standIn)]);
        flow.node('h').receive(make());
        const { errorStr, http_status } = await flow.out('h.1').take();
        assert.deepEqual([typeof errorStr, http_status], ['string', 0]);
        await until(() => flow.dones('h').length === 1, 'the end of the message');
        await waitQuietly(20);
        assert.deepEqual([flow.dones('h').length, flow.out('h.1').isEmpty, standIn.calls.length], [1, true, 0]);
        assert.ok(flow.dones('h')[0]?.error);
      });
    }
  });

  it('delivers a message with another property that cannot be read, and gives it out without that', async () => {
    const standIn = await StandIn4D.open();
    const flow = await run([hookOf(standIn)]);
    flow
      .node('h')
      .receive(Object.defineProperty(message('x', 'a', { topic: 't' }), 'bad', { enumerable: true, get: () => assert.fail('a getter') }));
    const { topic, http_status, ...rest } = await flow.out('h.0').take();
    assert.deepEqual([topic, http_status, 'bad' in rest], ['t', 200, false]);
    assert.deepEqual(flow.dones('h'), [{ id: 'h' }]);
  });

  it('delivers the others of a batch where one cannot be read, and is done once, with its error', async () => {
    const standIn = await StandIn4D.open();
    const flow = await run([hookOf(standIn)]);
    const payload: unknown[] = [{ str: '1', client: 'a' }, undefined, { str: '3', client: 'a' }];
    Object.defineProperty(payload, 1, { enumerable: true, get: () => assert.fail('a getter') });
    flow.node('h').receive(batch({ type: 0, socket: -1, payload }, 3));
    await until(() => flow.dones('h').length === 1, 'the end of the batch');
    assert.deepEqual(standIn.numbers(), { '-1 a': [1, 3] });
    assert.match(String(flow.dones('h')[0]?.error), /a getter/);
    assert.deepEqual([flow.out('h.0').all.length, flow.out('h.1').all.length], [2, 1]);
  });

  it('takes a batch with holes apart too', async () => {
    const standIn = await StandIn4D.open();
    const flow = await run([hookOf(standIn)]);
    flow.node('h').receive(batch({ type: 0, socket: -1, payload: new Array(2) }, 2));
    await until(() => flow.dones('h').length === 1, 'the end of the batch');
    assert.equal(flow.out('h.0').all.length, 2);
  });

  it('takes no text for the name of a connection that is much longer than names are', async () => {
    const standIn = await StandIn4D.open();
    const flow = await run([hookOf(standIn)]);
    flow.node('h').receive(message('x', 'a'.repeat(200)));
    await flow.out('h.0').take();
    assert.equal(JSON.parse(standIn.calls[0]?.body ?? '').client, undefined);
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
    await waitQuietly(50);
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
