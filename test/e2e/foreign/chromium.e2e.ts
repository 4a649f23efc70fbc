import assert from 'node:assert/strict';
import { writeFileSync } from 'node:fs';
import { createServer } from 'node:https';
import type { AddressInfo } from 'node:net';
import { join } from 'node:path';
import { type BrowserContext, chromium, type Page } from 'playwright-core';
import { certs } from '../../helpers/certs';
import { data, type Held, NodeRed, program, temporary } from './runtime';

/** The page's record of one WebSocket. */
interface PageSocket {
  ws: WebSocketInPage;
  heard: unknown[];
}
interface WebSocketInPage {
  protocol: string;
  extensions: string;
  binaryType: string;
  send(data: unknown): void;
  close(code?: number, reason?: string): void;
  addEventListener(name: string, listener: (event: never) => void): void;
}
/** Exists in the page only. */
declare const window: {
  sockets: PageSocket[];
  WebSocket: new (url: string, protocols?: string[]) => WebSocketInPage;
  Blob: new (parts: unknown[]) => unknown;
};

/** Entries of the page: a text, `{ bytes }`, `{ code, reason, wasClean }`. */
type Told = unknown;

/** A WebSocket of the browser. */
class InPage {
  private constructor(
    private readonly page: Page,
    private readonly at: number,
    readonly protocol: string,
    readonly extensions: string,
  ) {}

  static async open(page: Page, url: string, protocols: string[] = []): Promise<InPage> {
    const { at, protocol, extensions } = await page.evaluate(
      ([url, protocols]) =>
        new Promise<{ at: number; protocol: string; extensions: string }>((resolve, reject) => {
          window.sockets ??= [];
          const ws = new window.WebSocket(url, protocols);
          ws.binaryType = 'arraybuffer';
          const heard: unknown[] = [];
          const at = window.sockets.push({ ws, heard }) - 1;
          ws.addEventListener('message', ({ data }: { data: string | ArrayBuffer }) =>
            heard.push(typeof data === 'string' ? data : { bytes: Array.from(new Uint8Array(data)) }),
          );
          ws.addEventListener('close', ({ code, reason, wasClean }: { code: number; reason: string; wasClean: boolean }) =>
            heard.push({ code, reason, wasClean }),
          );
          ws.addEventListener('error', () => reject(new Error(`the browser did not connect to ${url}`)));
          ws.addEventListener('open', () => resolve({ at, protocol: ws.protocol, extensions: ws.extensions }));
        }),
      [url, protocols] as const,
    );
    return new InPage(page, at, protocol, extensions);
  }

  async send(message: string | Buffer, as: 'buffer' | 'blob' = 'buffer'): Promise<void> {
    const given = typeof message === 'string' ? message : Array.from(message);
    await this.page.evaluate(
      ([at, given, as]) => {
        const data = typeof given === 'string' ? given : new Uint8Array(given);
        window.sockets[at]?.ws.send(as === 'blob' ? new window.Blob([data]) : data);
      },
      [this.at, given, as] as const,
    );
  }

  close(code?: number, reason?: string): Promise<void> {
    return this.page.evaluate(
      ([at, code, reason]) => window.sockets[at as number]?.ws.close(code as number | undefined, reason as string | undefined),
      [this.at, code, reason] as const,
    );
  }

  async told(): Promise<Told> {
    const heard = await this.page.waitForFunction(
      (at) => (window.sockets[at]?.heard.length ? { first: window.sockets[at].heard.shift() } : undefined),
      this.at,
      {
        timeout: 8000,
        polling: 10,
      },
    );
    const { first } = (await heard.jsonValue()) as { first: Told };
    return isBytes(first) ? Buffer.from(first.bytes) : first;
  }
}

const isBytes = (told: Told): told is { bytes: number[] } => typeof told === 'object' && told !== null && 'bytes' in told;

