import assert from 'node:assert/strict';
import { Outbox, type OutboxOptions } from '../../../src/client/outbox';
import type { Sent } from '../../../src/connection/load';
import type { SendStatus } from '../../../src/connection/send-status';
import type { Outcome } from '../../../src/conversation';
import type { State } from '../../../src/core/lifecycle';
import { fakeClock } from '../../helpers/clock';
import { type PeerServer, wsServer } from '../../helpers/peers';
import { until } from '../../helpers/queue';
import { client, TestLog } from '../../helpers/sockets';
import { teardown } from '../../helpers/teardown';

/** An outbox of a client that is connecting, and what comes out of it. */
function outbox(given: Partial<OutboxOptions> = {}) {
  const clock = fakeClock({ withPerformance: true });
  const handed: string[] = [];
  const answers: string[] = [];
  const unsettled: Sent[] = [];
  let isSettledAtOnce = true;
  let changes = 0;
  const line = {
    connection: { isOpen: true, paced: undefined },
    send(data: unknown, sent: Sent) {
      handed.push(typeof data === 'string' ? data : JSON.stringify(data));
      if (isSettledAtOnce) sent(undefined, 1, 1);
      else unsettled.push(sent);
    },
  };
  const owner = {
    id: 1,
    log: new TestLog(),
    state: 'waiting' as State,
    line: line as never,
    requests: undefined,
    handed: [],
    onQueued: () => void changes++,
  };
  const options: OutboxOptions = { queueSize: 1000, queueBytes: 16777216, queueFull: 'refuse', ...given };
  const box = Outbox.of(options, owner) as Outbox;
  const send = (data: unknown, given: unknown = data) =>
    box.send(
      typeof data === 'string' ? data : JSON.stringify(data),
      ({ success, queued, errorStr }: SendStatus) => answers.push(success ? `${queued} ms` : String(errorStr)),
      given,
    );
  return {
    clock,
    box,
    owner,
    handed,
    answers,
    unsettled,
    send,
    changes: () => changes,
    stall: () => {
      isSettledAtOnce = false;
    },
    open: () => {
      owner.state = 'open';
      box.pump();
    },
  };
}

/** Creates a client with an outbox, connected to its own server. */
async function connected(given: object = {}) {
  const peer = await wsServer();
  const harness = await client({ URL: peer.url, stableAfterMs: 0, queueSize: 1000, ...given }).open();
  return { harness, peer };
}

/** A protocol with requests. */
const asking = { format: 'json', rpc: { ids: 'number', answer: { when: { result: { exists: true } }, id: 'id', value: 'result' } } };

const received = async (peer: PeerServer, count: number): Promise<unknown[]> => {
  const { messages } = await peer.peers.take();
  const all: unknown[] = [];
  for (let i = 0; i < count; i++) all.push((await messages.take()).data);
  return all;
};

