import assert from 'node:assert/strict';
import type { EditorPage, Form, Item } from './editor-page';
import { inEditor } from './in-editor';

const flow: Item[] = [
  { id: 'tab', type: 'tab', label: 'tab' },
  { id: 'client', type: 'ix-client', name: '', autoStart: false, URL: 'ws://127.0.0.1:9/', pingInterval: 7, tlsConfig: '', proxy: '' },
  { id: 'in', type: 'ix-client-events', z: 'tab', name: '', client: 'client', x: 200, y: 80, wires: [[], [], [], []] },
];

const command = `curl 'wss://host.example/socket?room=1' \\
  -H 'Authorization: Bearer s3cret' -u "alice:$WS_PASSWORD" \\
  -H 'Sec-WebSocket-Protocol: chat' --key k.pem -k --max-time 5`;

const paste = (form: Form, text: string) =>
  form.element('URL').evaluate((field, text) => {
    const clipboardData = new DataTransfer();
    clipboardData.setData('text', text);
    (field as HTMLInputElement).select();
    return field.dispatchEvent(new ClipboardEvent('paste', { clipboardData, bubbles: true, cancelable: true }));
  }, text);
const lines = (form: Form) => form.page.locator('.ix-pasted > div').allInnerTexts();

describe('what is pasted into the URL of a client', function () {
  this.timeout(60_000);
  let editor: EditorPage;

  inEditor(flow, (opened) => {
    editor = opened;
  });

  it('fills URL, headers, login, subprotocol and certificates from a command, and says what it did not take', async () => {
    await editor.edit('client', 'ix-client', async (form) => {
      assert.equal(await paste(form, command), false, 'the text itself is not pasted');
      assert.deepEqual(await lines(form), [
        'Filled: URL, Headers, User, Password, Subprotocols, Private key, Trusted CAs',
        'Not taken: --max-time',
        'The certificate files must be on the machine that runs Node-RED.',
        'The header Authorization is stored unencrypted in the flow file. Use an environment variable instead.',
      ]);
      assert.equal(await form.element('URL').inputValue(), 'wss://host.example/socket?room=1');
      assert.equal(await form.element('password').inputValue(), '${WS_PASSWORD}');
      await form.page.locator('.ix-pasted .ix-link', { hasText: 'User' }).click();
      assert.equal(await form.element('user').isVisible(), true, 'its label leads to the field');
      assert.equal(await form.page.locator('.ix-form .input-error').count(), 0);
    });
    const { URL, headers, subProtocols, keyFile, caFile, pingInterval } = (await editor.nodes()).client as Item;
    assert.deepEqual(
      { URL, headers, subProtocols, keyFile, caFile, pingInterval },
      {
        URL: 'wss://host.example/socket?room=1',
        headers: { Authorization: 'Bearer s3cret' },
        subProtocols: ['chat'],
        keyFile: 'k.pem',
        caFile: 'NONE',
        pingInterval: 7,
      },
    );
  });

  it('is undone by a button before Done', async () => {
    await editor.edit('client', 'ix-client', async (form) => {
      await paste(form, "wscat -c ws://other/ -H 'X-A: 1' -s v2 --auth bob:pw --ca ca.pem");
      assert.deepEqual((await lines(form))[0], 'Filled: URL, Headers, Subprotocols, User, Password, Trusted CAs');
      await form.page.locator('.ix-pasted > .ix-link').click();
      assert.deepEqual(await lines(form), []);
      assert.equal(await form.element('user').inputValue(), 'alice');
      assert.equal(await form.element('password').inputValue(), '${WS_PASSWORD}');
    });
    const { client } = await editor.nodes();
    assert.deepEqual(
      [client?.URL, client?.headers, client?.subProtocols, client?.caFile],
      ['wss://host.example/socket?room=1', { Authorization: 'Bearer s3cret' }, ['chat'], 'NONE'],
    );
  });

  it('is pasted as it is if it is a URL without a login', async () => {
    await editor.peek('client', 'ix-client', async (form) => {
      assert.equal(await paste(form, 'ws://other/'), true);
      assert.deepEqual(await lines(form), []);
      assert.equal(await paste(form, 'ws://bob:pw@other/a'), false);
      assert.deepEqual(await Promise.all(['URL', 'user', 'password'].map((name) => form.element(name).inputValue())), [
        'ws://other/a',
        'bob',
        'pw',
      ]);
    });
  });
});
