import assert from 'node:assert/strict';
import {
  fewOfAddress,
  graceMs,
  HandshakePlaces,
  maxSilent,
  maxSilentOfAddress,
  pollMs,
} from '../../../../src/server/admission/handshake-places';
import { fakeClock } from '../../../helpers/clock';
import { TestLog } from '../../../helpers/sockets';
import { teardown } from '../../../helpers/teardown';

/** One connection whose bytes, end and drop the test controls. */
interface Connection {
  readonly name: string;
  bytes: number;
  leave: () => void;
}

function harness(limit = 128) {
  const clock = fakeClock({ withPerformance: true });
  const log = new TestLog();
  const places = new HandshakePlaces(limit, log);
  const evicted: string[] = [];
  let checks = 0;
  const enter = (name: string, address: string | undefined = name, bytes = 0): Connection => {
    const connection: Connection = { name, bytes, leave: () => {} };
    connection.leave = places.enter({
      address,
      bytesRead: () => {
        checks++;
        return connection.bytes;
      },
      evict: () => {
        evicted.push(name);
        connection.leave(); // Like the close of the socket.
      },
    });
    return connection;
  };
  const many = (count: number, name: string, address: (i: number) => string | undefined, bytes = 0) =>
    Array.from({ length: count }, (_, i) => enter(`${name}${i}`, address(i), bytes));
  return { clock, log, places, evicted, enter, many, checks: () => checks };
}

const each = (i: number) => `10.0.${i >> 8}.${i & 255}`;
const attacker = () => '192.0.2.66';
const proxy = () => undefined;

