/** The steps of README, "Two minutes to a first echo", with the mouse; and how many clicks they take. */
import assert from 'node:assert/strict';
import type { Locator, Page } from 'playwright-core';
import { EditorPage, freePort, type Item } from './editor-page';
import { type Launched, launch } from './launch';

/** The part of the editor's own interface that the test uses; it is there in the page. */
declare const RED: {
  nodes: {
    filterNodes(of: { type: string }): Item[];
    eachConfig(take: (config: Item) => void): void;
  };
};

interface Point {
  readonly x: number;
  readonly y: number;
}

/** A hand with a mouse. It counts presses that move nothing: a double click is two, a drag is none. */
class Mouse {
  clicks = 0;

  constructor(private readonly page: Page) {}

  async click(target: Locator): Promise<void> {
    this.clicks += 1;
    await target.click();
    await this.page.waitForTimeout(400); // Dialogs slide, and two quick clicks would be a double click.
  }

  async doubleClick(target: Locator): Promise<void> {
    this.clicks += 2;
    await target.dblclick();
    await this.page.waitForTimeout(400);
  }

  async drag(from: Locator, to: Locator | Point): Promise<void> {
    await from.scrollIntoViewIfNeeded();
    const [start, end] = [await middle(from), to instanceof Object && 'x' in to ? to : await middle(to)];
    const { mouse } = this.page;
    await mouse.move(start.x, start.y);
    await mouse.down();
    await mouse.move(end.x - 20, end.y - 4, { steps: 8 });
    await mouse.move(end.x, end.y, { steps: 4 });
    await mouse.up();
    await this.page.waitForTimeout(300);
  }
}

async function middle(target: Locator): Promise<Point> {
  const { x = 0, y = 0, width = 0, height = 0 } = (await target.boundingBox()) ?? {};
  return { x: x + width / 2, y: y + height / 2 };
}

describe('the first echo of the README', function () {
  this.timeout(60_000);
  let nodeRed: Launched | undefined;
  let editor: EditorPage;

  before(async () => {
    nodeRed = await launch([{ id: 'tab', type: 'tab', label: 'Flow 1' }]);
    await nodeRed.ready();
    editor = await EditorPage.open(nodeRed.url);
  });
  after(async () => {
    await editor?.close();
    await nodeRed?.stop();
  });

  it('takes at most 14 clicks', async () => {
    const { page } = editor;
    const mouse = new Mouse(page);
    const chart = page.locator('#red-ui-workspace-chart');
    const { x: left = 0, y: top = 0 } = (await chart.boundingBox()) ?? {};
    /** Drags a node from the palette, and gives back its element in the flow. */
    const place = async (type: string, column: number, row: number): Promise<Locator> => {
      const at = { x: left + 120 + 260 * column, y: top + 60 + 90 * row };
      await mouse.drag(page.locator(`.red-ui-palette-node[data-palette-type="${type}"]`), at);
      const id = await page.evaluate((of) => RED.nodes.filterNodes({ type: of })[0]?.id, type);
      assert.ok(id, `${type} was not placed`);
      return page.locator(`[id="${id}"]`);
    };
    const output = (node: Locator) => node.locator('.red-ui-flow-port-output .red-ui-flow-port').first();
    const input = (node: Locator) => node.locator('.red-ui-flow-port-input .red-ui-flow-port').first();
    const button = (id: string) => page.locator(id);

    const serverIn = await place('ix-server-events', 0, 0);
    await mouse.doubleClick(serverIn);
    await mouse.click(button('#node-input-btn-server-add'));
    await mouse.click(button('#node-config-dialog-ok'));
    await mouse.click(button('#node-dialog-ok'));
    const serverOut = await place('ix-server-send', 1, 0);
    await mouse.drag(output(serverIn), input(serverOut));

    // Another program of this machine may have the port of the README.
    const port = await freePort();
    await page.evaluate(
      (free) => RED.nodes.eachConfig((config) => config.type === 'ix-server' && Object.assign(config, { port: free })),
      port,
    );

    const clientIn = await place('ix-client-events', 0, 2);
    await mouse.doubleClick(clientIn);
    await mouse.click(button('#node-input-btn-client-add'));
    await mouse.click(button('#node-config-input-URL'));
    await page.keyboard.type(`ws://127.0.0.1:${port}/`);
    await mouse.click(button('#node-config-dialog-ok'));
    await mouse.click(button('#node-dialog-ok'));
    const debug = await place('debug', 1, 2);
    await mouse.drag(output(clientIn), input(debug));
    const inject = await place('inject', 0, 4);
    const clientOut = await place('ix-client-send', 1, 4);
    await mouse.drag(output(inject), input(clientOut));

    await mouse.click(button('#red-ui-header-button-deploy'));
    await page.locator('.red-ui-flow-node-status-label', { hasText: '1 connected' }).first().waitFor();
    // Node-RED 5 shows it from the start.
    const sidebar = page.locator('.red-ui-debug-content').first();
    if (!(await sidebar.isVisible())) await mouse.click(page.locator('#red-ui-tab-debug-link-button'));
    await mouse.click(inject.locator('.red-ui-flow-node-button-button'));
    await page.locator('.red-ui-debug-msg').first().waitFor();
    assert.ok(mouse.clicks <= 14, `${mouse.clicks} clicks`);

    const nodes = Object.values(await editor.nodes());
    for (const { id, type } of nodes) if (type.startsWith('ix-')) assert.deepEqual(await editor.wrong(id), [], type);
    assert.deepEqual(editor.problems, []);
  });
});
