// `npm run screenshots`: takes the pictures of README.md from the editor of a real Node-RED 5.0, into docs/images/. Arguments select
// some of them. README.md uses their https addresses on GitHub's main branch, because the flow library and the palette manager show no others.
// Debian's fonts-liberation makes the text look as on most machines.
import { mkdirSync, mkdtempSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { WebSocket } from 'ws';
import { recordEcho } from './echo-animation.mjs';
import { load } from './load.mjs';
import { isListening, root, startNodeRed } from './node-red.mjs';
import { freePort, nodeOf, nodeRedOf } from './runtimes.mjs';

process.chdir(root);

const folder = join('docs', 'images');
const mostBytes = 150_000;
const mostBytesOfAnimation = 1_000_000;
const example = JSON.parse(readFileSync('examples/01 - Echo server and client.json', 'utf8'));
const [server] = example.filter(({ type }) => type === 'ix-server');
const [client] = example.filter(({ type }) => type === 'ix-client');

/** Each prepares the editor and returns the part of the page to show. */
const pictures = {
  async palette({ page }) {
    await page.setViewportSize({ width: 1000, height: 1300 });
    const category = page.locator('.red-ui-palette-category', { has: page.locator('[data-palette-type="ix-client-events"]') });
    await category.evaluate((element) => element.scrollIntoView({ block: 'end' }));
    await page.waitForTimeout(500);
    return category.boundingBox();
  },

  /** Includes the result of *Test connection*. */
  async client(editor) {
    const clip = await form(editor, client, 770);
    await editor.page.click('.ix-probe > button');
    await editor.page.locator('.ix-probe .ix-sum').waitFor();
    return clip;
  },

  server: (editor) => form(editor, server, 680),

  /** A new server, after a click on a choice of its quick start. */
  async 'quick-start'(editor) {
    const clip = await form(editor, { type: server.type, id: '_ADD_' }, 770);
    await editor.page.evaluate(() => {
      RED.settings.ixServerAddress = '192.168.1.20';
    });
    await editor.page.locator('.ix-chip').nth(1).click();
    await editor.page.waitForTimeout(500);
    return clip;
  },

  /** A client after a paste into its URL. */
  async paste(editor) {
    const clip = await form(editor, client, 770);
    await editor.page.locator('#node-config-input-URL').evaluate((field) => {
      const clipboardData = new DataTransfer();
      clipboardData.setData(
        'text',
        "curl 'wss://feed.example.com/v1' -H 'X-Client: plant 7' -u 'plant7:secret' --cacert ca.pem --max-time 5",
      );
      field.dispatchEvent(new ClipboardEvent('paste', { clipboardData, bubbles: true }));
    });
    await editor.page.waitForTimeout(500);
    return clip;
  },

  /** Has the whole height. The client of the example sends, and two other clients are connected. */
  async sidebar({ page }) {
    await page.setViewportSize({ width: 1000, height: 950 });
    await page.addStyleTag({
      content: `
        .red-ui-sidebar-right .red-ui-sidebar-section-bottom, .red-ui-sidebar-section-separator { display: none !important }
        .red-ui-sidebar-right .red-ui-sidebar-section-top { height: calc(100% - 60px) !important }`,
    });
    const peers = ['/kitchen', '/garden?token=secret'].map((path) => new WebSocket(`ws://127.0.0.1:${server.port}${path}`));
    await page.evaluate(() => RED.sidebar.show('ix-websockets'));
    await page.waitForTimeout(2000);
    await page.locator('.ix-live-row .ix-live-caret.fa-angle-right').first().click();
    const line = page.locator('.ix-live-level-3', { hasText: '/kitchen' });

    await line.click();
    let i = 0;
    const say = () => {
      i++;
      for (const peer of peers) if (i % 9 > i % 5) peer.send(JSON.stringify({ sensor: 'temperature', value: 20 + (i % 7) / 10 }));
    };
    // It goes on while the picture is taken.
    setInterval(say, 120).unref();
    await page.waitForTimeout(9000);
    await page.locator('.ix-live [aria-label="Pause"]').click();
    await page.locator('.ix-live-frame').last().click();
    await page.mouse.move(500, 600);
    await page.waitForTimeout(1000);
    return page.locator('.ix-live').boundingBox();
  },

  /** Runs last, because Node-RED stores what is hidden. Shows the upper part of the echo example, connected, and the debug sidebar after a click on its button. */
  async flow({ page }) {
    await page.setViewportSize({ width: 1000, height: 620 });
    // The panel above it shows nothing of interest.
    await page.addStyleTag({
      content: `
        .red-ui-sidebar-right .red-ui-sidebar-section-top, .red-ui-sidebar-section-separator { display: none !important }
        .red-ui-sidebar-right .red-ui-sidebar-section-bottom { height: 515px !important }`,
    });
    await page.evaluate(() => {
      RED.actions.invoke('core:toggle-left-sidebar');
      RED.sidebar.show('debug');
      return $.ajax({ url: 'inject/ix01-inject', type: 'POST' });
    });
    await page.locator('.red-ui-debug-msg').nth(1).waitFor();
    // The received message, with the event's own payload.
    await page.locator('.red-ui-debug-msg').last().locator('.red-ui-debug-msg-object-handle').first().click();
    await page.locator('.red-ui-debug-msg').last().locator('.red-ui-debug-msg-object-handle').nth(1).click();
    await page.mouse.move(500, 600);
    await page.waitForTimeout(1000);
    return undefined; // The whole page.
  },
};

async function form({ page }, { type, id }, height) {
  await page.setViewportSize({ width: 1000, height });
  await page.evaluate(([type, id]) => RED.editor.editConfig('', type, id), [type, id]);
  await page.locator('#node-config-input-name').waitFor();
  await page.waitForTimeout(1000);
  const [head, tray] = await Promise.all(
    ['.red-ui-tray-header', '.red-ui-tray'].map((element) => page.locator(element).last().boundingBox()),
  );
  return { ...tray, x: head.x, width: head.width }; // Without the shadow.
}

/** Makes the animated picture. It takes the flows away, so it comes after all others. */
async function animateEcho(url, editor) {
  await deploy(url, []);
  await editor.load();
  const path = join(folder, 'echo.png');
  writeFileSync(path, await recordEcho(editor, server.port));
  checkSize(path, mostBytesOfAnimation);
}

async function deploy(url, flows) {
  const headers = { 'Content-Type': 'application/json', 'Node-RED-API-Version': 'v2' };
  const answer = await fetch(`${url}/flows`, { method: 'POST', headers, body: JSON.stringify({ flows }) });
  if (!answer.ok) throw new Error(`The flows were not deployed: ${answer.status}`);
}

function checkSize(path, most) {
  const { size } = statSync(path);
  if (size > most) throw new Error(`${path} has ${size} bytes: more than ${most}.`);
  console.log(`${path}: ${Math.ceil(size / 1000)} kB`);
}

async function take(name, editor) {
  const path = join(folder, `${name}.png`);
  const clip = await pictures[name](editor);
  await editor.page.screenshot({ path, clip });
  checkSize(path, mostBytes);
  await editor.load();
}

async function main() {
  const asked = process.argv.slice(2);
  const names = asked.length > 0 ? asked : [...Object.keys(pictures), 'echo'];
  if (await isListening(server.port)) throw new Error(`Port ${server.port}, which the example listens on, is in use.`);
  const { EditorPage } = await load('test/e2e/editor-page.ts');
  const userDir = mkdtempSync(join(tmpdir(), 'ix-screenshots-'));
  const env = { NODE_RED_NODES_DIR: root };
  const nodeRed = startNodeRed({ userDir, port: await freePort(), env, script: nodeRedOf('~5.0.0'), node: nodeOf(22) });
  let editor;
  try {
    await nodeRed.ready();
    await deploy(nodeRed.url, example);
    mkdirSync(folder, { recursive: true });
    editor = await EditorPage.open(nodeRed.url);
    for (const name of names.filter((each) => each !== 'echo')) await take(name, editor);
    if (names.includes('echo')) await animateEcho(nodeRed.url, editor);
  } finally {
    await editor?.close();
    await nodeRed.stop();
    rmSync(userDir, { recursive: true, force: true });
  }
}

main().catch((error) => {
  console.error(error.message);
  process.exit(1);
});
