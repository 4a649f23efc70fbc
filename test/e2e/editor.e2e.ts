import assert from 'node:assert/strict';
import { type CatalogRow, catalog, categories, isConfigRow } from '../../nodes/catalog';
import { EditorPage, type Item } from './editor-page';
import { type Launched, launch } from './launch';

/** Every option set, each to a value of its own type. */
const client: Item = {
  id: 'client',
  type: 'ix-client',
  name: 'full',
  autoStart: false,
  URL: 'ws://127.0.0.1:9/path?q=1',
  headers: { 'X-One': '1', Authorization: '${TOKEN}' },
  subProtocols: ['one', 'two'],
  pingInterval: 30,
  enablePong: false,
  tls: false,
  certFile: '/etc/client.pem',
  keyFile: '-----BEGIN PRIVATE KEY-----\nAAAA\n-----END PRIVATE KEY-----\n',
  caFile: 'NONE',
  ciphers: 'DEFAULT',
  tlsConfig: '',
  proxy: '',
  protocol: '',
  enableAutomaticReconnection: false,
  minWaitBetweenReconnectionRetries: 200,
  maxWaitBetweenReconnectionRetries: 5000,
  jitter: true,
  retryFirstConnect: true,
  handshakeTimeoutSecs: 2.5,
  enablePerMessageDeflate: true,
  perMessageDeflateOptions: { clientMaxWindowBits: 10, serverNoContextTakeover: true },
  maxPayload: 1000,
};
/** Every option from the environment. */
const env: Item = Object.fromEntries(
  Object.keys(client).map((name) => [
    name,
    ['id', 'type', 'name', 'tlsConfig', 'proxy', 'protocol'].includes(name) ? client[name] : `\${${name.toUpperCase()}}`,
  ]),
) as Item;
Object.assign(env, { id: 'env', name: 'from the environment' });
const server: Item = {
  id: 'server',
  type: 'ix-server',
  name: '',
  autoStart: false,
  port: 0,
  host: '127.0.0.1',
  addressFamily: 2,
  path: '/chat',
  subProtocols: ['one'],
  pingInterval: 0,
  enablePong: true,
  allowedOrigins: ['https://example.com', 'same host'],
  auth: 'bearer',
  tokenParameter: 'access_token',
  trustProxy: ['10.0.0.0/8', '${PROXY}'],
  tls: false,
  certFile: '',
  keyFile: '',
  caFile: '/etc/ca.pem',
  ciphers: '',
  tlsConfig: '',
  protocol: '',
  enablePerMessageDeflate: false,
  perMessageDeflateOptions: '',
  maxConnections: 5,
  maxConnectionsPerIp: 2,
  maxRefusalsPerAddress: 3,
  backlog: 10,
  handshakeTimeoutSecs: 1,
  maxPayload: 0,
};

/** Only the required properties, as in a flow written by hand or by an older version. */
const bare: Item = { id: 'bare', type: 'ix-client', name: '', URL: 'ws://127.0.0.1:9/', tlsConfig: '', proxy: '', protocol: '' };

const flowNodes: Item[] = Object.entries<CatalogRow>(catalog)
  .filter(([, row]) => !isConfigRow(row))
  .map(([type, row], index) => ({
    id: `n${index}`,
    type,
    z: 'tab',
    name: index % 2 ? '' : `node ${index}`,
    ...(row.side && { [row.side]: row.side === 'client' ? 'client' : 'server' }),
    ...(row.kind === 'events' ? { output: 'json', method: 'm' } : { raise: true }),
    ...(type === 'ix-server-send' && { to: 'others' }),
    ...(type === 'ix-replay' && { client: 'client', server: '' }),
    ...(type === 'ix-4d-hook' && { URL: 'http://127.0.0.1/hooks/ws', tlsConfig: '' }),
    x: 200 + 260 * (index % 3),
    y: 80 + 80 * Math.floor(index / 3),
    wires: row.kind === 'events' ? [[], [], [], []] : [[]],
  }));
const flow: Item[] = [{ id: 'tab', type: 'tab', label: 'All' }, client, env, server, bare, ...flowNodes];

