import assert from 'node:assert/strict';
import type { Page } from 'playwright-core';
import { examples, examplesForMany } from '../examples/examples';
import { EditorPage } from './editor-page';
import { type Launched, launch } from './launch';

/** The part of the editor's interface that the tests use, inside the page. */
declare const RED: { actions: { invoke(action: string): void }; nodes: { createCompleteNodeSet(): { label?: string }[] } };

const all = [
  ...examples.map((example) => ({ ...example, menu: '' })),
  ...examplesForMany.map((example) => ({ ...example, menu: 'scale-out' })),
];

/** Imports an example as users do: Import > Examples > our package > its sub-menu, if any > its title. */
async function importExample({ page }: EditorPage, title: string, menu: string): Promise<void> {
  await page.evaluate(() => RED.actions.invoke('core:show-examples-import-dialog'));
  const dialog = page.locator('.ui-dialog:visible');
  const entry = (text: string) => dialog.locator('.red-ui-treeList-label', { hasText: text }).first();
  await entry('@ix-websocket/node-red').click();
  if (menu) await entry(menu).click();
  // The list unfolds meanwhile, so a click may miss, and two quick clicks would be a double click.
  const ok = page.locator('#red-ui-clipboard-dialog-ok');
  while (await ok.isDisabled()) {
    await entry(title).click();
    await page.waitForTimeout(800);
  }
  await ok.click();
  // Node-RED reads the file after the dialog is closed.
  await page.waitForFunction((label) => RED.nodes.createCompleteNodeSet().some((node) => node.label === label), title.slice(5));
}

describe('the examples in the editor', function () {
  this.timeout(60_000);
  let nodeRed: Launched | undefined;
  let editor: EditorPage;
  let url: string;

  before(async () => {
    nodeRed = await launch();
    url = nodeRed.url;
    await nodeRed.ready();
    editor = await EditorPage.open(url);
  });
  after(async () => {
    await editor?.close();
    await nodeRed?.stop();
  });
  let isDeployed = false;
  /** Deploys all examples. A second deploy would have nothing to do. */
  const deployOnce = async () => {
    if (!isDeployed) await editor.deploy();
    isDeployed = true;
  };

  afterEach('has nothing to say in the console', () => assert.deepEqual(editor.problems, []));

  for (const { title, items, menu } of all) {
    it(`has ${title} in the menu, and nothing is wrong with it`, async () => {
      const before = Object.keys(await editor.nodes());
      await importExample(editor, title, menu);
      const imported = Object.values(await editor.nodes()).filter(({ id }) => !before.includes(id));
      assert.deepEqual(imported.map(({ type }) => type).sort(), items.map(({ type }) => type).sort());
      // A group has no properties that the editor checks.
      const checked = imported.filter(({ type }) => type !== 'tab' && type !== 'group');
      for (const { id, type } of checked) assert.deepEqual(await editor.wrong(id), [], `${type} ${id}`);
    });
  }

  it('has a dashboard, which shows the temperature, and a lamp that is the same in two windows', async () => {
    await deployOnce();
    const open = async (): Promise<Page> => {
      const page = await editor.page.context().newPage();
      // Node-RED answers a deploy before it starts the flows, so the page may not exist yet.
      while (!(await page.goto(`${url}/ix-dashboard`))?.ok()) await page.waitForTimeout(100);
      await page.getByText('connected', { exact: true }).waitFor();
      return page;
    };
    const [one, other] = [await open(), await open()];
    for (const page of [one, other]) await page.locator('#celsius', { hasText: /^\d+(\.\d)?$/ }).waitFor();
    await one.locator('#lamp').check();
    for (const page of [other, await open()]) await page.locator('#lamp:checked').waitFor();
  });

  it('has a page that shows the newest of 50 values, also in a window that opens late', async () => {
    await deployOnce();
    const windows: Page[] = [];
    for (let i = 0; i < 2; i++) {
      const page = await editor.page.context().newPage();
      while (!(await page.goto(`${url}/ix-newest`))?.ok()) await page.waitForTimeout(100);
      await page.locator('#count', { hasText: /^50$/ }).waitFor();
      assert.equal(await page.locator('#values b').count(), 50);
      windows.push(page);
    }
    for (const page of windows) await page.close();
  });
});