describe('Outbox', () => {
  afterEach(teardown);

  it('exists only with a size or a rate', () => {
    const of = (given: object) => Outbox.of({ queueBytes: 1, queueFull: 'refuse', ...given }, { handed: [] } as never)?.limit;
    assert.deepEqual([of({}), of({ queueSize: 0 }), of({ queueSize: 5 }), of({ maxSendsPerSecond: 2 })], [undefined, undefined, 5, 1000]);
  });

  it('messages wait for the connection, and go in the order of arrival', () => {
    const { clock, box, handed, answers, send, open, changes } = outbox();
    send('a');
    clock.tick(20);
    send('b');
    assert.deepEqual([handed, answers, box.size, box.waiting], [[], [], 2, { queued: 2, limit: 1000 }]);
    clock.tick(30);
    open();
    assert.deepEqual([handed, answers, box.size], [['a', 'b'], ['50 ms', '30 ms'], 0]);
    assert.equal(changes(), 3);
    send('c');
    assert.deepEqual([handed.at(-1), answers.at(-1)], ['c', '0 ms']);
  });

  it('a client that is not trying to connect refuses at once', () => {
    const { owner, answers, send } = outbox();
    for (const state of ['idle', 'closing', 'cleared'] as const) {
      owner.state = state;
      send('a');
      assert.match(answers.at(-1) ?? '', /^The message was not sent: client 1 is not open \((closed|closing)\)\. Start it first\.$/);
    }
  });

  it('refuses a message that exceeds the size', () => {
    const { answers, send, box } = outbox({ queueSize: 2 });
    for (const text of ['a', 'b', 'c']) send(text);
    assert.deepEqual([answers, box.size], [['The message was not sent: the queue of client 1 is full: 2 messages (queueSize) wait.'], 2]);
  });

  it('refuses a message that exceeds the bytes, and one that can never fit', () => {
    const { answers, send, box } = outbox({ queueBytes: 10 });
    for (const text of ['12345', 'äöü', '', 'x'.repeat(11)]) send(text);
    assert.deepEqual(answers, [
      'The message was not sent: the queue of client 1 is full: 5 of 10 bytes (queueBytes) wait.',
      'The message was not sent: a queue of 10 bytes (queueBytes) is full before a message of 11 bytes fits.',
    ]);
    assert.equal(box.size, 2);
  });

  it('refuses small messages above 12 MiB of overhead and the bytes, and again accepts as many', () => {
    const { answers, send, box, open } = outbox({ queueBytes: 1_000_000, queueSize: 100_000 });
    const fill = () => {
      for (let i = 0; i < 9000; i++) send('x');
    };
    fill();
    const most = Math.floor((12582912 + 1_000_000) / 2049);
    assert.equal(box.size, most);
    assert.match(answers[0] ?? '', /of 1000000 bytes \(queueBytes\) wait/);
    open();
    assert.equal(box.size, 0);
    fill();
    assert.equal(box.size, 0);
  });

  it('drop-oldest drops as many as the new message needs, and tells each', () => {
    const { handed, answers, send, open } = outbox({ queueBytes: 10, queueSize: 3, queueFull: 'drop-oldest' });
    for (const text of ['1111', '2222', '3', '4', '55555555']) send(text);
    const dropped = 'The message was not sent: it was dropped, because the queue of client 1 was full.';
    assert.deepEqual(answers, [dropped, dropped]);
    open();
    assert.deepEqual(handed, ['3', '4', '55555555']);
  });

  it('a message expires after queueTtlSecs, and its timer goes with it', () => {
    const { clock, answers, send, box, open } = outbox({ queueTtlSecs: 2 });
    send('a');
    clock.tick(1000);
    send('b');
    clock.tick(1000);
    assert.deepEqual([answers, box.size], [['The message was not sent: it expired after it had waited for 2 s.'], 1]);
    open();
    assert.deepEqual([answers.at(-1), clock.countTimers()], ['1000 ms', 0]);
  });

  it('with queueKey only the newest of each key waits, in the place of the old one', () => {
    const { clock, handed, answers, send, open } = outbox({ queueKey: 'device.id', queueTtlSecs: 5 });
    const value = (id: unknown, n: number) => ({ device: { id }, n });
    send(value('a', 1));
    send(value(7, 2));
    send('{"device":{"id":"a"}}');
    send({ n: 3 });
    clock.tick(4000);
    send(value('a', 4));
    assert.deepEqual(answers, ['The message was not sent: it was replaced by a newer message of the same key (queueKey).']);
    clock.tick(1000);
    assert.equal(answers.length, 4, 'the others expired');
    send(value('7', 5));
    open();
    assert.deepEqual(handed, [JSON.stringify(value('a', 4)), JSON.stringify(value('7', 5))]);
  });

  for (const queueKey of ['length', 'device.length', 'device.0.id']) {
    it(`a key path that meets a text or nothing finds no key (${queueKey})`, () => {
      const { answers, box, send } = outbox({ queueKey });
      for (const message of ['a', 'b', { device: 'c' }, { device: 'c' }, { device: null }, {}, {}]) send(message);
      assert.deepEqual([box.size, answers], [7, []]);
    });
  }

  it('a newer message of a key makes no room for others to be dropped', () => {
    const { answers, box, send } = outbox({ queueKey: 'k', queueSize: 2, queueFull: 'drop-oldest' });
    send({ k: 1 });
    send('other');
    send({ k: 1, n: 2 });
    assert.deepEqual([answers.length, box.size], [1, 2]);
    assert.match(answers[0] as string, /replaced/);
  });

  it('what waits is told when the client stops, or gives up', () => {
    const { clock, owner, answers, send, box } = outbox({ queueTtlSecs: 9 });
    send('a');
    owner.state = 'idle';
    box.follow('stop');
    owner.state = 'opening';
    send('b');
    box.follow('retry');
    assert.equal(box.size, 1);
    owner.state = 'idle';
    box.follow('lost');
    assert.deepEqual(answers, [
      'The message was not sent: client 1 was stopped while it waited.',
      'The message was not sent: client 1 stopped connecting while it waited.',
    ]);
    assert.deepEqual([box.size, clock.countTimers()], [0, 0]);
  });

  it('hands over a part at a time, so that the rest outlives the connection', () => {
    const { owner, handed, answers, send, open, stall, unsettled, box } = outbox();
    for (let i = 0; i < 300; i++) send(String(i));
    stall();
    open();
    assert.equal(handed.length, 256);
    send('300');
    assert.equal(handed.length, 256, 'a new one goes behind');
    owner.state = 'waiting';
    for (const sent of unsettled.splice(0)) sent('The message was not sent: the connection ended.', 0, 0);
    assert.deepEqual([answers.length, box.size], [256, 45]);
    open();
    assert.equal(handed.length, 301);
    assert.deepEqual(handed, [...Array(301).keys()].map(String), 'at most once, in order');
  });

  describe('a message of which the operating system has nothing', () => {
    const closing = 'The message was not sent: the connection is closing.';
    const ended = 'The message was not sent: the connection ended before its turn.';
    /** Hands over the messages, which then fail in this order while the client connects again. */
    const lost = (
      given: Partial<OutboxOptions>,
      messages: readonly unknown[],
      order: readonly number[],
      meanwhile: readonly unknown[] = [],
    ) => {
      const harness = outbox(given);
      harness.open();
      harness.stall();
      for (const message of messages) harness.send(message);
      const { unsettled, owner } = harness;
      owner.state = 'waiting';
      for (const message of meanwhile) harness.send(message);
      const all = unsettled.splice(0);
      for (const i of order) all[i]?.(i % 2 ? closing : ended, 0, 0);
      harness.handed.splice(0);
      return harness;
    };

    it('waits again, before what is newer, in the order of arrival', () => {
      const { handed, answers, open, clock } = lost({}, ['a', 'b', 'c', 'd'], [2, 3, 0, 1], ['e']);
      assert.deepEqual(answers, []);
      clock.tick(70);
      open();
      assert.deepEqual(handed, ['a', 'b', 'c', 'd', 'e']);
    });

    it('is sent at once if another connection is open', async () => {
      const { owner, handed, unsettled, send, open, stall } = outbox();
      open();
      stall();
      for (const text of ['a', 'b']) send(text);
      owner.line = { ...(owner.line as object) } as never;
      for (const settle of unsettled.splice(0)) settle(closing, 0, 0);
      send('c');
      await Promise.resolve();
      assert.deepEqual(handed, ['a', 'b', 'a', 'b', 'c']);
    });

    it('is not sent again once the operating system had it', () => {
      const { box, answers, send, unsettled, open, stall } = outbox();
      open();
      stall();
      send('a');
      unsettled[0]?.('The message was not sent: the connection ended.', 0, 0);
      assert.deepEqual([answers, box.size], [['The message was not sent: the connection ended.'], 0]);
    });

    it('fails if it has no room', () => {
      const { answers, box } = lost({ queueSize: 2 }, ['a', 'b', 'c'], [0, 1, 2], ['d']);
      assert.deepEqual([answers, box.size], [[closing, ended], 2]);
    });

    it('fails if the client does not connect again', () => {
      const { owner, unsettled, answers, send, open, stall } = outbox();
      open();
      stall();
      send('a');
      owner.state = 'closing';
      unsettled[0]?.(ended, 0, 0);
      assert.deepEqual(answers, [ended]);
    });

    const replaced = 'The message was not sent: it was replaced by a newer message of the same key (queueKey).';
    const values = [1, 2].map((n) => ({ k: 1, n }));
    for (const [order, meanwhile, left] of [
      [[0, 1], [], 2],
      [[1, 0], [], 2],
      [[0, 1], [{ k: 1, n: 3 }], 3],
    ] as const) {
      it(`gives way to a newer one of its key (${order}, ${meanwhile.length})`, () => {
        const { answers, handed, open } = lost({ queueKey: 'k' }, values, order, meanwhile);
        assert.deepEqual([...new Set(answers)], [replaced]);
        open();
        assert.deepEqual(handed, [JSON.stringify({ k: 1, n: left })]);
        assert.equal(answers.filter((answer) => answer === replaced).length, left - 1);
      });
    }

    it('expires by its first arrival', () => {
      const { clock, answers, box } = lost({ queueTtlSecs: 2 }, ['a'], [0]);
      clock.tick(1999);
      assert.equal(box.size, 1);
      clock.tick(1);
      assert.match(answers[0] ?? '', /expired/);
    });
  });

  it('a message that a reply sends meanwhile goes behind the others', () => {
    const { owner, box, handed, open } = outbox();
    owner.state = 'opening';
    box.send('a', () => box.send('c', () => {}, 'c'), 'a');
    box.send('b', () => {}, 'b');
    open();
    assert.deepEqual(handed, ['a', 'b', 'c']);
  });
});