describe('the editor', function () {
  this.timeout(60_000);
  let nodeRed: Launched | undefined;
  let editor: EditorPage;

  before(async () => {
    nodeRed = await launch([]);
    await nodeRed.ready();
    editor = await EditorPage.open(nodeRed.url);
    await editor.import(flow);
  });
  after(async () => {
    await editor?.close();
    await nodeRed?.stop();
  });
  afterEach('has nothing to say in the console', () => assert.deepEqual(editor.problems, []));

  it('has every flow node in its category of the palette, with its icon', async () => {
    for (const { type } of flowNodes) {
      const entry = editor.page.locator(`.red-ui-palette-node[data-palette-type="${type}"]`);
      assert.match(
        (await entry.locator('.red-ui-palette-icon').getAttribute('style')) ?? '',
        new RegExp(`${catalog[type as keyof typeof catalog].icon}`),
      );
      const row = catalog[type as keyof typeof catalog] as Extract<CatalogRow, { category: string }>;
      const container = `red-ui-palette-container-${categories[row.category].replace(' ', '_')}`;
      assert.equal(await entry.locator(`xpath=ancestor::*[@id="${container}"]`).count(), 1);
    }
  });

  for (const { id, type, name } of flow.slice(1)) {
    it(`leaves the ${type} ${name || id} as it is when its dialog is opened and closed with OK`, async () => {
      const before = await editor.nodes();
      await editor.edit(id, type, async (form) => {
        for (const section of await form.tabs()) await form.tab(section);
      });
      assert.deepEqual(await editor.nodes(), before);
    });
  }

  it('finds nothing wrong with these nodes', async () => {
    for (const { id } of flow.slice(1)) assert.deepEqual(await editor.wrong(id), [], id);
  });

  it('says why a number is wrong, and leaves what was typed', async () => {
    await editor.edit('server', 'ix-server', async (form) => {
      await form.fill('port', '80 80');
      assert.match((await form.element('port').getAttribute('class')) ?? '', /input-error/);
      assert.match(await form.tooltip('port'), /^Port must be a whole number/);
    });
    assert.equal((await editor.nodes()).server?.port, '80 80');
    assert.match((await editor.wrong('server')).join(), /Port must be a whole number/);
    await editor.edit('server', 'ix-server', (form) => form.fill('port', '0'));
    assert.deepEqual(await editor.wrong('server'), []);
    assert.equal((await editor.nodes()).server?.port, 0);
  });

  it('says what is wrong with a header below the headers', async () => {
    await editor.edit('client', 'ix-client', async (form) => {
      const name = form.row('headers').locator('.ix-header-name').first();
      await name.fill('X One');
      await form.row('headers').locator('.ix-wrong').waitFor({ state: 'visible' });
      assert.match(
        (await form.row('headers').locator('.ix-wrong').textContent()) ?? '',
        /^Headers\.X One must be a valid HTTP header name/,
      );
      await name.fill('X-One');
      await form.row('headers').locator('.ix-wrong').waitFor({ state: 'hidden' });
    });
  });

  it('asks for a URL only while the client is to start', async () => {
    await editor.edit('bare', 'ix-client', async (form) => {
      const isWrong = async () => /input-error/.test((await form.element('URL').getAttribute('class')) ?? '');
      await form.fill('URL', '');
      assert.equal(await isWrong(), false);
      await form.element('autoStart').check();
      assert.equal(await isWrong(), true);
      await form.element('autoStart').uncheck();
      await form.fill('URL', 'ws://127.0.0.1:9/');
    });
  });

  it('warns while nothing is verified, and of a private key in the flow', async () => {
    await editor.edit('client', 'ix-client', async (form) => {
      await form.tab('security');
      assert.equal(await form.row('caFile').locator('.ix-tip').last().isVisible(), true);
      assert.equal(await form.row('keyFile').locator('.ix-tip').isVisible(), true);
    });
    await editor.edit('server', 'ix-server', async (form) => {
      await form.tab('security');
      assert.equal(await form.row('caFile').locator('.ix-tip').last().isVisible(), false);
      assert.equal(await form.element('caFile').inputValue(), '/etc/ca.pem');
    });
  });

  it('deploys what was set in the forms, with the types that the options have', async () => {
    await editor.edit('bare', 'ix-client', async (form) => {
      await form.fill('name', 'set by hand');
      await form.fill('URL', 'wss://127.0.0.1:9/set');
      await form.row('headers').getByText('Add a header').click();
      await form.row('headers').locator('.ix-header-name').fill('X-Set');
      await form.row('headers').locator('.red-ui-typedInput-input').fill('yes, indeed');
      for (const [index, name] of ['a', 'b'].entries()) {
        await form.row('subProtocols').getByText('Add a subprotocol').click();
        await form.row('subProtocols').locator('.ix-row input').nth(index).fill(name);
      }
      await form.fill('pingInterval', '15');
      await form.unfold();
      await form.useEnvironment('enablePong');
      await form.fill('enablePong', '${ANSWER}');
      await form.tab('security');
      await form.fill('user', 'me');
      await form.fill('password', 'open sesame');
      await form.element('caFile-choice').selectOption('PEM');
      await form.fill('caFile', '/etc/my-ca.pem');
      await form.tab('reconnection');
      await form.unfold();
      await form.element('jitter').check();
      await form.fill('maxWaitBetweenReconnectionRetries', '2000');
      await form.tab('compression');
      await form.unfold();
      await form.element('perMessageDeflateOptions-clientNoContextTakeover').selectOption('true');
      await form.element('perMessageDeflateOptions-serverMaxWindowBits').fill('12');
      await form.tab('limits');
      await form.fill('maxPayload', '${MAX}');
    });
    await editor.edit('server', 'ix-server', async (form) => {
      await form.unfold();
      await form.element('addressFamily').selectOption('6');
      await form.fill('host', '');
      await form.tab('limits');
      await form.fill('maxConnections', '7');
    });
    const send = flowNodes.find(({ type }) => type === 'ix-server-send') as Item;
    await editor.edit(send.id, send.type, async (form) => {
      await form.element('to').selectOption('all');
      await form.element('raise').uncheck();
    });
    await editor.deploy();

    const deployed = await editor.deployed();
    assert.deepEqual(deployed.bare, {
      ...bare,
      name: 'set by hand',
      URL: 'wss://127.0.0.1:9/set',
      headers: { 'X-Set': 'yes, indeed' },
      subProtocols: ['a', 'b'],
      pingInterval: 15,
      enablePong: '${ANSWER}',
      caFile: '/etc/my-ca.pem',
      jitter: true,
      maxWaitBetweenReconnectionRetries: 2000,
      perMessageDeflateOptions: { clientNoContextTakeover: true, serverMaxWindowBits: 12 },
      maxPayload: '${MAX}',
    });
    assert.deepEqual(deployed.server, { ...server, addressFamily: 6, host: '', maxConnections: 7 });
    assert.deepEqual(deployed[send.id], { ...send, to: 'all', raise: false });
    for (const { id } of [client, env])
      assert.deepEqual(
        deployed[id],
        flow.find((item) => item.id === id),
      );
  });

  it('keeps credentials through another OK, and shows the password to nobody', async () => {
    const secrets: string[] = [];
    editor.page.on('response', async (response) => {
      if (response.url().includes('/credentials/')) secrets.push(await response.text());
    });
    await editor.load();
    await editor.page.waitForTimeout(500);
    await editor.edit('bare', 'ix-client', async (form) => {
      await form.tab('security');
      assert.equal(await form.element('user').inputValue(), 'me');
      assert.equal(await form.element('password').inputValue(), '__PWRD__');
    });
    assert.deepEqual(
      secrets.map((text) => JSON.parse(text)),
      [{ user: 'me', has_password: true, has_passphrase: false, has_secrets: false }],
    );
  });

  it('has a new config node start with the flows, and its other options not set', async () => {
    await editor.edit('n0', flowNodes[0]?.type ?? '', async (form) => {
      await form.page.click('#node-input-btn-client-add');
      await form.page.locator('#node-config-input-URL').waitFor({ state: 'visible' });
      await form.page.waitForTimeout(400);
      assert.equal(await form.page.locator('#node-config-input-autoStart').isChecked(), true);
      assert.equal(await form.page.locator('#node-config-input-enablePong').isChecked(), true);
      await form.page.fill('#node-config-input-URL', 'ws://127.0.0.1:9/new');
      await form.page.click('#node-config-dialog-ok');
      await form.page.locator('#node-config-input-URL').waitFor({ state: 'detached' });
      await form.page.waitForTimeout(400);
    });
    const made = Object.values(await editor.nodes()).find(({ URL }) => URL === 'ws://127.0.0.1:9/new');
    const { id, type, name, tlsConfig, proxy, protocol, ...set } = made as Item;
    assert.deepEqual(set, { URL: 'ws://127.0.0.1:9/new', autoStart: true, enablePong: true, enableAutomaticReconnection: true });
  });

  it('lets a TLS configuration take the place of the options that it replaces', async () => {
    await editor.import([
      {
        id: 'tls',
        type: 'tls-config',
        name: 'own',
        cert: '',
        key: '',
        ca: '',
        certname: '',
        keyname: '',
        caname: '',
        servername: '',
        verifyservercert: true,
        alpnprotocol: '',
      },
    ]);
    await editor.edit('server', 'ix-server', async (form) => {
      await form.tab('security');
      assert.equal(await form.row('certFile').isVisible(), true);
      await form.element('tlsConfig').selectOption('tls');
      for (const name of ['certFile', 'keyFile', 'passphrase', 'caFile', 'ciphers'])
        assert.equal(await form.row(name).isVisible(), false, name);
      assert.equal(await form.row('tls').isVisible(), true);
    });
    assert.equal((await editor.nodes()).server?.tlsConfig, 'tls');
  });

  it("hides what means nothing on Node-RED's port, and asks for the path there", async () => {
    await editor.edit('server', 'ix-server', async (form) => {
      await form.tab('connection');
      await form.unfold();
      const own = ['port', 'host', 'addressFamily'];
      const visible = () => Promise.all([...own, 'path'].map((name) => form.row(name).isVisible()));
      assert.deepEqual(await visible(), [true, true, true, true]);
      await form.element('listenOn').selectOption('node-red');
      assert.deepEqual(await visible(), [false, false, false, true]);
      await form.fill('path', '');
      await form.tab('limits');
      assert.deepEqual([await form.row('handshakeTimeoutSecs').isVisible(), await form.row('maxConnections').isVisible()], [false, true]);
      await form.tab('security');
      assert.deepEqual([await form.row('tls').isVisible(), await form.page.locator('.ix-shared-tip:visible').count()], [false, 1]);
    });
    assert.match((await editor.wrong('server')).join(), /Path is required/);
    await editor.edit('server', 'ix-server', async (form) => {
      assert.equal(await form.row('port').isVisible(), false);
      await form.fill('path', '/chat');
    });
    assert.deepEqual(await editor.wrong('server'), []);
    const { listenOn, path } = (await editor.nodes()).server as Item;
    assert.deepEqual([listenOn, path], ['node-red', '/chat']);
    await editor.edit('server', 'ix-server', async (form) => {
      await form.element('listenOn').selectOption('own');
      assert.deepEqual([await form.row('port').isVisible(), await form.page.locator('.ix-shared-tip:visible').count()], [true, 0]);
    });
  });

  it("takes an HTTP proxy node of Node-RED's own", async () => {
    await editor.import([{ id: 'proxy', type: 'http proxy', name: 'office', url: 'http://127.0.0.1:3128', noproxy: [] }]);
    await editor.edit('bare', 'ix-client', async (form) => {
      await form.tab('connection');
      await form.unfold();
      await form.element('proxy').selectOption('proxy');
    });
    assert.equal((await editor.nodes()).bare?.proxy, 'proxy');
  });

  it('shows a help for every type', async () => {
    for (const [type, { summary }] of Object.entries<CatalogRow>(catalog)) assert.ok((await editor.help(type)).includes(summary), type);
  });
});
