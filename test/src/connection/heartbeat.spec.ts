import assert from 'node:assert/strict';
import { heartbeat } from '../../../src/connection/heartbeat';
import { guardWith } from '../../../src/core/log';
import { fakeClock } from '../../helpers/clock';
import { onTeardown, stub, teardown } from '../../helpers/teardown';

/** The sockets are read before the immediates of a turn. */
const socketsRead = () => new Promise(setImmediate);

describe('heartbeat', () => {
  afterEach(teardown);

  /** @param failing the ping that throws. */
  function beating(seconds: number, failing = 0, clock = fakeClock({ withPerformance: true })) {
    const pings: string[] = [];
    const roundTrips: number[] = [];
    let listener = (_data: Buffer) => {};
    let expired = 0;
    const thrown: unknown[] = [];
    const ping = (data: string) => {
      pings.push(data);
      if (pings.length === failing) throw new Error('no ping');
    };
    let reading = true;
    const peer = { ping, onPong: (listens: (data: Buffer) => void) => (listener = listens), isReading: () => reading };
    const end = heartbeat(
      peer,
      seconds,
      () => expired++,
      (roundTrip) => roundTrips.push(roundTrip),
      guardWith((error) => thrown.push(String(error))),
    );
    onTeardown(end);
    const pong = (data = pings.at(-1) ?? '') => listener(Buffer.from(data));
    const pause = (isPaused: boolean) => {
      reading = !isPaused;
    };
    return { clock, pings, pong, pause, end, expirations: () => expired, roundTrips, thrown };
  }

  it('pings at once', () => assert.equal(beating(30).pings.length, 1));

  it('pings every interval while pongs come', () => {
    const { clock, pings, pong, expirations } = beating(30);
    for (let i = 0; i < 3; i++) {
      pong();
      clock.tick(29_999);
      assert.equal(pings.length, i + 1);
      clock.tick(1);
      assert.equal(pings.length, i + 2);
    }
    assert.equal(expirations(), 0);
  });

  it('hands a ping that throws to its guard, and continues', () => {
    const { clock, pings, pong, thrown } = beating(30, 2);
    pong();
    clock.tick(30_000);
    assert.deepEqual(thrown, ['Error: no ping']);
    pong();
    clock.tick(30_000);
    assert.equal(pings.length, 3);
  });

  it('numbers its pings', () => {
    const { clock, pings, pong } = beating(2);
    pong();
    clock.tick(2000);
    assert.deepEqual(pings, ['ix-websocket::heartbeat::2s::0', 'ix-websocket::heartbeat::2s::1']);
  });

  it('expires once, and pings no more, when an interval passes without a pong', async () => {
    const { clock, pings, expirations } = beating(30);
    clock.tick(29_999);
    await socketsRead();
    assert.equal(expirations(), 0);
    clock.tick(1);
    await socketsRead();
    assert.equal(expirations(), 1);
    clock.tick(300_000);
    await socketsRead();
    assert.equal(expirations(), 1);
    assert.equal(pings.length, 1);
  });

  it('a pong that came before the last ping does not count for it', async () => {
    const { clock, pong, expirations } = beating(30);
    pong();
    clock.tick(30_000);
    clock.tick(30_000);
    await socketsRead();
    assert.equal(expirations(), 1);
  });

  it('does not expire when the process was busy for longer than the interval, time and again', async () => {
    const { clock, pings, pong, expirations } = beating(1);
    for (let i = 0; i < 20; i++) {
      // The event loop stood still: one timer runs, and then the sockets are read.
      clock.jump(1600);
      pong();
      await socketsRead();
    }
    assert.equal(expirations(), 0);
    assert.equal(pings.length, 6);
  });

  it('does not expire when the pong is read after the last timer of the interval', async () => {
    const { clock, pings, pong, expirations } = beating(1);
    clock.tick(1000);
    pong();
    await socketsRead();
    assert.deepEqual([expirations(), pings.length], [0, 2]);
  });

  it('does not count the time in which the connection is not read', async () => {
    const { clock, pause, expirations } = beating(1);
    pause(true);
    clock.tick(60_000);
    await socketsRead();
    assert.equal(expirations(), 0);
    pause(false);
    clock.tick(1000);
    await socketsRead();
    assert.equal(expirations(), 1);
  });

  it('is silent, and holds no timer, once it has been ended', async () => {
    const { clock, pings, end, expirations } = beating(30);
    clock.tick(30_000);
    end();
    clock.tick(300_000);
    await socketsRead();
    assert.deepEqual([pings.length, expirations(), clock.countTimers()], [1, 0, 0]);
  });

  describe('measures', () => {
    /** The time that a round trip takes, beside the clock of the timers. */
    function timed(seconds: number) {
      let now = 1000;
      const clock = fakeClock();
      stub(performance, 'now', () => now);
      const beats = beating(seconds, 0, clock);
      return { ...beats, wait: (ms: number) => (now += ms) };
    }

    it('the time from each ping to its pong, to a tenth of a millisecond', () => {
      const { clock, pong, wait, roundTrips } = timed(30);
      wait(12.345);
      pong();
      clock.tick(30_000);
      wait(3);
      pong();
      assert.deepEqual(roundTrips, [12.3, 3]);
    });

    it('nothing by a pong that was not asked for, or that answers an older ping', () => {
      const { clock, pings, pong, wait, roundTrips, expirations } = timed(30);
      pong('');
      pong('something');
      clock.tick(30_000);
      assert.equal(pings.length, 2);
      wait(5);
      pong(pings[0]);
      assert.deepEqual([roundTrips, expirations()], [[], 0]);
      pong(pings[1]);
      assert.deepEqual(roundTrips, [5]);
    });

    it('a ping once, however often it is answered', () => {
      const { pong, wait, roundTrips } = timed(30);
      wait(1);
      pong();
      wait(1);
      pong();
      assert.deepEqual(roundTrips, [1]);
    });
  });
});