describe('a client with a queue', () => {
  afterEach(teardown);

  it('sends after a reconnection what waited, once and in order', async () => {
    const clock = fakeClock();
    const { harness, peer } = await connected();
    await peer.die();
    await harness.next('Close');
    const answers = ['a', 'b', 'c'].map((text) => harness.send(text));
    assert.equal(harness.socket.info().queued, 3);
    assert.deepEqual([harness.socket.status.queued, harness.socket.status.limit], [3, 1000]);
    await harness.next('Error');
    const again = await wsServer({ port: peer.port });
    clock.tick(100);
    await harness.next('Open');
    assert.deepEqual(await received(again, 3), ['a', 'b', 'c']);
    for (const { success, queued } of await Promise.all(answers)) assert.deepEqual([success, typeof queued], [true, 'number']);
    assert.deepEqual([harness.socket.info().queued, harness.socket.status.queued], [0, undefined]);
  });

  it('stop answers every waiting send before its own reply', async () => {
    const { harness, peer } = await connected();
    await peer.die();
    await harness.next('Close');
    const answers: (string | undefined)[] = [];
    for (const text of ['a', 'b']) harness.socket.send(text, ({ errorStr }) => answers.push(errorStr));
    await harness.stop();
    assert.deepEqual(answers, Array(2).fill('The message was not sent: client 1 was stopped while it waited.'));
  });

  it('a first connection that fails for good answers what waited', async () => {
    const { harness, peer } = await connected();
    await harness.stop();
    await peer.die();
    const starting = harness.start();
    const answer = harness.send('a');
    assert.equal((await starting).success, false);
    assert.equal((await answer).errorStr, 'The message was not sent: client 1 stopped connecting while it waited.');
  });

  it('keeps the rate, in which a pong goes first', async () => {
    const clock = fakeClock({ withPerformance: true });
    const { harness, peer } = await connected({ queueSize: undefined, maxSendsPerSecond: 10 });
    const { ws, messages, pongs } = await peer.peers.take();
    const answers = ['a', 'b', 'c'].map((text) => harness.send(text));
    assert.equal((await messages.take()).data, 'a');
    assert.equal(harness.socket.info().queued, 2);
    ws.ping('?');
    ws.send('after the ping');
    await harness.next('Message');
    assert.equal(pongs.isEmpty, true);
    clock.tick(100);
    assert.equal(await pongs.take(), '?');
    assert.equal(messages.isEmpty, true);
    for (let i = 0; i < 2; i++) clock.tick(100);
    const queued = (await Promise.all(answers)).map((status) => status.queued);
    assert.deepEqual(queued, [0, 200, 300]);
    assert.deepEqual([(await messages.take()).data, (await messages.take()).data], ['b', 'c']);
  });

  it('a request waits for the connection, under its own timeout', async () => {
    const peer = await wsServer();
    const harness = client({ URL: peer.url, protocol: asking, queueSize: 10 });
    const outcomes: Outcome[] = [];
    const ask = (method: string) =>
      harness.socket.request({ message: { method }, timeout: 5, many: false, keep: false }, (one) => outcomes.push(one));
    ask('never started');
    const starting = harness.start();
    ask('a');
    const end = ask('b');
    end();
    assert.equal(harness.socket.info().queued, 1);
    await starting;
    const { ws, messages } = await peer.peers.take();
    const { id, method } = JSON.parse((await messages.take()).data as string);
    ws.send(JSON.stringify({ id, result: method }));
    await until(() => outcomes.length === 3, 'the answers');
    assert.deepEqual(
      outcomes.map(({ success, sent, result, errorStr }) => result ?? [success, sent, errorStr]),
      [
        [false, false, 'The request was not sent: client 1 is not open (closed). Start it first.'],
        [false, false, 'The request was not sent: the node that asked was removed.'],
        'a',
      ],
    );
  });

  it('a request that waits for too long fails, and is not sent', async () => {
    const clock = fakeClock({ withPerformance: true });
    const { harness, peer } = await connected({ protocol: asking });
    await peer.die();
    await harness.next('Close');
    const outcome = new Promise<Outcome>((resolve) => {
      harness.socket.request({ message: { method: 'a' }, timeout: 0.05, many: false, keep: false }, resolve);
    });
    clock.tick(50);
    const { success, sent, errorStr } = await outcome;
    assert.deepEqual([success, sent], [false, false]);
    assert.equal(errorStr, 'The request was not sent: it expired after it had waited for 0.05 s.');
  });

  it('what waits is handed to the next client of the node, in order', async () => {
    const { harness, peer } = await connected();
    await peer.die();
    await harness.next('Close');
    const answers: SendStatus[] = [];
    for (const text of ['a', 'b']) harness.socket.send(text, (status) => answers.push(status), text, 'node 1');
    const stays = harness.send('c');
    const handed = harness.socket.outbox?.handOver((source) => source === 'node 1') ?? [];
    assert.deepEqual(
      handed.map(({ data, source }) => [data, source]),
      [
        ['a', 'node 1'],
        ['b', 'node 1'],
      ],
    );
    await harness.stop();
    assert.deepEqual(answers, []);
    assert.match((await stays).errorStr ?? '', /was stopped/);
    const again = await wsServer({ port: peer.port });
    const next = client({ URL: again.url, queueSize: 5 });
    next.socket.handed.push(...handed);
    await next.open();
    assert.deepEqual(await received(again, 2), ['a', 'b']);
    await until(() => answers.length === 2, 'the answers');
    assert.equal(
      answers.every(({ success, queued }) => success && typeof queued === 'number'),
      true,
    );
  });

  it('a next client without a queue fails what was left', async () => {
    const { harness } = await connected({ queueSize: undefined });
    await harness.stop();
    await harness.next('Close');
    const answers: (string | undefined)[] = [];
    const sent = ({ errorStr }: SendStatus) => answers.push(errorStr);
    harness.socket.handed.push({ data: 'a', bytes: 1, key: undefined, since: 0, source: undefined, sent });
    await harness.open();
    assert.deepEqual(answers, ['The message was not sent: client 1 was stopped while it waited.']);
  });

  it('has no queue without the options', async () => {
    const { harness } = await connected({ queueSize: undefined });
    assert.equal('queued' in harness.socket.info(), false);
    assert.equal('queued' in (await harness.send('a')), false);
  });
});
