import assert from 'node:assert/strict';
import { PacedSends } from '../../../src/connection/paced-sends';
import { OutgoingMessage } from '../../../src/wire/outgoing-message';
import { fakeClock } from '../../helpers/clock';
import { wsClient } from '../../helpers/peers';
import { server, TestLog } from '../../helpers/sockets';
import { teardown } from '../../helpers/teardown';

describe('PacedSends', () => {
  afterEach(teardown);

  function paced(maxSendsPerSecond: number, sendBurst = 1, limit = 100) {
    const clock = fakeClock({ withPerformance: true });
    const begin = performance.now();
    const log = new TestLog();
    const written: string[] = [];
    const outcomes: (string | undefined)[] = [];
    let held = 0;
    const sender = {
      get isFull() {
        return held >= limit;
      },
      whyFull: `${limit} messages (maxBufferedMessages) wait for it`,
      hold: () => void held++,
      release: () => void held--,
    };
    const sends = PacedSends.of({
      options: { maxSendsPerSecond, sendBurst },
      sender,
      put: ({ bytes }, _broadcast, sent) => {
        written.push(`${bytes}@${performance.now() - begin}`);
        sent(undefined, 1, 1);
      },
      log,
    }) as PacedSends;
    const send = (text: string, isUrgent = false) =>
      sends.send(new OutgoingMessage(text), false, (errorStr) => outcomes.push(errorStr), isUrgent);
    const note = (text: string) => written.push(`${text}@${performance.now() - begin}`);
    return { clock, sends, send, note, written, outcomes, log, held: () => held };
  }

  it('does not exist without a rate', () => {
    assert.equal(PacedSends.of({ options: {} } as never), undefined);
    assert.equal(PacedSends.of({ options: { maxSendsPerSecond: 0 } } as never), undefined);
  });

  it('sends in order and evenly, and answers each message once', () => {
    const { clock, send, written, outcomes, held } = paced(10);
    for (const text of ['a', 'b', 'c']) send(text);
    assert.deepEqual([written, held()], [['a@0'], 2]);
    clock.tick(1000);
    assert.deepEqual(written, ['a@0', 'b@100', 'c@200']);
    assert.deepEqual([outcomes, held(), clock.countTimers()], [[undefined, undefined, undefined], 0, 0]);
  });

  it('automatic answers and pongs go before what waits, and count', () => {
    const { clock, sends, send, note, written } = paced(10);
    for (const text of ['a', 'b', 'c']) send(text);
    clock.tick(50);
    send('answer', true);
    sends.control(() => note('pong'));
    clock.tick(1000);
    assert.deepEqual(written, ['a@0', 'answer@100', 'pong@200', 'b@300', 'c@400']);
  });

  it('a rate below one per second delays no pong', () => {
    const { clock, sends, send, note, written } = paced(0.5);
    send('a');
    send('b');
    clock.tick(500);
    sends.control(() => note('pong'));
    assert.deepEqual(written, ['a@0', 'pong@500']);
    clock.tick(4000);
    assert.deepEqual(written, ['a@0', 'pong@500', 'b@4000']);
  });

  it('refuses what exceeds the limits of buffered messages', () => {
    const { send, outcomes } = paced(1, 1, 2);
    for (const text of ['a', 'b', 'c', 'd']) send(text);
    const errorStr =
      'The message was not sent: the peer gets 1 messages per second (maxSendsPerSecond), and 2 messages (maxBufferedMessages) wait for it.';
    assert.deepEqual(outcomes, [undefined, errorStr]);
  });

  it('bounds the automatic answers that wait', () => {
    const { send, outcomes } = paced(1, 1, 10_000);
    for (let i = 0; i < 1002; i++) send('answer', true);
    assert.equal(outcomes.length, 2);
    assert.match(String(outcomes[1]), /1000 automatic answers wait/);
  });

  it('fails what waits when the connection ends, and holds no timer then', () => {
    const { clock, sends, send, outcomes, held } = paced(1);
    for (const text of ['a', 'b', 'c']) send(text);
    sends.end('ended');
    assert.deepEqual([outcomes, held(), clock.countTimers()], [[undefined, 'ended', 'ended'], 0, 0]);
  });

  it('calls back when a message may go', () => {
    const { clock, sends, send, note, written } = paced(10);
    send('a');
    send('b');
    sends.whenFree(() => note('free'));
    clock.tick(1000);
    assert.deepEqual(written, ['a@0', 'b@100', 'free@200']);
    assert.equal(clock.countTimers(), 0);
  });

  it('a server sends to each connection at the rate', async () => {
    const clock = fakeClock({ withPerformance: true });
    const harness = await server({ maxSendsPerSecond: 10, sendBurst: 2 }).open();
    const peer = await wsClient(harness.url());
    await harness.next('Open');
    const sent = ['a', 'b', 'c'].map((text) => harness.send(text));
    await Promise.all([sent[0], sent[1]]);
    assert.deepEqual([(await peer.messages.take()).data, (await peer.messages.take()).data], ['a', 'b']);
    assert.equal(peer.messages.isEmpty, true);
    clock.tick(200);
    assert.equal((await sent[2])?.[0]?.success, true);
    assert.equal((await peer.messages.take()).data, 'c');
  });

  it('messages that wait fail with the connection', async () => {
    fakeClock({ withPerformance: true });
    const harness = await server({ maxSendsPerSecond: 1 }).open();
    const peer = await wsClient(harness.url());
    await harness.next('Open');
    const sent = ['a', 'b'].map((text) => harness.send(text));
    await peer.messages.take();
    peer.ws.terminate();
    assert.match((await sent[1])?.[0]?.errorStr ?? '', /^The message was not sent: the connection ended/);
  });

  it('an exception of a message stops no later one', () => {
    const { clock, sends, send, written, log } = paced(10);
    send('a');
    sends.control(() => {
      throw new Error('wrong');
    });
    send('b');
    clock.tick(1000);
    assert.deepEqual(written, ['a@0', 'b@200']);
    assert.equal(log.errors.length, 1);
  });
});