describe('HandshakePlaces', () => {
  afterEach(teardown);

  it(`drops the oldest of more than ${maxSilentOfAddress} silent ones of one address, after a second`, () => {
    const { clock, many, evicted, places } = harness();
    many(maxSilentOfAddress + 2, 'a', attacker);
    clock.tick(graceMs - 1);
    assert.deepEqual(evicted, []);
    clock.tick(pollMs);
    assert.deepEqual(evicted, ['a0', 'a1']);
    assert.equal(places.size, maxSilentOfAddress);
    clock.tick(60_000);
    assert.equal(evicted.length, 2);
  });

  it('keeps connections whose bytes were not read because the flow was busy', () => {
    const { clock, many, evicted } = harness();
    const spoken = many(maxSilentOfAddress + 2, 'a', attacker);
    clock.jump(graceMs * 2);
    assert.deepEqual(evicted, []);
    // The sockets are read between two timers.
    for (const connection of spoken) connection.bytes = 1;
    many(maxSilentOfAddress + 1, 'b', attacker);
    clock.tick(graceMs + pollMs);
    assert.deepEqual(evicted, ['b0']);
  });

  it('counts a whole /64 of IPv6 as one address', () => {
    const { clock, many, evicted } = harness();
    many(maxSilentOfAddress + 1, 'a', (i) => `2001:db8::${i}`);
    clock.tick(graceMs + pollMs);
    assert.deepEqual(evicted, ['a0']);
  });

  for (const [title, address] of [
    ['of many addresses', each],
    ['of a trusted proxy', proxy],
  ] as const) {
    it(`drops the oldest of more than ${maxSilent} silent ones ${title}, after a second`, () => {
      const { clock, many, evicted } = harness();
      many(maxSilent, 'a', address);
      clock.tick(graceMs + pollMs);
      assert.deepEqual(evicted, []);
      many(2, 'b', (i) => address(i + 1000));
      clock.tick(2 * pollMs);
      assert.deepEqual(evicted, ['a0', 'a1']);
    });
  }

  it('drops nobody who has begun to speak, however many there are below the limit', () => {
    const { clock, many, evicted } = harness();
    for (const connection of many(100, 'a', attacker)) connection.bytes = 1;
    clock.tick(60_000);
    assert.deepEqual(evicted, []);
  });

  it('forgets who has left', () => {
    const { clock, many, places, evicted } = harness();
    for (const { leave } of many(100, 'a', attacker)) {
      leave();
      leave();
    }
    assert.equal(places.size, 0);
    many(maxSilentOfAddress, 'b', attacker);
    clock.tick(60_000);
    assert.deepEqual(evicted, []);
    assert.equal(clock.countTimers(), 0);
  });

  it(`has ${maxSilent} places where maxConnections is less`, () => {
    const { many, enter, evicted } = harness(1);
    many(maxSilent, 'a', each);
    assert.deepEqual(evicted, []);
    enter('b');
    assert.deepEqual(evicted, ['a0']);
  });

  describe('when all places are taken', () => {
    it('drops one of the address with the most, for each newcomer', () => {
      const { many, enter, evicted } = harness(64);
      many(1, 'good', each, 1);
      many(63, 'bad', attacker, 1);
      enter('c', '198.51.100.1');
      enter('d', '198.51.100.2');
      many(2, 'worse', attacker, 1);
      assert.deepEqual(evicted, ['bad0', 'bad1', 'bad2', 'bad3']);
    });

    it(`drops the oldest where no address has more than ${fewOfAddress}`, () => {
      const { many, enter, evicted } = harness(64);
      many(64, 'a', (i) => `10.0.0.${i >> 3}`, 1);
      enter('b');
      assert.deepEqual(evicted, ['a0']);
    });

    it('drops who is silent before who speaks, once the grace is over', () => {
      const { clock, many, enter, evicted } = harness(64);
      many(32, 'talking', (i) => each(i), 1);
      many(32, 'silent', (i) => each(100 + i));
      clock.tick(graceMs);
      enter('b');
      assert.deepEqual(evicted, ['silent0']);
    });

    it('drops the older one who speaks while the silent ones are in their grace', () => {
      const { clock, many, enter, evicted } = harness(64);
      many(32, 'talking', (i) => each(i), 1);
      many(32, 'silent', (i) => each(100 + i));
      clock.tick(graceMs - 1);
      enter('b');
      assert.deepEqual(evicted, ['talking0']);
    });
  });

  for (const [title, bytes] of [
    ['silent connections', 0],
    ['connections that send one byte', 1],
  ] as const) {
    it(`keeps no good client out by 300 ${title} a second, of its own address or another`, () => {
      const { clock, enter, evicted, checks } = harness(128);
      let entered = 0;
      for (let ms = 0; ms < 5000; ms += 10) {
        for (let i = 0; i < 3; i++, entered++) enter('bad', attacker(), bytes);
        if (ms % 100 > 0) {
          clock.tick(10);
          continue;
        }
        // A well-behaved client sends at once, and needs 100 ms for its handshake.
        const good = [enter('same', attacker()), enter('other', '198.51.100.1')];
        clock.tick(10);
        for (const connection of good) connection.bytes = 1;
        clock.setTimeout(() => good.forEach(({ leave }) => void leave()), 90);
        entered += 2;
      }
      assert.deepEqual(
        evicted.filter((name) => name !== 'bad'),
        [],
      );
      assert.equal(evicted.length > 1000, true);
      assert.equal(checks() < entered * 15, true, `${checks()} checks for ${entered} connections`);
    });
  }

  it('lets 600 clients that connect at once all finish, where maxConnections lets them in', () => {
    const { clock, many, evicted } = harness(600);
    for (const connection of many(600, 'a', attacker)) connection.bytes = 1;
    clock.tick(graceMs + pollMs);
    assert.deepEqual(evicted, []);
  });

  it('checks a bounded number of connections, however many have spoken', () => {
    const { clock, many, checks } = harness(10_000);
    many(5000, 'a', each, 1);
    clock.tick(60_000);
    assert.equal(checks() <= 5000, true, `${checks()} checks`);
  });

  it('has no timer after close', () => {
    const { clock, many, places } = harness();
    many(100, 'a', attacker);
    assert.equal(clock.countTimers(), 1);
    places.close();
    assert.equal(clock.countTimers(), 0);
  });
});
