import assert from 'node:assert/strict';
import { join } from 'node:path';
import { readPreset } from '../../src/conversation';
import type { EditorPage, Form, Item } from './editor-page';
import { inEditor } from './in-editor';

const unusual = [{ wait: { type: 'hello' } }, { send: { plain: 1 } }];
const flow: Item[] = [
  { id: 'tab', type: 'tab', label: 'tab' },
  { id: 'new', type: 'ix-protocol', name: '' },
  { id: 'own', type: 'ix-protocol', name: '', format: 'json', onOpen: unusual, heartbeat: { send: 'beat', every: 5 }, secrets: ['a', 'b'] },
  { id: 'client', type: 'ix-client', name: '', autoStart: false, URL: 'ws://127.0.0.1:9/', protocol: 'own', tlsConfig: '', proxy: '' },
];

/** Takes a picture, if a folder for it is named. */
const picture = async ({ page }: Form, name: string) => {
  if (process.env.IX_PICTURES) await page.screenshot({ path: join(process.env.IX_PICTURES, `${name}.png`) });
};

describe('the form of a protocol', function () {
  this.timeout(60_000);
  let editor: EditorPage;

  inEditor(flow, (opened) => {
    editor = opened;
  });

  it('keeps what was not changed', async () => {
    const before = await editor.nodes();
    await editor.edit('own', 'ix-protocol', async (form) => {
      await form.tab('conversation');
      await picture(form, 'own');
    });
    assert.deepEqual(await editor.nodes(), before);
    assert.deepEqual(await editor.wrong('own'), []);
  });

  it('is filled by a preset, whose steps can be changed', async () => {
    const preset = readPreset('home-assistant') as Record<string, unknown> & { onOpen: Record<string, unknown>[] };
    await editor.edit('new', 'ix-protocol', async (form) => {
      await form.element('preset').selectOption('home-assistant');
      assert.match(await form.row('preset').innerText(), /long-lived access token/);
      await picture(form, 'preset');
      await form.tab('conversation');
      const steps = form.row('onOpen').locator('.ix-parts');
      assert.equal(await steps.count(), 3);
      await steps.nth(2).getByLabel('Timeout').fill('3');
      await steps.nth(2).getByText('Try a message').click();
      await steps.nth(2).getByLabel('A message, as JSON').fill('{"type":"auth_invalid"}');
      await steps.nth(2).getByText('This message ends the attempt').waitFor();
      await steps.nth(2).getByLabel('A message, as JSON').fill('{"type":"auth_ok"}');
      await steps.nth(2).getByText('The step accepts this message.').waitFor();
      await picture(form, 'steps');
    });
    const saved = (await editor.nodes()).new as Item;
    const { onOpen, heartbeat, rpc, format, secrets } = preset;
    assert.deepEqual(
      [saved.preset, saved.format, saved.secrets, saved.heartbeat, saved.rpc],
      ['home-assistant', format, secrets, heartbeat, rpc],
    );
    assert.deepEqual(saved.onOpen, [onOpen[0], onOpen[1], { ...onOpen[2], timeout: 3 }]);
    assert.deepEqual(await editor.wrong('new'), []);
  });

  it('adds steps and rules, and says where an expression is wrong', async () => {
    await editor.edit('own', 'ix-protocol', async (form) => {
      await form.tab('conversation');
      await form.row('onOpen').getByText('Add a step').click();
      const step = form.row('onOpen').locator('.ix-parts').nth(2);
      await step.locator('select').selectOption('wait');
      await step.locator('.red-ui-typedInput-input').first().fill('{"a..b":1}');
      await picture(form, 'wrong');
      await form.row('onOpen').getByText('onOpen[2].wait').waitFor();
      await step.locator('.red-ui-typedInput-input').first().fill('{"type":"ready"}');
      await form.row('onOpen').getByText('onOpen[2].wait').waitFor({ state: 'hidden' });
      await form.row('answers').getByText('Add a rule').click();
      const rule = form.row('answers').locator('.ix-parts');
      await rule.locator('.red-ui-typedInput-input').first().fill('{"type":"bye"}');
      await rule.getByLabel('Then').selectOption('close');
      await picture(form, 'rules');
    });
    const saved = (await editor.nodes()).own as Item;
    assert.deepEqual(saved.onOpen, [...unusual, { wait: { type: 'ready' } }]);
    assert.deepEqual(saved.answers, [{ when: { type: 'bye' }, then: 'close' }]);
    assert.deepEqual(saved.heartbeat, { send: 'beat', every: 5 });
  });

  it('asks a client for the secrets that its protocol names, and never shows a stored one', async () => {
    await editor.edit('client', 'ix-client', async (form) => {
      const fields = form.row('secrets').locator('input[type="password"]:visible');
      assert.deepEqual(await fields.evaluateAll((all) => all.map((one) => one.getAttribute('data-secret'))), ['a', 'b']);
      await fields.nth(0).fill('one');
      await fields.nth(1).fill('two');
      await picture(form, 'secrets');
    });
    await editor.deploy();
    await editor.load();
    await editor.edit('client', 'ix-client', async (form) => {
      const fields = form.row('secrets').locator('input[type="password"]:visible');
      assert.deepEqual(await fields.evaluateAll((all) => all.map((one) => (one as HTMLInputElement).value)), ['', '']);
      assert.equal(await fields.nth(0).getAttribute('placeholder'), 'stored');
      assert.equal(await form.element('secrets').inputValue(), '__PWRD__');
      await form.element('protocol').selectOption('_ADD_');
      assert.equal(await form.row('secrets').isVisible(), false);
      await form.element('protocol').selectOption('new');
      assert.deepEqual(await fields.evaluateAll((all) => all.map((one) => one.getAttribute('data-secret'))), ['token']);
    });
  });
});
