import assert from 'node:assert/strict';
import { once } from 'node:events';
import { readFileSync } from 'node:fs';
import { WebSocket, WebSocketServer } from 'ws';
import type { Recording } from '../../nodes/live';
import { EditorPage, freePort, type Item } from './editor-page';
import { type Launched, launch } from './launch';

/** The part of the editor's interface that the tests use. Functions passed to the page run there. */
declare const RED: {
  sidebar: { show(tab: string): void };
  nodes: { filterNodes(filter: object): Item[] };
  clipboard: { copyText(text: string): boolean };
  workspaces: { active(): string };
};

const at = (x: number, y: number, z = 'tab') => ({ z, x, y });

/** Returns a flow with an echo server, and a client that connects to a peer. */
const flowOf = (port: number, peer: number, closed: number): Item[] => [
  { id: 'tab', type: 'tab', label: 'One' },
  { id: 'tab2', type: 'tab', label: 'Two' },
  { id: 's', type: 'ix-server', name: 'Chat', port: String(port), path: '', autoStart: true, maxConnections: 1000 },
  { id: 'c', type: 'ix-client', name: 'Feed', URL: `ws://127.0.0.1:${peer}/feed?token=s3cret`, autoStart: true },
  { id: 'd', type: 'ix-client', name: 'Down', URL: `ws://127.0.0.1:${closed}/`, autoStart: true, retryFirstConnect: true },
  { id: 'in', type: 'ix-server-events', ...at(150, 80, 'tab2'), name: '', server: 's', output: 'data', wires: [['out'], [], [], []] },
  { id: 'out', type: 'ix-server-send', ...at(400, 80, 'tab2'), name: '', server: 's', payloadIs: 'message', to: 'sender', wires: [[]] },
];

async function connected(url: string): Promise<WebSocket> {
  const ws = new WebSocket(url);
  await once(ws, 'open');
  return ws;
}

/** Polls until something holds. */
async function until(holds: () => boolean | Promise<boolean>, what: string, ms = 15_000): Promise<void> {
  for (const end = Date.now() + ms; !(await holds()); ) {
    if (Date.now() > end) throw new Error(`${what}: not within ${ms} ms`);
    await new Promise((resolve) => setTimeout(resolve, 50));
  }
}

