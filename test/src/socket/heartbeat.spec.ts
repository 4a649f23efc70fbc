import assert from 'node:assert/strict';
import { heartbeat } from '../../../src/socket/heartbeat';
import { fakeClock } from '../../helpers/clock';
import { tidy } from '../../helpers/tidy';

describe('heartbeat', () => {
  afterEach(tidy);

  function beating(seconds: number) {
    const clock = fakeClock();
    const pings: string[] = [];
    let pong = () => {};
    let expired = 0;
    const end = heartbeat({ ping: (data) => pings.push(data), onPong: (listener) => (pong = listener) }, seconds, () => expired++);
    return { clock, pings, pong: () => pong(), end, expirations: () => expired };
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

  it('numbers its pings', () => {
    const { clock, pings, pong } = beating(2);
    pong();
    clock.tick(2000);
    assert.deepEqual(pings, ['ix-websocket::heartbeat::2s::0', 'ix-websocket::heartbeat::2s::1']);
  });

  it('expires once, and pings no more, when an interval passes without a pong', () => {
    const { clock, pings, expirations } = beating(30);
    clock.tick(29_999);
    assert.equal(expirations(), 0);
    clock.tick(1);
    assert.equal(expirations(), 1);
    clock.tick(300_000);
    assert.equal(expirations(), 1);
    assert.equal(pings.length, 1);
  });

  it('a pong that came before the last ping does not count for it', () => {
    const { clock, pong, expirations } = beating(30);
    pong();
    clock.tick(30_000);
    clock.tick(30_000);
    assert.equal(expirations(), 1);
  });

  it('is silent, and holds no timer, once it has been ended', () => {
    const { clock, pings, end, expirations } = beating(30);
    end();
    clock.tick(300_000);
    assert.deepEqual([pings.length, expirations(), clock.countTimers()], [1, 0, 0]);
  });
});
