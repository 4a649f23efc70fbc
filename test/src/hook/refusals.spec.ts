import assert from 'node:assert/strict';
import { HookHarness, handler, quick, upTo } from '../../helpers/hook-harness';
import { httpServer } from '../../helpers/peers';
import { until } from '../../helpers/queue';
import { type Fault, type Received, StandIn4D } from '../../helpers/stand-in-4d';
import { teardown } from '../../helpers/teardown';

const numbersOf = (events: readonly Received[]) => events.map(({ message }) => Number(message.str));
const undelivered = (harness: HookHarness) => harness.undelivered.all.map(({ jobs: [job] }) => Number(job?.of));

describe('a call of several events that 4D refuses', () => {
  afterEach(teardown);

  const rows: readonly (readonly [what: string, refused: readonly number[], fault: Fault])[] = [
    ['one of them', [6], 422],
    ['the first and the last', [0, 9], 400],
    ['too many at once', [], 413],
    ['all', upTo(10), 404],
    ['one that makes the method fail', [3], 'broken'],
  ];
  for (const [what, refused, status] of rows) {
    it(`is split: ${what} (${status})`, async () => {
      const standIn = await StandIn4D.open();
      const isRefused = (events: readonly Received[]) =>
        status === 413 ? events.length > 3 : numbersOf(events).some((number) => refused.includes(number));
      standIn.fault = (_call, events): Fault => (isRefused(events) ? status : 'none');
      const harness = handler(standIn, { ...quick, eventsPerCall: 10, retries: 2 });
      for (const number of upTo(10)) harness.event(number);
      harness.event(10);
      await until(() => harness.reported === 11, 'all events');
      assert.deepEqual(undelivered(harness), refused);
      assert.deepEqual(standIn.numbers(), { '-1 a': upTo(11).filter((number) => !refused.includes(number)) });
      assert.deepEqual(standIn.problems, []);
      const delivered = harness.delivered.all.flatMap(({ jobs }) => jobs.map(({ of }) => Number(of)));
      assert.deepEqual(delivered, standIn.numbers()['-1 a']);
      assert.ok(harness.undelivered.all.every(({ failure }) => failure.http_status === (status === 'broken' ? 500 : status)));
      assert.equal(harness.hook.status.waiting, 0);
    });
  }

  for (const status of [302, 401]) {
    it(`is not split after ${status}, which is not about the events`, async () => {
      const standIn = await StandIn4D.open();
      standIn.fault = () => status;
      const harness = handler(standIn, { eventsPerCall: 10 });
      for (const number of upTo(3)) harness.event(number);
      await until(() => harness.reported === 3, 'all events');
      assert.deepEqual([undelivered(harness), standIn.calls.length], [[0, 1, 2], 1]);
    });
  }

  it('is not split after a 2xx response, since 4D has accepted it', async () => {
    const standIn = await StandIn4D.open();
    standIn.answer = () => '<html>';
    const harness = handler(standIn, { eventsPerCall: 10 });
    for (const number of upTo(3)) harness.event(number);
    await until(() => harness.reported === 3, 'all events');
    assert.deepEqual([undelivered(harness), standIn.calls.length], [[0, 1, 2], 1]);
  });

  it('takes no further part once the hook is closed', async () => {
    const standIn = await StandIn4D.open();
    const harness = handler(standIn, { eventsPerCall: 10 });
    standIn.fault = () => {
      setImmediate(() => harness.hook.close());
      return 400;
    };
    for (const number of upTo(3)) harness.event(number);
    await until(() => harness.reported === 3, 'all events');
    assert.deepEqual(undelivered(harness), [0, 1, 2]);
  });
});

describe('the response of 4D', () => {
  afterEach(teardown);

  /** The outcome of an event that 4D answers with a body. */
  const outcome = async (status: number, type: string | undefined, body: string | Buffer, options: object = {}) => {
    const port = await httpServer((_request, response) => {
      if (type) response.setHeader('Content-Type', type);
      response.writeHead(status).end(body);
    });
    const harness = new HookHarness({ URL: `http://127.0.0.1:${port}/`, method: 'ON_SOCKET', ...options });
    harness.event(1);
    await until(() => harness.reported === 1, 'the outcome');
    const [{ failure } = {}] = harness.undelivered.all;
    return { failure, payload: harness.delivered.all[0]?.answer.payload };
  };

  for (const form of ['handler', '4DACTION', 'rest'] as const) {
    for (const [status, type, body, wanted] of [
      [200, 'application/json', '{"a":1}', { a: 1 }],
      [201, undefined, ' [1]', [1]],
      [200, 'text/html; charset=utf-8', 'true', true],
      [200, 'text/plain', '"text"', 'text'],
      [200, undefined, '', {}],
      [200, 'text/html', ' \r\n', {}],
      [204, undefined, '', {}],
    ] as const) {
      it(`${status} ${type} ${JSON.stringify(body)} is ${JSON.stringify(wanted)} (${form})`, async () => {
        assert.deepEqual(await outcome(status, type, body, { form }), { failure: undefined, payload: wanted });
      });
    }

    it(`that is an HTML page is a final refusal (${form})`, async () => {
      const { failure } = await outcome(200, 'text/html; charset=utf-8', '<html>Welcome</html>', { form });
      assert.deepEqual(
        [failure?.http_status, failure?.brief, failure?.option, failure?.retryable],
        [200, 'notJson', 'answerMustBeJson', false],
      );
      assert.match(
        String(failure?.errorStr),
        /: 4D answered 200 with the content type "text\/html; charset=utf-8" that is not JSON\. Check the URL, or return JSON\. With/,
      );
    });
  }

  it('that is not JSON is a refusal without a content type too', async () => {
    assert.match(String((await outcome(200, undefined, '{"a":')).failure?.errorStr), /: 4D answered 200 with a body that is not JSON\./);
  });

  it('can be any text with answerMustBeJson false', async () => {
    const any = { answerMustBeJson: false };
    assert.equal((await outcome(200, 'text/html', '<html>', any)).payload, '<html>');
    assert.equal((await outcome(200, 'application/json', '{"a":', any)).payload, '{"a":');
    assert.deepEqual((await outcome(200, 'text/html', '{"a":1}', any)).payload, { a: 1 });
    assert.deepEqual((await outcome(200, 'text/html', '', any)).payload, {});
  });

  it('is read in its charset', async () => {
    const bytes = Buffer.from([...Buffer.from('{"price":"5 '), 0x80, ...Buffer.from('"}')]);
    assert.deepEqual((await outcome(200, 'application/json; charset=windows-1252', bytes)).payload, { price: '5 €' });
  });
});
