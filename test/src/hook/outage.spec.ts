import assert from 'node:assert/strict';
import { fakeClock } from '../../helpers/clock';
import { HookHarness, handler, quick, upTo } from '../../helpers/hook-harness';
import { closedPort } from '../../helpers/peers';
import { until } from '../../helpers/queue';
import { type Fault, StandIn4D } from '../../helpers/stand-in-4d';
import { teardown } from '../../helpers/teardown';

type Clock = ReturnType<typeof fakeClock>;

/** Runs the clock while waiting, `step` ms for each event-loop turn. */
const untilOn = (clock: Clock, condition: () => boolean, what: string, step = 10) =>
  until(
    () => {
      clock.tick(step);
      return condition();
    },
    what,
    15_000,
  );

/** Waits for calls, then for the failure of the last one. */
async function failing(harness: HookHarness, standIn: StandIn4D, calls: number): Promise<void> {
  const { changes } = harness;
  await until(() => standIn.calls.length === calls && harness.changes > changes, `the failure of call ${calls}`);
}

const callers = (standIn: StandIn4D) => standIn.calls.map(({ events: [event] }) => event?.client);

describe('an outage of 4D', () => {
  afterEach(teardown);

  for (const fault of [408, 429, 502, 503, 504, 'refused', 'hang'] as const) {
    it(`uses up no retries (${fault})`, async () => {
      const standIn = await StandIn4D.open();
      const clock = fakeClock({ withPerformance: true });
      const harness = handler(standIn, { retries: 0, timeoutSecs: 1 });
      if (fault === 'refused') await standIn.die();
      else standIn.fault = (call) => (call < 6 ? fault : 'none');
      for (const number of upTo(3)) for (const client of ['a', 'b']) harness.event(number, client);
      await untilOn(clock, () => harness.hook.status.away !== undefined, 'an outage');
      assert.ok(harness.hook.status.away instanceof Date);
      clock.tick(20_000);
      if (fault === 'refused') await standIn.live();
      await untilOn(clock, () => harness.reported === 6, 'all events');
      assert.deepEqual(standIn.numbers(), { '-1 a': [0, 1, 2], '-1 b': [0, 1, 2] });
      assert.equal(harness.undelivered.all.length, 0);
      assert.deepEqual(harness.hook.status, { waiting: 0, limit: 10000, full: false, failure: undefined, away: undefined });
    });
  }

  it('is probed by the oldest call alone, after 0.5, 1, 2, 4, then every 5 s, and ends everywhere at the first answer', async () => {
    const standIn = await StandIn4D.open();
    standIn.fault = (call) => (call < 7 ? 503 : 'none');
    const clock = fakeClock({ withPerformance: true });
    const harness = handler(standIn);
    harness.event(1, 'a');
    await failing(harness, standIn, 1);
    for (const client of ['b', 'c']) harness.event(1, client);
    for (const [i, wait] of [500, 1000, 2000, 4000, 5000, 5000].entries()) {
      clock.tick(wait - 1);
      assert.equal(clock.countTimers(), 1, 'it still waits');
      clock.tick(1);
      await failing(harness, standIn, i + 2);
    }
    assert.equal(harness.hook.status.waiting, 3);
    clock.tick(5000);
    await until(() => harness.reported === 3, 'all events');
    assert.deepEqual(callers(standIn), [...'aaaaaaaabc']);
    assert.equal(clock.countTimers(), 0);
  });

  it('is probed by other calls where one is not answered, so that an event whose code hangs holds up only its own connection', async () => {
    const standIn = await StandIn4D.open();
    standIn.fault = (_call, [event]) => (event?.client === 'bad' ? 'hang' : 'none');
    const clock = fakeClock({ withPerformance: true });
    const harness = handler(standIn, { timeoutSecs: 30, giveUpSecs: 100 });
    harness.event(0, 'good');
    await harness.delivered.take();
    for (const number of [1, 2]) harness.event(number, 'bad');
    let number = 0;
    await untilOn(
      clock,
      () => {
        if (number < 100 && performance.now() > number * 1000) harness.event(++number, 'good');
        return harness.undelivered.all.length > 0;
      },
      'the end of the bad event',
      100,
    );
    const [{ jobs: [job] = [], failure } = assert.fail()] = harness.undelivered.all;
    assert.deepEqual([job?.of, failure.brief], ['1', 'timedOut']);
    assert.match(failure.errorStr, /4D has been away for 100 s \(giveUpSecs\): 4D did not answer within 30 s\./);
    assert.ok(performance.now() < 165_000, String(performance.now()));
    assert.ok((standIn.numbers()['-1 good'] ?? []).length > 95, 'others were delivered meanwhile');
  });

  it('is probed by other calls where an event fails in one outage after the other, as one whose code still runs gets 503', async () => {
    const standIn = await StandIn4D.open();
    let calls = 0;
    standIn.fault = (_call, [event]) => (event?.client !== 'slow' || calls >= 4 ? 'none' : calls++ === 0 ? 'hang' : 503);
    const clock = fakeClock({ withPerformance: true });
    const harness = handler(standIn, { timeoutSecs: 1 });
    harness.event(1, 'slow');
    let number = 1;
    await untilOn(
      clock,
      () => {
        if (harness.hook.status.away && harness.hook.status.waiting === 1) harness.event(++number, 'a');
        return harness.delivered.all.some(({ jobs: [job] }) => job?.connection === '-1 slow');
      },
      'the slow event',
    );
    assert.equal(calls, 4);
    assert.doesNotMatch(callers(standIn).join(' '), /slow slow/);
  });

  it('is probed by an event that comes later, if none waits', async () => {
    const standIn = await StandIn4D.open();
    standIn.fault = (call) => (call < 1 ? 503 : 'none');
    const clock = fakeClock({ withPerformance: true });
    const harness = handler(standIn, { giveUpSecs: 0.2 });
    harness.event(1, 'a');
    await failing(harness, standIn, 1);
    clock.tick(500);
    await harness.undelivered.take();
    harness.event(2, 'a');
    await harness.delivered.take();
    assert.deepEqual(standIn.numbers(), { '-1 a': [2] });
  });

  it('holds the calls that wait for the first one of a session', async () => {
    const standIn = await StandIn4D.open();
    standIn.fault = (call) => (call < 2 ? 'hang' : 'none');
    const clock = fakeClock({ withPerformance: true });
    const harness = handler(standIn, { timeoutSecs: 1 });
    for (const client of ['a', 'b', 'c']) harness.event(1, client);
    await until(() => standIn.calls.length === 1, 'the first call');
    clock.tick(1000);
    await until(() => harness.hook.status.away !== undefined, 'an outage');
    clock.tick(500);
    await until(() => standIn.calls.length === 2, 'the probe');
    assert.deepEqual(callers(standIn), ['a', 'a']);
    clock.tick(1000);
    await untilOn(clock, () => harness.reported === 3, 'all events');
  });

  it('ends with an answer that refuses the event, and other 5xx responses use up retries as before', async () => {
    const standIn = await StandIn4D.open();
    const faults: Fault[] = [503, 'broken', 'broken'];
    standIn.fault = (_call, [event]) => (event?.client === 'a' ? faults.shift() : undefined) ?? 'none';
    const clock = fakeClock({ withPerformance: true });
    const harness = handler(standIn, { ...quick, retries: 1 });
    harness.event(1, 'a');
    harness.event(1, 'b');
    await untilOn(clock, () => harness.reported === 2, 'both events', 1);
    const [lost] = harness.undelivered.all;
    assert.match(String(lost?.failure.errorStr), /in 2 attempts: 4D answered 500/);
    assert.deepEqual(standIn.numbers(), { '-1 b': [1] });
  });

  describe('loses an event', () => {
    it('that has waited giveUpSecs in it, each after its own time', async () => {
      const port = await closedPort();
      const clock = fakeClock({ withPerformance: true });
      const harness = new HookHarness({ URL: `http://127.0.0.1:${port}/hooks/ws`, giveUpSecs: 60 });
      harness.event(1, 'a');
      harness.event(2, 'a');
      await until(() => harness.hook.status.away !== undefined, 'an outage');
      await untilOn(clock, () => performance.now() >= 30_000, 'half a minute', 250);
      harness.event(3, 'a');
      harness.event(4, 'b');
      await untilOn(clock, () => harness.reported === 2, 'the first two', 250);
      assert.ok(performance.now() >= 60_000 && performance.now() < 66_000, String(performance.now()));
      await untilOn(clock, () => harness.reported === 4, 'the others', 250);
      assert.ok(performance.now() >= 90_000 && performance.now() < 96_000, String(performance.now()));
      assert.deepEqual(
        harness.undelivered.all.map(({ jobs: [job] }) => job?.of),
        ['1', '2', '3', '4'],
      );
      const [{ failure } = assert.fail()] = harness.undelivered.all;
      assert.match(
        failure.errorStr,
        /\/hooks\/ws: 4D has been away for 60 s \(giveUpSecs\): the connection was refused\. Check that .* \(ECONNREFUSED\)\.$/,
      );
      assert.deepEqual([failure.brief, harness.hook.status.waiting], ['refused', 0]);
    });

    it('never with giveUpSecs 0', async () => {
      const standIn = await StandIn4D.open();
      standIn.fault = (call) => (call < 3 ? 503 : 'none');
      const clock = fakeClock({ withPerformance: true });
      const harness = handler(standIn, { giveUpSecs: 0 });
      harness.event(1);
      for (const calls of [1, 2, 3]) {
        await failing(harness, standIn, calls);
        clock.tick(100_000_000);
      }
      await harness.delivered.take();
    });

    it('out of a call of several, which goes on with the others', async () => {
      const standIn = await StandIn4D.open();
      standIn.fault = (call) => (call < 2 ? 503 : 'none');
      const clock = fakeClock({ withPerformance: true });
      const harness = handler(standIn, { giveUpSecs: 0.7, eventsPerCall: 10 });
      harness.event(1, 'b');
      await failing(harness, standIn, 1);
      clock.tick(400);
      for (const number of [1, 2]) harness.event(number, 'a');
      clock.tick(100);
      await failing(harness, standIn, 2);
      clock.tick(200);
      assert.equal((await harness.undelivered.take()).jobs[0]?.connection, '-1 b');
      clock.tick(300);
      assert.equal(harness.reported, 1);
      clock.tick(100);
      await until(() => harness.reported === 3, 'the others');
      assert.deepEqual(harness.undelivered.all.length, 3, 'their own time is over too');
      assert.equal(harness.hook.status.waiting, 0);
    });
  });

  describe('honours Retry-After', () => {
    for (const [header, wait] of [
      ['7', 7000],
      ['0', 500],
      ['100000', 3_600_000],
      ['-5', 500],
    ] as const) {
      it(`${header}: the next probe is after ${wait} ms`, async () => {
        const standIn = await StandIn4D.open();
        standIn.headers = { 'Retry-After': header };
        standIn.fault = (call) => (call === 0 ? 429 : 'none');
        const clock = fakeClock({ withPerformance: true });
        const harness = handler(standIn, { giveUpSecs: 0 });
        harness.event(1);
        await failing(harness, standIn, 1);
        clock.tick(wait - 1);
        assert.equal(clock.countTimers(), 1);
        clock.tick(1);
        await harness.delivered.take();
      });
    }

    it('of other 5xx responses too', async () => {
      const standIn = await StandIn4D.open();
      standIn.headers = { 'Retry-After': '7' };
      standIn.fault = (call) => (call === 0 ? 501 : 'none');
      const clock = fakeClock({ withPerformance: true });
      const harness = handler(standIn, quick);
      harness.event(1);
      await failing(harness, standIn, 1);
      clock.tick(6999);
      assert.equal(clock.countTimers(), 1);
      clock.tick(1);
      await harness.delivered.take();
    });
  });

  describe('a connection that is lost during each call', () => {
    it('is an outage if 4D answers nothing else', async () => {
      const standIn = await StandIn4D.open();
      standIn.fault = (call) => (call < 12 ? 'cut' : 'none');
      const clock = fakeClock({ withPerformance: true });
      const harness = handler(standIn, { ...quick, retries: 2 });
      for (const client of ['a', 'b']) harness.event(1, client);
      await untilOn(clock, () => harness.hook.status.away !== undefined, 'an outage', 1);
      await untilOn(clock, () => harness.reported === 2, 'both events');
      assert.equal(harness.undelivered.all.length, 0);
    });

    it('is the fault of the event if 4D answers others', async () => {
      const standIn = await StandIn4D.open();
      standIn.fault = (_call, [event]) => (event?.client === 'bad' ? 'cut' : 'none');
      const harness = handler(standIn, { ...quick, retries: 3 });
      harness.event(1, 'bad');
      await until(() => standIn.calls.length > 0, 'the first call');
      harness.event(1, 'good');
      const { failure } = await harness.undelivered.take();
      assert.match(failure.errorStr, /in 4 attempts: the connection was closed/);
      assert.equal(harness.hook.status.away, undefined);
    });
  });

  it('leaves no timer when the hook closes, and reports what waits', async () => {
    const standIn = await StandIn4D.open();
    standIn.fault = () => 503;
    const clock = fakeClock({ withPerformance: true });
    const harness = handler(standIn);
    for (const client of ['a', 'b', 'c']) harness.event(1, client);
    await failing(harness, standIn, 1);
    harness.hook.close();
    assert.deepEqual([harness.undelivered.all.length, clock.countTimers()], [3, 0]);
  });

  const login = { user: 'me', password: 'secret' };
  for (const [form, eventsPerCall, count] of [
    ['handler', 1, 3980],
    ['handler', 100, 3980],
    ['4DACTION', 1, 400],
    ['4DACTION', 100, 400],
    ['rest', 1, 400],
    ['rest', 100, 400],
  ] as const) {
    it(`of 120 s loses and doubles none of ${count} events (${form}, ${eventsPerCall} a call)`, async function () {
      this.timeout(60_000);
      const standIn = await StandIn4D.open({ ...(form === 'rest' && { forceLogin: ['me', 'secret'] }) });
      const clock = fakeClock({ withPerformance: true });
      const URL = `${standIn.origin}${form === 'handler' ? '/hooks/ws' : ''}`;
      const harness = new HookHarness({ form, URL, method: 'ON_SOCKET', eventsPerCall, ...(form === 'rest' && login) });
      const sent: Record<string, number[]> = {};
      let outage = 0;
      for (let i = 0; i < count; i++) {
        const client = `c${i % 40}`;
        sent[`-1 ${client}`] = [...(sent[`-1 ${client}`] ?? []), i];
        harness.event(i, client);
        for (let ms = 0; ms < Math.floor(200_000 / count); ms += 25) {
          clock.tick(25);
          await new Promise(setImmediate);
        }
        if (i === Math.round(count / 20)) {
          await standIn.die();
          standIn.forget();
        }
        if (harness.hook.status.away && outage === 0) outage = performance.now();
        if (i === Math.round(count * 0.65)) await standIn.live();
      }
      await untilOn(clock, () => harness.reported === count, 'all events');
      assert.ok(outage > 0 && outage < 15_000, `an outage from ${outage} ms`);
      assert.deepEqual([harness.undelivered.all.length, standIn.problems], [0, []]);
      // A plain REST call does not contain the connection.
      if (form !== 'rest' || eventsPerCall > 1) assert.deepEqual(standIn.numbers(), sent);
      else
        assert.deepEqual(
          [...(standIn.numbers()['-1 '] ?? [])].sort((a, b) => a - b),
          upTo(count),
        );
    });
  }
});
