import assert from 'node:assert/strict';
import { setTimeout as sleep } from 'node:timers/promises';
import { WebSocket } from 'ws';
import { freePort } from '../e2e/foreign/runtime';
import { within } from '../helpers/queue';
import { many, tolerance } from './attack';
import { eventually } from './eventually';
import { fault, type Outcome, type Stage } from './fault';
import { makeNetwork, whyNoNetwork } from './network';
import { proxyTo } from './proxy';

/** Seconds between two pings of the server. */
const pingInterval = 1;

interface Silence {
  readonly count: number;
  /** Time from the cut to the last Close event, ms. */
  readonly noticed: number;
}

/** Peers that read and answer pings until they are disconnected. */
const connected = (count: number, url: string) =>
  many(count, 50, async () => {
    const ws = new WebSocket(url, { perMessageDeflate: false });
    ws.on('error', () => {});
    await within(new Promise((resolve, reject) => ws.once('open', resolve).once('error', reject)), `a connection to ${url}`);
    return ws;
  });

/** Returns the time until all of them have a Close event. */
async function untilNoticed({ subject }: Stage, count: number, closedBefore: number): Promise<Silence> {
  const cut = performance.now();
  const allClosed = async () => ((await subject.tally()).closeCodes[1011] ?? 0) - closedBefore >= count;
  await eventually(allClosed, `the Close events of ${count} silent peers`, 15_000);
  return { count, noticed: performance.now() - cut };
}

const timeoutsOf = async ({ subject }: Stage) => (await subject.tally()).closeCodes[1011] ?? 0;

const facts = (outcome: () => Outcome<Silence>) => {
  it('each is closed with 1011, Ping timeout, and none with anything else', () => {
    const { tally, result } = outcome();
    assert.deepEqual(tally.closeCodes, { 1011: result.count });
    assert.deepEqual([...new Set(tally.closes.map(({ reason }) => reason))], ['Ping timeout']);
  });

  it('it takes two intervals of the ping to notice, and what a busy machine takes', () => {
    const { noticed } = outcome().result;
    assert.ok(noticed <= (2 * pingInterval + tolerance) * 1000, `${Math.round(noticed)} ms`);
  });
};

const figure = ({ result: { count, noticed } }: Outcome<Silence>) =>
  `${count} peers; all told as closed ${(noticed / 1000).toFixed(1)} s after the cut, with a ping each second`;

fault(
  'peers that die without a word: a proxy stops forwarding',
  {
    server: { pingInterval },
    count: 200,
    rehearsal: 10,
    async run(stage, count) {
      const proxy = await proxyTo(stage.port);
      const peers = await connected(count, `ws://127.0.0.1:${proxy.port}`);
      await sleep(300);
      const before = await timeoutsOf(stage);
      proxy.cut();
      const silence = await untilNoticed(stage, count, before);
      for (const ws of peers) ws.terminate();
      await proxy.close();
      return silence;
    },
    figure,
  },
  facts,
);

const noNetwork = whyNoNetwork();
if (noNetwork) {
  describe('peers that die without a word: the link of a network is cut', () => {
    it(`cannot be tried here: ${noNetwork}`);
  });
} else {
  fault(
    'peers that die without a word: the link of a network is cut',
    {
      server: { pingInterval, host: '0.0.0.0' },
      count: 200,
      rehearsal: 10,
      async run(stage, count) {
        const network = makeNetwork();
        try {
          await network.peers(count, stage.port);
          await sleep(300);
          const before = await timeoutsOf(stage);
          network.cut();
          return await untilNoticed(stage, count, before);
        } finally {
          network.remove();
        }
      },
      figure,
    },
    facts,
  );
}

let clientProxyPort: number;

fault(
  'a server that dies without a word: the client of a flow comes back',
  {
    more: () => [
      { id: 'client', type: 'ix-client', URL: `ws://127.0.0.1:${clientProxyPort}/client`, pingInterval, autoStart: true },
      {
        id: 'client-events',
        type: 'ix-client-events',
        client: 'client',
        z: 'tab',
        x: 1,
        y: 1,
        wires: [[], ['harness'], ['harness'], ['harness']],
      },
    ],
    async prepare() {
      clientProxyPort = await freePort();
    },
    count: 3,
    rehearsal: 1,
    async run({ subject, port }, count) {
      for (let i = 0; i < count; i++) {
        const before = await subject.tally();
        const opens = async () => (await subject.tally()).opened['/client'] ?? 0;
        const timeouts = async () => (await subject.tally()).closeCodes[1011] ?? 0;
        const proxy = await proxyTo(port, clientProxyPort);
        // Both ends of it have an Open event.
        await eventually(async () => (await opens()) >= (before.opened['/client'] ?? 0) + 2, 'the client', 15_000);
        proxy.cut();
        await eventually(async () => (await timeouts()) > (before.closeCodes[1011] ?? 0), 'the Close event of the client', 15_000);
        await proxy.close();
      }
      return count;
    },
    figure: ({ result }) => `${result} times: noticed by ping, closed with 1011, and connected again once the network was there`,
  },
  (outcome) => {
    it('each death is a Close event with 1011, Ping timeout, and the client connects again', () => {
      const { result, tally } = outcome();
      assert.equal(tally.closes.filter(({ code, reason }) => code === 1011 && reason === 'Ping timeout').length, result);
      assert.equal(tally.opened['/client'], 2 * result);
    });
  },
);
