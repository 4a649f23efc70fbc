import assert from 'node:assert/strict';
import { Body } from '../../../src/hook/body';
import type { SocketError } from '../../../src/index';
import { certs, passphrase } from '../../helpers/certs';
import { fakeClock } from '../../helpers/clock';
import { silentFiles } from '../../helpers/files';
import { bytesKept } from '../../helpers/heap';
import { HookHarness, handler, quick, upTo } from '../../helpers/hook-harness';
import { httpServer } from '../../helpers/peers';
import { until } from '../../helpers/queue';
import { type Fault, StandIn4D } from '../../helpers/stand-in-4d';
import { teardown } from '../../helpers/teardown';

describe('the 4D hook', () => {
  afterEach(teardown);

  it('posts an event to a request handler as a JSON object, and outputs the response', async () => {
    const standIn = await StandIn4D.open();
    standIn.answer = () => ({ actions: [{ do: 'send', message: 'hi' }] });
    const harness = handler(standIn);
    harness.event(7);
    const { answer } = await harness.delivered.take();
    assert.deepEqual(answer.payload, { actions: [{ do: 'send', message: 'hi' }] });
    assert.deepEqual(answer.actions, [{ do: 'send', message: 'hi' }]);
    assert.equal(answer.http_status, 200);
    assert.deepEqual(JSON.parse(standIn.calls[0]?.body ?? ''), {
      ...{ type: 0, event: 'Message', socket: -1, client: 'a', method: '' },
      ...{ run: 'run', seq: 1, time: '2026-01-01T00:00:00.000Z', message: { str: '7', client: 'a' } },
    });
    assert.deepEqual(standIn.problems, []);
  });

  for (const [form, more, path] of [
    ['handler', { URL: '/hooks/ws' }, '/hooks/ws'],
    ['4DACTION', { URL: '/', method: 'My Method' }, '/4DACTION/My%20Method'],
    ['rest', { URL: '' }, '/rest/$singleton/IXHook/receive'],
  ] as const) {
    it(`calls 4D in the form ${form}, text that needs escaping included`, async () => {
      const standIn = await StandIn4D.open();
      const harness = new HookHarness({ form, ...more, URL: `${standIn.origin}${more.URL}` });
      const text = 'a&b=c+%20 "ü€" \u{1F600}\n';
      harness.event(text);
      await harness.delivered.take();
      assert.equal(standIn.calls[0]?.path, path);
      assert.equal(standIn.calls[0]?.events[0]?.message.str, text);
      assert.deepEqual(standIn.problems, []);
    });

    it(`gathers what comes meanwhile into one call in the form ${form}, up to eventsPerCall, in order`, async () => {
      const standIn = await StandIn4D.open();
      const harness = new HookHarness({ form, ...more, URL: `${standIn.origin}${more.URL}`, eventsPerCall: 4 });
      for (const number of upTo(10)) harness.event(number);
      await until(() => harness.reported === 10, 'ten events');
      assert.deepEqual(
        standIn.calls.map(({ events }) => events.length),
        [4, 4, 2],
      );
      assert.deepEqual(standIn.numbers(), { '-1 a': upTo(10) });
      assert.deepEqual(standIn.problems, []);
    });
  }

  it('calls the method that was set when the node names none, and never two methods in a call', async () => {
    const standIn = await StandIn4D.open();
    const harness = new HookHarness({ form: '4DACTION', URL: standIn.origin, eventsPerCall: 10 });
    for (const method of ['ON_SOCKET', 'ON_SOCKET', 'ON_OTHER']) harness.event(1, 'a', { method });
    await until(() => harness.reported === 3, 'three events');
    assert.deepEqual(
      standIn.calls.map(({ path, events }) => `${path} ${events.length}`),
      ['/4DACTION/ON_SOCKET 2', '/4DACTION/ON_OTHER 1'],
    );
  });

  it('calls the class and the function that are named', async () => {
    const paths: (string | undefined)[] = [];
    const port = await httpServer(({ url }, response) => {
      paths.push(url);
      response.end('{"result":"{\\"ok\\":true}"}');
    });
    const harness = new HookHarness({
      form: 'rest',
      URL: `http://127.0.0.1:${port}/behind/a/proxy/`,
      className: 'Other',
      functionName: 'take',
    });
    harness.event(1);
    assert.deepEqual((await harness.delivered.take()).answer.payload, { ok: true });
    assert.deepEqual(paths, ['/behind/a/proxy/rest/$singleton/Other/take']);
  });

  for (const method of ['', '../admin', '..', 'A/B', 'x'.repeat(32)]) {
    it(`does not call the method ${JSON.stringify(method)}`, async () => {
      const standIn = await StandIn4D.open();
      const harness = new HookHarness({ form: '4DACTION', URL: standIn.origin });
      harness.event(1, 'a', { method });
      const { failure } = await harness.undelivered.take();
      assert.deepEqual([failure.option, failure.callerError, standIn.calls.length], ['method', true, 0]);
    });
  }

  it('refuses names and URLs that 4D could not have', () => {
    for (const [options, option] of [
      [{}, 'URL'],
      [{ URL: 'ftp://h/' }, 'URL'],
      [{ URL: 'http://h/', form: 'rest', className: '../x' }, 'className'],
      [{ URL: 'http://h/', form: 'rest', functionName: 'a/b' }, 'functionName'],
      [{ URL: 'http://h/', form: '4DACTION', method: 'a/b' }, 'method'],
    ] as const) {
      assert.throws(() => new HookHarness(options), { option }, JSON.stringify(options));
    }
  });

  describe('keeps order', () => {
    it('calls once at a time for a connection, and for others at the same time', async () => {
      const standIn = await StandIn4D.open();
      standIn.fault = () => 'slow';
      const harness = handler(standIn, { maxCalls: 3 });
      for (const number of upTo(5)) for (const client of ['a', 'b', 'c', 'd', 'e']) harness.event(number, client);
      await until(() => harness.reported === 25, '25 events');
      assert.deepEqual(standIn.problems, []);
      for (const numbers of Object.values(standIn.numbers())) assert.deepEqual(numbers, upTo(5));
      assert.equal(standIn.mostAtOnce, 3);
    });

    it('has the next event wait until what the answer asked for is done', async () => {
      const standIn = await StandIn4D.open();
      let finish: () => void = () => {};
      const harness = new HookHarness({ URL: `${standIn.origin}/hooks/ws` }, () => new Promise((resolve) => (finish = resolve)));
      harness.event(1);
      harness.event(2);
      await harness.delivered.take();
      await new Promise((resolve) => setTimeout(resolve, 30));
      assert.equal(standIn.calls.length, 1);
      finish();
      await harness.delivered.take();
    });

    for (const eventsPerCall of [1, 20]) {
      it(`6,000 events of 40 connections come once, in order, from a 4D that is slow, fails, drops and dies (${eventsPerCall} a call)`, async function () {
        this.timeout(60_000);
        const standIn = await StandIn4D.open({ signingKey: 'key' });
        const faults: readonly Fault[] = ['none', 'none', 'broken', 'none', 'cut', 'none', 'slow', 'cut late', 'none', 'none', 503];
        standIn.fault = (call) => (call % 3 === 0 ? (faults[(call / 3) % faults.length] as Fault) : 'none');
        const harness = handler(standIn, { ...quick, retries: 1000, eventsPerCall, signingKey: 'key', maxQueue: 6000 });
        // Without the waits of the outages, which take minutes.
        const clock = fakeClock({ withPerformance: true });
        const ticking = (condition: () => boolean) => () => {
          clock.tick(1);
          return condition();
        };
        for (const number of upTo(150)) for (const client of upTo(40)) harness.event(number, `c${client}`);
        await until(
          ticking(() => harness.reported > 1500),
          'the first events',
          30_000,
        );
        await standIn.die();
        await until(
          ticking(() => harness.hook.status.failure?.brief === 'refused'),
          'a refused connection',
          5000,
        );
        await standIn.live();
        await until(
          ticking(() => harness.reported === 6000),
          'all events',
          50_000,
        );
        assert.deepEqual(standIn.problems, []);
        assert.deepEqual([harness.undelivered.all.length, standIn.handled.size], [0, 40]);
        for (const [connection, numbers] of Object.entries(standIn.numbers())) assert.deepEqual(numbers, upTo(150), connection);
        assert.ok(standIn.repeats > 0, 'answers that were lost make repeats, which run and seq tell');
        assert.deepEqual([harness.hook.status.waiting, harness.hook.status.failure], [0, undefined]);
      });
    }
  });

  describe('tries again', () => {
    it('after 5xx, with waits that double up to the cap', async () => {
      const standIn = await StandIn4D.open();
      standIn.fault = (call) => (call < 4 ? 'broken' : 'none');
      const clock = fakeClock();
      const harness = handler(standIn, { minWaitBetweenRetries: 100, maxWaitBetweenRetries: 300, retries: 4 });
      harness.event(1);
      for (const [calls, wait] of [100, 200, 300, 300].entries()) {
        await until(() => harness.changes === calls + 2, `call ${calls + 1}, and the wait for the next`);
        clock.tick(wait - 1);
        assert.equal(clock.countTimers(), 1, 'it still waits');
        clock.tick(1);
      }
      await harness.delivered.take();
      assert.equal(standIn.calls.length, 5);
      assert.equal(clock.countTimers(), 0);
    });

    it('as often as retries allows, then gives up, and continues with the next event', async () => {
      const standIn = await StandIn4D.open();
      standIn.fault = (call) => (call < 3 ? 'broken' : 'none');
      const harness = handler(standIn, { ...quick, retries: 2 });
      harness.event(1);
      harness.event(2);
      const { failure, jobs } = await harness.undelivered.take();
      assert.deepEqual([jobs[0]?.of, failure.http_status, failure.brief], ['1', 500, 'status']);
      assert.match(failure.errorStr, /^The event was not delivered to http:.* in 3 attempts: 4D answered 500 Internal Server Error\.$/);
      await harness.delivered.take();
      assert.deepEqual(standIn.numbers(), { '-1 a': [2] });
    });

    for (const status of [400, 401, 403, 404, 302]) {
      it(`not after ${status}`, async () => {
        const standIn = await StandIn4D.open();
        standIn.fault = () => status;
        const harness = handler(standIn, quick);
        harness.event(1);
        const { failure } = await harness.undelivered.take();
        assert.deepEqual([failure.http_status, standIn.calls.length], [status, 1]);
      });
    }

    it('after a timeout, which is a deadline over the whole call', async () => {
      const standIn = await StandIn4D.open();
      const clock = fakeClock();
      standIn.fault = (call) => (call === 0 ? 'slow' : 'none'); // Its 20 ms use the same clock.
      const harness = handler(standIn, { timeoutSecs: 0.01, retries: 0 });
      harness.event(1);
      await until(() => standIn.calls.length === 1 && clock.countTimers() === 2, 'a call that is not answered');
      clock.tick(10);
      await until(() => harness.hook.status.failure?.brief === 'timedOut', 'the end of the call');
      assert.match(String(harness.hook.status.failure?.errorStr), /within 0\.01 s/);
      clock.tick(500);
      await harness.delivered.take();
      assert.deepEqual(standIn.numbers(), { '-1 a': [1] }, 'and it was handled once');
    });
  });

  describe('is bounded', () => {
    it('one more than maxQueue is reported at once, and those before are delivered', async () => {
      const standIn = await StandIn4D.open();
      standIn.fault = () => 'slow';
      const harness = handler(standIn, { maxQueue: 3 });
      for (const number of upTo(4)) harness.event(number);
      assert.deepEqual(harness.hook.status, { waiting: 3, limit: 3, full: true, failure: undefined, away: undefined });
      const { failure, jobs } = await harness.undelivered.take();
      assert.deepEqual([jobs[0]?.of, failure.brief], ['3', 'full']);
      assert.match(failure.errorStr, /3 events are already queued/);
      await until(() => harness.reported === 4, 'the others');
      assert.deepEqual(standIn.numbers(), { '-1 a': [0, 1, 2] });
      assert.deepEqual(harness.hook.status, { waiting: 0, limit: 3, full: false, failure: undefined, away: undefined });
    });

    it('so are the bytes of what waits', async () => {
      const standIn = await StandIn4D.open();
      const harness = handler(standIn, { maxQueueBytes: 3000 });
      for (const number of upTo(3)) harness.event(`${number}`.padEnd(1000));
      assert.equal((await harness.undelivered.take()).failure.brief, 'full');
      await until(() => harness.reported === 3, 'the others');
      harness.event(1);
      await harness.delivered.take();
    });
  });

  describe('bounds what 4D and peers can fill:', () => {
    it('the bytes of an event count the value of its JSON', async () => {
      const standIn = await StandIn4D.open();
      const harness = handler(standIn, { maxQueueBytes: 500_000 });
      harness.event(1, 'a', { message: `[${'[],'.repeat(10_000)}1]` });
      assert.match((await harness.undelivered.take()).failure.errorStr, /it has 99\d{4} bytes/);
      harness.event(1, 'a', { message: JSON.stringify('[],'.repeat(10_000)) });
      await harness.delivered.take();
    });

    it('the cookies of a session are 50, the newest ones, and none is longer than 4096 characters', async () => {
      const cookies: (string | undefined)[] = [];
      const port = await httpServer((request, response) => {
        cookies.push(request.headers.cookie);
        const own = [`c${cookies.length}=${cookies.length}`, 'WASID4D=session', `long=${'x'.repeat(5000)}`];
        response.setHeader('Set-Cookie', own).end('{}');
      });
      const harness = new HookHarness({ URL: `http://127.0.0.1:${port}/` });
      for (const number of upTo(80)) harness.event(number);
      await until(() => harness.reported === 80, 'all events');
      const last = cookies.at(-1)?.split('; ') ?? [];
      assert.equal(last.length, 50);
      assert.deepEqual(last.slice(-2), ['c79=79', 'WASID4D=session']);
      assert.ok(!last.some((cookie) => cookie.startsWith('long=')));
    });

    it('an answer that comes byte by byte takes no more memory than its bytes', () => {
      let body: Body | undefined;
      const kept = bytesKept(() => {
        body = new Body();
        for (let i = 0; i < 50_000; i++) body.add(Buffer.from('x'));
        return body;
      });
      assert.equal(body?.text(), 'x'.repeat(50_000));
      assert.ok(kept < 500_000, `${kept} bytes`);
    });
  });

  describe('shares its room', () => {
    it('one event that is larger than all that may wait has a sentence of its own', async () => {
      const standIn = await StandIn4D.open();
      const harness = handler(standIn, { maxQueueBytes: 1000 });
      harness.event('x'.repeat(2000));
      const { failure } = await harness.undelivered.take();
      assert.deepEqual([failure.brief, failure.option], ['option', 'maxQueueBytes']);
      assert.match(failure.errorStr, /it has 2\d\d\d bytes, but maxQueueBytes allows 1000 for all queued events\./);
      assert.equal(harness.hook.status.full, false);
    });

    it('a connection that holds more than half gives way to others, its newest events first', async () => {
      const standIn = await StandIn4D.open();
      standIn.fault = () => 'slow';
      const harness = handler(standIn, { maxQueue: 10 });
      for (const number of upTo(12)) harness.event(number, 'flood');
      for (const number of upTo(6)) harness.event(number, `c${number}`);
      await until(() => harness.reported === 18, 'all events');
      assert.deepEqual(
        harness.undelivered.all.map(({ jobs: [job], failure }) => [job?.connection, job?.of, failure.brief]),
        [
          ...['10', '11', '9', '8', '7', '6', '5'].map((of) => ['-1 flood', of, 'full']),
          // No connection holds more than half now.
          ['-1 c5', '5', 'full'],
        ],
      );
      assert.deepEqual(standIn.numbers()['-1 flood'], upTo(5));
      assert.deepEqual(harness.hook.status.waiting, 0);
    });
  });

  it('a Close that comes again is done once', async () => {
    const standIn = await StandIn4D.open();
    standIn.fault = (call) => (call === 1 ? 'cut late' : 'none');
    const harness = handler(standIn, quick);
    harness.event(1);
    harness.event(2, 'a', { type: 2, event: 'Close' });
    await until(() => harness.reported === 2, 'both events');
    assert.deepEqual([standIn.calls.length, standIn.repeats, standIn.numbers()], [3, 1, { '-1 a': [1, 2] }]);
    assert.deepEqual(harness.delivered.all[1]?.answer.payload, { ok: true });
  });

  it('what 4D keeps of a connection is gone an hour later, at another event', async () => {
    const standIn = await StandIn4D.open();
    const harness = handler(standIn);
    let now = 1_000_000;
    standIn.now = () => now;
    for (const [client, later] of [
      ['a', 0],
      ['b', 3000],
      ['c', 700],
    ] as const) {
      now += later;
      harness.event(1, client);
      await harness.delivered.take();
    }
    assert.deepEqual([...standIn.last.keys()], ['-1 b', '-1 c']);
  });

  describe('is somebody to 4D', () => {
    const login = { forceLogin: ['me', 'secret'] } as const;
    const rest = (standIn: StandIn4D, more: object = {}) =>
      new HookHarness({ form: 'rest', URL: standIn.origin, user: 'me', password: 'secret', ...quick, ...more });

    it('logs in once with rest, however many calls begin at once, and keeps the session', async () => {
      const standIn = await StandIn4D.open(login);
      const harness = rest(standIn);
      for (const number of upTo(20)) harness.event(number, `c${number % 10}`);
      await until(() => harness.reported === 20, 'all events');
      assert.deepEqual([harness.undelivered.all.length, standIn.logins, standIn.sessionsOpened], [0, 1, 1]);
      assert.deepEqual(standIn.problems, []);
    });

    it('logs in again where the session has expired', async () => {
      const standIn = await StandIn4D.open(login);
      const harness = rest(standIn, { retries: 0 });
      harness.event(1);
      await harness.delivered.take();
      standIn.forget();
      harness.event(2);
      await harness.delivered.take();
      assert.equal(standIn.logins, 2);
    });

    it('loses nothing where the session expires again and again under many calls, and logs in once each time', async () => {
      const standIn = await StandIn4D.open(login);
      const expiries = [30, 70, 110, 150];
      standIn.fault = (call) => {
        if (expiries.includes(call)) standIn.forget();
        return 'slow';
      };
      // Some refusals arrive after the new login, with the cookie of an unauthenticated session.
      standIn.rejectionMs = (refusal) => (refusal % 2) * 40;
      const harness = rest(standIn, { retries: 0, eventsPerCall: 2, maxCalls: 8 });
      for (const number of upTo(50)) for (const client of upTo(8)) harness.event(number, `c${client}`);
      await until(() => harness.reported === 400, 'all events', 8000);
      assert.deepEqual([harness.undelivered.all.map(({ failure }) => failure.errorStr), standIn.problems], [[], []]);
      assert.equal(standIn.logins, expiries.length + 1);
      for (const [connection, numbers] of Object.entries(standIn.numbers())) assert.deepEqual(numbers, upTo(50), connection);
      assert.equal(standIn.handled.size, 8);
    });

    it('asks again after a 401 once, with one new login', async () => {
      const standIn = await StandIn4D.open(login);
      standIn.fault = () => 401;
      const harness = rest(standIn);
      harness.event(1);
      assert.equal((await harness.undelivered.take()).failure.http_status, 401);
      assert.deepEqual([standIn.calls.length, standIn.logins], [2, 2]);
    });

    it('gives up if 4D refuses the user, and never shows the password', async () => {
      const standIn = await StandIn4D.open(login);
      const harness = rest(standIn, { password: 'wr0ng' });
      harness.event(1);
      const { failure } = await harness.undelivered.take();
      assert.match(failure.errorStr, /refused the login/);
      assert.ok(!JSON.stringify(failure).includes('wr0ng'), 'no password');
      assert.equal(standIn.logins, 1);
    });

    for (const form of ['handler', '4DACTION'] as const) {
      it(`keeps the session's cookie with ${form}, so that calls do not take a session each`, async () => {
        const standIn = await StandIn4D.open();
        const harness = new HookHarness({ form, URL: `${standIn.origin}${form === 'handler' ? '/hooks/ws' : ''}`, method: 'ON_SOCKET' });
        for (const number of upTo(5)) harness.event(number);
        await until(() => harness.reported === 5, 'all events');
        assert.equal(standIn.sessionsOpened, 1);
      });
    }

    it('opens one session without a login too, however many calls begin at once, and then calls at once', async () => {
      const standIn = await StandIn4D.open();
      standIn.fault = () => 'slow';
      const harness = handler(standIn);
      for (const client of upTo(20)) harness.event(1, `c${client}`);
      await until(() => harness.reported === 20, 'all events');
      assert.deepEqual([standIn.sessionsOpened, standIn.mostAtOnce], [1, 8]);
    });

    it('holds nobody for longer where the first call fails, or 4D gives no cookie', async () => {
      let calls = 0;
      const port = await httpServer((request, response) => {
        if (calls++ === 0) request.socket.destroy();
        else response.end('{}');
      });
      const harness = new HookHarness({ URL: `http://127.0.0.1:${port}/`, ...quick });
      for (const client of upTo(8)) harness.event(1, `c${client}`);
      await until(() => harness.delivered.all.length === 8, 'all events');
      assert.equal(calls, 9);
    });

    for (const token of ['one\ntwo', 'one\r\nX: y', 'a\u0000b', '\u{1F511}']) {
      it(`refuses the token ${JSON.stringify(token)}, which no header can have, and does not show it`, () => {
        assert.throws(
          () => new HookHarness({ URL: 'http://h/', token }),
          (error: SocketError) => {
            assert.deepEqual([error.code, error.option], ['ERR_OPTION', 'token']);
            assert.match(error.message, /The option token must be a valid HTTP header value.*got a string of \d+ characters/);
            assert.ok(!error.message.includes(token), error.message);
            return true;
          },
        );
      });
    }

    for (const [name, options, wanted] of [
      ['Basic authentication from user and password', { user: 'me', password: 'pä' }, `Basic ${Buffer.from('me:pä').toString('base64')}`],
      ['the token, which goes before', { user: 'me', password: 'pä', token: 'tok' }, 'Bearer tok'],
      ['nothing where nothing is given', {}, undefined],
    ] as const) {
      it(`sends ${name}`, async () => {
        const standIn = await StandIn4D.open();
        const harness = handler(standIn, options);
        harness.event(1);
        await harness.delivered.take();
        assert.equal(standIn.calls[0]?.headers.authorization, wanted);
      });
    }

    it('takes user and password out of the URL too, and shows no password', async () => {
      const standIn = await StandIn4D.open();
      standIn.fault = (call) => (call === 0 ? 'none' : 404);
      const harness = new HookHarness({ URL: `${standIn.origin.replace('//', '//me:p%C3%A4@')}/hooks/ws` });
      harness.event(1);
      await harness.delivered.take();
      assert.equal(standIn.calls[0]?.headers.authorization, `Basic ${Buffer.from('me:pä').toString('base64')}`);
      harness.event(2);
      assert.match((await harness.undelivered.take()).failure.errorStr, /to http:\/\/127\.0\.0\.1:\d+\/hooks\/ws: /);
    });
  });

  it('shows of its URL origin and path, and no user or query, where a key may be', async () => {
    const standIn = await StandIn4D.open();
    standIn.fault = () => 404;
    const harness = new HookHarness({ URL: `${standIn.origin.replace('//', '//S3cr3t@')}/hooks/ws?key=S3cr3t#S3cr3t` });
    harness.event(1);
    const { failure } = await harness.undelivered.take();
    assert.ok(failure.errorStr.includes(`to ${standIn.origin}/hooks/ws: `), failure.errorStr);
    assert.ok(!JSON.stringify(failure).includes('S3cr3t'), failure.errorStr);
    assert.throws(
      () => new HookHarness({ URL: 'htp://h/hook?key=S3cr3t' }),
      ({ message }: Error) => !message.includes('S3cr3t') && message.includes('htp://h/hook'),
    );
  });

  describe('speaks TLS', () => {
    const { ca, server, client } = certs();
    const tls = { cert: server.cert, key: server.key };

    it('and takes a certificate that caFile vouches for', async () => {
      const standIn = await StandIn4D.open({ tls });
      const harness = handler(standIn, { caFile: ca.certFile, retries: 0 });
      harness.event(1);
      harness.event(2);
      await until(() => harness.reported === 2, 'two events');
      assert.deepEqual([harness.undelivered.all.map(({ failure }) => failure.errorStr), standIn.problems], [[], []]);
    });

    it('and refuses one that nobody vouches for', async () => {
      const standIn = await StandIn4D.open({ tls });
      const harness = handler(standIn, { retries: 0 });
      harness.event(1);
      const { failure } = await harness.undelivered.take();
      assert.deepEqual([failure.brief, failure.option, standIn.calls.length], ['certificate', 'caFile', 0]);
    });

    it('and takes it with NONE', async () => {
      const standIn = await StandIn4D.open({ tls });
      const harness = handler(standIn, { caFile: 'NONE' });
      harness.event(1);
      await harness.delivered.take();
    });

    it('and shows a certificate of its own', async () => {
      const standIn = await StandIn4D.open({ tls: { ...tls, ca: ca.cert } });
      const good = handler(standIn, { caFile: ca.certFile, certFile: client.certFile, keyFile: client.keyFile });
      good.event(1);
      await good.delivered.take();
      const bad = handler(standIn, { caFile: ca.certFile, retries: 0 });
      bad.event(1);
      assert.ok((await bad.undelivered.take()).failure.retryable, 'the handshake failed');
    });

    it('and gives a call up whose TLS files are not read in time, and reads them at the next', async () => {
      const { asked, answer } = silentFiles();
      const standIn = await StandIn4D.open({ tls });
      const clock = fakeClock();
      const harness = handler(standIn, { caFile: ca.certFile, retries: 0, timeoutSecs: 20 });
      harness.event(1);
      await until(() => asked.length === 1, 'the read');
      clock.tick(20_000);
      const { failure } = await harness.undelivered.take();
      assert.match(failure.errorStr, /: its TLS files were not read within 20 s\. Check that their file system answers\.$/);
      assert.deepEqual([failure.brief, failure.option, failure.retryable], ['timedOut', 'caFile', true]);
      answer();
      harness.event(2);
      await harness.delivered.take();
    });

    it('and closes while its TLS files are read', async () => {
      silentFiles();
      const standIn = await StandIn4D.open({ tls });
      const harness = handler(standIn, { caFile: ca.certFile });
      harness.event(1);
      await new Promise(setImmediate);
      harness.hook.close();
      assert.equal((await harness.undelivered.take()).failure.brief, 'stopped');
    });

    it('and opens an encrypted key with its passphrase', async () => {
      const { certFile, keyFile } = certs().encrypted;
      const standIn = await StandIn4D.open({ tls: { ...tls, ca: ca.cert } });
      const bad = handler(standIn, { caFile: ca.certFile, certFile, keyFile });
      bad.event(1);
      assert.equal((await bad.undelivered.take()).failure.option, 'passphrase');
      const good = handler(standIn, { caFile: ca.certFile, certFile, keyFile, passphrase, retries: 0 });
      good.event(1);
      await until(() => good.reported === 1, 'an answer');
      assert.deepEqual(
        good.undelivered.all.map(({ failure }) => failure.option).filter((option) => option === 'passphrase'),
        [],
      );
    });

    it('and takes ciphers, and a TLS configuration instead of the files', async () => {
      const standIn = await StandIn4D.open({ tls });
      const bad = handler(standIn, { ciphers: 'NO-SUCH-CIPHER' });
      bad.event(1);
      assert.equal((await bad.undelivered.take()).failure.option, 'ciphers');
      const good = handler(standIn, { tlsConfig: { addTLSOptions: (options: object) => ({ ...options, ca: ca.cert }) } });
      good.event(1);
      await good.delivered.take();
    });

    it('and says which file is wrong', async () => {
      const standIn = await StandIn4D.open({ tls });
      const harness = handler(standIn, { caFile: '/no/such/file.pem' });
      harness.event(1);
      const { failure } = await harness.undelivered.take();
      assert.deepEqual([failure.option, failure.callerError], ['caFile', true]);
    });
  });

  describe('ends', () => {
    it('gives back what waits, in order of arrival, the call in progress too, and reports nothing', async () => {
      const standIn = await StandIn4D.open();
      standIn.fault = () => 'slow';
      const harness = handler(standIn);
      for (const number of upTo(3)) for (const client of ['a', 'b']) harness.event(`${number}${client}`, client);
      await until(() => standIn.calls.length > 0, 'a call');
      assert.deepEqual(
        harness.hook.handOver().map(({ of }) => of),
        ['0a', '0b', '1a', '1b', '2a', '2b'],
      );
      await until(() => standIn.openSockets === 0, 'the end of the connections');
      assert.deepEqual([harness.reported, harness.hook.status.waiting], [0, 0]);
    });

    it('reports what waits, in order of arrival, and leaves no timer and no connection', async () => {
      const standIn = await StandIn4D.open();
      standIn.fault = () => 'broken';
      const clock = fakeClock();
      const harness = handler(standIn, { minWaitBetweenRetries: 60000, maxWaitBetweenRetries: 60000 });
      for (const number of upTo(3)) for (const client of ['a', 'b']) harness.event(`${number}${client}`, client);
      await until(() => harness.changes === 8, 'two failed calls');
      assert.equal(clock.countTimers(), 2, 'two waits');
      harness.hook.close();
      assert.deepEqual(
        harness.undelivered.all.map(({ jobs }) => jobs[0]?.of),
        ['0a', '0b', '1a', '1b', '2a', '2b'],
      );
      assert.equal(clock.countTimers(), 0);
      await until(() => standIn.openSockets === 0, 'the end of the connections');
      assert.equal(harness.hook.status.waiting, 0);
    });

    it('aborts a call in progress, reports that 4D may have received it, and reports nothing twice', async () => {
      const standIn = await StandIn4D.open();
      standIn.fault = () => 'slow';
      const harness = handler(standIn);
      harness.event(1);
      await until(() => standIn.calls.length === 1, 'the call');
      harness.hook.close();
      assert.match(String(harness.undelivered.all[0]?.failure.errorStr), /the call was in progress, and 4D may have received it/);
      await until(() => standIn.openSockets === 0, 'the end of the connection');
      await new Promise((resolve) => setTimeout(resolve, 40));
      assert.equal(harness.reported, 1);
    });

    it('takes nothing afterwards', async () => {
      const standIn = await StandIn4D.open();
      const harness = handler(standIn);
      harness.hook.close();
      harness.event(1);
      assert.equal(harness.undelivered.all.length, 1);
      assert.equal(standIn.calls.length, 0);
    });
  });
});
