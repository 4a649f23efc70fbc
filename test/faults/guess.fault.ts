import assert from 'node:assert/strict';
import { setTimeout as sleep } from 'node:timers/promises';
import { wsClient } from '../helpers/peers';
import { Bare, counted, inWords, many, upgrade, withHeaders } from './attack';
import { fault } from './fault';
import { inMs, latencyDuring } from './stopwatch';

/** Silent connections. */
const perSecond = 300;

const basic = (text: string) => `Basic ${Buffer.from(text).toString('base64')}`;

fault(
  'wrong credentials, one after the other',
  {
    server: { trustProxy: ['127.0.0.1'], auth: 'basic', user: 'ann', password: 'sesame' },
    crowd: { client: { headers: { authorization: basic('ann:sesame') } } },
    count: 2000,
    rehearsal: 200,
    async run({ port }, count) {
      // The crowd shares the address of the attackers, so these use another one.
      const statuses = await many(count, 16, async (i) => {
        const bare = await Bare.open(port);
        bare.socket.write(upgrade({ headers: withHeaders({ Authorization: basic(`ann:${i}`), 'X-Forwarded-For': '203.0.113.9' }) }));
        const status = await bare.status();
        bare.reset();
        return String(status ?? 'none');
      });
      return counted(statuses);
    },
    figure: ({ result, tally }) => `2,000 guesses from one address, answered with ${inWords(result)}; ${tally.errors.length} Error events`,
  },
  (outcome) => {
    it('nearly all are answered 429 without a look at what they show', () => {
      const { result } = outcome();
      assert.ok((result['401'] ?? 0) < 20, inWords(result));
      assert.ok((result['429'] ?? 0) > 1900, inWords(result));
    });

    it('refusals of one kind are one Error event a second', () => {
      const { tally, seconds } = outcome();
      assert.ok(tally.errors.length <= 4 * (seconds + 2), `${tally.errors.length} events in ${seconds} s`);
    });
  },
);

fault(
  'silent TCP connections from one address beside good clients',
  {
    server: { maxConnections: 128 },
    count: 900,
    rehearsal: 60,
    async run({ port }, count) {
      let good = 0;
      const silent = many(count, perSecond, async (i) => {
        if (i < perSecond) await sleep((i / perSecond) * 1000);
        const bare = await Bare.open(port);
        await sleep(1000);
        if (i % 25 === 0) {
          const peer = await wsClient(`ws://127.0.0.1:${port}/good-${i}`);
          good++;
          peer.ws.terminate();
        }
        bare.reset();
      });
      return { latency: await latencyDuring(port, silent), good, asked: Math.ceil(count / 25) };
    },
    figure: ({ result: { good, asked, latency } }) => `900, 300 a second; ${good} of ${asked} good clients were let in; ${inMs(latency)}`,
  },
  (outcome) => {
    it('every good client is accepted', () => {
      const { good, asked } = outcome().result;
      assert.equal(good, asked);
    });
  },
);