describe('Chromium', () => {
  let nodeRed: NodeRed;
  let server: Held;
  let context: BrowserContext;
  let page: Page;

  before(async () => {
    const executablePath = program(process.env.CHROMIUM ?? '/usr/bin/chromium', 'chromium');
    nodeRed = await NodeRed.start();
    await nodeRed.deploy({ server: { side: 'server', subProtocols: ['chat.v2', 'chat.v1'] }, echo: { side: 'server' } }, [
      { id: 'heard', type: 'ix-server-events', server: 'echo', wires: [['said'], [], [], []] },
      { id: 'said', type: 'ix-server-send', server: 'echo', wires: [[]] },
    ]);
    server = nodeRed.held('server');
    context = await chromium.launchPersistentContext(temporary(), {
      executablePath,
      headless: true,
      // A browser cannot ask the user to trust the certificate of a WebSocket.
      args: [
        '--no-sandbox',
        '--disable-gpu',
        '--no-first-run',
        '--disable-background-networking',
        '--disable-component-update',
        '--disable-sync',
        '--ignore-certificate-errors',
      ],
    });
  });
  after(async () => {
    await context?.close();
    await nodeRed?.stop();
  });
  beforeEach(async () => {
    page = await context.newPage();
    await page.goto(`${nodeRed.url}/settings`);
  });
  afterEach(async () => {
    await page.close();
    await server.rest();
  });

  const connect = async (options: object = {}, path = '/', protocols: string[] = []) => {
    const { port } = await server.start({ enablePerMessageDeflate: true, pingInterval: 0, tls: false, maxPayload: 5242880, ...options });
    const browser = await InPage.open(page, `ws://127.0.0.1:${port}${path}`, protocols);
    return { browser, open: await server.event('Open'), port };
  };

  for (const enablePerMessageDeflate of [true, false]) {
    it(`${enablePerMessageDeflate ? 'with' : 'without'} compression sends and receives texts, bytes and blobs, small and large`, async () => {
      const { browser } = await connect({ enablePerMessageDeflate });
      assert.equal(browser.extensions, enablePerMessageDeflate ? 'permessage-deflate' : '');
      const large = 'Grüße, 世界 🎉 '.repeat(5000);
      for (const message of ['hello', '', large, 'ho', Buffer.from([0, 1, 255]), Buffer.alloc(0), Buffer.alloc(20_000, 'abc'), large]) {
        for (const as of ['buffer', 'blob'] as const) {
          if (as === 'blob' && typeof message === 'string') continue;
          await browser.send(message, as);
          const heard = await server.event('Message');
          assert.deepEqual(data(heard), message);
          if (message.length > 1000) assert.equal(heard.wireSize < Buffer.byteLength(message) / 10, enablePerMessageDeflate);
        }
        const { success, statuses } = await server.send(message);
        assert.equal(success, true);
        assert.deepEqual(await browser.told(), message);
        if (message.length > 1000) assert.equal(statuses[0].wireSize < Buffer.byteLength(message) / 10, enablePerMessageDeflate);
      }
    });
  }

  it('is known by its target and its headers', async () => {
    const { open } = await connect({}, '/a%20b?c=d&e');
    assert.equal(open.uri, '/a%20b?c=d&e');
    assert.equal(open.headers.Origin, nodeRed.url);
    assert.match(open.headers['User-Agent'], /Chrome/);
  });

  it('is answered the first of our subprotocols that it offers', async () => {
    const { browser, open } = await connect({}, '/', ['chat.v0', 'chat.v1', 'chat.v2']);
    assert.deepEqual([browser.protocol, open.protocol], ['chat.v2', 'chat.v2']);
  });

  it('receives the code and the reason of our close', async () => {
    const { browser } = await connect();
    await server.command('stop', { code: 4001, reason: 'bis später' });
    assert.deepEqual(await browser.told(), { code: 4001, reason: 'bis später', wasClean: true });
    const { code, reason, remote } = await server.event('Close');
    assert.deepEqual({ code, reason, remote }, { code: 4001, reason: 'bis später', remote: false });
  });

  const closings: readonly (readonly [given: [code?: number, reason?: string], expected: { code: number; reason: string }])[] = [
    [[3000, 'done'], { code: 3000, reason: 'done' }],
    [[1000], { code: 1000, reason: '' }],
    [[], { code: 1005, reason: 'No status code' }],
  ];
  for (const [given, expected] of closings) {
    it(`that closes with (${given.join(', ')}) is reported as ${expected.code}, and ended cleanly`, async () => {
      const { browser } = await connect();
      await browser.close(...given);
      const { code, reason, remote } = await server.event('Close');
      assert.deepEqual({ code, reason, remote }, { ...expected, remote: true });
      const { wasClean } = (await browser.told()) as { wasClean: boolean };
      assert.equal(wasClean, true);
    });
  }

  it('that leaves the page says 1001', async () => {
    await connect();
    await page.goto('about:blank');
    const { code, remote } = await server.event('Close');
    assert.deepEqual({ code, remote }, { code: 1001, remote: true });
  });

  it('answers our pings without its page knowing', async () => {
    const { browser } = await connect({ pingInterval: 0.2 });
    await new Promise((resolve) => setTimeout(resolve, 1200));
    await browser.send('still here');
    assert.equal((await server.event('Message')).str, 'still here');
  });

  it('that sends too much is closed with 1009', async () => {
    const { browser } = await connect({ maxPayload: 1000 });
    await browser.send('x'.repeat(1001));
    assert.match((await server.event('Error')).reason, /maxPayload/);
    assert.equal((await server.event('Close')).code, 1009);
    assert.equal(((await browser.told()) as { code: number }).code, 1009);
  });

  it('in three pages receives a broadcast, and a message of its own', async () => {
    const { browser: first, port } = await connect();
    const others = [];
    for (let i = 0; i < 2; i++) others.push(await InPage.open(page, `ws://127.0.0.1:${port}/${i}`));
    await server.event('Open');
    const last = await server.event('Open');
    for (const message of ['for all', 'for all', Buffer.from('bytes for all')]) {
      assert.equal((await server.send(message)).statuses.length, 3);
      for (const browser of [first, ...others]) assert.deepEqual(await browser.told(), message);
    }
    await server.send('for one', { client: last.client });
    assert.equal(await others[1]?.told(), 'for one');
  });

  it('receives its own message if events are wired to a send node', async () => {
    const echo = nodeRed.held('echo');
    const { port } = await echo.start();
    const browser = await InPage.open(page, `ws://127.0.0.1:${port}/`);
    for (const message of ['one', '', 'zwei: ü', Buffer.from([1, 2, 3])]) {
      await browser.send(message);
      assert.deepEqual(await browser.told(), message);
    }
    await echo.rest();
  });

  describe('is accepted', () => {
    const url = async (options: object, path = '/') =>
      `ws://127.0.0.1:${(await server.start({ tls: false, allowedOrigins: ['same host'], auth: 'none', ...options })).port}${path}`;
    const isRefused = (opening: Promise<unknown>) => assert.rejects(opening, /the browser did not connect/);

    it('with a page of this machine, by whichever name', async () => {
      await page.goto(`${nodeRed.url.replace('127.0.0.1', 'localhost')}/settings`);
      await InPage.open(page, await url({}));
      assert.match((await server.event('Open')).headers.Origin, /^http:\/\/localhost:/);
    });

    it('with no page of another host, unless allowedOrigins names it', async () => {
      // The browser resolves every name below localhost to this machine, and treats them as different hosts.
      await page.goto(`${nodeRed.url.replace('127.0.0.1', 'evil.localhost')}/settings`);
      await isRefused(InPage.open(page, await url({})));
      const { http_status, reason, remoteIp } = await server.event('Error');
      assert.deepEqual([http_status, remoteIp], [403, '127.0.0.1']);
      assert.match(reason, /http:\/\/evil\.localhost:\d+/);
      await server.rest();
      await InPage.open(page, await url({ allowedOrigins: [nodeRed.url.replace('127.0.0.1', 'evil.localhost')] }));
      await server.event('Open');
      await server.rest();
      await InPage.open(page, await url({ allowedOrigins: ['*'] }));
      await server.event('Open');
    });

    it('with no page of another host by https or of a file, since each sends what only browsers send', async () => {
      const certificate = certs().server;
      const https = createServer({ cert: certificate.cert, key: certificate.key }, (_, response) => response.end('<p>'));
      await new Promise<void>((resolve) => https.listen(0, '127.0.0.1', resolve));
      const file = join(temporary(), 'page.html');
      writeFileSync(file, '<p>');
      // An https page may open ws:// to this machine only.
      const pages = [`https://evil.localhost:${(https.address() as AddressInfo).port}/`, `file://${file}`];
      const sent: object[] = [];
      try {
        for (const at of pages) {
          await page.goto(at);
          await isRefused(InPage.open(page, await url({})));
          const { http_status, reason } = await server.event('Error');
          assert.equal(http_status, 403, `${at}: ${reason}`);
          await server.rest();
        }
        // Prints the browser's headers, so that the rule can be compared with them.
        for (const at of [...pages, `${nodeRed.url.replace('127.0.0.1', 'evil.localhost')}/settings`]) {
          await page.goto(at);
          await InPage.open(page, await url({ allowedOrigins: ['*'] }));
          const { headers } = await server.event('Open');
          sent.push(headers);
          await server.rest();
        }
      } finally {
        https.close();
      }
      for (const headers of sent as Record<string, string>[]) {
        for (const name of ['User-Agent', 'Accept-Language', 'Accept-Encoding', 'Pragma', 'Cache-Control']) {
          assert.ok(headers[name], `${name} in ${JSON.stringify(headers)}`);
        }
      }
    });

    it('with the token in the query, which is shown nowhere', async () => {
      const bearer = { auth: 'bearer', token: 'open sesame', tokenParameter: 'token' };
      await isRefused(InPage.open(page, await url(bearer)));
      assert.equal((await server.event('Error')).http_status, 401);
      await server.rest();
      await InPage.open(page, await url(bearer, '/chat?token=open%20sesame'));
      assert.equal((await server.event('Open')).uri, '/chat?token=***');
    });

    after(() => server.start({ allowedOrigins: ['same host'], auth: 'none' }));
  });

  it('speaks TLS with us', async () => {
    const { certFile, keyFile } = certs().server;
    const { port } = await server.start({ tls: true, certFile, keyFile });
    const browser = await InPage.open(page, `wss://localhost:${port}/`);
    await server.event('Open');
    await browser.send('secret');
    assert.equal((await server.event('Message')).str, 'secret');
    await server.send('whispered');
    assert.equal(await browser.told(), 'whispered');
  });
});