describe('the sidebar WebSockets', function () {
  this.timeout(60_000);
  let nodeRed: Launched;
  let editor: EditorPage;
  let wss: WebSocketServer;
  let port: number;
  const peers: WebSocket[] = [];

  before(async () => {
    port = await freePort();
    wss = new WebSocketServer({ port: 0, host: '127.0.0.1' });
    await once(wss, 'listening');
    nodeRed = await launch(flowOf(port, (wss.address() as { port: number }).port, await freePort()));
    await nodeRed.ready();
    await until(
      () =>
        connected(`ws://127.0.0.1:${port}/room/0`).then(
          (ws) => peers.push(ws) > 0,
          () => false,
        ),
      'a server that listens',
    );
    for (let i = 1; i < 5; i++) peers.push(await connected(`ws://127.0.0.1:${port}/room/${i}?token=s3cret`));
    editor = await EditorPage.open(nodeRed.url);
    // A low sidebar shows the tree or the frames. Node-RED 5.0 has one of half the height.
    await editor.page.setViewportSize({ width: 1400, height: 1000 });
    await show();
  });
  after(async () => {
    await editor?.close();
    for (const ws of peers) ws.terminate();
    wss?.close();
    for (const ws of wss?.clients ?? []) ws.terminate();
    await nodeRed?.stop();
  });

  const show = (tab = 'ix-websockets') => editor.page.evaluate((id) => RED.sidebar.show(id), tab);
  const row = (text: string) => editor.page.locator('.ix-live-row[role="treeitem"]', { hasText: text });
  const button = (label: string) => editor.page.locator(`.ix-live [aria-label="${label}"]`);
  const facts = async () => (await editor.page.locator('.ix-live-facts').textContent()) ?? '';
  const frames = async () => await editor.page.locator('.ix-live-item:visible .ix-live-content').allTextContents();
  const closeDetails = async () => {
    if (await button('Close').isVisible()) await button('Close').click();
  };
  const unfold = async () => {
    if ((await row('Chat').getAttribute('aria-expanded')) === 'false') await row('Chat').locator('.ix-live-caret').click();
    await row('/room/0').waitFor();
  };
  const select = async (text: string) => {
    await closeDetails();
    await row(text).locator('.ix-live-label').click();
    await editor.page.locator('.ix-live-frames').waitFor();
  };
  /** Selects a connection, and waits until its frames are kept. */
  const look = async (text: string) => {
    const kept = editor.page.waitForResponse((response) => response.url().includes('/live/frames?'));
    await select(text);
    await kept;
  };

  it('lists servers and clients with their states', async () => {
    await row('Down').filter({ hasText: 'retrying' }).waitFor();
    assert.match((await row('Chat').textContent()) ?? '', /5 connected/);
    assert.match((await row('Feed').textContent()) ?? '', /connected/);
    assert.match((await row('Down').textContent()) ?? '', /refused, retrying in \d+ s/);
    assert.equal(await editor.page.locator('.ix-live-tree').getAttribute('role'), 'tree');
  });

  it('shows the connections of a server, without secrets, and filters them', async () => {
    await unfold();
    assert.match((await row('/room/1').textContent()) ?? '', /127\.0\.0\.1:\d+ · for/);
    assert.doesNotMatch((await editor.page.locator('.ix-live').textContent()) ?? '', /s3cret/);
    await editor.page.locator('.ix-live-filters input').fill('room/3');
    await row('/room/0').waitFor({ state: 'detached' });
    assert.equal(await row('/room/3').count(), 1);
    assert.equal(await row('Feed').count(), 0);
    await editor.page.locator('.ix-live-filters input').fill('nothing like it');
    await editor.page.locator('.ix-live-empty:visible').waitFor();
    await editor.page.locator('.ix-live-filters input').fill('');
    await row('/room/0').waitFor();
  });

  it('sends what is written to a connection, and keeps messages with the config node', async () => {
    await unfold();
    await look('/room/2');
    const composer = editor.page.locator('.ix-live .ix-composer');
    const [peer] = peers.slice(2);
    const heard = async () => String((await once(peer as WebSocket, 'message'))[0]);
    await composer.locator('textarea').fill('hello from the editor');
    const text = heard();
    await composer.locator('[aria-label="Send"]').click();
    assert.equal(await text, 'hello from the editor');
    await composer.getByText('Sent to 1.').waitFor();
    await until(async () => (await frames()).includes('hello from the editor'), 'the frame in the list');
    await composer.locator('.ix-composer-form').selectOption('hex');
    assert.ok(!(await composer.locator('.ix-composer-form').textContent())?.includes('Request'), 'no protocol, no requests');
    await composer.locator('textarea').fill('zz');
    await composer.locator('textarea').press('Control+Enter');
    await composer.getByText('The message must be an even number').waitFor();
    await composer.locator('textarea').fill('68 69');
    await composer.locator('[aria-label^="Save the message"]').click();
    await composer.locator('textarea').fill('');
    await composer.locator('.ix-composer-saved').selectOption({ label: 'Hex: 68 69' });
    const bytes = heard();
    await composer.locator('textarea').press('Control+Enter');
    assert.equal(await bytes, 'hi');
    const [server] = await editor.page.evaluate(() => RED.nodes.filterNodes({ type: 'ix-server' }));
    assert.deepEqual(server, server && { ...server, messages: [{ form: 'hex', text: '68 69' }] });
    await closeDetails();
  });

  it('is used with the keyboard', async () => {
    const focused = () => editor.page.evaluate(() => document.activeElement?.querySelector('.ix-live-label')?.textContent);
    await row('Chat').focus();
    await editor.page.keyboard.press('Home');
    assert.equal(await focused(), 'Servers (1)');
    await editor.page.keyboard.press('ArrowDown');
    assert.equal(await focused(), 'Chat');
    await editor.page.keyboard.press('ArrowLeft');
    await row('/room/0').waitFor({ state: 'detached' });
    await editor.page.keyboard.press('ArrowRight');
    await row('/room/0').waitFor();
    await editor.page.keyboard.press('ArrowRight');
    assert.equal(await focused(), '/room/0');
    await editor.page.keyboard.press('ArrowLeft');
    assert.equal(await focused(), 'Chat');
    await editor.page.keyboard.press('End');
    assert.equal(await focused(), 'Down');
    await editor.page.keyboard.press('Enter');
    await until(async () => (await facts()).includes('Last error'), 'the details');
    assert.match(await facts(), /Could not connect to ws:\/\/127\.0\.0\.1/);
    await button('Close').focus();
    await editor.page.keyboard.press('Enter');
    assert.equal(await focused(), 'Down', 'the focus is where it was');
  });

  it('shows the rates of a connection', async () => {
    const timer = setInterval(() => peers[1]?.send('x'), 50);
    await until(async () => /↓1\d|↓2\d/.test((await row('/room/1').textContent()) ?? ''), 'a rate').finally(() => clearInterval(timer));
    assert.match((await row('/room/1').locator('polyline').first().getAttribute('points')) ?? '', /\d/);
  });

  it('lists the frames of a connection from now on: folded JSON, text and hex', async () => {
    await look('/room/0');
    peers[0]?.send('{"hello":{"deep":[1,2]}}');
    peers[0]?.send(Buffer.from([0, 1, 0xfe, 0x41]));
    peers[0]?.send('<b>bold</b>');
    peers[0]?.ping('p');
    // Each message comes back.
    await until(async () => (await frames()).length === 8, 'eight frames');
    assert.deepEqual((await frames()).sort(), [
      ...['00 01 fe 41', '00 01 fe 41', '<b>bold</b>', '<b>bold</b>', 'p', 'p'],
      ...['{"hello":{"deep":[1,2]}}', '{"hello":{"deep":[1,2]}}'],
    ]);
    assert.equal(await editor.page.locator('.ix-live-list b').count(), 0, 'no text is HTML');
    const view = editor.page.locator('.ix-live-frame-view');
    await editor.page.locator('.ix-live-frame', { hasText: 'hello' }).first().click();
    await view.locator('.red-ui-debug-msg-object-key', { hasText: 'hello' }).first().waitFor();
    await view.getByText('Text', { exact: true }).click();
    assert.equal(await view.locator('pre').textContent(), '{"hello":{"deep":[1,2]}}');
    await view.getByText('Hex', { exact: true }).click();
    assert.match((await view.locator('pre').textContent()) ?? '', /^0000 {2}7b 22 68 65/);
    await editor.page.locator('.ix-live-frame', { hasText: 'hello' }).first().click();
    await view.waitFor({ state: 'detached' });
  });

  it('filters the frames by direction and text, pauses and clears', async () => {
    await editor.page.locator('.ix-live-choice').selectOption('out');
    assert.equal((await frames()).length, 4);
    await editor.page.locator('.ix-live-frames .ix-live-search').fill('BOLD');
    assert.deepEqual(await frames(), ['<b>bold</b>']);
    await editor.page.locator('.ix-live-frames .ix-live-search').fill('');
    await editor.page.locator('.ix-live-choice').selectOption('both');
    await button('Pause').click();
    peers[0]?.send('while paused');
    await editor.page.waitForResponse((response) => response.url().includes('/live/frames?'));
    await editor.page.waitForResponse((response) => response.url().includes('/live/frames?'));
    assert.ok(!(await frames()).includes('while paused'));
    await button('Resume').click();
    await until(async () => (await frames()).includes('while paused'), 'the frame that was kept meanwhile');
    await button('Clear').click();
    assert.deepEqual(await frames(), []);
  });

  it('shows the whole of a long frame', async () => {
    peers[0]?.send(`begin ${'x'.repeat(5000)} end`);
    await editor.page.locator('.ix-live-frame').last().waitFor();
    const frame = editor.page.locator('.ix-live-frame').last();
    await frame.click();
    await until(async () => ((await editor.page.locator('.ix-live-pre').textContent()) ?? '').endsWith(' end'), 'the whole frame');
    await frame.click();
  });

  it('saves a frame as an inject node', async () => {
    peers[0]?.send('{"a":1}');
    const frame = editor.page.locator('.ix-live-frame', { hasText: '{"a":1}' }).first();
    await frame.click();
    await editor.page.locator('.ix-live-item', { has: frame }).locator('[aria-label="Save as inject node"]').click();
    // It is attached to the mouse until a click places it.
    await editor.page.mouse.move(600, 500);
    await editor.page.mouse.move(620, 520);
    await editor.page.mouse.click(620, 520);
    const injects = async () => Object.values(await editor.nodes()).filter(({ type }) => type === 'inject');
    await until(async () => (await injects()).length === 1, 'an inject node');
    const [inject] = await injects();
    assert.deepEqual([inject?.payload, inject?.payloadType], ['{"a":1}', 'json']);
    await editor.page.keyboard.press('Delete');
  });

  it('saves what it shows as a recording', async () => {
    await button('Clear').click();
    peers[0]?.send(`first ${'y'.repeat(3000)}`);
    await until(async () => (await frames()).length === 2, 'two frames');
    peers[0]?.send(Buffer.from([7]));
    await until(async () => (await frames()).length === 4, 'four frames');
    const [download] = await Promise.all([editor.page.waitForEvent('download'), button('Save as recording').click()]);
    const recording = JSON.parse(readFileSync(await download.path(), 'utf8')) as Recording;
    assert.deepEqual([recording['ix-recording'], recording.socket.side], [1, 'server']);
    assert.deepEqual(
      recording.frames.map(({ direction, type, data }) => [direction, type, data.length > 20 ? data.length : data]),
      [
        ['in', 'text', 3006],
        ['out', 'text', 3006],
        ['in', 'binary', 'Bw=='],
        ['out', 'binary', 'Bw=='],
      ],
    );
    assert.equal(recording.frames[0]?.at, 0);
  });

  it('disconnects one connection', async () => {
    await look('/room/4');
    const closed = once(peers[4] as WebSocket, 'close');
    await button('Disconnect').click();
    assert.equal((await closed)[0], 1000);
    await until(async () => (await frames()).join().includes('1000'), 'the close frame');
    await closeDetails();
    await row('/room/4').waitFor({ state: 'detached' });
  });

  it('stops and starts a client', async () => {
    await select('Feed');
    await button('Stop').click();
    await until(async () => (await facts()).includes('stopped'), 'a stopped client');
    await button('Start').click();
    await until(async () => (await facts()).includes('Stateconnected'), 'a connected client');
    await closeDetails();
  });

  it('shows the nodes of a server in the flow', async () => {
    await select('Chat');
    await button('Reveal in flow').click();
    assert.equal(await editor.page.evaluate(() => RED.workspaces.active()), 'tab2');
    await button('Edit').click();
    await editor.page.locator('#node-config-input-name').waitFor();
    await editor.page.locator('#node-config-dialog-cancel').click();
    await editor.page.locator('#node-config-input-name').waitFor({ state: 'detached' });
    await closeDetails();
  });

  it('asks nothing while another tab is shown', async () => {
    let asked = 0;
    const count = (request: { url(): string }) => {
      if (request.url().includes('ix-websocket/live')) asked++;
    };
    await show('info');
    await editor.page.waitForTimeout(500);
    editor.page.on('request', count);
    await editor.page.waitForTimeout(3000);
    const hidden = asked;
    await show();
    await until(() => asked > hidden, 'a request');
    editor.page.off('request', count);
    // Node-RED 5.0 may show the info tab in another place, beside this one.
    if (await editor.page.locator('.ix-live-tree').isVisible()) assert.ok(asked > 0);
    assert.equal(hidden, 0);
  });

  it('goes on after a restart of Node-RED, and says that it waits', async () => {
    const before = editor.problems.length;
    await unfold();
    await look('Chat');
    const restarted = nodeRed.restart();
    await editor.page.locator('.ix-live-problem', { hasText: 'Node-RED did not answer' }).first().waitFor();
    await restarted;
    await editor.page.locator('.ix-live-problem', { hasText: 'Node-RED did not answer' }).first().waitFor({ state: 'hidden' });
    const ws = await connected(`ws://127.0.0.1:${port}/again`);
    peers.push(ws);
    await row('/again').waitFor({ state: 'attached' });
    await until(async () => {
      ws.send('after the restart');
      return (await frames()).includes('after the restart');
    }, 'a frame of the new run');
    // The browser itself reports failed requests while Node-RED is away.
    editor.problems.splice(before);
    await closeDetails();
  });

  it('leaves no error in the console', () => {
    assert.deepEqual(editor.problems, []);
  });
});

