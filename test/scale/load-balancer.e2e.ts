/** nginx in front of two instances, with the configuration from docs/scale-out.md. */
import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { WebSocket } from 'ws';
import { Nginx } from '../e2e/foreign/nginx';
import { certs } from '../helpers/certs';
import { Queue, within } from '../helpers/queue';
import { Instance } from './instance';
import { Mosquitto } from './mosquitto';

/** The configuration of the page, with the ports and files of the test. */
function configured(port: number, backends: readonly [number, number]): string {
  const page = readFileSync(join(__dirname, '..', '..', 'docs', 'scale-out.md'), 'utf8');
  const text = /```nginx\n([\s\S]*?)```/.exec(page)?.[1] ?? '';
  const { certFile, keyFile } = certs().server;
  const ours: [string, string][] = [
    ['10.0.0.1:8098', `127.0.0.1:${backends[0]}`],
    ['10.0.0.2:8098', `127.0.0.1:${backends[1]}`],
    ['listen 443 ssl', `listen 127.0.0.1:${port} ssl`],
    ['/etc/ssl/ix.crt', certFile],
    ['/etc/ssl/ix.key', keyFile],
  ];
  return ours.reduce((config, [theirs, here]) => {
    assert.equal(config.split(theirs).length, 2, `${theirs} stands once in the page`);
    return config.replace(theirs, here);
  }, text);
}

class WebClient {
  private readonly heard = new Queue<string>();
  readonly gone: Promise<unknown>;

  private constructor(private readonly ws: WebSocket) {
    ws.on('message', (data) => this.heard.push(String(data)));
    this.gone = new Promise((resolve) => ws.once('close', resolve));
  }

  static async connect(port: number, path: string): Promise<WebClient> {
    const ws = new WebSocket(`wss://localhost:${port}${path}`, { ca: readFileSync(certs().ca.certFile) });
    const webClient = new WebClient(ws);
    await within(
      new Promise((resolve, reject) => void ws.once('open', resolve).once('error', reject)),
      `the connection of ${path}`,
      10_000,
    );
    return webClient;
  }

  send = (text: string): void => this.ws.send(text);
  hears = (what: string): Promise<string> => this.heard.take(what, 8000);
  leave = (): void => this.ws.terminate();
}

describe('nginx before two Node-REDs', function () {
  this.timeout(40_000);
  let broker: Mosquitto;
  let north: Instance;
  let south: Instance;
  let nginx: Nginx;
  let webClients: WebClient[] = [];

  const connect = async (count: number): Promise<WebClient[]> => {
    const more: WebClient[] = [];
    for (let at = 0; at < count; at++) more.push(await WebClient.connect(nginx.port, `/${webClients.length + at}`));
    return more;
  };
  /** Returns the number of clients on each instance, as reported to one client. */
  const spread = async (): Promise<Record<string, number>> => {
    const [asker] = webClients as [WebClient];
    asker.send('{"ask":"clients"}');
    const { clients } = JSON.parse(await asker.hears('the list of clients')) as { clients: { address: string }[] };
    const names = clients.map(({ address }) => address.split('/')[0] as string);
    return Object.fromEntries(['north', 'south'].map((name) => [name, names.filter((each) => each === name).length]));
  };

  before(async () => {
    broker = await Mosquitto.start();
    [north, south] = await Promise.all([Instance.start('north', broker.port), Instance.start('south', broker.port)]);
    nginx = await Nginx.start((port) => configured(port, [north.port, south.port]));
  });
  after(async () => {
    for (const webClient of webClients) webClient.leave();
    await nginx?.kill();
    await north?.stop();
    await south?.stop();
    await broker?.kill();
  });

  it('gives each the same number of clients', async () => {
    webClients = await connect(20);
    assert.deepEqual(await spread(), { north: 10, south: 10 });
  });

  it('hides the instance of a client: all receive a message of one', async () => {
    webClients[0]?.send('Good day');
    for (const webClient of webClients) assert.equal(await webClient.hears('the greeting'), 'Good day');
  });

  it('lets nobody wait for the one that is killed: its clients connect again, and are on the other', async () => {
    const gone: WebClient[] = [];
    for (const webClient of webClients) void webClient.gone.then(() => gone.push(webClient));
    await south.kill();
    for (const end = Date.now() + 8000; gone.length < 10; ) {
      assert.ok(Date.now() < end, `${gone.length} connections have ended`);
      await new Promise((resolve) => setTimeout(resolve, 20));
    }
    webClients = webClients.filter((webClient) => !gone.includes(webClient));
    webClients.push(...(await connect(10)));
    assert.deepEqual(await spread(), { north: 20, south: 0 });
  });

  it('gives new clients to the one that is back, until both have the same number', async () => {
    await south.run();
    webClients.push(...(await connect(webClients.length)));
    assert.deepEqual(await spread(), { north: 20, south: 20 });
  });
});
