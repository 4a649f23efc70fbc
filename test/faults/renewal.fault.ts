import assert from 'node:assert/strict';
import { setTimeout as sleep } from 'node:timers/promises';
import { WebSocket, WebSocketServer } from 'ws';
import { freePort } from '../e2e/foreign/runtime';
import { eventually } from './eventually';
import { fault, type Stage } from './fault';
import { type Feed, fedClient, feedOf, resetFeed, startFeed, stopFeed } from './feed';

const perSecond = 1000;

/** A peer that numbers what it sends, and keeps the numbers that it reads. */
class NumberingServer {
  readonly read: number[] = [];
  /** Messages that came after a later one of the same connection. */
  disordered = 0;
  sent = 0;
  connections = 0;
  readonly closeCodes: number[] = [];
  private readonly open: { ws: WebSocket; name: string }[] = [];
  private readonly server: WebSocketServer;
  private timer: NodeJS.Timeout | undefined;

  constructor(port: number) {
    this.server = new WebSocketServer({ port, host: '127.0.0.1' });
    this.server.on('connection', (ws) => {
      this.open.push({ ws, name: `c${++this.connections}` });
      let last = 0;
      ws.on('message', (data) => {
        const number = Number.parseInt(String(data), 10);
        if (number <= last) this.disordered++;
        last = number;
        this.read.push(number);
      });
      ws.on('close', (code) => {
        this.closeCodes.push(code);
        this.open.splice(
          this.open.findIndex((each) => each.ws === ws),
          1,
        );
      });
    });
  }

  /** Sends on the oldest connection until its close frame is there: a peer does not know that it is about to be replaced. */
  begin(): void {
    const start = performance.now();
    let count = 0;
    this.timer = setInterval(() => {
      for (const due = ((performance.now() - start) / 1000) * perSecond; count < due; count++) {
        const oldest = this.open.find(({ ws }) => ws.readyState === WebSocket.OPEN);
        oldest?.ws.send(`${oldest.name} ${++this.sent}`);
      }
    }, 5);
  }

  end = (): void => clearInterval(this.timer);

  get isConnected(): boolean {
    return this.open.length > 0;
  }

  close(): void {
    this.end();
    for (const { ws } of this.open) ws.terminate();
    this.server.close();
  }
}

interface Exchange {
  readonly feed: Feed;
  readonly read: readonly number[];
  readonly sent: number;
  readonly disordered: number;
  readonly renewals: number;
  readonly closeCodes: readonly number[];
}

let port: number;

async function exchange({ subject }: Stage, seconds: number): Promise<Exchange> {
  const server = new NumberingServer(port);
  try {
    await eventually(() => server.isConnected, 'the client', 15_000);
    await resetFeed(subject);
    await startFeed(subject, perSecond);
    server.begin();
    await sleep(seconds * 1000);
    server.end();
    await stopFeed(subject);
    let feed = await feedOf(subject);
    const isComplete = async () => {
      feed = await feedOf(subject);
      return feed.received >= server.sent && feed.succeeded + feed.failed >= feed.asked && server.read.length >= feed.succeeded;
    };
    // The facts report what is missing, with more detail than a timeout.
    await eventually(isComplete, 'the last messages', 5000).catch(() => {});
    const { read, sent, disordered, connections, closeCodes } = server;
    return { feed, read: [...read], sent, disordered, renewals: connections - 1, closeCodes: [...closeCodes] };
  } finally {
    await resetFeed(subject);
    server.close();
  }
}

const whole = (number: number) => number.toLocaleString('en');

fault(
  'renewals of a connection, under load',
  {
    more: () => fedClient({ URL: `ws://127.0.0.1:${port}/renewed`, maxAgeSecs: 1, maxWaitBetweenReconnectionRetries: 500 }),
    async prepare() {
      port = await freePort();
    },
    crowd: { peers: 2 },
    count: 20,
    rehearsal: 3,
    run: exchange,
    figure: ({ result: { feed, read, sent, renewals } }) =>
      `20 s with ${whole(perSecond)} messages a second each way, ${renewals} renewals: ${whole(read.length)} of ${whole(feed.asked)} sent and ` +
      `${whole(feed.received)} of ${whole(sent)} received, none twice`,
  },
  (outcome) => {
    it('the connection is renewed about each second, and closed with 1000 each time', () => {
      const { renewals, closeCodes } = outcome().result;
      assert.ok(renewals >= 10, `${renewals} renewals`);
      assert.deepEqual([...new Set(closeCodes)], [1000]);
    });

    it('no message of the flow is lost or doubled, and each is answered once', () => {
      const { feed, read, disordered } = outcome().result;
      assert.ok(feed.asked > 15_000, `${feed.asked} messages`);
      const { succeeded, failed, answeredAgain } = feed;
      assert.deepEqual(
        { succeeded, failed: failed, answeredAgain, read: read.length, different: new Set(read).size, disordered },
        { succeeded: feed.asked, failed: 0, answeredAgain: 0, read: feed.asked, different: feed.asked, disordered: 0 },
        JSON.stringify(feed.said),
      );
    });

    it('no message of the peer is lost or doubled', () => {
      const { feed, sent } = outcome().result;
      assert.ok(sent > 15_000, `${sent} messages`);
      const { received, receivedAgain, disordered } = feed;
      assert.deepEqual({ received, receivedAgain, disordered }, { received: sent, receivedAgain: 0, disordered: 0 });
    });

    it('no Close event came for an old connection', () => {
      const { closes } = outcome().tally;
      assert.deepEqual(
        closes.filter(({ code }) => code === 1000),
        [],
      );
    });
  },
);