describe('the sidebar WebSockets of a user', function () {
  this.timeout(60_000);
  const withPermissions = async (permissions: string) => {
    const port = await freePort();
    const adminAuth = `adminAuth: { type: 'credentials', users: [], default: { permissions: ${permissions} } },`;
    const nodeRed = await launch(
      [
        { id: 'tab', type: 'tab', label: 'One' },
        { id: 's', type: 'ix-server', name: 'Chat', port, autoStart: true },
      ],
      adminAuth,
    );
    await nodeRed.ready();
    const editor = await EditorPage.open(nodeRed.url);
    await editor.page.setViewportSize({ width: 1400, height: 1000 });
    await editor.page.evaluate(() => RED.sidebar.show('ix-websockets'));
    return { nodeRed, editor };
  };

  it('without ix.read says which permission is needed', async () => {
    const { nodeRed, editor } = await withPermissions(
      `['flows.read', 'settings.read', 'nodes.read', 'plugins.read', 'library.read', 'context.read']`,
    );
    try {
      await editor.page.locator('.ix-live-problem', { hasText: 'ix.read' }).first().waitFor();
    } finally {
      await editor.close();
      await nodeRed.stop();
    }
  });

  it('without ix.write shows no buttons that act', async () => {
    const { nodeRed, editor } = await withPermissions(`'read'`);
    try {
      await editor.page.locator('.ix-live-row', { hasText: 'Chat' }).click();
      await editor.page.locator('.ix-live-frames').waitFor();
      assert.equal(await editor.page.locator('.ix-live [aria-label="Reveal in flow"]').isVisible(), true);
      assert.equal(await editor.page.locator('.ix-live [aria-label="Stop"]').isVisible(), false);
    } finally {
      await editor.close();
      await nodeRed.stop();
    }
  });
});
