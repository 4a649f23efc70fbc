import assert from 'node:assert/strict';
import { EditorPage } from './editor-page';
import { inEditor } from './in-editor';

/** The part of the editor's interface that the tests use. Functions passed to the page run there. */
declare const RED: { actions: { invoke(name: string): void }; settings: { set(key: string, value: unknown): void; version: string } };

const settings = `editorTheme: { tours: true, projects: { enabled: false }, palette: { catalogues: [] } }`;

describe('the tour', function () {
  this.timeout(60_000);
  let editor: EditorPage;
  let nodeRedUrl: string;
  const popover = () => editor.page.locator('.red-ui-tourGuide-popover');
  const title = () => popover().locator('h2').innerText();
  const offer = () => editor.page.locator('.red-ui-notification', { hasText: 'A short tour shows where to begin' });

  inEditor(
    [{ id: 'tab', type: 'tab', label: 'tab' }],
    (opened, at) => {
      editor = opened;
      nodeRedUrl = at;
    },
    settings,
  );

  it('is offered once, after the tour of Node-RED', async () => {
    await popover().waitFor({ timeout: 20_000 });
    // The time in which it would have been offered.
    await editor.page.waitForTimeout(4000);
    assert.equal(await offer().count(), 0);
    await editor.page.keyboard.press('Escape');
    await popover().waitFor({ state: 'detached' });
    // Node-RED saves the settings of the user a moment later.
    const saved = editor.page.waitForResponse((response) => /ixWebSocket/.test(response.request().postData() ?? ''));
    await offer().waitFor({ state: 'attached' });
    await offer().locator('button', { hasText: 'Not now' }).dispatchEvent('click');
    await saved;
    await editor.load();
    await editor.page.waitForTimeout(4000);
    assert.equal(await offer().count(), 0);
  });

  it('is run by its action, step by step, beside what it explains', async () => {
    await editor.page.evaluate(() => RED.actions.invoke('ix:tour'));
    await popover().waitFor();
    const titles = ['WebSocket nodes', 'Receive and send', 'Begin with an example', 'Forms that help', 'Further help'];
    for (const [index, expected] of titles.entries()) {
      assert.equal(await title(), expected);
      await editor.page.waitForTimeout(700);
      const { x = -1, y = -1, width = 0, height = 0 } = (await popover().boundingBox()) ?? {};
      assert.ok(x >= 0 && y >= 0 && x + width <= 1400 && y + height <= 900 && width > 200, `${expected} is in view`);
      if (process.env.SHOT) await editor.page.screenshot({ path: `${process.env.SHOT}-${index}.png` });
      await editor.page.keyboard.press('Enter');
      if (index < titles.length - 1)
        await popover()
          .locator('h2', { hasText: titles[index + 1] as string })
          .waitFor();
    }
    await popover().waitFor({ state: 'detached' });
    await editor.page.evaluate(() => RED.actions.invoke('ix:tour'));
    await popover().waitFor();
    // Node-RED reads its position after 100 ms.
    await editor.page.waitForTimeout(300);
    await editor.page.keyboard.press('Escape');
    await popover().waitFor({ state: 'detached' });
  });

  it('is in the language of the editor', async () => {
    const german = await EditorPage.open(nodeRedUrl, 'de-DE');
    try {
      await german.page.evaluate(() => RED.actions.invoke('ix:tour'));
      assert.equal(await german.page.locator('.red-ui-tourGuide-popover h2').innerText(), 'WebSocket-Nodes');
    } finally {
      await german.close();
    }
  });
});
