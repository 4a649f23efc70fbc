import assert from 'node:assert/strict';
import type { EditorPage, Item } from './editor-page';
import { inEditor } from './in-editor';

const node = { type: 'ix-replay', z: 'tab', name: '', recording: '', file: '', direction: 'out', speed: '', loop: false, raise: false };
const flow: Item[] = [
  { id: 'tab', type: 'tab', label: 'tab' },
  { id: 'client', type: 'ix-client', name: 'Feed', autoStart: false, URL: 'ws://127.0.0.1:9/', tlsConfig: '', proxy: '' },
  { id: 'server', type: 'ix-server', name: 'Hub', autoStart: false, port: 0, tlsConfig: '' },
  { ...node, id: 'replay', client: 'client', server: '', x: 200, y: 80, wires: [[]] },
  { ...node, id: 'neither', client: '', server: '', x: 200, y: 140, wires: [[]] },
  { ...node, id: 'both', client: 'client', server: 'server', x: 200, y: 200, wires: [[]] },
];
const recording = '{"ix-recording":1,"frames":[{"at":0,"direction":"out","type":"text","data":"${HOME} é"}]}';

describe('the form of websocket replay', function () {
  this.timeout(60_000);
  let editor: EditorPage;

  inEditor(flow, (opened) => {
    editor = opened;
  });

  it('accepts one socket, and neither none nor two', async () => {
    assert.deepEqual(await editor.wrong('replay'), []);
    for (const id of ['neither', 'both']) assert.deepEqual((await editor.wrong(id)).length > 0, true, id);
  });

  it('takes a recording as JSON, and keeps it', async () => {
    await editor.edit('replay', 'ix-replay', async (form) => {
      await form.fill('recording', '{');
      assert.equal(await form.row('recording').locator('.ix-wrong').isVisible(), true);
      await form.fill('recording', recording);
      assert.equal(await form.row('recording').locator('.ix-wrong').innerText(), '');
      assert.equal(await form.page.locator('.ix-recorded').innerText(), '1 sent, 0 received, in 0 s');
      const buffer = Buffer.from(recording.replace('"at":0', '"at":2500'));
      await form.page.locator('.ix-recording input[type="file"]').setInputFiles({ name: 'a.json', mimeType: 'application/json', buffer });
      await form.page.locator('.ix-recorded', { hasText: '1 sent, 0 received, in 2.5 s' }).waitFor();
      const large = { name: 'b.json', mimeType: 'application/json', buffer: Buffer.alloc(3_000_001, ' ') };
      await form.page.locator('.ix-recording input[type="file"]').setInputFiles(large);
      await form.page.locator('.ix-recorded', { hasText: 'too large for a flow' }).waitFor();
      await form.fill('recording', recording);
      await form.fill('speed', '200');
      assert.equal(await form.page.locator('.ix-form .input-error').count(), 1);
      await form.fill('speed', '2');
      await form.element('direction').selectOption('both');
      if (process.env.SHOT) await form.page.screenshot({ path: process.env.SHOT });
    });
    const { replay } = await editor.nodes();
    assert.deepEqual([replay?.recording, replay?.speed, replay?.direction], [JSON.parse(recording), 2, 'both']);
    assert.deepEqual(await editor.wrong('replay'), []);
  });
});
