import assert from 'node:assert/strict';
import type { EditorPage, Form } from './editor-page';
import { inEditor } from './in-editor';

const chip = ({ page }: Form, name: string) => page.locator('.ix-chips button', { hasText: name });
const texts = ({ page }: Form) => page.locator('.ix-quick-result > div').allInnerTexts();
const url = ({ page }: Form) => page.locator('.ix-quick-result code').first().innerText();
const value = (form: Form, name: string) => form.element(name).inputValue();
const hasCode = async ({ page }: Form) => (await page.locator('.ix-qr svg[role="img"]').count()) > 0;

const server = { id: 'server', type: 'ix-server', name: '', autoStart: false, port: 0, tlsConfig: '' };

describe('the quick start of a new server', function () {
  this.timeout(60_000);
  let editor: EditorPage;
  let nodeRedUrl: string;

  inEditor(
    [{ id: 'tab', type: 'tab', label: 'tab' }, server],
    (opened, at) => {
      editor = opened;
      nodeRedUrl = at;
    },
    "ixServerAddress: '192.0.2.7', httpNodeRoot: '/api'",
  );

  it('is not offered by a server that exists', () =>
    editor.peek('server', 'ix-server', async ({ page }) => assert.equal(await page.locator('.ix-quick').count(), 0)));

  it('sets the address for the network, and shows URL, JavaScript and QR code', () =>
    editor.peek('_ADD_', 'ix-server', async (form) => {
      assert.deepEqual(await texts(form), []);
      await chip(form, 'My network').click();
      assert.equal(await value(form, 'host'), '0.0.0.0');
      assert.equal(await value(form, 'pingInterval'), '30', 'as if it had been typed');
      assert.equal(await chip(form, 'My network').getAttribute('aria-pressed'), 'true');
      assert.equal(await url(form), 'ws://192.0.2.7:8080/');
      assert.match((await texts(form))[1] ?? '', /new WebSocket\("ws:\/\/192\.0\.2\.7:8080\/"\)/);
      assert.match((await texts(form)).join('\n'), /Everyone in the network can connect/);
      assert.equal(await form.page.locator('.ix-qr svg').getAttribute('aria-label'), 'QR code of ws://192.0.2.7:8080/');
      await form.fill('port', '9001');
      await form.fill('path', '/chat');
      assert.equal(await url(form), 'ws://192.0.2.7:9001/chat', 'it follows the fields');
      await form.fill('port', '0');
      assert.match((await texts(form)).join(), /not known before the server listens/);
      await form.fill('port', '');
      await chip(form, 'This machine').click();
      assert.equal(await value(form, 'host'), '');
      assert.equal(await url(form), 'ws://127.0.0.1:8080/');
      assert.equal(await hasCode(form), false, 'no phone reaches it');
    }));

  it("sets the path on Node-RED's port", () =>
    editor.peek('_ADD_', 'ix-server', async (form) => {
      await chip(form, "On Node-RED's port").focus();
      await form.page.keyboard.press('Enter');
      assert.equal(await value(form, 'listenOn'), 'node-red');
      assert.equal(await value(form, 'path'), '/ws');
      assert.equal(await url(form), `${nodeRedUrl.replace('http', 'ws')}/api/ws`);
      assert.equal(await form.row('host').isVisible(), false);
    }));

  it('allows the origin of a web page', () =>
    editor.peek('_ADD_', 'ix-server', async (form) => {
      const page = form.page.locator('.ix-quick input');
      await chip(form, 'For a web page').click();
      assert.equal(await value(form, 'allowedOrigins'), '');
      await page.fill('www.example.com');
      await form.page.locator('.ix-quick input.input-error').waitFor();
      await page.fill('https://www.example.com/chat');
      await form.page.locator('.ix-quick input:not(.input-error)').waitFor();
      assert.equal(await value(form, 'allowedOrigins'), '["same host","https://www.example.com"]');
      await form.tab('access');
      assert.equal(await form.row('allowedOrigins').locator('select').inputValue(), 'listed');
    }));

  it('copies the line of JavaScript', () =>
    editor.peek('_ADD_', 'ix-server', async (form) => {
      await chip(form, 'This machine').click();
      // The editor's own function copies the selected text of a hidden field.
      await form.page.evaluate(() =>
        document.addEventListener('copy', () => {
          document.title = (document.activeElement as HTMLTextAreaElement).value;
        }),
      );
      await form.page.locator('.ix-quick-result button').nth(1).click();
      assert.match(await form.page.title(), /^const socket = new WebSocket\("ws:\/\/127\.0\.0\.1:8080\/"\)/);
    }));

  it('makes a server as it was chosen', async () => {
    await editor.edit('_ADD_', 'ix-server', async (form) => {
      await chip(form, 'My network').click();
      await chip(form, "On Node-RED's port").click();
    });
    const made = Object.values(await editor.nodes()).find(({ type, id }) => type === 'ix-server' && id !== 'server');
    assert.deepEqual([made?.listenOn, made?.path], ['node-red', '/ws']);
  });
});
